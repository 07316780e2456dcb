//! Trees of a service: directives, loops, and what is left out.

use rstest::rstest;
use serde_json::{Value, json};

use super::{Brought, service, templates};
use crate::template::{Amount, Escape, Limit, RenderError, TemplateError};

fn render(tree: &Value, brought: &Brought) -> Value {
    let tree = service(Escape::Html).tree(tree, &|_| None).unwrap();
    tree.render(&brought.filling()).unwrap()
}

fn refused(tree: &Value) -> TemplateError {
    match service(Escape::Html).tree(tree, &|_| None) {
        Ok(_) => panic!("{tree} compiles"),
        Err(error) => error,
    }
}

#[rstest]
#[case(json!({"a": "{{ duration_seconds }}", "b": "x{{ failing }}"}), json!({"a": 240, "b": "xtrue"}))]
#[case(json!({"a": "{{ delayed }}", "b": "{{ delayed }} ", "c": null}), json!({"b": " ", "c": null}))]
#[case(json!(["{{ delayed }}", "{{ status }}", 1]), json!(["FAILED", 1]))]
#[case(json!("{{ delayed }}"), json!(null))]
#[case(json!({"a": {"$when": "failing", "b": 1}}), json!({"a": {"b": 1}}))]
#[case(json!({"a": {"$when": "not failing", "b": 1}}), json!({}))]
#[case(
    json!([{"$when": "words", "b": 1}, {"$when": "failing", "$value": "{{ status }}"}]),
    json!(["FAILED"])
)]
#[case(json!({"$value": {"a": 1}}), json!({"a": 1}))]
#[case(json!({"a": {"$plain": "{{ body.map }}<b>"}}), json!({"a": "{\"k\":\"v\"}<b>"}))]
#[case(json!({"a": {"$plain": "<{{ said.link }}>"}}), json!({"a": "<https://agnox.example/run?a=1&b=2>"}))]
#[case(json!({"$$schema": "x", "a.b": 2}), json!({"$schema": "x", "a.b": 2}))]
#[case(json!({"a": {"$tree": "options.blocks"}}), json!({}))]
fn a_tree_gives(#[case] tree: Value, #[case] given: Value) {
    assert_eq!(render(&tree, &Brought::new()), given);
}

#[rstest]
#[case(
    json!([{"$each": "said.facts", "title": "{{ item.name }}", "of": "{{ group }}"}]),
    json!([{"title": "Duration", "of": "checkout-eu"}, {"title": "Rule", "of": "checkout-eu"}])
)]
#[case(
    json!([{"$each": "said.notes", "$value": "{{ item }}"}]),
    json!(["first", "second", "third"])
)]
#[case(
    json!([0, {"$each": "said.notes", "$most": 2, "$plain": "{{ @index }}{{ item }}"}, 9]),
    json!([0, "0first", "1second", 9])
)]
#[case(
    json!([{"$each": "said.notes", "$when": "ne item \"first\"", "$most": 1, "$value": "{{ item }}"}]),
    json!(["second"])
)]
#[case(
    json!([{"$each": "said.notes", "$when": "@last", "$value": "{{ item }}"}]),
    json!(["third"])
)]
#[case(json!([{"$each": "said.rows", "a": 1}]), json!([]))]
#[case(json!([{"$each": "said.facts", "$value": "{{> fact}}"}]), json!(["Duration", "Rule"]))]
#[case(
    json!([{
        "$each": "said.facts",
        "in": [{"$each": "options.tags", "$value": "{{ item }}{{ status }}"}, "{{ item.name }}"],
    }]),
    json!([{"in": ["aFAILED", "bFAILED", "Duration"]}, {"in": ["aFAILED", "bFAILED", "Rule"]}])
)]
#[case(json!([{"$each": "body.list", "$value": "{{ item.x }}-"}]), json!(["-", "-"]))]
#[case(json!([{"$each": "body.number", "$value": 1}]), json!([]))]
fn a_map_of_a_list_is_there_once_for_each_item(#[case] tree: Value, #[case] given: Value) {
    assert_eq!(render(&tree, &Brought::new()), given);
}

#[test]
fn a_persons_own_tree_is_filled_in() {
    let mut brought = Brought::new();
    let own = json!([{"t": "<b>{{ group }}", "n": "{{ duration_seconds }}", "fixed": [1]}]);
    let own = templates().tree(&own, Escape::Html).unwrap();
    brought.trees.insert("blocks".to_owned(), own);
    let tree = json!({
        "a": {"$tree": "options.blocks"},
        "b": {"$when": "options.blocks", "$value": 1},
        "c": [0, {"$when": "options.blocks", "$tree": "options.blocks"}, 9],
    });
    let own = json!({"t": "<b>checkout-eu", "n": 240, "fixed": [1]});
    let given = json!({"a": [own], "b": 1, "c": [0, own, 9]});
    assert_eq!(render(&tree, &brought), given);
}

#[rstest]
#[case(Some(json!({"a": "own {{ group }}", "c": 3})), json!({"a": "own checkout-eu", "b": 2, "c": 3}))]
#[case(Some(json!({})), json!({"a": 1, "b": 2}))]
#[case(None, json!({"a": 1, "b": 2}))]
fn a_persons_own_tree_adds_its_fields(#[case] own: Option<Value>, #[case] given: Value) {
    let mut brought = Brought::new();
    if let Some(own) = own {
        let own = templates().tree(&own, Escape::Html).unwrap();
        brought.trees.insert("blocks".to_owned(), own);
    }
    let tree = json!({"a": 1, "b": 2, "$tree": "options.blocks"});
    assert_eq!(render(&tree, &brought), given);
}

