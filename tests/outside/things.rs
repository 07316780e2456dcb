//! What a service holds open for an incident, from the first failure to the recovery: one thing for
//! each incident, whatever fails or restarts in between.

use serde_json::Value;

use crate::support::bridge::{Bridge, Setup};
use crate::support::desk::{Act, Desk, Thing, Trouble};
use crate::support::{SOON, agnox, eventually};

/// Every failing run is told, and the recovery.
pub const RULES: &str =
    "  - {name: red, when: {status: FAILED}, send: issues, send_recovery: true}";

pub fn issues(desk: &Desk) -> Setup {
    Setup::new(&desk.issues("issues", "shop"), RULES)
}

/// Posts these runs of one group, F for a failing one and P for a passing one, and waits after each
/// until all that follows from it is done.
pub fn play(bridge: &Bridge, group: &str, first: usize, runs: &str) {
    for (number, run) in runs.chars().enumerate() {
        run_once(bridge, group, first + number, run);
        settle(bridge);
    }
}

pub fn run_once(bridge: &Bridge, group: &str, number: usize, run: char) {
    let status = if run == 'F' { "FAILED" } else { "PASSED" };
    bridge.accept(&agnox::later(group, status, number));
}

pub fn deliveries(bridge: &Bridge, state: &str) -> Vec<Value> {
    let list = bridge.admin(&format!("/api/v1/deliveries?state={state}&limit=200")).json();
    list.as_array().unwrap_or_else(|| panic!("{list}")).clone()
}

pub fn decided(bridge: &Bridge) -> bool {
    bridge.admin("/api/v1/status").json()["journal"]["undecided"] == 0
}

/// Waits until all is decided and nothing waits.
pub fn settle(bridge: &Bridge) {
    eventually("all is decided and sent", 2 * SOON, || {
        let quiet = decided(bridge)
            && deliveries(bridge, "waiting").is_empty()
            && deliveries(bridge, "held").is_empty();
        quiet.then_some(())
    });
}

/// Waits until a try has failed and nothing else is under way.
pub fn until_tried(bridge: &Bridge) {
    eventually("a try has failed", SOON, || {
        let waiting = deliveries(bridge, "waiting");
        let tried = waiting.iter().any(|delivery| !delivery["last_attempt"].is_null());
        (decided(bridge) && tried).then_some(())
    });
}

pub fn all_closed(things: &[Thing]) -> bool {
    things.iter().all(|thing| thing.closed)
}

pub fn restart(bridge: Bridge) -> Bridge {
    let (setup, status) = bridge.stop();
    assert!(status.success(), "{status}");
    setup.start()
}

pub fn incidents(bridge: &Bridge) -> Vec<Value> {
    bridge.admin("/api/v1/incidents?limit=200").json().as_array().expect("a list").clone()
}

/// What the bridge says that is held for the latest incident.
pub fn held(bridge: &Bridge) -> Value {
    let id = incidents(bridge)[0]["id"].as_str().expect("an id").to_owned();
    bridge.admin(&format!("/api/v1/incidents/{id}")).json()["things"].clone()
}

#[test]
fn each_incident_is_one_issue_with_comments_while_it_lasts_that_the_recovery_closes() {
    let desk = Desk::open();
    let bridge = issues(&desk).start();
    play(&bridge, "checkout", 0, "FFF");
    let things = desk.things();
    assert_eq!((things.len(), things[0].said.len(), things[0].closed), (1, 2, false));
    let holds = held(&bridge);
    assert_eq!((&holds[0]["state"], &holds[0]["captured"]["number"]), (&"open".into(), &1.into()));
    play(&bridge, "checkout", 3, "PPFP");
    let things = desk.things();
    assert_eq!(things.len(), 2, "{things:?}");
    assert!(all_closed(&things), "{things:?}");
    assert!(things[0].said[2].contains("RECOVERED"), "{things:?}");
    assert_eq!((things[0].said.len(), things[1].said.len()), (3, 1));
    assert_eq!(held(&bridge)[0]["state"], "closed");
}

