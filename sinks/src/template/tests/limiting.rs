//! Limits: what would cost the process its stack, its memory or its time is refused.

use rstest::rstest;
use serde_json::json;

use super::{data, fails, templates};
use crate::template::Escape;

fn nested(depth: usize) -> String {
    format!("{}x{}", "{{#if status}}".repeat(depth), "{{/if}}".repeat(depth))
}

#[rstest]
#[case(nested(51))]
#[case(nested(10_000))]
#[case("{{#if status}}".repeat(10_000))]
#[case("{{~ #if status}}".repeat(10_000))]
#[case(format!("{{{{!-- {}", nested(10_000)))]
#[case(format!("{{{{#if delayed}}}}{}{{{{/if}}}}", "{{else if delayed}}".repeat(10_000)))]
#[case("{{#> x}}".repeat(10_000))]
fn blocks_that_nest_too_deep_are_refused_before_the_parser(#[case] template: String) {
    let message = fails(&template).message;
    assert!(message.contains("nest deeper than 50"), "{message}");
}

#[rstest]
#[case(format!("{{{{upper {}status{}}}}}", "(upper ".repeat(60), ")".repeat(60)), "parentheses")]
#[case(format!("{{{{upper \"}}}}\" {}", "(upper ".repeat(10_000)), "parentheses")]
#[case(format!("{{{{json {}", "[".repeat(10_000)), "brackets")]
#[case(format!("{{{{json {}", "{\"a\":".repeat(10_000)), "without its escape")]
#[case("{{{{raw}}}}{{{{/raw}}}}".to_owned(), "without its escape")]
#[case("x".repeat(256 * 1024 + 1), "bytes")]
#[case("{{delayed}}".repeat(5_001), "tags")]
fn what_is_too_large_is_refused(#[case] template: String, #[case] why: &str) {
    let message = fails(&template).message;
    assert!(message.contains(why), "{message}");
}

#[test]
fn what_is_deep_but_allowed_works() {
    let parentheses = format!("{{{{upper {}status{}}}}}", "(upper ".repeat(48), ")".repeat(48));
    for (template, expected) in [(nested(50), "x"), (parentheses, "FAILED")] {
        let compiled = templates().compile(&template, Escape::None).unwrap();
        assert_eq!(compiled.text(&data()).unwrap(), expected);
    }
}

#[rstest]
#[case("{{#each body.xs}}{{@root.body.text}}{{/each}}", "more than 1048576 bytes")]
#[case("{{replace body.text \"x\" body.text}}", "more than 1048576 bytes")]
#[case(
    "{{#each body.xs}}{{#each @root.body.xs}}{{#each @root.body.xs}}{{/each}}{{/each}}{{/each}}",
    "steps"
)]
#[case(
    "{{#each body.xs}}{{#each @root.body.xs}}{{#if (contains @root.body.text \"y\")}}{{/if}}{{/each}}{{/each}}",
    "steps"
)]
fn a_rendering_that_grows_without_end_is_stopped(#[case] template: &str, #[case] why: &str) {
    let mut data = data();
    data["body"] = json!({"xs": vec![1; 500], "text": "x".repeat(10_000)});
    let compiled = templates().compile(template, Escape::None).unwrap();
    let error = compiled.text(&data).unwrap_err();
    assert!(error.0.contains(why), "{error}");
}

#[test]
fn the_leaves_of_a_tree_share_one_budget() {
    let mut data = data();
    data["body"] = json!("x".repeat(300_000));
    let tree = json!(["{{body}}", "{{body}}", "{{body}}", "{{body}}"]);
    let error = templates().tree(&tree, Escape::None).unwrap().render(&data).unwrap_err();
    assert!(error.0.starts_with("[3]: "), "{error}");
}

#[test]
fn no_text_makes_the_reader_panic() {
    // Pieces of the language in a pseudo-random order, the same in every run.
    let pieces = [
        "{{", "}}", "#", "/", "if", " ", "else", "~", "\\", "\"", "'", "(", ")", "x", ">", "!",
        "--", "^", "&", "@", ".", "..", "=", "|", "as", "\n", "each", "status",
    ];
    let templates = templates();
    let mut state = 0x9e37_79b9_u32;
    for _ in 0..20_000 {
        let mut text = String::from("{{");
        for _ in 0..12 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            text.push_str(pieces[(state >> 16) as usize % pieces.len()]);
        }
        let _ = templates.compile(&text, Escape::None);
    }
}
