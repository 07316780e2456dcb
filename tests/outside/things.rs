//! What a service holds open for an incident, from the first failure to the recovery: one thing for
//! each incident, whatever fails, restarts or dies in between.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::crashes::{
    SYNCS, became_ready, ended_within, stop_traced, under_strace, without_tracer,
};
use crate::support::bridge::{Bridge, Setup};
use crate::support::desk::{Act, Desk, Thing, Trouble};
use crate::support::http;
use crate::support::programs::all_there;
use crate::support::{SOON, agnox, eventually};

/// Every failing run is told, and the recovery.
const RULES: &str = "  - {name: red, when: {status: FAILED}, send: issues, send_recovery: true}";

fn issues(desk: &Desk) -> Setup {
    Setup::new(&desk.issues("issues", "shop"), RULES)
}

/// Posts these runs of one group, F for a failing one and P for a passing one, and waits after each
/// until all that follows from it is done.
fn play(bridge: &Bridge, group: &str, first: usize, runs: &str) {
    for (number, run) in runs.chars().enumerate() {
        run_once(bridge, group, first + number, run);
        settle(bridge);
    }
}

fn run_once(bridge: &Bridge, group: &str, number: usize, run: char) {
    let status = if run == 'F' { "FAILED" } else { "PASSED" };
    bridge.accept(&agnox::later(group, status, number));
}

fn deliveries(bridge: &Bridge, state: &str) -> Vec<Value> {
    let list = bridge.admin(&format!("/api/v1/deliveries?state={state}&limit=200")).json();
    list.as_array().unwrap_or_else(|| panic!("{list}")).clone()
}

fn decided(bridge: &Bridge) -> bool {
    bridge.admin("/api/v1/status").json()["journal"]["undecided"] == 0
}

/// Waits until all is decided and nothing waits.
fn settle(bridge: &Bridge) {
    eventually("all is decided and sent", 2 * SOON, || {
        let quiet = decided(bridge)
            && deliveries(bridge, "waiting").is_empty()
            && deliveries(bridge, "held").is_empty();
        quiet.then_some(())
    });
}

/// Waits until a try has failed and nothing else is under way.
fn until_tried(bridge: &Bridge) {
    eventually("a try has failed", SOON, || {
        let waiting = deliveries(bridge, "waiting");
        let tried = waiting.iter().any(|delivery| !delivery["last_attempt"].is_null());
        (decided(bridge) && tried).then_some(())
    });
}

fn all_closed(things: &[Thing]) -> bool {
    things.iter().all(|thing| thing.closed)
}

fn restart(bridge: Bridge) -> Bridge {
    let (setup, status) = bridge.stop();
    assert!(status.success(), "{status}");
    setup.start()
}

fn incidents(bridge: &Bridge) -> Vec<Value> {
    bridge.admin("/api/v1/incidents?limit=200").json().as_array().expect("a list").clone()
}

