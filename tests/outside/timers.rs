//! What rules hold back survives whatever ends the program: nothing of a digest or a throttle is
//! lost, no timer fires twice, and nobody hears of an end without a beginning.

use std::collections::BTreeMap;
use std::time::Duration;

use rusqlite::Connection;
use serde_json::Value;

use crate::crashes::{
    IN_FLIGHT, SYNCS, became_ready, ended_within, stop_traced, under_strace, without_tracer,
};
use crate::support::bridge::{Bridge, Setup};
use crate::support::place::Place;
use crate::support::programs::{all_there, faketime, skip};
use crate::support::{SOON, agnox, eventually, http};

const RULES: &str = "  - {name: red, when: {group: shop, status: FAILED}, send: place, once_per: incident, send_recovery: true}
  - {name: few, when: {group: flaky}, send: place, throttle: {limit: 1, per: 1m}}
  - {name: report, when: {group: nightly}, send: place, digest: {every: 1m}}
  - {name: fresh, when: {group: fresh}, send: place}";

fn sinks(place: &Place) -> String {
    let runs = "{{#if digest}}{{ digest.runs }}{{else}}1{{/if}}";
    let text =
        format!("{{group: \"{{{{ group }}}}\", status: \"{{{{ status }}}}\", runs: \"{runs}\"}}");
    format!("  place: {{http: {{url: \"{}\", json: {text}}}}}", place.url("/"))
}

/// Makes a journal's file one of the first version, with its last event undecided.
const FIRST_VERSION: &str = "
    DROP TABLE memory; DROP TABLE account; DROP TABLE incident; DROP TABLE silence; DROP TABLE told;
    DROP TABLE thing;
    DROP INDEX by_duty; DROP INDEX by_answers;
    ALTER TABLE delivery DROP COLUMN duty; ALTER TABLE delivery DROP COLUMN answers;
    ALTER TABLE delivery DROP COLUMN supersedes; ALTER TABLE delivery DROP COLUMN maybe;
    ALTER TABLE delivery DROP COLUMN cause;
    DELETE FROM delivery WHERE event = (SELECT max(seq) FROM event);
    UPDATE meta SET value = (SELECT max(seq) - 1 FROM event) WHERE key = 'watermark';
    PRAGMA user_version = 1;";

/// What is posted: the group and its status.
const STORY: [(&str, &str); 8] = [
    ("shop", "FAILED"),
    ("flaky", "FAILED"),
    ("nightly", "FAILED"),
    ("flaky", "FAILED"),
    ("shop", "FAILED"),
    ("nightly", "PASSED"),
    ("flaky", "FAILED"),
    ("shop", "PASSED"),
];

/// Posts the story until it is told or the gateway is gone; how many of each were acknowledged.
fn tell(bridge: &Bridge) -> BTreeMap<(&'static str, &'static str), usize> {
    let mut acknowledged = BTreeMap::new();
    for (group, status) in STORY {
        match agnox::post(bridge.setup.public, &agnox::event(group, status)) {
            Ok(answer) if answer.status == 202 => {
                *acknowledged.entry((group, status)).or_default() += 1;
            }
            _ => break,
        }
    }
    acknowledged
}

/// Has the program's clock go minutes ahead, so that every timer is due.
fn minutes_later(setup: &mut Setup, library: &str) {
    let preload = format!("LD_PRELOAD={library}");
    let clock = ["env", &preload, "FAKETIME=+300", "FAKETIME_DONT_FAKE_MONOTONIC=1"];
    setup.under.extend(clock.map(str::to_owned));
}

/// Runs on, minutes later, until all is told.
fn run_out(mut setup: Setup, library: &str, place: &Place) -> Bridge {
    minutes_later(&mut setup, library);
    let bridge = setup.start();
    bridge.accept(&agnox::event("fresh", "FAILED"));
    settled(&bridge);
    assert!(texts(place).iter().any(|(group, ..)| group == "fresh"));
    bridge
}

/// Waits until all is decided and nothing waits or is held.
fn settled(bridge: &Bridge) {
    eventually("all is decided and told", SOON, || {
        let status: Value = bridge.admin("/api/v1/status").json();
        let decided = status["journal"]["undecided"] == 0;
        let open = ["waiting", "held"].iter().any(|state| {
            let listed = bridge.cli_json(&["deliveries", "list", "--state", state]);
            listed.as_array().is_some_and(|listed| !listed.is_empty())
        });
        (decided && !open).then_some(())
    });
}

/// What arrived, each delivery once: its group, status, and how many runs it tells of.
fn texts(place: &Place) -> Vec<(String, String, usize)> {
    let mut seen = BTreeMap::new();
    for (number, got) in place.got().into_iter().enumerate() {
        let id = got.header("idempotency-key").expect("a delivery has an id").to_owned();
        seen.entry(id).or_insert((number, got.json()));
    }
    let mut all: Vec<(usize, Value)> = seen.into_values().collect();
    all.sort_by_key(|(number, _)| *number);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let read = |body: Value| {
        (
            text(&body["group"]),
            text(&body["status"]),
            text(&body["runs"]).parse().expect("a number"),
        )
    };
    all.into_iter().map(|(_, body)| read(body)).collect()
}

