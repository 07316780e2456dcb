//! Windows: what is dropped, what is told when they end, and how it stands then.

use super::*;

const DEFER: &str = "mute: {during: nights}";

fn deferred() -> Absence {
    Absence::Deferred { window: "nights".to_owned() }
}

#[test]
fn a_failure_in_the_night_is_told_in_the_morning() {
    let mut watch = Watch::new(DEFER);
    assert_eq!(watch.run("13 21:59:59", "a", "FAILED"), Gate::Open);
    assert_eq!(why(&watch.run("13 23:10:00", "b", "FAILED")), Some(&deferred()));
    assert_eq!(why(&watch.run("14 01:20:00", "b", "ERROR")), Some(&deferred()));
    watch.until("14 06:59:59");
    assert!(watch.told().is_empty());
    watch.until("14 07:00:00");
    let told = watch.one();
    assert_eq!(told.summary(), "b has been failing since 23:10 (ERROR, 2 in a row)");
    assert_eq!(told.event.reading.event.as_deref(), Some("bridge.digest"));
    assert_eq!(&*told.event.reading.group, "b");
    assert_eq!(told.event.reading.status, Some(Status::Error));
    assert_eq!(told.event.reading.task_id.as_deref(), Some("task_3"), "the newest failing run");
    assert_eq!(told.planned.sink, "chat");
    assert_eq!(told.planned.brief.rules, ["r"]);
    assert_eq!(told.planned.brief.failing, Some(true));
    assert_eq!(told.message.digest.window.as_deref(), Some("nights"));
    assert_eq!(watch.run("14 07:00:00", "b", "FAILED"), Gate::Open);
}

#[test]
fn failed_and_recovered_in_the_night_is_one_line() {
    let mut watch = Watch::new(DEFER);
    watch.run("13 23:10:00", "a", "FAILED");
    watch.unmatched("14 01:20:00", "a", "PASSED");
    watch.until("14 12:00:00");
    let told = watch.one();
    assert_eq!(told.summary(), "a failed at 23:10 and recovered at 01:20");
    assert_eq!(told.at, at("14 07:00:00"), "it was due then, however late it is");
    assert_eq!(told.rows(), [("a", Net::Recovered, 1)]);
    assert_eq!(told.message.digest.rows[0].status.as_deref(), Some("FAILED"));
    assert_eq!(told.event.reading.status, Some(Status::Passed));
}

#[test]
fn what_recovered_and_fails_again_is_failing() {
    let mut watch = Watch::new(DEFER);
    watch.run("13 23:10:00", "a", "FAILED");
    watch.unmatched("14 01:00:00", "a", "PASSED");
    watch.unmatched("14 02:00:00", "a", "ERROR");
    watch.until("14 07:00:00");
    assert_eq!(watch.one().summary(), "a has been failing since 02:00 (ERROR)");
}

#[test]
fn dropped_is_dropped() {
    let mut watch = Watch::new("mute: {during: nights, then: drop}");
    let muted = Absence::Muted { window: "nights".to_owned() };
    let gate = watch.run("13 23:10:00", "a", "FAILED");
    assert_eq!(gate, Gate::Held { why: muted, collected: Vec::new() });
    watch.until("14 12:00:00");
    assert!(watch.told().is_empty());
}

#[test]
fn windows_that_follow_each_other_are_waited_for_to_the_end() {
    let mut watch = Watch::new("mute: {during: [dawn, nights]}");
    assert_eq!(why(&watch.run("13 23:10:00", "a", "FAILED")), Some(&deferred()));
    watch.until("14 07:59:59");
    assert!(watch.told().is_empty());
    watch.until("14 08:00:00");
    assert_eq!(watch.one().at, at("14 08:00:00"));
}

#[test]
fn an_owed_recovery_goes_where_the_failure_still_waits() {
    let mut watch = Watch::new(&format!("{DEFER}, send_recovery: true"));
    let Gate::Held { collected, .. } = watch.run("13 23:10:00", "a", "FAILED") else { panic!() };
    let told = somebody(Some(collected[0].clone()));
    assert_eq!(watch.recovery("14 01:20:00", "a", &told), Some(Absence::Superseded));
    watch.until("14 07:00:00");
    let letter = watch.one();
    assert_eq!(letter.summary(), "a failed at 23:10 and recovered at 01:20");
    let duty = crate::route::collect::duty(&collected[0], "chat", &BTreeMap::new());
    assert_eq!(letter.planned.duty, Some(duty), "what a later recovery answers");
    assert_eq!(letter.planned.answers, None);
}

#[test]
fn an_owed_recovery_in_a_window_waits_and_answers_what_was_told() {
    for then in ["defer", "drop"] {
        let mut watch =
            Watch::new(&format!("mute: {{during: nights, then: {then}}}, send_recovery: true"));
        assert_eq!(watch.run("13 21:00:00", "a", "FAILED"), Gate::Open);
        assert_eq!(watch.recovery("14 01:20:00", "a", &somebody(None)), Some(deferred()));
        watch.unmatched("14 02:00:00", "a", "FAILED");
        watch.until("14 07:00:00");
        let letter = watch.one();
        assert_eq!(letter.summary(), "a failed at 21:00 and recovered at 01:20");
        let answers = letter.planned.answers.expect("it answers the failure");
        assert_eq!(answers.duty, Duty(7));
        assert!(answers.conditional && answers.supersedes);
        assert!(letter.planned.brief.recovery.is_some());
    }
}

#[test]
fn an_owed_recovery_by_day_or_of_a_rule_that_is_gone_is_told_at_once() {
    let mut watch = Watch::new(&format!("{DEFER}, send_recovery: true"));
    watch.run("14 10:00:00", "a", "FAILED");
    assert_eq!(watch.recovery("14 11:00:00", "a", &somebody(None)), None);
    watch.run("14 12:00:00", "a", "FAILED");
    let gone = Told { rule: "gone".to_owned(), ..somebody(None) };
    watch.router = router("[{name: other, when: always, send: chat}]", "[]");
    assert_eq!(watch.recovery("14 23:00:00", "a", &gone), None);
}

#[test]
fn a_muted_rule_may_be_throttled_too() {
    let mut watch = Watch::new(&format!("{DEFER}, throttle: {{limit: 1, per: 1h}}"));
    assert_eq!(why(&watch.run("13 23:00:00", "a", "FAILED")), Some(&deferred()));
    watch.until("14 07:00:00");
    assert_eq!(watch.told().len(), 1);
    assert_eq!(watch.run("14 07:10:00", "a", "FAILED"), Gate::Open);
    assert_eq!(why(&watch.run("14 07:20:00", "a", "FAILED")), Some(&Absence::Throttled));
}
