//! Recoveries: held for what they answer, released or cancelled by it, and taking its place.

use std::sync::atomic::Ordering;

use crate::model::ruling::{NEVER_TOLD, SUPERSEDED};
use crate::model::{Answers, Duty, RecoveryNote};

use super::*;

const DUTY: Duty = Duty(-77);

/// A recovery that is owed only if the failure was told.
const OWED: Answers = Answers { duty: DUTY, conditional: true, supersedes: true };

fn failure(sink: &str) -> Planned {
    Planned { duty: Some(DUTY), ..planned(sink) }
}

fn recovery(answers: Answers) -> Planned {
    Planned { answers: Some(answers), ..planned("chat") }
}

/// An event whose decision is this; its deliveries.
pub(crate) async fn decided(
    journal: &dyn Journal,
    number: usize,
    planned: Vec<Planned>,
) -> Vec<DeliverySeq> {
    let id = journal.accept(run("checkout", number)).await.unwrap().id;
    let event = journal.undecided(1).await.unwrap()[0].seq;
    let decision = Decision { planned, ..decision(event, &[]) };
    journal.decide(vec![decision], Patch::default()).await.unwrap();
    let (_, deliveries) = journal.event(id).await.unwrap().unwrap();
    deliveries.into_iter().map(|delivery| delivery.seq).collect()
}

/// A failure that is told and its recovery.
async fn both(journal: &dyn Journal, answers: Answers) -> (DeliverySeq, DeliverySeq) {
    let failed = decided(journal, 1, vec![failure("chat")]).await[0];
    (failed, decided(journal, 2, vec![recovery(answers)]).await[0])
}

async fn end(journal: &dyn Journal, delivery: DeliverySeq, then: Then) {
    journal.settle(vec![Settlement::new(delivery, None, then)]).await.unwrap();
}

async fn refuse(journal: &dyn Journal, delivery: DeliverySeq) {
    settle(journal, delivery, tried(1, Outcome::Refused), Then::dead("no")).await;
}

async fn state(journal: &dyn Journal, delivery: DeliverySeq) -> DeliveryState {
    standing(journal, delivery).await.state
}

async fn untold(journal: &dyn Journal, delivery: DeliverySeq) -> bool {
    standing(journal, delivery).await.brief.recovery.is_some_and(|note| note.untold)
}

async fn assert_never_told(journal: &dyn Journal, delivery: DeliverySeq) {
    let found = standing(journal, delivery).await;
    let expected = (DeliveryState::Cancelled, Some(NEVER_TOLD));
    assert_eq!((found.state, found.reason.as_deref()), expected);
}

pub(crate) async fn a_recovery_is_held_until_what_it_answers_was_delivered(place: &Place) {
    let journal = place.open();
    let (failed, recovered) = both(journal.as_ref(), OWED).await;
    assert_eq!(state(journal.as_ref(), recovered).await, DeliveryState::Held);
    assert_eq!(waiting(journal.as_ref(), "chat").await, [failed]);
    assert_eq!(journal.backlog().await.unwrap()[0].waiting, 1);
    journal.close().await;

    let journal = place.open();
    let before = journal.signals().put_back.load(Ordering::Acquire);
    let woken = journal.signals().deliveries.notified();
    settle(journal.as_ref(), failed, tried(1, Outcome::Delivered), Then::Delivered).await;
    woken.await;
    assert_eq!(journal.signals().put_back.load(Ordering::Acquire), before + 1);
    assert_eq!(waiting(journal.as_ref(), "chat").await, [recovered]);
    assert_eq!(journal.backlog().await.unwrap()[0].waiting, 1);
    let work = journal.work(recovered).await.unwrap().unwrap();
    assert_eq!(work.answers, [standing(journal.as_ref(), failed).await.id]);
    assert_eq!((work.delivery.answers, work.superseded), (Some(DUTY), false));
    assert!(!untold(journal.as_ref(), recovered).await);
    assert_eq!(journal.verify().await.unwrap(), Vec::<String>::new());
}

pub(crate) async fn a_recovery_of_what_was_delivered_already_waits_at_once(place: &Place) {
    let journal = place.open();
    let failed = decided(journal.as_ref(), 1, vec![failure("chat")]).await[0];
    settle(journal.as_ref(), failed, tried(1, Outcome::Delivered), Then::Delivered).await;
    let recovered = decided(journal.as_ref(), 2, vec![recovery(OWED)]).await[0];
    assert_eq!(waiting(journal.as_ref(), "chat").await, [recovered]);
    let work = journal.work(recovered).await.unwrap().unwrap();
    assert_eq!(work.answers, [standing(journal.as_ref(), failed).await.id]);
}

pub(crate) async fn nobody_hears_of_the_end_of_what_they_were_never_told(place: &Place) {
    let journal = place.open();
    let (failed, recovered) = both(journal.as_ref(), OWED).await;
    refuse(journal.as_ref(), failed).await;
    assert_never_told(journal.as_ref(), recovered).await;
    let second = decided(journal.as_ref(), 3, vec![recovery(OWED)]).await[0];
    assert_never_told(journal.as_ref(), second).await;
    let unknown = Answers { duty: Duty(5), ..OWED };
    let third = decided(journal.as_ref(), 4, vec![recovery(unknown)]).await[0];
    assert_never_told(journal.as_ref(), third).await;
    assert!(waiting(journal.as_ref(), "chat").await.is_empty());
}

