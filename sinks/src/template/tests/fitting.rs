//! Limits of fields: what gives way, where it is cut, and that nothing ever gets through.

use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

use super::{Brought, service, templates};
use crate::template::{Amount, Escape, Filling, Limit};

const ESCAPES: [Escape; 6] =
    [Escape::None, Escape::Plain, Escape::Slack, Escape::Html, Escape::Markdown, Escape::Wiki];

fn characters(most: usize) -> Option<Limit> {
    Some(Limit { most, of: Amount::Characters })
}

fn bytes(most: usize) -> Option<Limit> {
    Some(Limit { most, of: Amount::Bytes })
}

fn fitted(template: &str, escape: Escape, limit: Option<Limit>, body: Value) -> String {
    let mut brought = Brought::new();
    brought.data["body"] = body;
    let field = service(escape).field(template, escape, limit).unwrap();
    field.text(&brought.filling()).unwrap()
}

#[rstest]
#[case("a: {{ body }}!", characters(10), json!("0123456"), "a: 01234…!")]
#[case("a: {{ body }}!", characters(11), json!("0123456"), "a: 0123456!")]
#[case(
    "{{ body.a }}|{{ body.b }}", characters(10), json!({"a": "aa", "b": "bbbbbbbbbb"}),
    "aa|bbbbbb…"
)]
#[case(
    "{{ body.a }}|{{ body.b }}", characters(9), json!({"a": "aaaaaa", "b": "bbbbbb"}),
    "aaa…|bbb…"
)]
#[case("{{ body }}", characters(4), json!("a😀😀b"), "a😀…")]
#[case("{{ body }}", characters(5), json!("😀😀😀"), "😀😀…")]
#[case("{{ body }}", bytes(8), json!("äöüßä"), "äö…")]
#[case("x{{ body }}", characters(4), json!("👩\u{200d}👧"), "x…")]
#[case("{{ body }}", characters(6), json!("🇩🇪🇫🇷"), "🇩🇪…")]
#[case("xyz{{ body }}", characters(3), json!("abc"), "xyz")]
#[case("<{{ url body }}>{{ body }}", characters(21), json!("http://abc.example/"), "<http://abc.example/>")]
fn the_longest_value_gives_way(
    #[case] template: &str,
    #[case] limit: Option<Limit>,
    #[case] body: Value,
    #[case] shown: &str,
) {
    assert_eq!(fitted(template, Escape::Plain, limit, body), shown);
}

#[rstest]
#[case(Escape::Html, "<b>{{ body }}</b>", 16, "<<<<<", "<b>&lt;&lt;…</b>")]
#[case(Escape::Slack, "{{ body }}", 8, "a&&&&", "a&amp;…")]
#[case(Escape::Markdown, "*{{ body }}*", 6, "____", "*\\_…*")]
#[case(Escape::Wiki, "{{ body }}", 7, "\\\\\\", "&#92;…")]
fn a_value_is_cut_before_it_is_escaped(
    #[case] escape: Escape,
    #[case] template: &str,
    #[case] most: usize,
    #[case] body: &str,
    #[case] shown: &str,
) {
    assert_eq!(fitted(template, escape, characters(most), json!(body)), shown);
}

#[rstest]
#[case(Escape::Plain, "0123456789{{ body }}", 5, "0123…")]
#[case(Escape::Plain, "{{ body }}0123456789", 5, "ab01…")]
#[case(Escape::Html, "a &lt; b", 5, "a …")]
#[case(Escape::Html, "ab <b>bold</b> and more", 13, "ab <b>bo…</b>")]
#[case(Escape::Html, "ab<br>cd <a href='x'>link</a>", 12, "ab<br>cd …")]
#[case(Escape::Slack, "see <http://x.example|x>", 20, "see …")]
#[case(Escape::Markdown, "abc\\\\*def", 5, "abc…")]
#[case(Escape::Plain, "ab", 0, "")]
fn a_template_whose_own_text_is_too_long_ends_where_it_is_full(
    #[case] escape: Escape,
    #[case] template: &str,
    #[case] most: usize,
    #[case] shown: &str,
) {
    assert_eq!(fitted(template, escape, characters(most), json!("ab")), shown);
}