fn judge(bridge: &Bridge, place: &Place, acknowledged: &BTreeMap<(&str, &str), usize>, nth: usize) {
    let told = texts(place);
    for (group, most) in [("flaky", 3), ("nightly", 2)] {
        let sent = ["FAILED", "PASSED"].map(|status| acknowledged.get(&(group, status)));
        let sent: usize = sent.into_iter().flatten().sum();
        // One may have been stored that was not acknowledged.
        let range = sent..=most.min(sent + 1);
        assert!(
            range.contains(&runs_of(place, group)),
            "sync {nth}: {group} {told:?} of {acknowledged:?}"
        );
    }
    let shop: Vec<&str> =
        told.iter().filter(|(group, ..)| group == "shop").map(|(_, status, _)| &**status).collect();
    let recovered = acknowledged.contains_key(&("shop", "PASSED"));
    match shop[..] {
        [] => assert!(!acknowledged.contains_key(&("shop", "FAILED")), "sync {nth}: {told:?}"),
        ["FAILED"] => assert!(!recovered, "sync {nth}: {told:?}"),
        ["FAILED", "PASSED"] => {}
        ["PASSED"] => {
            let listed = bridge.cli_json(&["deliveries", "list", "--state", "cancelled"]);
            let superseded =
                |of: &Value| of["reason"].as_str().is_some_and(|r| r.contains("super"));
            let both = listed.as_array().is_some_and(|listed| listed.iter().any(superseded));
            assert!(both, "sync {nth}: an end without a beginning: {listed}");
        }
        _ => panic!("sync {nth}: {told:?}"),
    }
    let twice = place.got().len() - told.len();
    assert!(twice <= IN_FLIGHT, "sync {nth}: {twice} repeated");
}

#[test]
fn killed_at_each_sync_nothing_that_is_held_back_is_lost() {
    let Some(library) = faketime().filter(|_| all_there("held back and killed", &["strace"]))
    else {
        skip("held back and killed", "libfaketime not installed (apt install libfaketime)");
        return;
    };
    let mut killed = 0;
    // The start has its own test.
    for nth in 9.. {
        let place = Place::open();
        let mut setup = Setup::new(&sinks(&place), RULES);
        under_strace(&mut setup, &format!("{SYNCS}:signal=SIGKILL:when={nth}"));
        let mut bridge = setup.spawn();
        let ready = became_ready(&mut bridge);
        let acknowledged = if ready { tell(&bridge) } else { BTreeMap::new() };
        let alive = ended_within(&mut bridge, Duration::from_millis(300)).is_none();
        if alive {
            stop_traced(&bridge);
        }
        let bridge = run_out(without_tracer(bridge.kill()), &library, &place);
        judge(&bridge, &place, &acknowledged, nth);
        if alive {
            break;
        }
        killed += 1;
    }
    assert!(killed >= 5, "only {killed} syncs were there to be killed at");
}

#[test]
fn killed_at_each_sync_while_timers_fire_each_is_told_once() {
    let Some(library) = faketime().filter(|_| all_there("timers and killed", &["strace"])) else {
        skip("timers and killed", "libfaketime not installed (apt install libfaketime)");
        return;
    };
    let mut killed = 0;
    for nth in 1.. {
        let place = Place::open();
        let bridge = Setup::new(&sinks(&place), RULES).start();
        let acknowledged = tell(&bridge);
        settled(&bridge);
        let mut setup = bridge.kill();
        under_strace(&mut setup, &format!("{SYNCS}:signal=SIGKILL:when={nth}"));
        minutes_later(&mut setup, &library);
        let mut bridge = setup.spawn();
        if became_ready(&mut bridge) {
            // What is told of both timers is what there is to do.
            let _ = agnox::post(bridge.setup.public, &agnox::event("other", "PASSED"));
        }
        let alive = ended_within(&mut bridge, Duration::from_millis(300)).is_none();
        if alive {
            stop_traced(&bridge);
        }
        let bridge = run_out(without_tracer(bridge.kill()), &library, &place);
        judge(&bridge, &place, &acknowledged, nth);
        assert_eq!(texts(&place).len(), 6, "sync {nth}: {:?}", texts(&place));
        if alive {
            break;
        }
        killed += 1;
    }
    assert!(killed >= 5, "only {killed} syncs were there to be killed at");
}

/// How many runs of a group were told of, at once or later.
fn runs_of(place: &Place, group: &str) -> usize {
    texts(place).iter().filter(|(own, ..)| own == group).map(|(.., runs)| runs).sum()
}

