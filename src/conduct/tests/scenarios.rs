//! Restart at every point of a scenario gives the same messages.

use super::play::End::{Dead, Delivered, TimeOut};
use super::play::Step;
use super::play::Step::{Off, Reload, Run, Set, Silence, Sink, Until};
use super::play::{Restarts, told, told_with_any_restarts};

const RECOVERIES: &str = "
rules:
  - name: red
    when: {status: [FAILED, ERROR]}
    send: chat
    once_per: incident
    send_recovery: true
";

#[tokio::test]
async fn a_week_of_red_nights_is_told_once_and_once_more_when_it_is_over() {
    let steps = [
        Run("02T02:00", "nightly", "PASSED"),
        Run("03T02:00", "nightly", "FAILED"),
        Sink("chat", Delivered),
        Run("04T02:00", "nightly", "FAILED"),
        Run("05T02:00", "nightly", "ERROR"),
        Run("06T02:00", "nightly", "PASSED"),
        Sink("chat", Delivered),
        Run("06T03:00", "nightly", "PASSED"),
    ];
    insta::assert_snapshot!(told_with_any_restarts(RECOVERIES, &steps).await, @r"
    03T02:00 chat by red: nightly FAILED first_failure, delivered
    06T02:00 chat by red: nightly PASSED recovered (recovery), delivered
    ");
}

#[tokio::test]
async fn a_recovery_waits_for_the_failure_that_it_answers_and_takes_its_place() {
    let steps = [
        Run("02T02:00", "nightly", "FAILED"),
        Run("02T03:00", "nightly", "PASSED"),
        Sink("chat", Delivered),
        Run("02T04:00", "nightly", "PASSED"),
    ];
    insta::assert_snapshot!(told_with_any_restarts(RECOVERIES, &steps).await, @r"
    02T02:00 chat by red: nightly FAILED first_failure, cancelled
    02T03:00 chat by red: nightly PASSED recovered (recovery, untold), delivered
    ");
}

#[tokio::test]
async fn a_recovery_is_cancelled_where_the_failure_died() {
    let steps = [
        Run("02T02:00", "nightly", "FAILED"),
        Sink("chat", Dead),
        Run("02T03:00", "nightly", "PASSED"),
        Sink("chat", Delivered),
    ];
    insta::assert_snapshot!(told_with_any_restarts(RECOVERIES, &steps).await, @r"
    02T02:00 chat by red: nightly FAILED first_failure, dead
    02T03:00 chat by red: nightly PASSED recovered (recovery), cancelled
    ");
}

#[tokio::test]
async fn a_failure_that_may_have_arrived_and_its_recovery_both_go_out() {
    let steps = [
        Run("02T02:00", "nightly", "FAILED"),
        Sink("chat", TimeOut),
        Run("02T03:00", "nightly", "PASSED"),
        Sink("chat", Delivered),
    ];
    insta::assert_snapshot!(told_with_any_restarts(RECOVERIES, &steps).await, @r"
    02T02:00 chat by red: nightly FAILED first_failure, delivered
    02T03:00 chat by red: nightly PASSED recovered (recovery), delivered
    ");
}

#[tokio::test]
async fn what_a_throttle_held_back_is_told_when_its_time_is_over() {
    let config = "
rules:
  - name: flaky
    when: {status: FAILED}
    send: chat
    throttle: {limit: 1, per: 1h}
";
    let steps = [
        Run("02T02:00", "flaky", "FAILED"),
        Run("02T02:15", "flaky", "FAILED"),
        Run("02T02:30", "flaky", "FAILED"),
        Run("02T02:30", "other", "FAILED"),
        Until("02T04:00"),
        Run("02T05:00", "flaky", "FAILED"),
        Until("02T07:00"),
    ];
    insta::assert_snapshot!(told_with_any_restarts(config, &steps).await, @r"
    02T02:00 chat by flaky: flaky FAILED first_failure
    02T02:30 chat by flaky: other FAILED first_failure
    02T03:00 chat by flaky: Throttled of 2 [flaky FAILED Failing runs=2 in_a_row=3]
    02T05:00 chat by flaky: flaky FAILED still_failing
    ");
}

const QUIET_NIGHTS: &str = "
windows:
  nights: {times: ['22:00-07:00']}
rules:
  - name: red
    when: {status: FAILED}
    send: chat
    mute: {during: nights}
    send_recovery: true
";

#[tokio::test]
async fn what_a_window_deferred_is_told_in_the_morning_as_it_stands_then() {
    let steps = [
        Run("02T21:00", "shop", "FAILED"),
        Run("02T23:00", "cart", "FAILED"),
        Run("03T01:00", "search", "FAILED"),
        Run("03T02:00", "search", "PASSED"),
        Run("03T03:00", "shop", "PASSED"),
        Until("03T08:00"),
        Sink("chat", Delivered),
        Run("03T09:00", "cart", "PASSED"),
    ];
    insta::assert_snapshot!(told_with_any_restarts(QUIET_NIGHTS, &steps).await, @r"
    02T21:00 chat by red: shop FAILED first_failure, cancelled
    03T07:00 chat by red: Deferred of 2 [cart FAILED Failing runs=1 in_a_row=1; search FAILED Recovered runs=1 in_a_row=1], delivered
    03T07:00 chat by red: Deferred of 0 [shop FAILED Recovered runs=0 in_a_row=0] (recovery, untold), delivered
    03T09:00 chat by red: cart PASSED recovered (recovery)
    ");
}

const MORNING_REPORT: &str = "
rules:
  - name: report
    when: {group: nightly-*}
    send: mail
    digest: {cron: '0 9 * * *'}
";

#[tokio::test]
async fn a_digest_goes_out_at_its_time_with_all_that_was_collected() {
    let steps = [
        Run("02T02:00", "nightly-a", "FAILED"),
        Run("02T03:00", "nightly-b", "PASSED"),
        Run("02T04:00", "nightly-a", "FAILED"),
        Until("02T10:00"),
        Until("03T10:00"),
        Run("04T02:00", "nightly-a", "PASSED"),
        Until("04T10:00"),
    ];
    insta::assert_snapshot!(told_with_any_restarts(MORNING_REPORT, &steps).await, @r"
    02T09:00 mail by report: Digest of 3 [nightly-a FAILED Failing runs=2 in_a_row=2; nightly-b PASSED Passing runs=1 in_a_row=0]
    04T09:00 mail by report: Digest of 1 [nightly-a FAILED Recovered runs=1 in_a_row=0]
    ");
}

#[tokio::test]
async fn a_reload_that_removes_a_digest_tells_what_it_had_collected() {
    let steps = [
        Run("02T02:00", "nightly-a", "FAILED"),
        Reload("rules: [{name: red, when: {status: FAILED}, send: chat}]"),
        Run("02T03:00", "nightly-b", "FAILED"),
        Until("02T10:00"),
    ];
    insta::assert_snapshot!(told_with_any_restarts(MORNING_REPORT, &steps).await, @r"
    02T02:00 mail by report: Digest of 1 [nightly-a FAILED Failing runs=1 in_a_row=1]
    02T03:00 chat by red: nightly-b FAILED first_failure
    ");
}

const NIGHTLY_IS_EXPECTED: &str = "
missed_runs:
  - {group: nightly, source: main, cron: '0 2 * * *', grace: 30m}
rules:
  - name: red
    when: {status: [FAILED, MISSING]}
    send: chat
    once_per: incident
    send_recovery: true
";

#[tokio::test]
async fn a_run_that_is_missing_is_told_once_and_recovers_when_it_reports() {
    let steps = [
        Run("02T02:15", "nightly", "PASSED"),
        Until("03T03:00"),
        Sink("chat", Delivered),
        Run("03T05:00", "nightly", "PASSED"),
        Sink("chat", Delivered),
        Run("04T02:10", "nightly", "PASSED"),
        Until("04T04:00"),
    ];
    insta::assert_snapshot!(told_with_any_restarts(NIGHTLY_IS_EXPECTED, &steps).await, @r"
    03T02:30 chat by red: nightly MISSING first_failure, delivered
    03T05:00 chat by red: nightly PASSED recovered (recovery), delivered
    ");
}

#[tokio::test]
async fn after_days_of_downtime_it_says_what_matters_now() {
    let steps = [Run("02T02:15", "nightly", "PASSED"), Off("05T12:00"), Until("06T01:00")];
    let lines = told(NIGHTLY_IS_EXPECTED, &steps, Restarts::Never).await;
    insta::assert_snapshot!(lines.join("\n"), @"");
}

#[tokio::test]
async fn what_was_due_in_a_downtime_is_told_once_as_it_stands_then() {
    let steps = [
        Run("02T23:00", "cart", "FAILED"),
        Run("02T23:30", "search", "FAILED"),
        Off("05T12:00"),
        Run("05T12:00", "search", "PASSED"),
        Until("05T23:00"),
    ];
    let lines = told(QUIET_NIGHTS, &steps, Restarts::Never).await;
    insta::assert_snapshot!(lines.join("\n"), @r"
    03T07:00 chat by red: Deferred of 2 [cart FAILED Failing runs=1 in_a_row=1; search FAILED Failing runs=1 in_a_row=1]
    05T12:00 chat by red: search PASSED recovered (recovery), held
    ");
    let lines = told(
        MORNING_REPORT,
        &[
            Run("02T02:00", "nightly-a", "FAILED"),
            Off("05T12:00"),
            Run("05T13:00", "nightly-a", "PASSED"),
            Until("06T10:00"),
        ],
        Restarts::Never,
    )
    .await;
    insta::assert_snapshot!(lines.join("\n"), @r"
    02T09:00 mail by report: Digest of 1 [nightly-a FAILED Failing runs=1 in_a_row=1]
    06T09:00 mail by report: Digest of 1 [nightly-a FAILED Recovered runs=1 in_a_row=0]
    ");
}

#[tokio::test]
async fn a_clock_that_is_set_back_by_hours_fires_nothing_twice_and_stalls_nothing() {
    let steps = [
        Run("03T02:00", "nightly-a", "FAILED"),
        Until("03T09:15"),
        Set("03T06:00"),
        Run("03T07:00", "nightly-b", "FAILED"),
        Until("03T10:00"),
        Set("04T10:00"),
    ];
    insta::assert_snapshot!(told_with_any_restarts(MORNING_REPORT, &steps).await, @r"
    03T09:00 mail by report: Digest of 1 [nightly-a FAILED Failing runs=1 in_a_row=1]
    03T09:00 mail by report: Digest of 1 [nightly-b FAILED Failing runs=1 in_a_row=1]
    ");
}

const ALL_TIMERS: &str = "
windows:
  nights: {times: ['22:00-07:00']}
missed_runs:
  - {group: nightly, source: main, cron: '0 2 * * *', grace: 30m}
  - {group: smoke, source: main, every: 4h, grace: 15m}
rules:
  - {name: missing, when: {status: MISSING}, send: mail, once_per: incident}
  - {name: report, when: {group: a}, send: mail, digest: {cron: '0 9 * * *'}}
  - {name: quiet, when: {group: b}, send: chat, mute: {during: nights}}
  - {name: few, when: {group: c}, send: chat, throttle: {limit: 1, per: 1h}}
";

/// All timers are open at half past one in the night, when the clock is wrong for a while. Every run
/// that is expected reports.
fn jump(to: &'static str) -> Vec<Step> {
    let before = [
        Run("02T02:10", "nightly", "PASSED"),
        Run("02T04:00", "smoke", "PASSED"),
        Run("02T08:00", "smoke", "PASSED"),
        Run("02T12:00", "smoke", "PASSED"),
        Run("02T16:00", "smoke", "PASSED"),
        Run("02T20:00", "smoke", "PASSED"),
        Run("03T00:00", "smoke", "PASSED"),
    ];
    let open = ["c", "c", "a", "b"].map(|group| Run("03T01:30", group, "FAILED"));
    let there = ["a", "b", "c", "c"].map(|group| Run(to, group, "FAILED"));
    let after = [Run("03T01:45", "smoke", "PASSED"), Run("03T02:10", "nightly", "PASSED")];
    let end = [Run("03T05:00", "smoke", "PASSED"), Run("03T08:00", "smoke", "PASSED")];
    let parts = [&before[..], &open, &[Set(to)], &there, &[Set("03T01:40")], &after, &end];
    [&parts.concat()[..], &[Until("03T09:30")]].concat()
}

#[tokio::test]
async fn a_clock_that_was_ten_years_ahead_stalls_no_timer_and_misses_no_run() {
    let told = told_with_any_restarts(ALL_TIMERS, &jump("2036-11-03T01:30")).await;
    insta::assert_snapshot!(told, @r"
    03T01:30 chat by few: c FAILED first_failure
    03T02:30 chat by few: Throttled of 1 [c FAILED Failing runs=1 in_a_row=2]
    03T07:00 chat by quiet: Deferred of 1 [b FAILED Failing runs=1 in_a_row=1]
    03T09:00 mail by report: Digest of 1 [a FAILED Failing runs=1 in_a_row=1]
    03T01:30 chat by few: c FAILED still_failing
    03T02:40 chat by few: Throttled of 1 [c FAILED Failing runs=1 in_a_row=4]
    03T07:00 chat by quiet: Deferred of 1 [b FAILED Failing runs=1 in_a_row=2]
    03T09:00 mail by report: Digest of 1 [a FAILED Failing runs=1 in_a_row=2]
    ");
}

#[tokio::test]
async fn a_clock_that_was_ten_years_behind_stalls_no_timer_and_misses_no_run() {
    let told = told_with_any_restarts(ALL_TIMERS, &jump("2016-11-03T01:30")).await;
    insta::assert_snapshot!(told, @r"
    03T01:30 chat by few: c FAILED first_failure
    03T02:30 chat by few: Throttled of 3 [c FAILED Failing runs=3 in_a_row=4]
    03T07:00 chat by quiet: Deferred of 2 [b FAILED Failing runs=2 in_a_row=2]
    03T09:00 mail by report: Digest of 2 [a FAILED Failing runs=2 in_a_row=2]
    ");
}

#[tokio::test]
async fn a_clock_that_was_an_hour_ahead_stalls_no_timer_and_misses_no_run() {
    let told = told_with_any_restarts(ALL_TIMERS, &jump("03T02:45")).await;
    insta::assert_snapshot!(told, @r"
    03T01:30 chat by few: c FAILED first_failure
    03T02:30 chat by few: Throttled of 1 [c FAILED Failing runs=1 in_a_row=2]
    03T02:45 chat by few: c FAILED still_failing
    03T02:40 chat by few: Throttled of 1 [c FAILED Failing runs=1 in_a_row=4]
    03T07:00 chat by quiet: Deferred of 2 [b FAILED Failing runs=2 in_a_row=2]
    03T09:00 mail by report: Digest of 2 [a FAILED Failing runs=2 in_a_row=2]
    ");
}

#[tokio::test]
async fn a_clock_that_was_an_hour_behind_stalls_no_timer_and_misses_no_run() {
    let told = told_with_any_restarts(ALL_TIMERS, &jump("03T00:30")).await;
    insta::assert_snapshot!(told, @r"
    03T01:30 chat by few: c FAILED first_failure
    03T01:30 chat by few: Throttled of 3 [c FAILED Failing runs=3 in_a_row=4]
    03T07:00 chat by quiet: Deferred of 2 [b FAILED Failing runs=2 in_a_row=2]
    03T09:00 mail by report: Digest of 2 [a FAILED Failing runs=2 in_a_row=2]
    ");
}

#[tokio::test]
async fn a_silence_holds_back_until_the_group_has_recovered() {
    let steps = [
        Silence("shop"),
        Run("02T02:00", "shop", "FAILED"),
        Run("02T02:00", "cart", "FAILED"),
        Run("02T03:00", "shop", "PASSED"),
        Run("02T04:00", "shop", "FAILED"),
    ];
    insta::assert_snapshot!(told_with_any_restarts(RECOVERIES, &steps).await, @r"
    02T02:00 chat by red: cart FAILED first_failure
    02T04:00 chat by red: shop FAILED first_failure
    ");
}