#[test]
fn two_sinks_of_one_service_hold_a_thing_each() {
    let desk = Desk::open();
    let sinks = [desk.issues("issues", "shop"), desk.issues("others", "platform")].join("\n");
    let rules =
        "  - {name: red, when: {status: FAILED}, send: [issues, others], send_recovery: true}";
    let bridge = Setup::new(&sinks, rules).start();
    play(&bridge, "checkout", 0, "FFP");
    let mut things = desk.things();
    things.sort_by(|a, b| a.place.cmp(&b.place));
    assert_eq!(things.iter().map(|t| &*t.place).collect::<Vec<_>>(), ["platform", "shop"]);
    assert!(all_closed(&things) && things.iter().all(|t| t.said.len() == 2), "{things:?}");
}

#[test]
fn each_channel_that_a_rule_names_has_a_thread_of_its_own() {
    let desk = Desk::open();
    let rules = r##"  - name: red
    when: {status: FAILED}
    send: [{sink: chat, with: {channel: CPAYMENTS}}, {sink: chat, with: {channel: CLEADS}}]
    send_recovery: true
  - name: red for all
    when: {status: FAILED}
    send: chat
    once_per: incident
    send_recovery: true"##;
    let bridge = Setup::new(&desk.threads("chat"), rules).start();
    play(&bridge, "checkout", 0, "FFP");
    let mut things = desk.things();
    things.sort_by(|a, b| a.place.cmp(&b.place));
    let said: Vec<_> = things.iter().map(|t| (&*t.place, t.said.len(), t.closed)).collect();
    let wanted = [("CGENERAL", 1, true), ("CLEADS", 2, true), ("CPAYMENTS", 2, true)];
    assert_eq!(said, wanted, "{things:?}");
}

#[test]
fn a_restart_between_the_failure_and_the_recovery_changes_nothing() {
    let desk = Desk::open();
    let mut bridge = issues(&desk).start();
    for (number, run) in "FFPFP".chars().enumerate() {
        play(&bridge, "checkout", number, &run.to_string());
        bridge = restart(bridge);
    }
    let things = desk.things();
    assert_eq!(things.iter().map(|t| t.said.len()).collect::<Vec<_>>(), [2, 1], "{things:?}");
    assert!(all_closed(&things));
}

#[test]
fn a_step_that_failed_is_taken_up_again_after_a_restart_and_those_before_it_are_not() {
    let desk = Desk::open();
    let bridge = issues(&desk).start();
    play(&bridge, "checkout", 0, "F");
    desk.trouble(Act::Close, 1, Trouble::Status(503, "{}"));
    run_once(&bridge, "checkout", 1, 'P');
    until_tried(&bridge);
    let bridge = restart(bridge);
    settle(&bridge);
    assert_eq!(desk.asked(), [Act::Open, Act::Say, Act::Close, Act::Close]);
    assert!(desk.things()[0].closed);
    assert_eq!(held(&bridge)[0]["state"], "closed");
}

#[test]
fn what_a_person_deleted_is_opened_anew_by_the_next_failure() {
    let desk = Desk::open();
    let bridge = issues(&desk).start();
    play(&bridge, "checkout", 0, "FF");
    desk.delete_all();
    play(&bridge, "checkout", 2, "FF");
    let things = desk.things();
    assert_eq!(things.len(), 2, "{things:?}");
    assert_eq!((things[1].said.len(), things[1].closed), (1, false));
    play(&bridge, "checkout", 4, "P");
    assert!(desk.things()[1].closed);
}

#[test]
fn the_recovery_of_what_a_person_deleted_opens_nothing() {
    let desk = Desk::open();
    let bridge = issues(&desk).start();
    play(&bridge, "checkout", 0, "F");
    desk.delete_all();
    play(&bridge, "checkout", 1, "P");
    assert_eq!(desk.things().len(), 1);
    assert_eq!(deliveries(&bridge, "delivered").len(), 2);
    assert_eq!(held(&bridge)[0]["state"], "gone");
}

