//! Services of a person's own: a file in a folder is a kind of sink at once, what is wrong in it is
//! told at its line, and the commands lead from the first line to the first message.

use std::process::Output;

use crate::support::bridge::Setup;
use crate::support::place::{OK, Place, Say};
use crate::support::{SOON, agnox, eventually};

pub const PIGEON: &str = r#"name: pigeon
title: Carrier Pigeon
about: Posts to a loft's message board.
docs: https://pigeon.example/api
checked: no
parameters:
  url: {type: url, secret: true, required: true, about: The loft's address., example: "https://pigeon.example/hook"}
  token: {type: secret, about: What the loft asks for.}
  perch: {type: text, rule: true, about: Where it lands.}
escape: markdown
send:
  url: "{{ options.url }}"
  headers: {authorization: "Bearer {{ options.token }}"}
  json: {title: {$plain: "{{ said.headline }}"}, perch: {$plain: "{{ options.perch }}"}}
answers:
  - {status: 200, json: {error: "*"}, means: refused}
reason: [error]
"#;

/// One that keeps a post open for each incident.
const BOARD: &str = r#"name: board
title: The Board
about: Keeps a post for each incident.
docs: https://board.example/api
checked: no
parameters:
  url: {type: url, required: true, about: The board's address., example: "https://board.example"}
open:
  url: "{{ options.url }}/posts"
  json: {title: {$plain: "{{ said.headline }}"}}
  capture: {post: id}
resolve:
  url: "{{ options.url }}/posts/{{ captured.post }}/close"
"#;

fn text(output: &Output) -> String {
    let out = String::from_utf8_lossy(&output.stdout);
    format!("{out}{}", String::from_utf8_lossy(&output.stderr))
}

/// A configuration with one sink, and files of services.
pub fn setup(sink: &str, files: &[(&str, &str)]) -> Setup {
    let setup = Setup::new(&format!("  loft: {sink}"), "  - {name: all, when: always, send: loft}");
    std::fs::create_dir(setup.path().join("catalog")).expect("the folder is new");
    for (name, text) in files {
        setup.write(&format!("catalog/{name}.yaml"), text);
    }
    setup
}

pub fn pigeon(place: &Place, file: &str) -> Setup {
    let sink = format!(
        "{{pigeon: {{url: \"{}\", token: \"${{TOKEN}}\"}}}}",
        place.url("/hook/canary4711canary4711canary")
    );
    let mut setup = setup(&sink, &[("pigeon", file)]);
    setup.variables.push(("TOKEN".to_owned(), "canary-4711-token".to_owned()));
    setup
}

#[test]
fn a_service_in_the_folder_works_at_once_and_a_reload_takes_a_changed_one_up() {
    let place = Place::open();
    let bridge = pigeon(&place, PIGEON).start();
    bridge.accept(&agnox::event("group", "FAILED"));
    let got = place.wait_for(1, SOON);
    assert_eq!(got[0].json()["title"], "🔴 group · FAILED");
    assert_eq!(got[0].header("authorization"), Some("Bearer canary-4711-token"));
    assert!(got[0].json().get("perch").is_none(), "what is empty is left out");
    let version = || bridge.cli_json(&["check"])["version"].clone();
    let first = version();
    let changed = PIGEON.replace("title: {$plain: \"{{ said.headline }}\"}", "text: changed");
    bridge.setup.write("catalog/pigeon.yaml", &changed);
    assert_ne!(first, version());
    bridge.signal("HUP");
    eventually("it is reloaded", SOON, || bridge.log().contains("reloaded").then_some(()));
    bridge.accept(&agnox::event("other", "FAILED"));
    assert_eq!(place.wait_for(2, SOON)[1].json()["text"], "changed");
    bridge.setup.write("catalog/pigeon.yaml", "name: pigeon\n");
    bridge.signal("HUP");
    eventually("the old one stays", SOON, || bridge.log().contains("not reloaded").then_some(()));
    bridge.accept(&agnox::event("third", "FAILED"));
    assert_eq!(place.wait_for(3, SOON)[2].json()["text"], "changed");
}

#[test]
fn each_wrong_file_is_told_with_file_line_and_hint() {
    let place = Place::open();
    let wrong: &[(&str, &str, &str, &[&str])] = &[
        (
            "a key that is none",
            "headers:",
            "heders:",
            &["pigeon.yaml:13", "did you mean `headers`?"],
        ),
        (
            "a template that fails",
            "said.headline",
            "said.hedline",
            &["pigeon.yaml:14", "did you mean `headline`?"],
        ),
        (
            "a template that doesn't end",
            "{{ said.headline }}",
            "{{ said.headline",
            &["pigeon.yaml:14"],
        ),
        (
            "a parameter that is none",
            "options.perch",
            "options.purch",
            &["pigeon.yaml:14", "options.perch"],
        ),
        (
            "a capture that nothing gives",
            "said.headline",
            "captured.post",
            &["pigeon.yaml:14", "captured"],
        ),
        ("a name of another file", "name: pigeon", "name: dove", &["pigeon.yaml:1", "`dove.yaml`"]),
        ("a name of a kind", "name: pigeon", "name: slack", &["pigeon.yaml:1", "another name"]),
        (
            "a type that is none",
            "type: secret",
            "type: secrt",
            &["pigeon.yaml:8", "did you mean `secret`?"],
        ),
        ("no requests", "send:", "rows: 3\nsemd:", &["pigeon.yaml:12", "`send`"]),
    ];
    for (what, from, to, expected) in wrong {
        let file = PIGEON.replacen(from, to, 1);
        assert_ne!(file, PIGEON, "{what}");
        let setup = pigeon(&place, &file);
        for command in ["check", "serve"] {
            let checked = setup.run(&[command]);
            let said = text(&checked);
            assert!(!checked.status.success(), "{what}: {said}");
            for part in *expected {
                assert!(said.contains(part), "{what}: `{part}` is not in:\n{said}");
            }
        }
        let tested = setup.run(&["sinks", "test", "catalog/pigeon.yaml"]);
        assert_eq!(tested.status.code(), Some(1), "{what}: {}", text(&tested));
    }
}

#[test]
fn two_files_of_one_name_are_shown_both_and_a_missing_option_at_its_sink() {
    let setup = setup("{pigeon: {token: x}}", &[("pigeon", PIGEON), ("dove", PIGEON)]);
    let said = text(&setup.run(&["check"]));
    for part in
        ["two services of the name `pigeon`", "catalog/dove.yaml:1", "catalog/pigeon.yaml:1"]
    {
        assert!(said.contains(part), "{said}");
    }
    std::fs::remove_file(setup.path().join("catalog/dove.yaml")).expect("it was there");
    let said = text(&setup.run(&["check"]));
    assert!(said.contains("bridge.yaml:") && said.contains("`url`"), "{said}");
}

#[test]
fn a_new_service_passes_its_tests_and_a_second_one_of_the_name_is_not_written() {
    let place = Place::open();
    let setup = setup(&format!("{{my_loft: {{url: \"{}\"}}}}", place.url("/hook")), &[]);
    let made = setup.run(&["sinks", "new", "my_loft"]);
    assert!(made.status.success(), "{}", text(&made));
    assert!(text(&made).contains("sinks test catalog/my_loft.yaml"), "{}", text(&made));
    let tested = setup.run(&["sinks", "test", "catalog/my_loft.yaml"]);
    assert!(tested.status.success(), "{}", text(&tested));
    assert!(setup.run(&["check"]).status.success(), "{}", text(&setup.run(&["check"])));
    let tried = setup.run(&["sinks", "try", "loft"]);
    assert!(tried.status.success(), "{}", text(&tried));
    assert!(
        place.wait_for(1, SOON)[0].json()["title"].as_str().expect("a text").contains("FAILED")
    );
    let again = setup.run(&["sinks", "new", "my_loft"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again).contains("is there already"), "{}", text(&again));
    for wrong in ["slack", "My-Loft", "rate", ""] {
        assert_eq!(setup.run(&["sinks", "new", wrong]).status.code(), Some(1), "{wrong}");
    }
}

#[test]
fn an_example_that_is_wrong_is_shown_at_its_line_and_accepted_on_demand() {
    let examples = "examples:\n  - name: a failure\n    notice: failed\n    options: {url: \"https://pigeon.example/hook\", token: coo}\n    requests:\n      - method: POST\n        url: https://pigeon.example/hook\n        headers: {content-type: application/json, authorization: Bearer coo}\n        json: {title: nothing}\n    answers:\n      - {status: 200, json: {error: no perch}, means: refused}\n";
    let setup = setup("{console: {}}", &[("pigeon", &format!("{PIGEON}{examples}"))]);
    let test = ["sinks", "test", "catalog/pigeon.yaml"];
    let tested = setup.run(&test);
    let said = text(&tested);
    assert_eq!(tested.status.code(), Some(1), "{said}");
    for part in
        ["catalog/pigeon.yaml:26", "nothing", "checkout-eu · FAILED", "1 of 1 example wrong"]
    {
        assert!(said.contains(part), "`{part}` is not in:\n{said}");
    }
    let accepted = setup.run(&["sinks", "test", "--accept", "catalog/pigeon.yaml"]);
    assert!(accepted.status.success(), "{}", text(&accepted));
    let tested = setup.run(&test);
    assert!(tested.status.success(), "{}", text(&tested));
    let json: serde_json::Value =
        serde_json::from_slice(&setup.run(&[&test[..], &["--json"]].concat()).stdout)
            .expect("JSON");
    assert_eq!(
        (&json[0]["ok"], &json[0]["examples"][0]["name"]),
        (&true.into(), &"a failure".into())
    );
}

#[test]
fn a_message_that_is_tried_shows_the_exchange_and_no_secret() {
    let place = Place::open();
    place.say(Say::Status(200, "", "{\"error\": \"no perch for canary-4711-token\"}"));
    let setup = pigeon(&place, PIGEON);
    let refused = setup.run(&["sinks", "try", "loft"]);
    let said = text(&refused);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    for part in
        ["POST", "authorization: ***", "Test", "── refused: ", "answered 200", "no perch for ***"]
    {
        assert!(said.contains(part), "`{part}` is not in:\n{said}");
    }
    assert!(!said.contains("canary"), "{said}");
    place.say(OK);
    let event =
        setup.write("event.json", &String::from_utf8_lossy(&agnox::event("from-file", "FAILED")));
    let event = event.display().to_string();
    let tried = setup.run(&["sinks", "try", "loft", "--event", &event, "--json"]);
    assert!(tried.status.success(), "{}", text(&tried));
    let json: serde_json::Value = serde_json::from_slice(&tried.stdout).expect("JSON");
    assert_eq!(json["delivered"], true);
    assert_eq!(json["exchanges"][0]["status"], 200);
    assert!(!json.to_string().contains("canary"), "{json}");
    assert!(place.got()[1].json()["title"].as_str().expect("a text").contains("from-file"));
    assert!(!setup.path().join("bridge.db").exists(), "no journal hears of it");
    let unknown = setup.run(&["sinks", "try", "lift"]);
    assert!(text(&unknown).contains("did you mean `loft`?"), "{}", text(&unknown));
}

#[test]
fn what_a_try_opens_is_closed_at_once() {
    let place = Place::open();
    place.say(Say::Status(200, "", "{\"id\": 42}"));
    let sink = format!("{{board: {{url: \"{}\"}}}}", place.url(""));
    let setup = setup(&sink, &[("board", BOARD)]);
    let tried = setup.run(&["sinks", "try", "loft"]);
    let said = text(&tried);
    assert!(tried.status.success(), "{said}");
    for part in ["kept from the answer: post = 42", "the recovery, so that", "closed again"] {
        assert!(said.contains(part), "`{part}` is not in:\n{said}");
    }
    assert_eq!(place.got().len(), 2);
}

#[test]
fn kinds_are_listed_and_shown_with_and_without_a_configuration() {
    let setup = setup("{console: {}}", &[("pigeon", PIGEON)]);
    let shown = text(&setup.run(&["sinks", "show", "pigeon"]));
    for part in [
        "Carrier Pigeon",
        "url (web address, secret, required)",
        "with:` may give\n  perch",
        "POST",
    ] {
        assert!(shown.contains(part), "`{part}` is not in:\n{shown}");
    }
    let schema = text(&setup.run(&["schema"]));
    assert!(schema.contains("\"pigeon\""), "the editor knows it too");
    let unknown = setup.run(&["sinks", "show", "pigon"]);
    assert!(text(&unknown).contains("did you mean `pigeon`?"), "{}", text(&unknown));
    std::fs::remove_file(setup.path().join("bridge.yaml")).expect("it was there");
    let listed = setup.run(&["sinks", "list"]);
    assert!(listed.status.success() && text(&listed).contains("console"), "{}", text(&listed));
    assert!(!text(&listed).contains("pigeon"), "{}", text(&listed));
    for kind in agnox_bridge_sinks::catalog::Catalog::built_in().names() {
        let shown = setup.run(&["sinks", "show", kind]);
        assert!(shown.status.success(), "{kind}: {}", text(&shown));
        assert!(!text(&shown).contains("can't be shown"), "{kind}: {}", text(&shown));
    }
}

#[test]
fn an_answer_without_what_is_to_be_captured_is_told_and_loses_nothing() {
    let place = Place::open();
    place.say(Say::Status(200, "", "{\"number\": 42}"));
    let sink = format!("{{board: {{url: \"{}\"}}}}", place.url(""));
    let bridge = setup(&sink, &[("board", BOARD)]).start();
    bridge.accept(&agnox::event("group", "FAILED"));
    let said = eventually("the attempt is recorded", SOON, || {
        let deliveries = bridge.cli(&["deliveries", "list", "--json"]);
        deliveries.contains("\"last_attempt\": {").then_some(deliveries)
    });
    assert!(said.contains("id") && !said.contains("\"state\": \"delivered\""), "{said}");
    let deliveries = bridge.cli_json(&["deliveries", "list"]);
    assert_eq!(deliveries.as_array().map(Vec::len), Some(1), "{said}");
}
