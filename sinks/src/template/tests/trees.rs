//! JSON trees, and leaves that keep their type.

use serde_json::{Value, json};

use super::{data, templates};
use crate::template::Escape;

fn render(tree: Value) -> Value {
    templates().tree(&tree, Escape::None).unwrap().render(&data()).unwrap()
}

#[test]
fn a_leaf_that_is_one_expression_keeps_its_type() {
    let tree = json!({
        "seconds": "{{ duration_seconds }}",
        "failing": "{{failing}}",
        "delayed": "{{delayed}}",
        "map": "{{body.map}}",
        "rules": "{{rules}}",
        "helper": "{{gt duration_seconds 5}}",
        "text": "{{duration_seconds}}s",
        "spaced": " {{duration_seconds}}",
        "fixed": [1, true, null, 2.5],
    });
    assert_eq!(
        render(tree),
        json!({
            "seconds": 240,
            "failing": true,
            "delayed": null,
            "map": {"k": "v"},
            "rules": ["production is red"],
            "helper": true,
            "text": "240s",
            "spaced": " 240",
            "fixed": [1, true, null, 2.5],
        })
    );
}

#[test]
fn a_tree_keeps_the_order_of_its_fields() {
    let text = render(json!({"z": "{{status}}", "a": {"y": 1, "b": "{{delayed}}"}})).to_string();
    assert_eq!(text, r#"{"z":"FAILED","a":{"y":1,"b":null}}"#);
}

#[test]
fn an_error_names_the_leaf() {
    let tree = json!({"blocks": [{"type": "section"}, {"text": "a {{stauts}}"}]});
    let error = templates().tree(&tree, Escape::None).err().unwrap();
    assert_eq!(error.path, "blocks[1].text");
    assert_eq!((error.line, error.column), (Some(1), Some(3)));
    assert_eq!(error.hint.as_deref(), Some("did you mean `status`?"));
}

#[test]
fn a_failing_leaf_is_named_when_rendered() {
    let tree = json!({"a": [{"b": "{{humanize status}}"}]});
    let error = templates().tree(&tree, Escape::None).unwrap().render(&data()).unwrap_err();
    assert!(error.0.starts_with("a[0].b: `humanize`"), "{error}");
}

#[test]
fn a_fields_name_is_no_template_and_a_tree_has_a_depth() {
    let error = templates().tree(&json!({"{{status}}": 1}), Escape::None).err().unwrap();
    assert!(error.message.contains("name"));
    let deep = (0..60).fold(json!(1), |inner, _| json!([inner]));
    assert!(templates().tree(&deep, Escape::None).err().unwrap().message.contains("nests"));
}
