use agnox_bridge_sinks::contract::Receipt;
use jiff::{SignedDuration, ToSpan};
use uuid::Uuid;

use super::*;
use crate::model::{Brief, DeliverySeq, DeliveryState, EventSeq};

const DAY: Duration = Duration::from_secs(86_400);

fn delivery(last: Option<(Outcome, Timestamp)>) -> Delivery {
    let last_attempt = last.map(|(outcome, at)| AttemptRecord {
        number: 1,
        at,
        latency_ms: 1_000,
        outcome,
        status: None,
        reason: None,
        excerpt: None,
        maybe_arrived: false,
    });
    Delivery {
        seq: DeliverySeq(1),
        id: Uuid::nil(),
        event: EventSeq(1),
        event_id: Uuid::nil(),
        sink: "chat".to_owned(),
        brief: Brief::default(),
        created_at: Timestamp::UNIX_EPOCH,
        state: DeliveryState::Waiting,
        reason: None,
        attempts: u32::from(last.is_some()),
        first_attempt_at: last.map(|(_, at)| at),
        last_attempt,
        due: None,
        seen: false,
        maybe_arrived: false,
        duty: None,
        answers: None,
    }
}

fn judged(
    result: Result<Receipt, Failure>,
    delivery: &Delivery,
    others_passed: Option<Timestamp>,
) -> Verdict {
    judged_with(false, result, delivery, others_passed)
}

fn judged_with(
    held: bool,
    result: Result<Receipt, Failure>,
    delivery: &Delivery,
    others_passed: Option<Timestamp>,
) -> Verdict {
    let clock = Clock::now();
    judge(
        &result,
        &Circumstances {
            delivery,
            progress: Some("old"),
            held,
            began: clock.wall,
            clock,
            others_passed,
            give_up: DAY,
            reason: "as told",
        },
    )
}

fn dead(reason: &str) -> Then {
    Then::Dead { reason: reason.to_owned(), progress: Some("old".to_owned()) }
}

fn failed(fault: Fault) -> Result<Receipt, Failure> {
    Err(Failure::new(fault, "raw"))
}

fn ago(span: jiff::Span) -> Timestamp {
    Timestamp::now().checked_sub(SignedDuration::try_from(span).unwrap()).unwrap()
}

const UNAVAILABLE: Fault = Fault::Unavailable { retry_after: None };

#[test]
fn an_endpoints_trouble_leaves_the_delivery_as_it_was() {
    let verdict = judged(failed(UNAVAILABLE), &delivery(None), None);
    let progress = Some("old".to_owned());
    assert_eq!(verdict.then, Then::Again { due: None, progress });
    assert_eq!(verdict.sign, Sign::Unavailable(None));
}

#[test]
fn a_refused_message_is_dead_with_the_reason_that_may_be_told() {
    let verdict = judged(failed(Fault::Refused), &delivery(None), None);
    assert_eq!(verdict.then, dead("as told"));
    assert_eq!(verdict.sign, Sign::Reached);
}

#[test]
fn a_message_that_failed_before_while_others_passed_since_is_its_own_trouble() {
    let before = delivery(Some((Outcome::Unavailable, ago(60.seconds()))));
    let verdict = judged(failed(UNAVAILABLE), &before, Some(ago(30.seconds())));
    assert!(matches!(verdict.then, Then::Again { due: Some(_), .. }));
    assert_eq!(verdict.sign, Sign::Nothing);

    let passed_earlier = judged(failed(UNAVAILABLE), &before, Some(ago(90.seconds())));
    assert_eq!(passed_earlier.sign, Sign::Unavailable(None));
}

#[test]
fn a_message_in_its_own_backoff_proves_nothing_against_the_sink() {
    let mut before = delivery(Some((Outcome::Unavailable, ago(60.seconds()))));
    before.due = Some(ago(40.seconds()));
    let verdict = judged(failed(UNAVAILABLE), &before, None);
    assert_eq!(verdict.sign, Sign::Nothing);
    assert!(matches!(verdict.then, Then::Again { due: Some(_), .. }));
}

#[test]
fn retry_after_is_the_sinks_also_where_the_message_is_in_trouble() {
    let before = delivery(Some((Outcome::Unavailable, ago(60.seconds()))));
    let asked = Some(Duration::from_secs(7));
    let fault = Fault::Unavailable { retry_after: asked };
    let verdict = judged(failed(fault), &before, Some(ago(30.seconds())));
    assert_eq!(verdict.sign, Sign::Unavailable(asked));
    assert!(matches!(verdict.then, Then::Again { due: Some(_), .. }));
}

#[test]
fn a_delivery_is_given_up_a_day_after_its_first_attempt_but_not_while_suspended() {
    let old = delivery(Some((Outcome::Unavailable, ago(24.hours()))));
    let dead = dead("given up after 1d: as told");
    assert_eq!(judged(failed(UNAVAILABLE), &old, None).then, dead);
    assert_eq!(judged(failed(Fault::Deferred), &old, None).then, dead);
    let kept = judged(failed(Fault::Suspended), &old, None);
    assert!(matches!(kept.then, Then::Again { due: None, .. }));
    assert_eq!(kept.sign, Sign::Suspended);
}

#[test]
fn a_deliverys_own_backoff_grows_from_what_it_waited_last() {
    let mut waited = delivery(Some((Outcome::Deferred, ago(301.seconds()))));
    waited.due = Some(ago(0.seconds()));
    let Then::Again { due: Some(due), .. } = judged(failed(Fault::Deferred), &waited, None).then
    else {
        panic!("it is tried again");
    };
    let wait = due.duration_since(Timestamp::now());
    assert!(wait > SignedDuration::from_secs(470) && wait <= SignedDuration::from_secs(600));
}

#[test]
fn what_the_sink_left_behind_replaces_what_was_there() {
    let failure = Failure { progress: Some("new".to_owned()), ..Failure::new(UNAVAILABLE, "raw") };
    let verdict = judged(Err(failure), &delivery(None), None);
    assert_eq!(verdict.then, Then::Again { due: None, progress: Some("new".to_owned()) });
}

#[test]
fn what_was_done_to_a_thing_that_is_gone_is_forgotten_and_the_next_try_comes_at_once() {
    let gone = |fault| {
        Err(Failure { holding: Some(Holding::Gone), ..Failure::new(fault, "404: no such issue") })
    };
    for fault in [Fault::Deferred, UNAVAILABLE, Fault::Refused] {
        let verdict = judged_with(true, gone(fault), &delivery(None), None);
        assert_eq!(verdict.then, Then::Again { due: None, progress: None });
        assert_eq!(verdict.sign, Sign::Reached);
    }
    let nothing_was_held = judged_with(false, gone(Fault::Deferred), &delivery(None), None);
    assert!(
        matches!(nothing_was_held.then, Then::Again { due: Some(_), progress: None }),
        "one that opens and is told `gone` each time must not turn in a circle"
    );
}
