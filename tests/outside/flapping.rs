//! A group that comes and goes while the process dies at each moment: what a service holds open is
//! held against the incidents that there were.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::crashes::{
    SYNCS, became_ready, ended_within, stop_traced, under_strace, without_tracer,
};
use crate::support::bridge::Bridge;
use crate::support::desk::{Act, Desk, Thing};
use crate::support::programs::all_there;
use crate::support::{SOON, agnox, eventually, http};
use crate::things::{decided, deliveries, incidents, issues, play, run_once, settle};

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
