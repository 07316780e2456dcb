//! What comes between a failure and its recovery, where a service holds a thing open: less is told, the
//! configuration or the service's file changes, the journal is of an older version.

use std::path::Path;

use crate::support::bridge::{Bridge, Setup};
use crate::support::desk::{Act, Desk, Trouble};
use crate::support::http;
use crate::things::{RULES, deliveries, issues, play, run_once, settle, until_tried};

#[test]
fn a_throttle_leaves_the_open_issue_to_its_recovery() {
    let desk = Desk::open();
    let rules = "  - {name: red, when: {status: FAILED}, send: issues, send_recovery: true, throttle: {limit: 1, per: 2s, by: group}}";
    let bridge = Setup::new(&desk.issues("issues", "shop"), rules).start();
    play(&bridge, "checkout", 0, "FFF");
    desk.wait_for(2);
    settle(&bridge);
    play(&bridge, "checkout", 3, "P");
    let things = desk.things();
    assert_eq!((things.len(), things[0].closed, things[0].said.len()), (2, true, 1), "{things:#?}");
    // The count of what was held back is an issue of its own, of which `check` warns.
    let checked = bridge.setup.run(&["check"]);
    let said = String::from_utf8_lossy(&checked.stdout) + String::from_utf8_lossy(&checked.stderr);
    assert!(said.contains("no recovery closes"), "{said}");
}

#[test]
fn an_issue_is_closed_at_once_also_while_its_rule_is_mute() {
    let desk = Desk::open();
    let sink = desk.issues("issues", "shop");
    let bridge = Setup::new(&sink, RULES).start();
    play(&bridge, "checkout", 0, "F");
    let mute = "  - {name: red, when: {status: FAILED}, send: issues, send_recovery: true, mute: {during: quiet}}";
    let hour = |ahead: i64| {
        let hour = jiff::Timestamp::now().as_second() / 3600 + ahead;
        format!("{:02}:00", hour.rem_euclid(24))
    };
    let window = format!("windows: {{quiet: {{times: [\"{}-{}\"]}}}}", hour(0), hour(2));
    bridge.setup.configure(&window, &sink, mute);
    reload(&bridge);
    play(&bridge, "checkout", 1, "FP");
    let things = desk.things();
    assert_eq!((things.len(), things[0].closed), (1, true), "{things:?}");
}

#[test]
fn a_digest_is_an_issue_by_itself_and_leaves_the_open_one_alone() {
    let desk = Desk::open();
    let report = "  - {name: report, when: {group: checkout}, send: issues, digest: {every: 1h}}";
    let sink = desk.issues("issues", "shop");
    let bridge = Setup::new(&sink, &format!("{RULES}\n{report}")).start();
    play(&bridge, "checkout", 0, "FF");
    // A rule that is gone tells what it had collected.
    bridge.setup.configure("", &sink, RULES);
    reload(&bridge);
    desk.wait_for(3);
    settle(&bridge);
    play(&bridge, "checkout", 2, "FP");
    let things = desk.things();
    let said: Vec<_> = things.iter().map(|thing| (thing.said.len(), thing.closed)).collect();
    assert_eq!(said, [(3, true), (0, false)], "{things:?}");
}

/// A service of a person's own, that opens posts where the desk has its issues.
const BOARD: &str = r#"name: board
title: The Board
about: Keeps a post for each incident.
docs: https://board.example/api
checked: no
parameters:
  url: {type: url, required: true, about: The board's address., example: "https://board.example"}
open:
  url: "{{ options.url }}/repos/acme/board/issues"
  json: {title: {$plain: "{{ said.headline }}"}}
  capture: {post: number}
update:
  url: "{{ options.url }}/repos/acme/board/issues/{{ captured.post }}/comments"
  json: {body: first edition}
resolve:
  method: PATCH
  url: "{{ options.url }}/repos/acme/board/issues/{{ captured.post }}"
  json: {state: closed}
"#;

fn board(desk: &Desk) -> Setup {
    let sinks = format!("  issues: {{board: {{url: \"http://{}\"}}}}", desk.at);
    let setup = Setup::new(&sinks, RULES);
    std::fs::create_dir(setup.path().join("catalog")).expect("the folder is new");
    setup.write("catalog/board.yaml", BOARD);
    setup
}

#[test]
fn a_service_that_changes_in_the_middle_of_an_incident_goes_on_with_what_is_open() {
    let desk = Desk::open();
    let bridge = board(&desk).start();
    play(&bridge, "checkout", 0, "FF");
    bridge.setup.write("catalog/board.yaml", &BOARD.replace("first edition", "second edition"));
    reload(&bridge);
    play(&bridge, "checkout", 2, "FP");
    let things = desk.things();
    assert_eq!(things.len(), 1);
    assert_eq!((&*things[0].said[0], &*things[0].said[1]), ("first edition", "second edition"));
    assert!(things[0].closed);
}

#[test]
fn a_changed_service_that_needs_what_was_not_captured_opens_what_it_can_close() {
    let desk = Desk::open();
    let bridge = board(&desk).start();
    play(&bridge, "checkout", 0, "F");
    let renamed = BOARD.replace("captured.post", "captured.key").replace("{post:", "{key:");
    bridge.setup.write("catalog/board.yaml", &renamed);
    reload(&bridge);
    play(&bridge, "checkout", 1, "FP");
    let closed: Vec<bool> = desk.things().iter().map(|thing| thing.closed).collect();
    assert_eq!(closed, [false, true]);
    assert_eq!(deliveries(&bridge, "delivered").len(), 3);
}

#[test]
fn an_incident_of_a_group_that_loses_its_history_is_closed_by_the_next_run_that_passes() {
    let desk = Desk::open();
    let sink = desk.issues("issues", "shop");
    let bridge = Setup::new(&sink, RULES).start();
    play(&bridge, "checkout", 0, "F");
    bridge.setup.configure("groups: [{match: checkout, history: none}]", &sink, RULES);
    reload(&bridge);
    play(&bridge, "checkout", 1, "P");
    let things = desk.things();
    assert_eq!((things.len(), things[0].closed), (1, true), "{things:?}");
}

fn reload(bridge: &Bridge) {
    let answer = http::post(bridge.setup.admin, "/api/v1/reload", &[], b"").expect("it answers");
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// Takes the journal back to the second version of its file, which knew of nothing that is held.
fn take_back(folder: &Path) {
    let journal = rusqlite::Connection::open(folder.join("bridge.db")).expect("it is there");
    let back = "DROP TABLE thing; PRAGMA user_version = 2;";
    journal.execute_batch(back).expect("it is a journal of the third version");
}

#[test]
fn a_journal_of_the_second_version_goes_on_with_what_waits_and_its_things_are_closed() {
    let desk = Desk::open();
    desk.trouble(Act::Open, 100, Trouble::Status(503, "{}"));
    let bridge = issues(&desk).start();
    run_once(&bridge, "checkout", 0, 'F');
    until_tried(&bridge);
    let (setup, _) = bridge.stop();
    take_back(setup.path());
    desk.mend();
    let bridge = setup.start();
    settle(&bridge);
    play(&bridge, "checkout", 1, "FP");
    let things = desk.things();
    assert_eq!((things.len(), things[0].said.len(), things[0].closed), (1, 2, true), "{things:?}");
}
