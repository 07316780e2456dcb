//! A configuration that takes over what an earlier one collected.

use super::*;

fn taken_over(options: &str, rules: &str) -> Watch {
    let mut watch = Watch::new(options);
    watch.run("13 23:00:00", "a", "FAILED");
    watch.run("13 23:10:00", "a", "FAILED");
    watch.router = router(rules, "[]");
    watch.router.take_over(&mut watch.state, &[], at("13 23:30:00"));
    watch.collect_own();
    watch
}

#[test]
fn what_a_removed_rule_collected_is_told_at_once_and_its_timers_end() {
    let other = "[{name: other, when: always, send: chat}]";
    for (options, runs) in [
        ("digest: {cron: '0 9 * * *'}", 2),
        ("mute: {during: nights}", 2),
        ("throttle: {limit: 1, per: 1h}", 1),
    ] {
        let mut watch = taken_over(options, other);
        let told = watch.one();
        assert_eq!(told.at, at("13 23:30:00"), "{options}");
        assert_eq!(told.message.digest.runs, runs, "{options}");
        assert_eq!(told.message.digest.until, at("13 23:30:00"), "{options}");
        assert_eq!(watch.state.next_due(), None, "{options}");
    }
}

#[test]
fn a_rule_that_lost_the_option_tells_too_and_one_that_kept_it_goes_on() {
    let mut watch = taken_over("mute: {during: nights}", "[{name: r, when: always, send: chat}]");
    assert_eq!(watch.told().len(), 1);
    let kept = "[{name: r, when: always, send: chat, mute: {during: nights}}]";
    let mut watch = taken_over("mute: {during: nights}", kept);
    assert!(watch.told().is_empty());
    assert_eq!(watch.state.next_due(), Some(at("14 07:00:00")));
}

#[test]
fn another_schedule_moves_what_is_open() {
    let earlier = "[{name: r, when: always, send: chat, digest: {cron: '0 6 * * *'}}]";
    let mut watch = taken_over("digest: {cron: '0 9 * * *'}", earlier);
    assert_eq!(watch.state.next_due(), Some(at("14 06:00:00")));
    watch.until("14 06:00:00");
    assert_eq!(watch.one().message.digest.runs, 2);
    assert_eq!(watch.state.next_due(), None);
}

#[test]
fn taking_over_again_changes_nothing() {
    let mut watch = Watch::new("digest: {cron: '0 9 * * *', even_if_empty: true}");
    watch.router.take_over(&mut watch.state, &[], at("13 12:00:00"));
    watch.run("13 13:00:00", "a", "FAILED");
    watch.state.take_patch();
    watch.router.take_over(&mut watch.state, &[], at("13 14:00:00"));
    assert_eq!(watch.state.take_patch(), crate::model::Patch::default());
}

#[test]
fn what_was_begun_while_the_clock_was_ahead_is_due_as_if_it_began_now() {
    for (options, due) in [
        ("digest: {cron: '0 9 * * *'}", "14 09:00:00"),
        ("digest: {every: 8h}", "14 07:30:00"),
        ("mute: {during: nights}", "14 07:00:00"),
        ("throttle: {limit: 1, per: 1h}", "14 00:30:00"),
    ] {
        let mut watch = Watch::new(options);
        watch.run("30 23:00:00", "a", "FAILED");
        watch.run("30 23:10:00", "a", "FAILED");
        watch.router.take_over(&mut watch.state, &[], at("13 23:30:00"));
        watch.run("13 23:40:00", "a", "FAILED");
        watch.until("14 12:00:00");
        let told = watch.one();
        assert_eq!(told.at, at(due), "{options}");
        assert!(told.message.digest.since <= told.message.digest.until, "{options}");
        assert!(told.message.digest.runs >= 2, "{options}");
        assert_eq!(watch.state.next_due(), None, "{options}");
    }
}

#[test]
fn what_was_begun_while_the_clock_was_ahead_is_not_put_off_by_each_reload() {
    for options in
        ["digest: {every: 8h}", "mute: {during: nights}", "throttle: {limit: 1, per: 8h}"]
    {
        let mut watch = Watch::new(options);
        watch.run("30 23:00:00", "a", "FAILED");
        watch.run("30 23:10:00", "a", "FAILED");
        watch.router.take_over(&mut watch.state, &[], at("13 23:30:00"));
        let due = watch.state.next_due();
        for now in ["13 23:59:00", "14 03:00:00", "14 06:59:00"] {
            watch.router.take_over(&mut watch.state, &[], at(now));
            assert_eq!(watch.state.next_due(), due, "{options}");
        }
    }
}
