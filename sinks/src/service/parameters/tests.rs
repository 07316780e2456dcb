//! What is made of what people write.

use std::collections::BTreeMap;

use rstest::rstest;
use serde_json::{Value, json};

use super::Options;
use crate::catalog::FILES;
use crate::kind::BuildError;
use crate::service::form::Form;

/// A service with one parameter of each type.
fn form() -> Form {
    with(json!({
        "url": {"type": "url", "secret": true, "required": true, "about": "Where.",
                "example": "https://x.test/hook"},
        "key": {"type": "secret", "about": "The key.", "pattern": "k-[0-9]+"},
        "room": {"type": "text", "about": "A room, with its #.", "pattern": "#.+", "rule": true,
                 "example": "#here"},
        "most": {"type": "number", "about": "How many.", "min": 1, "max": 5, "rule": true},
        "loud": {"type": "flag", "about": "Whether.", "default": false, "rule": true},
        "look": {"type": "choice", "about": "How.", "default": "blocks", "rule": true,
                 "choices": {"blocks": "Blocks.", "text": "A text."}},
        "tags": {"type": "list", "about": "Tags.", "pattern": "[a-z]+", "rule": true},
        "after": {"type": "duration", "about": "When.", "default": "90s", "rule": true},
        "text": {"type": "template", "about": "Words."},
        "blocks": {"type": "tree", "about": "Blocks."},
    }))
}

fn with(parameters: Value) -> Form {
    let form = json!({"name": "pigeon", "title": "Pigeon", "about": "Flies.", "docs": "",
        "checked": "no", "parameters": parameters});
    Form::read(form).unwrap()
}

fn read(mut options: Value) -> Result<Options, BuildError> {
    if options.get("url").is_none() {
        options["url"] = "https://x.test/CANARY".into();
    }
    form().read_options(options)
}

#[test]
fn what_is_left_out_is_its_default_or_null() {
    let seen = read(json!({})).unwrap().for_notice(&BTreeMap::new()).unwrap();
    let expected = json!({"url": "https://x.test/CANARY", "key": null, "room": null, "most": null,
        "loud": false, "look": "blocks", "tags": null, "after": 90, "text": null, "blocks": null});
    assert_eq!(seen, expected);
}

#[test]
fn every_type_is_read() {
    let options = read(json!({"url": " https://x.test ", "key": "k-12", "room": "#a", "most": 2.5,
        "loud": true, "look": "text", "tags": "one", "after": "1500ms", "text": "{{group}}",
        "blocks": [{"a": "{{group}}"}]}));
    let options = options.unwrap();
    let expected = json!({"url": "https://x.test", "key": "k-12", "room": "#a", "most": 2.5,
        "loud": true, "look": "text", "tags": ["one"], "after": 1.5, "text": true, "blocks": true});
    assert_eq!(options.for_notice(&BTreeMap::new()).unwrap(), expected);
    assert_eq!(options.templates().collect::<Vec<_>>(), [("text", "{{group}}")]);
    assert_eq!(options.trees().collect::<Vec<_>>(), [("blocks", &json!([{"a": "{{group}}"}]))]);
    assert_eq!(options.secrets().collect::<Vec<_>>(), ["https://x.test", "k-12"]);
    assert_eq!(options.get("look"), "text");
}

#[test]
fn an_address_stays_as_it_was_meant() {
    let address = |text: &str| read(json!({ "url": text })).unwrap().get("url").clone();
    assert_eq!(address("https://x.test/"), "https://x.test");
    assert_eq!(address("https://x.test/hook/"), "https://x.test/hook/");
    assert_eq!(address("https://X.test/a b?c"), "https://x.test/a%20b?c");
}

