use jiff::Timestamp;

use super::*;

fn at(clock: Clock, seconds: f64) -> Clock {
    let wait = Duration::from_secs_f64(seconds);
    Clock { now: clock.now + wait, wall: clock.after(wait) }
}

fn probe(clock: Clock) -> Setback<'static> {
    Setback { began: clock.now, probe: true, reason: "503" }
}

fn wait(health: &Health, clock: Clock) -> f64 {
    health.next_probe().unwrap().saturating_duration_since(clock.now).as_secs_f64()
}

#[test]
fn probes_of_an_unavailable_sink_are_at_most_half_a_minute_apart() {
    let mut clock = Clock::now();
    let mut health = Health::default();
    for n in 0..50 {
        assert_eq!(health.is_long_unavailable(), n >= 25);
        assert!(health.unavailable(probe(clock), None, clock));
        let next = wait(&health, clock);
        assert!((0.5..=30.0).contains(&next), "{next}");
        clock = at(clock, next);
    }
    assert!(health.reached() && health.next_probe().is_none() && !health.reached());
}

#[test]
fn a_probe_that_hung_is_followed_by_the_next_without_another_long_wait() {
    let clock = Clock::now();
    let mut health = Health::default();
    for _ in 0..10 {
        health.unavailable(probe(clock), None, clock);
    }
    let later = at(clock, 25.0);
    health.unavailable(probe(clock), None, later);
    assert!(wait(&health, later) <= 5.0);
}

#[test]
fn retry_after_is_clamped_and_what_was_under_way_only_lengthens_it() {
    let clock = Clock::now();
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    for (asked, expected) in [(0, 1.0), (90, 90.0), (1_000_000_000, 3600.0)] {
        let mut health = Health::default();
        health.unavailable(probe(clock), seconds(asked), clock);
        assert_eq!(wait(&health, clock), expected);
    }
    let mut health = Health::default();
    health.unavailable(probe(clock), seconds(60), clock);
    let stale = Setback { probe: false, ..probe(clock) };
    assert!(!health.unavailable(stale, seconds(30), clock));
    assert!(!health.unavailable(stale, None, clock));
    assert_eq!(wait(&health, clock), 60.0);
    assert!(health.unavailable(stale, seconds(90), clock));
    assert_eq!(wait(&health, clock), 90.0);
    assert_eq!(health.trouble().unwrap().failures, 1);
}

#[test]
fn a_suspended_sink_is_probed_once_an_hour_or_when_resumed() {
    let clock = Clock::now();
    let mut health = Health::default();
    assert!(!health.resume(clock));
    assert!(health.suspend(probe(clock), clock));
    assert_eq!(health.condition(), Condition::Suspended);
    assert_eq!(wait(&health, clock), 3600.0);
    let stale = Setback { probe: false, ..probe(clock) };
    assert!(!health.suspend(stale, clock) && !health.unavailable(stale, None, clock));
    assert!(health.resume(clock));
    assert_eq!(wait(&health, clock), 0.0);
    assert_eq!(health.condition(), Condition::Suspended);
    health.suspend(probe(clock), clock);
    assert_eq!(wait(&health, clock), 3600.0);
}

#[test]
fn trouble_outlives_a_restart_within_bounds_whatever_the_clock_did() {
    let clock = Clock::now();
    let mut health = Health::default();
    health.unavailable(probe(clock), Some(Duration::from_secs(90)), clock);
    let again = Health::restored(health.trouble().cloned(), at(clock, 30.0));
    assert!((wait(&again, at(clock, 30.0)) - 60.0).abs() < 0.01);
    assert_eq!(again.condition(), Condition::BackingOff);

    let mut trouble = health.trouble().cloned().unwrap();
    trouble.next_probe = Timestamp::MAX;
    assert_eq!(wait(&Health::restored(Some(trouble.clone()), clock), clock), 3600.0);
    trouble.suspended = true;
    assert_eq!(wait(&Health::restored(Some(trouble.clone()), clock), clock), 60.0);
    trouble.next_probe = Timestamp::MIN;
    assert_eq!(wait(&Health::restored(Some(trouble), clock), clock), 0.0);
}
