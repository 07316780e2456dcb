//! What sinks hold open for incidents: kept with the attempts, given to the later ones.

use serde_json::json;

use super::answering::decided;
use super::*;
use crate::model::ruling::NEVER_TOLD;
use crate::model::{Answers, Captured, Duty, Handling, Holding, ThingState};

const DUTY: Duty = Duty(-77);
const OWED: Answers = Answers { duty: DUTY, conditional: true, supersedes: true };

fn incident() -> Uuid {
    Uuid::from_u128(5)
}

fn failure() -> Planned {
    Planned { duty: Some(DUTY), ..planned("chat") }
}

fn recovery() -> Planned {
    Planned { answers: Some(OWED), ..planned("chat") }
}

fn captured(number: u32) -> Captured {
    Captured::from([("number".to_owned(), number.into()), ("thread".to_owned(), json!("1.5"))])
}

fn opened(number: u32) -> Holding {
    Holding::Open(captured(number))
}

fn again(progress: &str) -> Then {
    Then::Again { due: None, progress: Some(progress.to_owned()) }
}

/// A try of a delivery of the duty, after which the thing is so.
async fn tries(
    journal: &dyn Journal,
    delivery: DeliverySeq,
    number: u32,
    then: Then,
    holding: Holding,
) {
    let handling = Handling { duty: DUTY, incident: Some(incident()), holding };
    let settlement = Settlement::new(delivery, Some(tried(number, Outcome::Deferred)), then);
    let settlement = Settlement { handling: Some(handling), ..settlement };
    journal.settle(vec![settlement]).await.unwrap();
}

/// What was captured of the thing that is open.
async fn held(journal: &dyn Journal) -> Option<Captured> {
    journal.held(DUTY).await.unwrap().map(|thing| thing.captured)
}

async fn progress(journal: &dyn Journal, delivery: DeliverySeq) -> Option<String> {
    journal.work(delivery).await.unwrap().unwrap().progress
}

async fn state(journal: &dyn Journal, delivery: DeliverySeq) -> DeliveryState {
    standing(journal, delivery).await.state
}

pub(crate) async fn what_is_opened_is_kept_with_its_attempt_also_a_failed_one(place: &Place) {
    let journal = place.open();
    let delivery = decided(journal.as_ref(), 1, vec![failure()]).await[0];
    assert_eq!(journal.held(DUTY).await.unwrap(), None);
    tries(journal.as_ref(), delivery, 1, again("one step"), opened(12)).await;
    journal.close().await;

    let journal = place.open();
    let thing = journal.held(DUTY).await.unwrap().unwrap();
    assert_eq!((thing.duty, thing.incident), (DUTY, Some(incident())));
    assert_eq!((thing.sink.as_str(), thing.state), ("chat", ThingState::Open));
    assert_eq!(thing.captured, captured(12));
    assert_eq!(progress(journal.as_ref(), delivery).await.as_deref(), Some("one step"));
    tries(journal.as_ref(), delivery, 2, Then::Delivered, opened(13)).await;
    let later = journal.held(DUTY).await.unwrap().unwrap();
    assert_eq!((later.captured, later.at), (captured(13), thing.at));

    journal.backup(place.path("copy.db")).await.unwrap();
    let folder = place.path("restored");
    std::fs::create_dir(&folder).unwrap();
    std::fs::rename(place.path("copy.db"), folder.join("journal.db")).unwrap();
    let copy = (place.open)(&folder);
    assert_eq!(held(copy.as_ref()).await, Some(captured(13)));
    assert_eq!(copy.verify().await.unwrap(), Vec::<String>::new());
}

pub(crate) async fn one_that_is_gone_or_closed_is_opened_anew(place: &Place) {
    let journal = place.open();
    for (number, end, state) in
        [(1, Holding::Gone, ThingState::Gone), (2, Holding::Closed, ThingState::Closed)]
    {
        let delivery = decided(journal.as_ref(), number, vec![failure()]).await[0];
        tries(journal.as_ref(), delivery, 1, again("x"), opened(number as u32)).await;
        assert_eq!(held(journal.as_ref()).await, Some(captured(number as u32)));
        tries(journal.as_ref(), delivery, 2, again("y"), end).await;
        assert_eq!(held(journal.as_ref()).await, None);
        let past = journal.held_for(incident()).await.unwrap();
        assert_eq!(past.len(), 1);
        assert_eq!((past[0].state, &past[0].captured), (state, &captured(number as u32)));
        tries(journal.as_ref(), delivery, 3, Then::Delivered, Holding::Closed).await;
        assert_eq!(journal.held_for(incident()).await.unwrap(), past, "it ended once");
    }
}