pub(crate) async fn what_may_have_arrived_is_answered(place: &Place) {
    let journal = place.open();
    let (failed, recovered) = both(journal.as_ref(), OWED).await;
    let timed_out = AttemptRecord { maybe_arrived: true, ..tried(1, Outcome::Unavailable) };
    let again = Then::Again { due: None, progress: None };
    settle(journal.as_ref(), failed, timed_out.clone(), again.clone()).await;
    assert_eq!(state(journal.as_ref(), recovered).await, DeliveryState::Waiting);
    settle(journal.as_ref(), failed, tried(2, Outcome::Unavailable), again).await;
    end(journal.as_ref(), failed, Then::dead("given up")).await;
    journal.close().await;

    let journal = place.open();
    let found = standing(journal.as_ref(), failed).await;
    assert!(found.maybe_arrived);
    let (_, attempts) = journal.delivery(found.id).await.unwrap().unwrap();
    assert_eq!(attempts, [timed_out, tried(2, Outcome::Unavailable)]);
    assert_eq!(journal.work(recovered).await.unwrap().unwrap().answers, [found.id]);
    assert_eq!(state(journal.as_ref(), recovered).await, DeliveryState::Waiting);
}

pub(crate) async fn one_that_still_waits_and_its_recovery_become_one_message(place: &Place) {
    for answers in [OWED, Answers { conditional: false, ..OWED }] {
        let folder = place.path(&format!("{}", answers.conditional));
        std::fs::create_dir(&folder).unwrap();
        let journal = (place.open)(&folder);
        let failed = decided(journal.as_ref(), 1, vec![failure("chat")]).await[0];
        assert!(!journal.work(failed).await.unwrap().unwrap().superseded);
        let recovered = decided(journal.as_ref(), 2, vec![recovery(answers)]).await[0];
        assert!(journal.work(failed).await.unwrap().unwrap().superseded);
        end(journal.as_ref(), failed, Then::Superseded).await;
        let found = standing(journal.as_ref(), failed).await;
        let expected = (DeliveryState::Cancelled, Some(SUPERSEDED));
        assert_eq!((found.state, found.reason.as_deref()), expected);
        assert_eq!(waiting(journal.as_ref(), "chat").await, [recovered]);
        let work = journal.work(recovered).await.unwrap().unwrap();
        assert_eq!(work.delivery.brief.recovery, Some(RecoveryNote { untold: true }));
        assert_eq!(work.answers, Vec::<Uuid>::new());
    }
}

pub(crate) async fn nobody_hears_of_a_failure_after_its_end(place: &Place) {
    let journal = place.open();
    let failed = decided(journal.as_ref(), 1, vec![failure("chat")]).await[0];
    let timed_out = AttemptRecord { maybe_arrived: true, ..tried(1, Outcome::Unavailable) };
    let again = Then::Again { due: Some(later(at(0))), progress: None };
    settle(journal.as_ref(), failed, timed_out, again).await;
    let recovered = decided(journal.as_ref(), 2, vec![recovery(OWED)]).await[0];
    assert!(!journal.work(failed).await.unwrap().unwrap().superseded, "it is told again");
    // Its lane has passed it meanwhile.
    settle(journal.as_ref(), recovered, tried(1, Outcome::Delivered), Then::Delivered).await;
    assert!(journal.work(failed).await.unwrap().unwrap().superseded);
    end(journal.as_ref(), failed, Then::Superseded).await;
    assert_eq!(state(journal.as_ref(), failed).await, DeliveryState::Cancelled);
    assert_eq!(state(journal.as_ref(), recovered).await, DeliveryState::Delivered);
}

pub(crate) async fn one_that_tells_of_more_is_not_superseded_but_waited_for(place: &Place) {
    let journal = place.open();
    let digest = Answers { supersedes: false, ..OWED };
    let (failed, recovered) = both(journal.as_ref(), digest).await;
    assert!(!journal.work(failed).await.unwrap().unwrap().superseded);
    end(journal.as_ref(), failed, Then::Superseded).await;
    assert_eq!(waiting(journal.as_ref(), "chat").await, [failed]);
    settle(journal.as_ref(), failed, tried(1, Outcome::Delivered), Then::Delivered).await;
    assert_eq!(waiting(journal.as_ref(), "chat").await, [recovered]);
    assert!(!untold(journal.as_ref(), recovered).await);
}