/// What the bridge says that is held for the latest incident.
fn held(bridge: &Bridge) -> Value {
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

/// Holds what was opened against the incidents that there were.
fn judge(desk: &Desk, bridge: &Bridge, ended: usize, kills: usize) {
    let incidents = incidents(bridge);
    assert_eq!(incidents.len(), ended, "{incidents:#?}");
    assert!(incidents.iter().all(|incident| incident["open"] == false), "{incidents:#?}");
    let held = incidents.iter().filter(|incident| {
        let id = incident["id"].as_str().expect("an id");
        let detail = bridge.admin(&format!("/api/v1/incidents/{id}")).json();
        let things = detail["things"].as_array().expect("a list").clone();
        let closed = things.iter().all(|thing| thing["state"] == "closed");
        assert!(closed && things.len() < 2, "{detail:#}");
        let deliveries = &detail["destinations"][0]["deliveries"];
        let untold = |all: &Vec<Value>| all.iter().all(|one| one["state"] == "cancelled");
        let nothing = things.is_empty();
        assert_eq!(nothing, deliveries.as_array().is_some_and(untold), "{detail:#}");
        !nothing
    });
    let held = held.count();
    let mut by_key: BTreeMap<String, Vec<Thing>> = BTreeMap::new();
    for thing in desk.things() {
        by_key.entry(thing.key.clone()).or_default().push(thing);
    }
    let opened = desk.things().len();
    let repeated: usize = by_key.values().map(|copies| copies.len() - 1).sum();
    assert!(repeated <= kills, "{repeated} were opened again after {kills} kills: {by_key:#?}");
    assert_eq!(opened - repeated, held, "{by_key:#?}");
    for copies in by_key.values() {
        assert!(copies.last().is_some_and(|thing| thing.closed), "{copies:#?}");
    }
}

/// The runs of a group that comes and goes, and how many incidents that makes.
const FLAPPING: (&str, usize) = ("FFPFPPFFFP", 3);

/// Posts the flapping runs from one on as far as the gateway takes them; the number of the next.
fn post_on(bridge: &Bridge, from: usize) -> usize {
    for (number, run) in FLAPPING.0.chars().enumerate().skip(from) {
        let status = if run == 'F' { "FAILED" } else { "PASSED" };
        let taken = bridge.post(&agnox::later("checkout", status, number));
        if !taken.is_ok_and(|answer| answer.status == 202) {
            return number;
        }
    }
    FLAPPING.0.len()
}

#[test]
fn killed_between_any_answer_and_its_record_it_repeats_that_one_step_at_most() {
    for number in 1..=10 {
        let desk = Desk::open();
        desk.fall_silent_at(number);
        let mut bridge = issues(&desk).start();
        let mut next = 0;
        let runs: Vec<char> = FLAPPING.0.chars().collect();
        while next < runs.len() && desk.asked().len() < number {
            run_once(&bridge, "checkout", next, runs[next]);
            next += 1;
            eventually("it is done, or nobody answers", SOON, || {
                let silent = desk.asked().len() >= number;
                (silent || decided(&bridge) && deliveries(&bridge, "waiting").is_empty())
                    .then_some(())
            });
        }
        let setup = bridge.kill();
        desk.mend();
        let before = desk.asked().len();
        bridge = setup.start();
        settle(&bridge);
        // The steps of the try that nobody recorded are repeated, and nothing before it.
        let last = desk.asked()[before - 1];
        let first = if last == Act::Close { Act::Say } else { last };
        assert_eq!(desk.asked()[before], first);
        play(&bridge, "checkout", next, &FLAPPING.0[next..]);
        judge(&desk, &bridge, FLAPPING.1, 1);
        let said: usize = desk.things().iter().map(|thing| thing.said.len()).sum();
        assert!((6..=7).contains(&said), "{said} comments: {:?}", desk.things());
    }
}

#[test]
fn killed_at_each_moment_of_a_flapping_group_it_holds_one_thing_for_each_incident() {
    for number in 1..=12 {
        let desk = Desk::open();
        let bridge = issues(&desk).start();
        let next = std::thread::scope(|scope| {
            let posting = scope.spawn(|| post_on(&bridge, 0));
            let end = desk.asked().len();
            eventually("so many requests, or the end", SOON, || {
                (desk.asked().len() >= number + end || posting.is_finished()).then_some(())
            });
            bridge.signal("KILL");
            posting.join().expect("the producer ends")
        });
        let bridge = bridge.kill().start();
        assert_eq!(post_on(&bridge, next), FLAPPING.0.len());
        settle(&bridge);
        judge(&desk, &bridge, FLAPPING.1, 1);
    }
}

#[test]
fn killed_at_each_sync_of_a_flapping_group_it_holds_one_thing_for_each_incident() {
    if !all_there("a flapping group, killed at each sync", &["strace"]) {
        return;
    }
    let mut killed = 0;
    for nth in (1..).step_by(2) {
        let desk = Desk::open();
        let mut setup = issues(&desk);
        under_strace(&mut setup, &format!("{SYNCS}:signal=SIGKILL:when={nth}"));
        let mut bridge = setup.spawn();
        let mut next = 0;
        if became_ready(&mut bridge) {
            while next < FLAPPING.0.len() && post_next(&bridge, next) {
                next += 1;
                until_sent_or_dead(&mut bridge);
            }
        }
        let alive = ended_within(&mut bridge, std::time::Duration::from_millis(100)).is_none();
        if alive {
            stop_traced(&bridge);
        }
        let bridge = without_tracer(bridge.kill()).start();
        settle(&bridge);
        assert_eq!(post_on(&bridge, next), FLAPPING.0.len());
        settle(&bridge);
        judge(&desk, &bridge, FLAPPING.1, 1);
        if alive {
            break;
        }
        killed += 1;
    }
    assert!(killed >= 8, "only {killed} syncs were there to be killed at");
}

fn post_next(bridge: &Bridge, number: usize) -> bool {
    let status = if FLAPPING.0.as_bytes()[number] == b'F' { "FAILED" } else { "PASSED" };
    let taken = bridge.post(&agnox::later("checkout", status, number));
    taken.is_ok_and(|answer| answer.status == 202)
}

/// Waits until nothing waits any more, or the gateway is dead.
fn until_sent_or_dead(bridge: &mut Bridge) {
    eventually("all is sent, or the gateway is dead", SOON, || {
        if bridge.child.0.try_wait().expect("the process is ours").is_some() {
            return Some(());
        }
        let admin = bridge.setup.admin;
        let status = http::get(admin, "/api/v1/status").ok()?;
        let waiting = http::get(admin, "/api/v1/deliveries?state=waiting").ok()?;
        let decided = status.json()["journal"]["undecided"] == 0;
        (decided && waiting.json() == serde_json::json!([])).then_some(())
    });
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