#[test]
fn a_persons_own_tree_that_adds_fields_is_a_map() {
    let mut brought = Brought::new();
    let own = templates().tree(&json!([1]), Escape::Html).unwrap();
    brought.trees.insert("blocks".to_owned(), own);
    let tree = json!({"a": {"b": 2, "$tree": "options.blocks"}});
    let tree = service(Escape::Html).tree(&tree, &|_| None).unwrap();
    let RenderError(why) = tree.render(&brought.filling()).unwrap_err();
    assert_eq!(why, "a.$tree: `options.blocks` adds fields to others, so it has to be a map");
}

#[rstest]
#[case(json!({"a": [{"$wen": "failing"}]}), "a[0].$wen", "there is no directive `$wen`", "`$when`")]
#[case(json!({"$schema": "x"}), "$schema", "no directive", "$$schema")]
#[case(json!({"a": {"$each": "said.notes"}}), "a.$each", "item of a list", "$each")]
#[case(json!([{"$each": "status", "a": 1}]), "[0].$each", "goes through a list", "")]
#[case(json!([{"$each": "stauts", "a": 1}]), "[0].$each", "variable `stauts`", "`status`")]
#[case(json!({"$when": "{{ failing }}"}), "$when", "is no expression", "not said.report")]
#[case(json!({"$when": true}), "$when", "an expression is a text", "")]
#[case(json!({"a": {"$most": 3}}), "a.$most", "beside `$each`", "")]
#[case(json!([{"$each": "said.notes", "$most": "3"}]), "[0].$most", "takes a number", "")]
#[case(json!({"a": {"$plain": 3}}), "a.$plain", "takes a text", "")]
#[case(json!({"a": {"$plain": "x", "b": 1}}), "a.b", "in place of the map's own fields", "")]
#[case(json!({"$plain": "x", "$value": 1}), "$plain", "both stand in place", "")]
#[case(json!({"$tree": "options.channel"}), "$tree", "parameter of type `tree`", "")]
#[case(json!({"$tree": "options.block"}), "$tree", "parameter of type `tree`", "options.blocks")]
#[case(json!({"a": [1, {"b": "{{ item.name }}"}]}), "a[1].b", "outside of a list", "$each")]
#[case(
    json!([{"$each": "said.facts", "a": "{{ item.nam }}"}]),
    "[0].a", "`said.facts` has no field `nam`", "`name`"
)]
#[case(json!({"{{ a }}": 1}), "{{ a }}", "can't be a template", "")]
#[case(json!({"a": {"$value": ["{{ stauts }}"]}}), "a.$value[0]", "variable `stauts`", "`status`")]
fn a_tree_that_can_not_be_used_says_where(
    #[case] tree: Value,
    #[case] path: &str,
    #[case] message: &str,
    #[case] hint: &str,
) {
    let error = refused(&tree);
    assert_eq!(error.path, path, "{error}");
    assert!(error.message.contains(message), "{error}");
    assert!(error.hint.unwrap_or_default().contains(hint));
}

#[test]
fn a_tree_that_nests_too_deep_is_refused() {
    let deep = (0..60).fold(json!(1), |inner, _| json!([inner]));
    assert!(refused(&deep).message.contains("nests deeper"));
}

#[test]
fn a_failing_leaf_says_where_it_stands() {
    let tree = json!({"a": [{"$each": "said.notes", "b": "{{ humanize item }}"}]});
    let tree = service(Escape::Html).tree(&tree, &|_| None).unwrap();
    let RenderError(why) = tree.render(&Brought::new().filling()).unwrap_err();
    assert!(why.starts_with("a[0].b: `humanize`"), "{why}");
}

#[test]
fn limits_find_fields_by_a_path_without_indexes() {
    let tree = json!({
        "list": [
            {"$each": "said.notes", "$value": {"t": "{{ item }}"}},
            {"t": {"$plain": "{{ group }}"}},
        ],
        "tags": "{{ options.tags }}",
        "$$x": ["{{ status }}", 1, 2],
        "n": 1,
    });
    let limits = |path: &str| match path {
        "list" | "$x" => Some(Limit { most: 2, of: Amount::Items }),
        "list.t" => Some(Limit { most: 4, of: Amount::Characters }),
        "tags" => Some(Limit { most: 1, of: Amount::Items }),
        _ => None,
    };
    let tree = service(Escape::Html).tree(&tree, &limits).unwrap();
    assert_eq!(tree.paths(), ["$x", "list", "list.t", "tags"]);
    assert_eq!(
        tree.render(&Brought::new().filling()).unwrap(),
        json!({
            "list": [{"t": "fir…"}, {"t": "sec…"}],
            "tags": ["a"],
            "$x": ["FAILED", 1],
            "n": 1,
        })
    );
}

#[test]
fn a_tree_says_what_it_asks_for() {
    let rows =
        json!([{"$each": "said.rows", "$when": "digest", "a": "{{ group }}{{ item.link }}"}]);
    let rows = service(Escape::Html).tree(&rows, &|_| None).unwrap();
    for name in ["said.rows", "digest", "group"] {
        assert!(rows.mentions(&[name]), "{name}");
    }
    assert!(!rows.mentions(&["link", "status", "said.link"]));
    let own = json!({"$tree": "options.blocks"});
    assert!(service(Escape::Html).tree(&own, &|_| None).unwrap().mentions(&["options.blocks"]));
}