#[test]
fn the_data_of_words_gives_way_and_their_own_text_does_not() {
    let mut brought = Brought::new();
    brought.data["summary"] = json!("*".repeat(500));
    let words = templates().compile("**{{ status }}**: {{ summary }}", Escape::Markdown).unwrap();
    brought.words = Some(words);
    let service = service(Escape::Markdown);
    let field = service.field("> {{ words }} <", Escape::Markdown, characters(23)).unwrap();
    assert_eq!(field.text(&brought.filling()).unwrap(), "> **FAILED**: \\*\\*\\*… <");
}

#[test]
fn a_value_of_its_own_fits_too() {
    let mut brought = Brought::new();
    brought.data["body"] = json!({"text": "<<<<", "list": ["aaaaaa", 1, {"<": "bbbbbb"}]});
    let value = |field: &str| {
        let field = service(Escape::Html).field(field, Escape::Html, characters(5)).unwrap();
        field.value(&brought.filling()).unwrap()
    };
    assert_eq!(value("{{ body.text }}"), "&lt;…");
    assert_eq!(value("{{ body.list }}"), json!(["aaaa…", 1, {"&lt;": "bbbb…"}]));
    assert_eq!(value("{{ duration_seconds }}"), 240);
}

#[test]
fn an_address_in_a_field_of_its_own_is_whole_or_not_there() {
    let brought = Brought::new();
    let value = |most: usize| {
        let service = service(Escape::Markdown);
        let field = service.field("{{ url said.link }}", Escape::Markdown, characters(most));
        field.unwrap().value(&brought.filling()).unwrap()
    };
    assert_eq!(value(33), "https://agnox.example/run?a=1&b=2");
    assert_eq!(value(32), json!(null));
}

#[rstest]
#[case(Escape::Html, "<https://agnox.example/run?a=1&amp;b=2>")]
#[case(Escape::Slack, "<https://agnox.example/run?a=1&amp;b=2>")]
#[case(Escape::Markdown, "<https://agnox.example/run?a=1&b=2>")]
#[case(Escape::Wiki, "<https://agnox.example/run?a=1&b=2>")]
#[case(Escape::Plain, "<https://agnox.example/run?a=1&b=2>")]
fn an_address_within_markup_is_written_as_one_writes_it_there(
    #[case] escape: Escape,
    #[case] shown: &str,
) {
    assert_eq!(fitted("<{{ url said.link }}>", escape, None, json!(null)), shown);
}

#[test]
fn every_value_gives_way_where_the_whole_is_too_large() {
    let mut brought = Brought::new();
    brought.data["summary"] = json!("0123456789");
    let own = templates().tree(&json!(["{{ summary }}"]), Escape::Plain).unwrap();
    brought.trees.insert("blocks".to_owned(), own);
    let tree = json!({
        "a": "{{ summary }}",
        "b": "<{{ summary }}{{ status }}>",
        "c": {"$tree": "options.blocks"},
        "d": "0123456789",
        "e": "{{ url said.link }}",
    });
    let tree = service(Escape::Plain).tree(&tree, &|_| None).unwrap();
    let filling = Filling { most: 6, ..brought.filling() };
    assert_eq!(
        tree.render(&filling).unwrap(),
        json!({
            "a": "01234…",
            "b": "<01234…FAILED>",
            "c": ["01234…"],
            "d": "0123456789",
            "e": "https://agnox.example/run?a=1&b=2",
        })
    );
}

#[test]
fn what_is_written_twice_is_paid_for_once() {
    let body = "x".repeat(700_000);
    assert_eq!(fitted("{{ body }}", Escape::Plain, characters(10), json!(body)), "xxxxxxxxx…");
}