#[rstest]
#[case::unknown(json!({"rom": "#a"}), "rom", "has no option `rom`", "did you mean `room`?")]
#[case::far(json!({"zzz": 1}), "zzz", "has no option", "its options are `url`, `key`")]
#[case::number(json!({"room": 5}), "room", "a number stands here, expected a text", "quotes")]
#[case::map(json!({"key": {"a": 1}}), "key", "a map stands here, expected a text", "")]
#[case::text(json!({"most": "CANARY"}), "most", "a text stands here, expected a number", "")]
#[case::flag(json!({"loud": "CANARY"}), "loud", "expected true or false", "")]
#[case::pattern(json!({"room": "CANARY"}), "room", "A room, with its #.", "such as \"#here\"")]
#[case::secret(json!({"key": "k-CANARY"}), "key", "not as it must be", "k-[0-9]+")]
#[case::choice(json!({"look": "block"}), "look", "one of `blocks`, `text`", "mean `blocks`?")]
#[case::least(json!({"most": 0}), "most", "a number from 1 to 5", "")]
#[case::item(json!({"tags": ["a", 5]}), "tags[1]", "a number stands here", "quotes")]
#[case::shape(json!({"tags": ["a", "CANARY"]}), "tags[1]", "not as it must be", "[a-z]+")]
#[case::time(json!({"after": "90"}), "after", "a length of time", "such as 30s")]
#[case::scheme(json!({"url": "ftp://CANARY"}), "url", "no scheme", "https://example.com/hook")]
#[case::login(json!({"url": "https://a:CANARY@x.test"}), "url", "carries a login", "")]
#[case::empty(json!({"url": " "}), "url", "nothing stands here", "")]
#[case::null(json!({"url": null}), "", "`url` is missing: Where", "url: https://x.test/hook")]
fn what_cant_be_used_is_explained(
    #[case] options: Value,
    #[case] path: &str,
    #[case] message: &str,
    #[case] hint: &str,
) {
    let error = match options.get("url") {
        Some(Value::Null) => form().read_options(options),
        _ => read(options),
    };
    let error = error.unwrap_err();
    assert_eq!(error.path, path, "{error:?}");
    assert!(error.message.contains(message), "{error:?}");
    assert!(error.hint.as_deref().unwrap_or("").contains(hint), "{error:?}");
    assert!(!format!("{error:?}").contains("CANARY"), "{error:?}");
}

#[test]
fn a_rule_says_something_else_for_one_message() {
    let options = read(json!({"room": "#own"})).unwrap();
    let seen = |with: &[(&str, &str)]| {
        let with = with.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect();
        options.for_notice(&with).map_err(|error| error.to_string())
    };
    let chosen = seen(&[
        ("room", " #its "),
        ("most", "3"),
        ("loud", "true"),
        ("look", "text"),
        ("tags", "a"),
        ("after", "2m"),
        ("url", "https://elsewhere.test"),
    ]);
    let chosen = chosen.unwrap();
    let expected = json!({"url": "https://x.test/CANARY", "key": null, "room": "#its", "most": 3,
        "loud": true, "look": "text", "tags": ["a"], "after": 120, "text": null, "blocks": null});
    assert_eq!(chosen, expected);
    assert_eq!(seen(&[("room", " ")]).unwrap()["room"], "#own");
    for (name, text) in [("room", "its"), ("most", "9"), ("loud", "yes"), ("look", "x")] {
        let error = seen(&[(name, text)]).unwrap_err();
        assert!(error.starts_with(&format!("`with.{name}`: ")), "{error}");
    }
}

#[test]
fn secrets_are_not_seen() {
    let options = read(json!({"key": "k-4711"})).unwrap();
    let shown = format!("{options:?}");
    assert!(!shown.contains("CANARY") && !shown.contains("4711"), "{shown}");
    assert!(shown.contains("key"));
}

#[test]
fn editors_know_what_is_checked() {
    insta::assert_json_snapshot!("schema", form().schema());
    assert_eq!(form().parameters_example(), "url: https://x.test/hook\n");
    assert_eq!(with(json!({})).parameters_example(), "{}\n");
}

#[rstest]
#[case(json!({"type": "choice"}), "parameters.a")]
#[case(json!({"type": "text", "choices": ["b"]}), "parameters.a.choices")]
#[case(json!({"type": "text", "min": 1}), "parameters.a")]
#[case(json!({"type": "number", "pattern": "b"}), "parameters.a.pattern")]
#[case(json!({"type": "flag", "unlikely": {"pattern": "b", "say": "c"}}), "parameters.a.unlikely")]
#[case(json!({"type": "text", "secret": true}), "parameters.a.secret")]
#[case(json!({"type": "secret", "rule": true}), "parameters.a.rule")]
#[case(json!({"type": "tree", "rule": true}), "parameters.a.rule")]
#[case(json!({"type": "text", "required": true}), "parameters.a")]
#[case(json!({"type": "number", "default": "b"}), "parameters.a.default")]
#[case(json!({"type": "text", "pattern": "b", "example": "c"}), "parameters.a.example")]
fn a_parameter_that_contradicts_itself_is_found(#[case] mut parameter: Value, #[case] path: &str) {
    parameter["about"] = "A.".into();
    let wrong = with(json!({ "a": parameter })).wrong_parameters();
    let paths: Vec<&str> = wrong.iter().map(|error| error.path.as_str()).collect();
    assert_eq!(paths, [path]);
}

