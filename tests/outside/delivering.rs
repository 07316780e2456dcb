//! Messages find their way, in order, past whatever a place does.

use std::time::{Duration, Instant};

use crate::support::bridge::Setup;
use crate::support::place::{OK, Place, Say};
use crate::support::{SOON, agnox, eventually, http};

const EVERYTHING: &str = "  - {name: everything, when: always, send: [one, two]}";

fn two(one: &Place, two: &Place) -> String {
    format!(
        "  one: {{http: {{url: \"{}\"}}, timeout: 2s}}\n  two: {{http: {{url: \"{}\"}}}}",
        one.url("/one"),
        two.url("/two")
    )
}

fn one(place: &Place) -> String {
    format!("  one: {{http: {{url: \"{}\"}}, timeout: 2s}}", place.url("/one"))
}

const TO_ONE: &str = "  - {name: everything, when: always, send: one}";

#[test]
fn a_place_that_hangs_slows_nobody_else() {
    let (hanging, fine) = (Place::open(), Place::open());
    hanging.say(Say::Hang);
    let bridge = Setup::new(&two(&hanging, &fine), EVERYTHING).start();
    let began = Instant::now();
    for n in 0..50 {
        bridge.accept(&agnox::numbered("group", "FAILED", n));
    }
    fine.wait_for(50, SOON);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[test]
fn a_place_that_was_down_gets_everything_in_order() {
    let place = Place::open();
    place.say(Say::Close);
    let bridge = Setup::new(&one(&place), TO_ONE).start();
    for n in 0..30 {
        bridge.accept(&agnox::numbered(&format!("group-{}", n % 3), "FAILED", n));
    }
    place.wait_for(1, SOON);
    place.say(Say::Status(503, "", "down"));
    place.wait_for(2, SOON);
    let tried = place.got().len();
    assert!(tried < 10, "a place in trouble is probed, not stormed: {tried}");
    place.say(OK);
    place.wait_for(tried + 30, Duration::from_secs(40));
    let arrived: Vec<(String, u64)> = place.got()[tried..]
        .iter()
        .map(|got| got.json())
        .map(|body| {
            let number =
                body["summary"].as_str().and_then(|s| s.strip_prefix("run ")?.parse().ok());
            (body["group"].as_str().unwrap_or_default().to_owned(), number.unwrap_or_default())
        })
        .collect();
    for group in ["group-0", "group-1", "group-2"] {
        let numbers: Vec<u64> =
            arrived.iter().filter(|(g, _)| g == group).map(|(_, n)| *n).collect();
        assert_eq!(numbers.len(), 10, "{group} got everything once");
        assert!(numbers.is_sorted(), "{group} in order: {numbers:?}");
    }
}

#[test]
fn a_message_that_is_refused_is_listed_with_its_reason_and_can_be_retried() {
    let place = Place::open();
    place.say(Say::Status(422, "", "no such field"));
    let bridge = Setup::new(&one(&place), TO_ONE).start();
    bridge.accept(&agnox::event("group", "FAILED"));
    let dead = eventually("the delivery is dead", SOON, || {
        let dead = bridge.cli_json(&["deliveries", "list", "--state", "dead"]);
        dead.as_array()?.first().cloned()
    });
    assert!(dead["reason"].as_str().is_some_and(|why| why.contains("422")), "{dead}");
    place.say(OK);
    let id = dead["id"].as_str().expect("an id");
    assert_eq!(bridge.cli_json(&["deliveries", "retry", id])["changed"], 1);
    place.wait_for(2, SOON);
    eventually("it is delivered", SOON, || {
        let shown = bridge.cli_json(&["deliveries", "show", id]);
        (shown["state"] == "delivered" && shown["history"].as_array()?.len() == 2).then_some(())
    });
    assert_eq!(place.got()[1].header("idempotency-key"), Some(id));
}

#[test]
fn a_sink_that_refuses_its_key_is_suspended_until_somebody_resumes_it() {
    let place = Place::open();
    place.say(Say::Status(401, "", "who are you"));
    let bridge = Setup::new(&one(&place), TO_ONE).start();
    for n in 0..3 {
        bridge.accept(&agnox::numbered("group", "FAILED", n));
    }
    eventually("the sink is suspended", SOON, || {
        let sinks = &bridge.cli_json(&["sinks", "list"])["sinks"];
        (sinks[0]["state"] == "suspended" && sinks[0]["waiting"] == 3).then_some(())
    });
    assert_eq!(place.got().len(), 1, "nothing more is tried");
    place.say(OK);
    bridge.cli(&["sinks", "resume", "one"]);
    place.wait_for(4, SOON);
}

#[test]
fn somebody_is_told_of_what_could_not_be_delivered() {
    let (refusing, telling) = (Place::open(), Place::open());
    refusing.say(Say::Status(400, "", "never"));
    let rules = "  - {name: everything, when: always, send: one}";
    let bridge = Setup::with_more("on_dead: two", &two(&refusing, &telling), rules).start();
    for n in 0..3 {
        bridge.accept(&agnox::numbered("group", "FAILED", n));
    }
    let told = telling.wait_for(1, SOON);
    let text = String::from_utf8_lossy(&told[0].body).into_owned();
    assert!(text.contains("could not be delivered") && text.contains("one"), "{text}");
    eventually("all three are dead", SOON, || {
        let dead = bridge.cli_json(&["deliveries", "list", "--state", "dead"]);
        (dead.as_array()?.len() == 3).then_some(())
    });
    assert_eq!(telling.got().len(), 1, "once per sink and hour");
}

#[test]
fn in_shadow_it_decides_and_records_and_sends_nothing() {
    let place = Place::open();
    let mut setup = Setup::new(&one(&place), TO_ONE);
    setup.flags.push("--shadow".to_owned());
    let bridge = setup.start();
    bridge.accept(&agnox::event("group", "FAILED"));
    let delivery = eventually("the decision is recorded", SOON, || {
        bridge.cli_json(&["deliveries", "list"]).as_array()?.first().cloned()
    });
    assert_eq!((&delivery["state"], &delivery["reason"]), (&"cancelled".into(), &"shadow".into()));
    assert_eq!(place.got().len(), 0);
}

#[test]
fn the_same_bytes_twice_are_told_once() {
    let place = Place::open();
    let bridge = Setup::new(&one(&place), TO_ONE).start();
    let body = agnox::event("group", "FAILED");
    let first = bridge.accept(&body).json();
    let second = bridge.accept(&body).json();
    assert_eq!((&first["duplicate"], &second["duplicate"]), (&false.into(), &true.into()));
    assert_eq!(first["id"], second["id"]);
    bridge.accept(&agnox::event("other", "FAILED"));
    place.wait_for(2, SOON);
    assert_eq!(place.got().len(), 2);
}

#[test]
fn an_event_is_decided_anew_under_the_rules_of_the_day() {
    let place = Place::open();
    let bridge =
        Setup::new(&one(&place), "  - {name: none, when: {group: nobody}, send: one}").start();
    let id = bridge.accept(&agnox::event("group", "FAILED")).json()["id"].clone();
    bridge.setup.configure("", &one(&place), TO_ONE);
    bridge.signal("HUP");
    eventually("the reload is done", SOON, || bridge.log().contains("reload").then_some(()));
    let replayed = bridge.cli_json(&["events", "replay", id.as_str().expect("an id")]);
    assert_ne!(replayed["id"], id);
    place.wait_for(1, SOON);
}

#[test]
fn reloads_under_load_lose_nothing_and_a_bad_one_changes_nothing() {
    let place = Place::open();
    let bridge = Setup::new(&one(&place), TO_ONE).start();
    let mut sent = 0;
    for round in 0..20 {
        match round % 3 {
            2 => drop(bridge.setup.write("bridge.yaml", "rules: [{name: broken")),
            _ => bridge.setup.configure("", &one(&place), TO_ONE),
        }
        bridge.signal("HUP");
        for _ in 0..10 {
            bridge.accept(&agnox::numbered("group", "FAILED", sent));
            sent += 1;
        }
    }
    place.wait_for(sent, SOON);
    bridge.setup.configure("", &one(&place), TO_ONE);
    assert_eq!(place.got().len(), sent, "each once");
    let metrics = bridge.admin("/metrics").body;
    assert!(metrics.contains("agnox_bridge_reloads_total{outcome=\"failure\"}"), "{metrics}");
}

#[test]
fn a_slash_at_the_end_of_a_pasted_url_costs_no_event() {
    let place = Place::open();
    let bridge = Setup::new(&one(&place), TO_ONE).start();
    let body = agnox::event("group", "FAILED");
    let signature = agnox::signature(&body);
    let headers = [("x-agnox-signature", signature.as_str())];
    let answer = http::post(bridge.setup.public, "/hooks/main/", &headers, &body);
    assert_eq!(answer.expect("it answers").status, 202);
    place.wait_for(1, SOON);
}
