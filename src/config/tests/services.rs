//! Services of a person's own: what a folder of them becomes, and what is said of wrong ones.

use super::Desk;
use crate::config::{Severity, schema};

/// A service's file that nothing is wrong with.
pub const PIGEON: &str = r#"name: pigeon
title: Carrier Pigeon
about: Posts to a loft's message board.
docs: https://pigeon.example/api
checked: no
parameters:
  url: {type: url, secret: true, required: true, about: The loft's address, example: "https://pigeon.example/hook"}
  token: {type: secret, about: What the loft asks for}
  perch: {type: text, rule: true, about: Where it lands}
send:
  url: "{{ options.url }}"
  headers: {authorization: "Bearer {{ options.token }}"}
  json: {body: "{{ said.text }}", perch: "{{ options.perch }}"}
"#;

fn around(sinks: &str, more: &str) -> Desk {
    Desk::new(&format!(
        "sources: {{main: {{secret: \"${{SECRET}}\"}}}}\n{more}sinks:\n{sinks}rules:\n  - {{name: all, when: always, send: loft}}\n"
    ))
    .var("SECRET", "0123456789-0123456789-0123456789")
}

const LOFT: &str = "  loft: {pigeon: {url: \"https://pigeon.example/hook/x\"}}\n";

#[test]
fn trouble_in_a_service_is_shown_in_its_file_and_all_files_are_told_of_in_one_run() {
    let desk = around(LOFT, "")
        .file("catalog/pigeon.yaml", &PIGEON.replace("title:", "titel:"))
        .file("catalog/b.yaml", &PIGEON.replace("name: pigeon", "name: c"))
        .file("catalog/d.yaml", &PIGEON.replace("name: pigeon", "name: f"))
        .file("catalog/e.yaml", &PIGEON.replace("name: pigeon", "name: f"))
        .file("catalog/slack.yaml", &PIGEON.replace("name: pigeon", "name: slack"))
        .file("catalog/rate.yaml", &PIGEON.replace("name: pigeon", "name: rate"))
        .file("catalog/Dove.yaml", &PIGEON.replace("name: pigeon", "name: Dove"))
        .file("catalog/list.yaml", "- a\n- b\n")
        .file("catalog/broken.yaml", "name: [x\n")
        .file("catalog/twice.yaml", &PIGEON.replace("name: pigeon", "name: twice\nname: twice"))
        .file(
            "catalog/step.yaml",
            &PIGEON.replace("name: pigeon", "name: step").replace("headers:", "heders:"),
        )
        .file(
            "catalog/form.yaml",
            &PIGEON.replace("name: pigeon", "name: form").replace("type: text", "type: txt"),
        )
        .file("catalog/README.md", "no service")
        .file("catalog/.hidden.yaml", "no service");
    insta::assert_snapshot!(desk.seen());
}

#[test]
fn a_folder_that_is_named_and_missing_is_an_error_and_the_usual_one_may_be_missing() {
    let seen = around(LOFT, "catalog: lofts\n").seen();
    assert!(seen.contains("there is no folder lofts"), "{seen}");
    let seen = around("  loft: {console: {}}\n", "").seen();
    assert_eq!(seen, "");
}

#[test]
fn a_sink_of_a_service_that_is_broken_is_not_blamed() {
    let desk = around(LOFT, "").file("catalog/pigeon.yaml", "name: pigeon\n");
    let report = desk.load().err().unwrap();
    assert_eq!(report.errors(), 1, "{report}");
    assert!(report.diagnostics[0].spot.file.ends_with("catalog/pigeon.yaml"));
}

#[test]
fn an_included_file_cannot_name_the_folder() {
    let desk = around("  loft: {console: {}}\n", "include: more.yaml\n")
        .file("more.yaml", "catalog: elsewhere\n");
    assert!(desk.seen().contains("`catalog` can't stand in an included file"), "{}", desk.seen());
}

#[test]
fn a_variable_in_a_service_is_warned_of_and_a_template_with_a_dollar_is_not() {
    let text = PIGEON.replace("{{ options.token }}", "${LOFT_TOKEN}");
    let seen = around(LOFT, "").file("catalog/pigeon.yaml", &text).seen();
    assert!(seen.contains("`${LOFT_TOKEN}` goes out as it stands"), "{seen}");
    let text = PIGEON.replace("{{ said.text }}", "${{ group }} ${lower}");
    let seen = around(LOFT, "").file("catalog/pigeon.yaml", &text).seen();
    assert!(!seen.contains("goes out as it stands"), "{seen}");
}

#[test]
fn a_file_that_only_looks_like_a_service_is_told_of() {
    let desk = around("  loft: {console: {}}\n", "").file("catalog/pigeon.yml", PIGEON);
    let loaded = desk.load().unwrap();
    assert_eq!(loaded.warnings.len(), 1, "{}", desk.seen());
    assert_eq!(loaded.warnings[0].severity, Severity::Warning);
}

#[test]
fn the_schema_has_the_services_of_the_configuration() {
    let desk = around("  loft: {console: {}}\n", "").file("catalog/pigeon.yaml", PIGEON);
    let loaded = desk.load().map_err(|report| report.to_string()).unwrap();
    let schema = schema(&loaded.catalog);
    let pigeon = &schema["$defs"]["Sink"]["properties"]["pigeon"];
    assert_eq!(pigeon["properties"]["token"]["writeOnly"], true);
    assert_eq!(pigeon["required"][0], "url");
}

#[test]
fn the_secrets_of_a_service_are_covered_wherever_they_show() {
    let (token, key) = ("canary-4711-token", "canary4711canary4711canary");
    let sinks =
        format!("  loft: {{pigeon: {{url: \"https://p.example/{key}\", token: {token}}}}}\n");
    let desk = around(&sinks, "timezone: Nowhere/None # canary-4711-token\n")
        .file("catalog/pigeon.yaml", PIGEON);
    let report = desk.load().err().unwrap();
    let json = serde_json::to_string(&report).unwrap();
    for text in [report.render(false), json] {
        assert!(text.contains("in plain text"), "{text}");
        assert!(!text.contains("canary"), "{text}");
    }
}

#[test]
fn another_service_file_is_another_version_of_the_configuration() {
    let console = "  loft: {console: {}}\n";
    let version = |desk: &Desk| desk.load().unwrap().version;
    let desk = around(console, "").file("catalog/pigeon.yaml", PIGEON);
    let first = version(&desk);
    assert_eq!(first, version(&desk));
    let desk = desk.file("catalog/pigeon.yaml", &PIGEON.replace("said.text", "said.summary"));
    assert_ne!(first, version(&desk));
}

#[test]
fn a_secret_with_a_pattern_can_be_left_out_where_secrets_are() {
    let sink =
        "sinks:\n  pager:\n    pagerduty: {routing_key: \"${PAGER_KEY}\", severity: \"${HOW}\"}\n";
    let desk = Desk::new(&format!(
        "sources: {{main: {{secret: a-secret-that-is-long-enough-for-everyone}}}}\n{sink}rules:\n  - {{name: a, when: always, send: pager}}\n"
    ));
    desk.without_secrets().map_err(|report| report.to_string()).unwrap();
}

#[test]
fn what_is_no_file_is_told_of_and_never_waited_for() {
    let desk = around("  loft: {console: {}}\n", "").file("catalog/dove.yaml/x", "");
    assert!(desk.seen().contains("it is a folder"), "{}", desk.seen());
    let desk = around(LOFT, "").file("catalog/pigeon.YAML", PIGEON);
    let seen = desk.seen();
    assert!(seen.contains("the files of services end in `.yaml`"), "{seen}");
    let desk = around("  loft: {console: {}}\n", "").file("catalog", "no folder");
    assert!(desk.seen().contains("this is no folder"), "{}", desk.seen());
    let large = format!("{PIGEON}# {}", "x".repeat(1 << 20));
    let desk = around(LOFT, "").file("catalog/pigeon.yaml", &large);
    assert!(desk.seen().contains("larger than 1 MiB"), "{}", desk.seen());
}

#[test]
fn deep_nesting_is_more_than_a_configuration_holds() {
    let deep = format!("name: {}{}", "[".repeat(5000), "]".repeat(5000));
    let desk = around("  loft: {console: {}}\n", "").file("catalog/pigeon.yaml", &deep);
    assert!(desk.seen().contains("more than a configuration holds"), "{}", desk.seen());
}

#[test]
fn what_a_rule_writes_out_for_a_service_is_checked_as_the_option_is() {
    let text = PIGEON.replace("type: text, rule", "type: choice, choices: [roof, tower], rule");
    let with = |said: &str| {
        let desk = around(LOFT, "").file("catalog/pigeon.yaml", &text);
        let main = std::fs::read_to_string(desk.folder().join("bridge.yaml")).unwrap();
        let send = format!("send: [{{sink: loft, with: {{perch: {said}}}}}]");
        desk.file("bridge.yaml", &main.replace("send: loft", &send)).seen()
    };
    let seen = with("rof");
    assert!(seen.contains("expected one of `roof`, `tower`"), "{seen}");
    assert!(seen.contains("did you mean `roof`?"), "{seen}");
    assert_eq!(with("roof"), "");
    assert_eq!(with("\"{{ group }}\""), "");
}

#[test]
fn a_secret_below_a_misspelt_name_or_in_a_list_is_covered() {
    for options in [
        "pigoen: {url: \"https://p.example/h\", token: canary-token-4711}",
        "pigeon: {url: \"https://p.example/h\", tokne: canary-token-4711}",
        "pigeon: {url: \"https://p.example/h\", token: [canary-token-4711]}",
    ] {
        let sinks = format!("  loft: {{{options}}}\n");
        let seen = around(&sinks, "").file("catalog/pigeon.yaml", PIGEON).seen();
        assert!(seen.contains("error: ") && !seen.contains("canary"), "{seen}");
    }
}