#[test]
fn reloads_that_remove_and_bring_back_a_digest_lose_no_run_of_it() {
    let Some(library) = faketime() else {
        skip("reloads and timers", "libfaketime not installed (apt install libfaketime)");
        return;
    };
    let place = Place::open();
    let mut bridge = Setup::new(&sinks(&place), RULES).start();
    let without = RULES.lines().filter(|line| !line.contains("report"));
    let without = without.collect::<Vec<_>>().join("\n");
    for round in 0..12 {
        // From the next batch on others rule: what is posted once one was decided meets them.
        bridge.accept(&agnox::event("other", "PASSED"));
        settled(&bridge);
        for _ in 0..5 {
            bridge.accept(&agnox::event("nightly", "FAILED"));
        }
        if round == 7 {
            let (setup, status) = bridge.stop();
            assert!(status.success(), "{status}");
            bridge = setup.start();
        } else {
            settled(&bridge);
        }
        for rules in [&*without, RULES] {
            bridge.setup.configure("", &sinks(&place), rules);
            let answer = http::post(bridge.setup.admin, "/api/v1/reload", &[], b"");
            let answer = answer.expect("the admin listener answers");
            assert_eq!(answer.status, 200, "{}", answer.body);
        }
    }
    let (setup, _) = bridge.stop();
    let bridge = run_out(setup, &library, &place);
    assert_eq!(runs_of(&place, "nightly"), 60, "{}", bridge.log());
    assert_eq!(place.got().len(), texts(&place).len(), "nothing is told twice");
}

#[test]
fn rows_of_memory_that_can_not_be_read_stop_neither_the_start_nor_the_rest() {
    let Some(library) = faketime() else {
        skip("unreadable memory", "libfaketime not installed (apt install libfaketime)");
        return;
    };
    let place = Place::open();
    let bridge = Setup::new(&sinks(&place), RULES).start();
    tell(&bridge);
    settled(&bridge);
    let (setup, _) = bridge.stop();
    let spoil = Connection::open(setup.path().join("bridge.db")).expect("it is there");
    let spoilt = spoil.execute(
        "UPDATE memory SET value = '{\"is\":\"collection\",' WHERE name LIKE 'collect%digest%report%'
         OR name LIKE 'throttle%' OR name LIKE 'group%shop'",
        [],
    );
    assert_eq!(spoilt.expect("it is writable"), 4, "a digest and its row, a throttle, a group");
    spoil
        .execute("INSERT INTO memory (name, due, value) VALUES ('of the future', 1, '?')", [])
        .expect("it fits");
    drop(spoil);
    let bridge = run_out(setup, &library, &place);
    assert_eq!(runs_of(&place, "flaky"), 3, "the others go on");
    let log = bridge.log();
    assert!(log.contains("a row of memory can't be read; it is left"), "{log}");
    bridge.accept(&agnox::event("shop", "FAILED"));
    eventually("a group begins anew", SOON, || {
        let shop = texts(&place).into_iter().filter(|(group, ..)| group == "shop").count();
        (shop == 3).then_some(())
    });
    let left = Connection::open(bridge.setup.path().join("bridge.db")).expect("it is there");
    let left = left.query_row(
        "SELECT count(*) FROM memory WHERE value = '?' OR value LIKE '%collection\",'",
        [],
        |row| row.get::<_, i64>(0),
    );
    assert_eq!(left.expect("it is readable"), 4, "what can't be read is left");
}

#[test]
fn a_journal_of_the_first_version_goes_on_with_what_it_was_about() {
    let place = Place::open();
    place.say(crate::support::place::Say::Status(503, "", "later"));
    let rules = "  - {name: red, when: {status: FAILED}, send: place, once_per: incident, send_recovery: true}";
    let bridge = Setup::new(&sinks(&place), rules).start();
    for group in ["a", "b", "undecided"] {
        bridge.accept(&agnox::event(group, "FAILED"));
    }
    place.wait_for(1, SOON);
    eventually("all is decided", SOON, || {
        let status: Value = bridge.admin("/api/v1/status").json();
        (status["journal"]["undecided"] == 0).then_some(())
    });
    let (setup, _) = bridge.stop();
    let old = Connection::open(setup.path().join("bridge.db")).expect("it is there");
    old.execute_batch(FIRST_VERSION).expect("it can be brought back");
    drop(old);
    place.say(crate::support::place::OK);
    let bridge = setup.start();
    eventually("all arrives", SOON, || {
        let taken = place.got().into_iter().filter(|got| got.taken);
        let groups: Vec<String> = taken.map(|got| got.json()["group"].to_string()).collect();
        ["a", "b", "undecided"].iter().all(|g| groups.contains(&format!("\"{g}\""))).then_some(())
    });
    bridge.accept(&agnox::event("undecided", "PASSED"));
    bridge.accept(&agnox::event("a", "PASSED"));
    eventually("the end of what was told since", SOON, || {
        let told = texts(&place);
        told.contains(&("undecided".to_owned(), "PASSED".to_owned(), 1)).then_some(())
    });
    settled(&bridge);
    let of_a = texts(&place).into_iter().filter(|(group, ..)| group == "a").count();
    assert_eq!(of_a, 1, "nobody knows any more that it failed");
    bridge.cli(&["journal", "check"]);
}