const INVALID: Trouble = Trouble::Status(422, r#"{"message": "Validation Failed"}"#);

#[test]
fn where_the_first_failure_was_refused_the_next_one_opens() {
    let desk = Desk::open();
    desk.trouble(Act::Open, 1, INVALID);
    let bridge = issues(&desk).start();
    play(&bridge, "checkout", 0, "F");
    let dead = deliveries(&bridge, "dead");
    assert!(
        dead[0]["reason"].as_str().is_some_and(|r| r.contains("Validation Failed")),
        "{dead:?}"
    );
    play(&bridge, "checkout", 1, "FFP");
    let things = desk.things();
    assert_eq!((things.len(), things[0].said.len(), things[0].closed), (1, 2, true), "{things:?}");
}

#[test]
fn the_recovery_of_a_failure_that_was_refused_opens_nothing_and_it_can_be_put_back() {
    let desk = Desk::open();
    desk.trouble(Act::Open, 1, INVALID);
    let bridge = issues(&desk).start();
    play(&bridge, "checkout", 0, "FP");
    assert_eq!((desk.things().len(), desk.asked().len()), (0, 1));
    let id = deliveries(&bridge, "dead")[0]["id"].as_str().expect("an id").to_owned();
    bridge.cli(&["deliveries", "retry", &id]);
    settle(&bridge);
    let things = desk.things();
    assert_eq!((things.len(), things[0].said.len(), things[0].closed), (1, 1, true), "{things:?}");
}

#[test]
fn a_group_that_recovers_before_its_issue_could_be_opened_has_none() {
    let desk = Desk::open();
    desk.trouble(Act::Open, 100, Trouble::Status(503, "{}"));
    let bridge = issues(&desk).start();
    run_once(&bridge, "checkout", 0, 'F');
    until_tried(&bridge);
    run_once(&bridge, "checkout", 1, 'F');
    run_once(&bridge, "checkout", 2, 'P');
    eventually("all is decided", SOON, || decided(&bridge).then_some(()));
    desk.mend();
    settle(&bridge);
    assert_eq!(desk.things(), []);
    assert_eq!(deliveries(&bridge, "dead"), Vec::<Value>::new());
    play(&bridge, "checkout", 3, "FP");
    let things = desk.things();
    assert_eq!((things.len(), things[0].said.len(), things[0].closed), (1, 1, true), "{things:?}");
}

#[test]
fn a_channel_that_heard_of_no_failure_is_told_in_one_message_of_both() {
    let desk = Desk::open();
    desk.trouble(Act::Open, 1, Trouble::Status(503, "{}"));
    let rules = RULES.replace("issues", "chat");
    let bridge = Setup::new(&desk.threads("chat"), &rules).start();
    run_once(&bridge, "checkout", 0, 'F');
    until_tried(&bridge);
    run_once(&bridge, "checkout", 1, 'P');
    settle(&bridge);
    let things = desk.things();
    assert_eq!(things.len(), 1, "{things:?}");
    assert!(things[0].title.contains("RECOVERED") && things[0].said.is_empty(), "{things:?}");
}

#[test]
fn an_answer_without_what_is_captured_ends_the_delivery_with_the_reason_and_loses_nothing() {
    let desk = Desk::open();
    desk.trouble(Act::Open, 1, Trouble::Done(r#"{"id": 7}"#));
    let bridge = issues(&desk).start();
    play(&bridge, "checkout", 0, "F");
    let dead = deliveries(&bridge, "dead");
    assert_eq!(dead.len(), 1);
    let reason = dead[0]["reason"].as_str().expect("a reason");
    assert!(reason.contains("number"), "{reason}");
    assert!(bridge.cli(&["deliveries", "list", "--state", "dead"]).contains("number"));
    play(&bridge, "checkout", 1, "FP");
    let things = desk.things();
    assert_eq!((things.len(), things[1].said.len(), things[1].closed), (2, 1, true), "{things:?}");
}