#[test]
fn the_parameters_of_every_built_in_service_make_sense() {
    for (name, file) in FILES {
        let form = Form::read(serde_yaml::from_str(file).unwrap());
        let wrong = form.unwrap_or_else(|error| panic!("{name}: {error:?}")).wrong_parameters();
        assert_eq!(wrong, [], "{name}");
    }
}

#[test]
fn parameters_that_make_sense_are_not_complained_about() {
    assert_eq!(form().wrong_parameters(), []);
    let odd = with(json!({"A-b": {"type": "text", "about": "A."}})).wrong_parameters();
    assert_eq!(odd.len(), 1);
}

#[test]
fn a_pattern_that_cant_be_read_is_found_with_the_file() {
    let form = json!({"name": "a", "title": "A", "about": "A.", "docs": "", "checked": "no",
        "parameters": {"a": {"type": "text", "about": "A.", "pattern": "("}}});
    let error = Form::read(form).unwrap_err();
    assert_eq!(error.path, "parameters.a.pattern");
    assert!(error.message.contains("the pattern can't be read: unclosed group"), "{error}");
}

#[test]
fn what_has_no_meaning_beside_another_is_refused_where_both_are_written() {
    let form = |not_with: Value| {
        with(json!({
            "look": {"type": "choice", "choices": ["a", "b"], "default": "a", "about": "Look.",
                     "not_with": not_with},
            "own": {"type": "tree", "about": "Own."},
        }))
    };
    let good = form(json!(["own"]));
    assert_eq!(good.wrong_parameters(), []);
    for fine in [json!({"look": "b"}), json!({"own": []}), json!({"look": null, "own": []})] {
        good.read_options(fine).unwrap();
    }
    let error = good.read_options(json!({"own": [], "look": "a"})).unwrap_err();
    assert_eq!(
        (error.path.as_str(), error.hint.as_deref()),
        ("look", Some("leave one of them out"))
    );
    assert_eq!(error.message, "`look` has no meaning beside `own`");
    let schema = good.schema().to_value();
    assert_eq!(schema["dependentSchemas"]["look"]["properties"]["own"], json!({"type": "null"}));
    for wrong in [json!(["owm"]), json!(["look"])] {
        assert_eq!(form(wrong).wrong_parameters()[0].path, "parameters.look.not_with");
    }
}

#[test]
fn an_example_is_what_is_meant() {
    let url = |example: &str| {
        with(json!({"url": {"type": "url", "about": "Where.", "example": example,
            "unlikely": {"pattern": "https://x.test/.*", "unless": ".*/hook", "say": "No hook."}}}))
    };
    assert_eq!(url("https://x.test/hook").wrong_parameters(), []);
    assert_eq!(url("https://x.test/other").wrong_parameters()[0].path, "parameters.url.example");
}

#[rstest]
#[case(json!([1, 2]), None)]
#[case(json!([]), Some("0 items stand here, expected 1 to 2"))]
#[case(json!([1, 2, 3]), Some("3 items stand here, expected 1 to 2"))]
#[case(json!({"a": 1}), Some("a map stands here, expected a list"))]
fn a_tree_may_have_to_be_a_list_of_so_many_items(#[case] tree: Value, #[case] why: Option<&str>) {
    let form = with(json!({"a": {"type": "tree", "about": "A.", "min": 1, "max": 2}}));
    let read = form.read_options(json!({ "a": tree }));
    assert_eq!(read.err().map(|error| error.message).as_deref(), why);
}

#[test]
fn a_placeholder_for_what_is_missing_fits_every_type() {
    let missing = |name: &str| read(json!({ name: crate::options::PLACEHOLDER })).map(drop);
    for (name, _) in form().parameters.iter() {
        assert!(missing(name).is_ok(), "{name}: {:?}", missing(name));
    }
    assert!(
        read(json!({ "key": "placeholder" })).is_err(),
        "what is written is held to its pattern"
    );
}