pub(crate) async fn what_had_begun_is_forgotten_where_a_thing_begins_or_ends(place: &Place) {
    let journal = place.open();
    let first = decided(journal.as_ref(), 1, vec![failure()]).await[0];
    let second = decided(journal.as_ref(), 2, vec![failure()]).await[0];
    let nothing = Settlement::new(first, Some(tried(1, Outcome::Deferred)), again("looked it up"));
    journal.settle(vec![nothing]).await.unwrap();
    tries(journal.as_ref(), second, 1, again("opened it"), opened(12)).await;
    assert_eq!(progress(journal.as_ref(), first).await, None, "it would open another one");
    assert_eq!(progress(journal.as_ref(), second).await.as_deref(), Some("opened it"));

    let nothing =
        Settlement::new(first, Some(tried(2, Outcome::Deferred)), again("half a comment"));
    journal.settle(vec![nothing]).await.unwrap();
    tries(journal.as_ref(), second, 2, Then::Delivered, opened(12)).await;
    assert_eq!(progress(journal.as_ref(), first).await.as_deref(), Some("half a comment"));
    let recovered = decided(journal.as_ref(), 3, vec![recovery()]).await[0];
    tries(journal.as_ref(), recovered, 1, again("closed it"), Holding::Closed).await;
    assert_eq!(progress(journal.as_ref(), first).await, None);
    assert_eq!(progress(journal.as_ref(), recovered).await.as_deref(), Some("closed it"));
}

pub(crate) async fn a_recovery_is_owed_where_a_thing_is_open_though_the_failure_died(
    place: &Place,
) {
    let journal = place.open();
    let failed = decided(journal.as_ref(), 1, vec![failure()]).await[0];
    let waits = decided(journal.as_ref(), 2, vec![recovery()]).await[0];
    assert_eq!(state(journal.as_ref(), waits).await, DeliveryState::Held);
    tries(journal.as_ref(), failed, 1, again("one step"), opened(12)).await;
    assert_eq!(state(journal.as_ref(), waits).await, DeliveryState::Waiting);
    assert!(journal.work(failed).await.unwrap().unwrap().superseded, "the recovery closes it");
    tries(journal.as_ref(), failed, 2, Then::dead("no"), opened(12)).await;
    let planned_later = decided(journal.as_ref(), 3, vec![recovery()]).await[0];
    assert_eq!(state(journal.as_ref(), planned_later).await, DeliveryState::Waiting);
    assert!(standing(journal.as_ref(), planned_later).await.brief.recovery.is_none());
    tries(journal.as_ref(), waits, 1, Then::Delivered, Holding::Closed).await;
    let nothing_is_open = decided(journal.as_ref(), 4, vec![recovery()]).await[0];
    assert_eq!(state(journal.as_ref(), nothing_is_open).await, DeliveryState::Cancelled);
    assert_eq!(journal.verify().await.unwrap(), Vec::<String>::new());
}

pub(crate) async fn an_attempt_told_twice_opens_nothing_again(place: &Place) {
    let journal = place.open();
    let failed = decided(journal.as_ref(), 1, vec![failure()]).await[0];
    tries(journal.as_ref(), failed, 1, Then::Delivered, opened(12)).await;
    let recovered = decided(journal.as_ref(), 2, vec![recovery()]).await[0];
    tries(journal.as_ref(), recovered, 1, Then::Delivered, Holding::Closed).await;
    tries(journal.as_ref(), failed, 1, Then::Delivered, opened(12)).await;
    assert_eq!(held(journal.as_ref()).await, None);
}

pub(crate) async fn things_of_incidents_are_told_apart(place: &Place) {
    let journal = place.open();
    let delivery = decided(journal.as_ref(), 1, vec![failure()]).await[0];
    let thing = |duty, of: u128| Handling {
        duty: Duty(duty),
        incident: Some(Uuid::from_u128(of)),
        holding: opened(duty as u32),
    };
    for (number, handling) in [thing(1, 8), thing(2, 8), thing(3, 9)].into_iter().enumerate() {
        let attempt = Some(tried(number as u32 + 1, Outcome::Deferred));
        let settlement = Settlement::new(delivery, attempt, again("x"));
        let settlement = Settlement { handling: Some(handling), ..settlement };
        journal.settle(vec![settlement]).await.unwrap();
    }
    let mut duties = Vec::new();
    for incident in [8, 9, 10] {
        let found = journal.held_for(Uuid::from_u128(incident)).await.unwrap();
        duties.push(found.iter().map(|thing| thing.duty.0).collect::<Vec<_>>());
    }
    assert_eq!(duties, [vec![1, 2], vec![3], vec![]]);
}

pub(crate) async fn a_recovery_is_kept_as_long_as_its_failure_can_be_put_back(place: &Place) {
    let journal = place.open();
    let failed = decided(journal.as_ref(), 1, vec![failure()]).await[0];
    settle(journal.as_ref(), failed, tried(1, Outcome::Refused), Then::dead("no")).await;
    let recovered = decided(journal.as_ref(), 2, vec![recovery()]).await[0];
    let found = standing(journal.as_ref(), recovered).await;
    assert_eq!(found.reason.as_deref(), Some(NEVER_TOLD));
    assert_eq!(journal.prune(later(at(0))).await.unwrap(), 0);

    journal.retry(DeliveryFilter::default()).await.unwrap();
    tries(journal.as_ref(), failed, 2, Then::Delivered, opened(12)).await;
    assert_eq!(waiting(journal.as_ref(), "chat").await, [recovered], "it closes what was opened");
    tries(journal.as_ref(), recovered, 1, Then::Delivered, Holding::Closed).await;
    assert_eq!(journal.prune(later(at(0))).await.unwrap(), 2);
}
