//! What is wrong with rules and groups, all of it at once, each at its path.

use super::*;

fn problems(rules: &str, groups: &str) -> Vec<Problem> {
    compile(rules, groups).err().expect("these rules are wrong")
}

#[test]
fn everything_that_is_wrong_is_said_in_one_go() {
    let found = problems(
        r#"
- {name: a, when: {}, send: chat}
- {name: a, when: {duration: 10m, status: []}, send: cat}
- name: c
  when: {any: [{group: ["/(/", ""]}], fields: {"a..b": x, c: "> three"}, labels: {}}
  send:
    - chat
    - {sink: chat, with: {chanel: x, thread: "{{ gruop }}"}, template: "{{ status"}
    - {sink: mirror, template: x, with: {anything: goes}}
    - {sink: mial}
- {name: " ", when: {not: {all: []}}, send: {sink: nowhere}}
"#,
        "[{match: '[a'}, {match: []}]",
    );
    let paths: Vec<&str> = found.iter().map(|problem| problem.path.as_str()).collect();
    let expected = [
        "groups[0].match",
        "groups[1].match",
        "rules[0].when",
        "rules[1].name",
        "rules[1].when.status",
        "rules[1].when.duration",
        "rules[1].send",
        "rules[2].when.labels",
        "rules[2].when.fields.a..b",
        "rules[2].when.fields.c",
        "rules[2].when.any[0].group[0]",
        "rules[2].when.any[0].group[1]",
        "rules[2].send[1].template",
        "rules[2].send[1].with.chanel",
        "rules[2].send[1].with.thread",
        "rules[2].send[2].template",
        "rules[2].send[3].sink",
        "rules[3].name",
        "rules[3].when.not.all",
        "rules[3].send.sink",
    ];
    let (mut paths, mut expected) = (paths, expected.to_vec());
    paths.sort_unstable();
    expected.sort_unstable();
    assert_eq!(paths, expected, "{found:#?}");
}

#[test]
fn a_wrong_name_gets_the_nearest_known_one() {
    for (rule, hint) in [
        ("{name: a, when: always, send: chatt}", "did you mean `chat`?"),
        ("{name: a, when: always, send: zzz}", "there are: chat, mail, mirror"),
        ("{name: a, when: always, send: {sink: chat, with: {chanel: x}}}", "`channel`"),
        ("{name: a, when: {group: 'a[b'}, send: chat}", "{exact: \"a[b\"}"),
        ("{name: a, when: {duration: 10m}, send: chat}", "\"> 10m\""),
    ] {
        let problem = problems(&format!("[{rule}]"), "[]").remove(0);
        let said = format!("{} {}", problem.message, problem.hint.unwrap_or_default());
        assert!(said.contains(hint), "{said}");
    }
}

#[test]
fn conditions_that_nest_too_deep_are_refused() {
    let nested = |depth: usize| {
        format!(
            "[{{name: a, when: {}{{status: FAILED}}{}, send: chat}}]",
            "{not: ".repeat(depth),
            "}".repeat(depth)
        )
    };
    assert!(compile(&nested(15), "[]").is_ok());
    assert!(problems(&nested(16), "[]")[0].message.contains("nest deeper than 16"));
}

#[test]
fn shapes_that_are_wrong_are_refused_while_reading() {
    for (rule, why) in [
        ("{name: a, when: sometimes}", "always"),
        ("{name: a, when: {group: }}", "a text"),
        ("{name: a, when: {group: 2024}}", "in quotes"),
        ("{name: a, when: {grup: x}}", "grup"),
        ("{name: a, when: {group: {regex: x}}}", "regex"),
        ("{name: a, when: {labels: {team: }}}", "a text"),
        ("{name: a, when: {duration: }}", "string"),
        ("{name: a, when: {not: }}", "mapping"),
        ("{name: a, when: always, send: }", "sink"),
        ("{name: a, when: always, send: {sink: x, to: y}}", "to"),
        ("{name: a, when: always, once_per: run}", "incident"),
    ] {
        let error = serde_yaml::from_str::<Vec<RuleConfig>>(&format!("[{rule}]"));
        let said = error.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(said.contains(why), "{rule}: {said}");
    }
}

#[test]
fn the_schema_documents_every_option() {
    let schema = serde_json::to_value(schemars::schema_for!(Vec<RuleConfig>)).unwrap();
    for pointer in [
        "/$defs/RuleConfig/properties",
        "/$defs/Conditions/properties",
        "/$defs/SendEntry/properties",
    ] {
        let properties = schema.pointer(pointer).and_then(Value::as_object).expect(pointer);
        for (name, property) in properties {
            assert!(property.get("description").is_some(), "{pointer}/{name}");
        }
    }
}