/// Texts that would like to break out.
fn hostile() -> impl Strategy<Value = String> {
    let bits = prop::sample::select(vec![
        "<",
        ">",
        "&",
        "&amp;",
        "@",
        "@all",
        "\"",
        "'",
        "\\",
        "`",
        "*",
        "_",
        "[x](y)",
        "{code}",
        "/",
        "\n/close",
        "\r",
        "#1",
        "h1.",
        "\nbq. x",
        "linear",
        ".",
        "app/",
        "😀",
        "👩\u{200d}👧",
        "🇩🇪",
        "e\u{301}",
        "\u{202e}",
        "\u{200b}",
        "…",
        "a",
        " ",
        "\n",
        "<!here>",
        "![",
        "|",
        "]",
        "🏽",
    ]);
    prop::collection::vec(bits, 0..30).prop_map(|bits| bits.concat())
}

/// Whether a character stands there without a backslash that takes its meaning away.
fn bare(text: &str, wanted: &str) -> bool {
    let mut slashes = 0;
    text.chars().any(|c| {
        let escaped = slashes % 2 == 1;
        slashes = if c == '\\' { slashes + 1 } else { 0 };
        wanted.contains(c) && !escaped
    })
}

/// What a text that holds nothing but data does in its place, if it does anything.
fn breaks_out(escape: Escape, text: &str) -> Option<&'static str> {
    let line = |start: &str| text.lines().any(|line| line.trim_start().starts_with(start));
    match escape {
        Escape::Html if text.contains(['<', '>', '"', '\'']) => Some("a tag or an attribute"),
        Escape::Slack if text.contains(['<', '>']) => Some("a link or a mention"),
        Escape::Markdown | Escape::Wiki if text.contains("@a") => Some("a mention"),
        Escape::Markdown if bare(text, "`*_[]<>|!#") => Some("markup"),
        Escape::Markdown if line("/") => Some("an order"),
        Escape::Markdown if text.contains("linear\\.app/") => Some("a person"),
        Escape::Wiki if bare(text, "*_{}[]|!") => Some("markup"),
        Escape::Wiki if text.contains("\\\\") => Some("a line break"),
        Escape::Wiki if line("h1.") || line("bq.") => Some("a heading"),
        _ => None,
    }
}

proptest! {
    #[test]
    fn no_field_is_ever_too_long(
        body in hostile(),
        other in hostile(),
        most in 0_usize..60,
        in_bytes: bool,
        cap in 1_usize..80,
    ) {
        let limit = if in_bytes { bytes(most) } else { characters(most) };
        let mut brought = Brought::new();
        brought.data["body"] = json!({"a": body, "b": other});
        for escape in ESCAPES {
            let words = "<i>{{ body.b }}</i>\n{{ body.a }}";
            brought.words = Some(templates().compile(words, escape).unwrap());
            let cap = if cap > 60 { usize::MAX } else { cap };
            let filling = Filling { most: cap, ..brought.filling() };
            let service = service(escape);
            for text in ["{{ body.a }}", "x{{ body.a }}{{ body.b }}\n{{ status }}", "{{ words }}"] {
                let field = service.field(text, escape, limit).unwrap();
                let value = field.value(&filling).unwrap();
                for shown in [field.text(&filling).unwrap().as_str(), value.as_str().unwrap()] {
                    let long = if in_bytes { shown.len() } else { shown.encode_utf16().count() };
                    prop_assert!(long <= most, "{:?}: {} > {}: {:?}", escape, long, most, shown);
                }
            }
        }
    }

    #[test]
    fn no_value_breaks_out_however_it_is_cut(body in hostile(), most in 0_usize..40) {
        for escape in ESCAPES {
            for limit in [None, characters(most)] {
                let data = json!({"a": body, "b": body});
                let shown = fitted("{{ body.a }}{{ body.b }}", escape, limit, data);
                prop_assert_eq!(breaks_out(escape, &shown), None, "{:?}: {:?}", escape, shown);
            }
        }
    }

    #[test]
    fn a_cut_keeps_the_beginning(body in "[a-z]{0,40}", most in 1_usize..40) {
        let shown = fitted("{{ body }}", Escape::Html, characters(most), json!(body));
        let kept = shown.strip_suffix('…').unwrap_or(&shown);
        prop_assert!(body.starts_with(kept));
        prop_assert_eq!(shown.chars().count(), body.len().min(most));
    }
}
