//! What becomes of deliveries when a service can't say an event, or when its file goes.

use crate::services::{PIGEON, pigeon, setup};
use crate::support::bridge::Setup;
use crate::support::place::{OK, Place, Say};
use crate::support::{SOON, agnox, eventually};

/// A service whose template can't say some events: `body.extra` may be of the wrong shape.
const PICKY: &str = r#"name: picky
title: Picky
about: Posts, and asks for a number.
docs: https://picky.example/api
checked: no
parameters:
  url: {type: url, required: true, about: Its address., example: "https://picky.example"}
  text: {type: template, about: Own words.}
send:
  url: "{{ options.url }}"
  json: {text: "{{#if options.text}}{{ options.text }}{{else}}{{ said.text }}{{/if}}", extra: "{{ humanize body.extra }}"}
"#;

/// A run whose body has this beside the usual.
fn with_extra(group: &str, extra: serde_json::Value) -> Vec<u8> {
    let mut body: serde_json::Value =
        serde_json::from_slice(&agnox::event(group, "FAILED")).expect("a body of ours");
    body["extra"] = extra;
    body.to_string().into_bytes()
}

#[test]
fn a_persons_template_that_fails_for_one_event_gives_way_to_the_built_in_text() {
    let place = Place::open();
    let sink = format!(
        "{{picky: {{url: \"{}\", text: \"{{{{ humanize body.more }}}}\"}}}}",
        place.url("")
    );
    let bridge = setup(&sink, &[("picky", PICKY)]).start();
    let mut body: serde_json::Value =
        serde_json::from_slice(&agnox::event("odd", "FAILED")).expect("a body of ours");
    body["more"] = serde_json::json!({"a": 1});
    bridge.accept(body.to_string().as_bytes());
    let got = place.wait_for(1, SOON);
    let text = got[0].json()["text"].as_str().expect("a text").to_owned();
    assert!(text.contains("The template failed") && text.contains("run 0"), "{text}");
}

#[test]
fn a_services_own_template_that_fails_for_one_event_leaves_a_dead_delivery_and_the_reason() {
    let (place, desk) = (Place::open(), Place::open());
    let sinks = format!(
        "  loft: {{picky: {{url: \"{}\"}}}}\n  desk: {{http: {{url: \"{}\"}}}}",
        place.url(""),
        desk.url("/")
    );
    let setup =
        Setup::with_more("on_dead: desk", &sinks, "  - {name: all, when: always, send: loft}");
    std::fs::create_dir(setup.path().join("catalog")).expect("the folder is new");
    setup.write("catalog/picky.yaml", PICKY);
    let bridge = setup.start();
    bridge.accept(&with_extra("odd", serde_json::json!({"a": 1})));
    bridge.accept(&with_extra("even", serde_json::json!(7)));
    assert_eq!(place.wait_for(1, SOON)[0].json()["extra"], "7s", "the others pass");
    let dead = eventually("the odd one is dead", SOON, || {
        let dead = bridge.cli_json(&["deliveries", "list", "--state", "dead"]);
        dead.as_array()?.first().cloned()
    });
    let why = dead.to_string();
    assert!(why.contains("send.json.extra"), "{why}");
    let told = desk.wait_for(1, SOON);
    let text = String::from_utf8_lossy(&told[0].body).into_owned();
    assert!(text.contains("could not be delivered") && text.contains("send.json.extra"), "{text}");
    assert_eq!(place.got().len(), 1);
}

#[test]
fn a_file_that_goes_while_deliveries_wait_takes_none_of_them_along() {
    let place = Place::open();
    place.say(Say::Status(401, "", "not now"));
    let bridge = pigeon(&place, PIGEON).start();
    bridge.accept(&agnox::event("group", "FAILED"));
    eventually("the sink is suspended", SOON, || {
        (bridge.cli_json(&["sinks", "list"])["sinks"][0]["state"] == "suspended").then_some(())
    });
    std::fs::remove_file(bridge.setup.path().join("catalog/pigeon.yaml")).expect("it was there");
    bridge.signal("HUP");
    eventually("the old one stays", SOON, || bridge.log().contains("not reloaded").then_some(()));
    for part in ["`pigeon` is no kind of sink", "in `pigeon.yaml`"] {
        assert!(bridge.log().contains(part), "{}", bridge.log());
    }
    assert!(!bridge.log().contains("canary"), "{}", bridge.log());
    place.say(OK);
    let folder = bridge.setup.path().to_owned();
    std::fs::write(folder.join("catalog/pigeon.yaml"), PIGEON).expect("the folder is writable");
    bridge.cli(&["sinks", "resume", "loft"]);
    assert_eq!(place.wait_for(2, SOON)[1].json()["title"], "🔴 group · FAILED");
}