pub(crate) async fn all_deliveries_of_a_duty_are_waited_for(place: &Place) {
    let journal = place.open();
    let failed = decided(journal.as_ref(), 1, vec![failure("chat"), failure("chat")]).await;
    let recovered = decided(journal.as_ref(), 2, vec![recovery(OWED)]).await[0];
    refuse(journal.as_ref(), failed[0]).await;
    assert_eq!(state(journal.as_ref(), recovered).await, DeliveryState::Held);
    end(journal.as_ref(), failed[1], Then::Superseded).await;
    assert_eq!(state(journal.as_ref(), recovered).await, DeliveryState::Waiting);
    assert!(untold(journal.as_ref(), recovered).await);
    let found = journal.of_duties(vec![DUTY, Duty(1)]).await.unwrap();
    let found: Vec<DeliverySeq> = found.iter().map(|delivery| delivery.seq).collect();
    assert_eq!(found, [failed[0], failed[1], recovered]);
}

pub(crate) async fn a_person_may_cancel_either_of_both(place: &Place) {
    let journal = place.open();
    let (failed, recovered) = both(journal.as_ref(), OWED).await;
    end(journal.as_ref(), recovered, Then::Cancelled("by hand".into())).await;
    assert_eq!(state(journal.as_ref(), recovered).await, DeliveryState::Cancelled);
    assert!(!journal.work(failed).await.unwrap().unwrap().superseded);
    end(journal.as_ref(), failed, Then::Superseded).await;
    assert_eq!(waiting(journal.as_ref(), "chat").await, [failed]);
    let second = decided(journal.as_ref(), 3, vec![recovery(OWED)]).await[0];
    end(journal.as_ref(), failed, Then::Cancelled("by hand".into())).await;
    assert_never_told(journal.as_ref(), second).await;
    let found = standing(journal.as_ref(), recovered).await;
    assert_eq!(found.reason.as_deref(), Some("by hand"));
}

pub(crate) async fn a_dead_one_that_arrives_after_all_is_answered_after_all(place: &Place) {
    let journal = place.open();
    let (failed, recovered) = both(journal.as_ref(), OWED).await;
    refuse(journal.as_ref(), failed).await;
    assert_never_told(journal.as_ref(), recovered).await;
    assert_eq!(journal.retry(DeliveryFilter::default()).await.unwrap(), 1);
    assert!(!journal.work(failed).await.unwrap().unwrap().superseded);
    assert_never_told(journal.as_ref(), recovered).await;
    settle(journal.as_ref(), failed, tried(2, Outcome::Delivered), Then::Delivered).await;
    assert_eq!(waiting(journal.as_ref(), "chat").await, [recovered]);
    assert_eq!(standing(journal.as_ref(), recovered).await.reason, None);
}

pub(crate) async fn what_was_told_is_answered_also_after_retention_took_it(place: &Place) {
    let journal = place.open();
    let failed = decided(journal.as_ref(), 1, vec![failure("chat")]).await[0];
    settle(journal.as_ref(), failed, tried(1, Outcome::Delivered), Then::Delivered).await;
    let other = Planned { duty: Some(Duty(9)), ..planned("chat") };
    let other = decided(journal.as_ref(), 2, vec![other]).await[0];
    refuse(journal.as_ref(), other).await;
    journal.acknowledge(DeliveryFilter::default()).await.unwrap();
    while journal.prune(later(at(0))).await.unwrap() > 0 {}
    assert!(journal.work(failed).await.unwrap().is_none());
    journal.close().await;
    let journal = place.open();
    let never = recovery(Answers { duty: Duty(9), ..OWED });
    let answers = decided(journal.as_ref(), 3, vec![recovery(OWED), never]).await;
    assert_eq!(waiting(journal.as_ref(), "chat").await, answers[..1]);
    assert_never_told(journal.as_ref(), answers[1]).await;
    let work = journal.work(answers[0]).await.unwrap().unwrap();
    assert_eq!((work.answers, untold(journal.as_ref(), answers[0]).await), (vec![], false));
}

pub(crate) async fn retention_keeps_what_is_held(place: &Place) {
    let journal = place.open();
    let (failed, recovered) = both(journal.as_ref(), OWED).await;
    assert_eq!(journal.prune(later(at(0))).await.unwrap(), 0);
    let held = DeliveryFilter { state: Some(DeliveryState::Held), ..Default::default() };
    let found = journal.deliveries(held).await.unwrap();
    assert_eq!(found.iter().map(|delivery| delivery.seq).collect::<Vec<_>>(), [recovered]);
    refuse(journal.as_ref(), failed).await;
    assert_eq!(journal.prune(later(at(0))).await.unwrap(), 0, "the failure can be put back");
    journal.acknowledge(DeliveryFilter::default()).await.unwrap();
    assert_eq!(journal.prune(later(at(0))).await.unwrap(), 2);
    assert!(journal.work(recovered).await.unwrap().is_none());
}

pub(crate) async fn in_shadow_recoveries_are_only_recorded(place: &Place) {
    let journal = place.open();
    let shadow = |planned: Planned| Planned { shadow: true, ..planned };
    let failed = decided(journal.as_ref(), 1, vec![shadow(failure("chat"))]).await[0];
    let recovered = decided(journal.as_ref(), 2, vec![shadow(recovery(OWED))]).await[0];
    for delivery in [failed, recovered] {
        let found = standing(journal.as_ref(), delivery).await;
        assert_eq!(found.reason.as_deref(), Some("shadow"));
        assert_eq!(found.state, DeliveryState::Cancelled);
    }
}
