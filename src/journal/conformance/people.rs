//! What people ask for: lists, retries, acknowledgements, replays.

use super::*;

fn ids(events: &[Event]) -> Vec<Uuid> {
    events.iter().map(|event| event.id).collect()
}

pub(crate) async fn events_are_listed_newest_first_and_by_pages(place: &Place) {
    let journal = place.open();
    let mut all = Vec::new();
    for n in 0..60 {
        all.push(journal.accept(run("checkout", n)).await.unwrap().id);
    }
    all.reverse();
    assert_eq!(ids(&journal.events(EventFilter::default()).await.unwrap()), all[..50]);
    let mut found = Vec::new();
    let mut filter = EventFilter { limit: 7, ..EventFilter::default() };
    loop {
        let page = ids(&journal.events(filter.clone()).await.unwrap());
        let Some(last) = page.last() else { break };
        filter.before = Some(*last);
        found.extend(page);
    }
    assert_eq!(found, all);
}

pub(crate) async fn events_are_found_by_what_was_read_from_them(place: &Place) {
    let journal = place.open();
    let red = journal.accept(run("checkout", 1)).await.unwrap().id;
    let late = Arrival { received_at: at(50), ..run("nightly", 2) };
    let late = journal.accept(late).await.unwrap().id;
    let partner = Arrival { source: "partner".into(), ..run("checkout", 3) };
    let partner = journal.accept(partner).await.unwrap().id;
    let broken = journal.accept(arrival("{")).await.unwrap().id;
    let passed = journal.accept(arrival(r#"{"status":"passed"}"#)).await.unwrap().id;
    let filter = EventFilter::default;
    let text = |text: &str| Some(text.to_owned());
    for (filter, expected) in [
        (EventFilter { source: text("partner"), ..filter() }, vec![partner]),
        (EventFilter { group: text("nightly"), ..filter() }, vec![late]),
        (EventFilter { group: text("night*"), ..filter() }, vec![]),
        (EventFilter { group: text("checkout"), ..filter() }, vec![partner, red]),
        (EventFilter { status: text("Failed"), ..filter() }, vec![partner, late, red]),
        (EventFilter { status: text("PASSED"), ..filter() }, vec![passed]),
        (EventFilter { execution: text("exec_1"), ..filter() }, vec![red]),
        (EventFilter { unreadable: true, ..filter() }, vec![broken]),
        (EventFilter { since: Some(at(50)), ..filter() }, vec![late]),
        (EventFilter { until: Some(at(50)), ..filter() }, vec![passed, broken, partner, red]),
        (EventFilter { source: text("nobody"), ..filter() }, vec![]),
    ] {
        let found = journal.events(filter.clone()).await.unwrap();
        assert_eq!(ids(&found), expected, "{filter:?}");
    }
}

pub(crate) async fn deliveries_are_found_by_sink_state_event_and_id(place: &Place) {
    let journal = place.open();
    let first = told(journal.as_ref(), 1, &["chat", "mail"]).await;
    let second = told(journal.as_ref(), 2, &["chat", "mail"]).await;
    settle(journal.as_ref(), first[0], tried(1, Outcome::Delivered), Then::Delivered).await;
    let one = standing(journal.as_ref(), first[1]).await;
    let filter = DeliveryFilter::default;
    for (filter, expected) in [
        (filter(), vec![second[1], second[0], first[1], first[0]]),
        (DeliveryFilter { limit: 1, ..filter() }, vec![second[1]]),
        (DeliveryFilter { sink: Some("chat".into()), ..filter() }, vec![second[0], first[0]]),
        (DeliveryFilter { state: Some(DeliveryState::Delivered), ..filter() }, vec![first[0]]),
        (DeliveryFilter { event: Some(one.event_id), ..filter() }, vec![first[1], first[0]]),
        (DeliveryFilter { ids: vec![one.id, unknown()], ..filter() }, vec![first[1]]),
        (DeliveryFilter { ids: vec![unknown()], ..filter() }, vec![]),
        (DeliveryFilter { before: Some(one.id), ..filter() }, vec![first[0]]),
        (
            DeliveryFilter { until: Some(one.created_at), sink: Some("?".into()), ..filter() },
            vec![],
        ),
    ] {
        let found = journal.deliveries(filter.clone()).await.unwrap();
        let found: Vec<DeliverySeq> = found.iter().map(|delivery| delivery.seq).collect();
        assert_eq!(found, expected, "{filter:?}");
    }
}

async fn dead(journal: &dyn Journal, number: usize, sink: &str) -> DeliverySeq {
    let delivery = told(journal, number, &[sink]).await[0];
    let again = Then::Again { due: Some(at(99)), progress: Some("half".into()) };
    settle(journal, delivery, tried(1, Outcome::Deferred), again).await;
    let dead = Then::Dead { reason: "no".into(), progress: Some("half".into()) };
    settle(journal, delivery, tried(2, Outcome::Refused), dead).await;
    delivery
}

pub(crate) async fn a_retry_puts_dead_ones_back_with_their_history(place: &Place) {
    let journal = place.open();
    let delivery = dead(journal.as_ref(), 1, "chat").await;
    let other = dead(journal.as_ref(), 2, "mail").await;
    let woken = journal.signals().deliveries.notified();
    let chat = DeliveryFilter { sink: Some("chat".into()), ..DeliveryFilter::default() };
    assert_eq!(journal.retry(chat.clone()).await.unwrap(), 1);
    woken.await;
    assert_eq!(journal.retry(chat).await.unwrap(), 0);
    let work = journal.work(delivery).await.unwrap().unwrap();
    assert_eq!(work.delivery.state, DeliveryState::Waiting);
    assert_eq!((work.delivery.attempts, work.delivery.first_attempt_at), (2, None));
    assert_eq!((work.delivery.due, work.progress.as_deref()), (None, Some("half")));
    assert_eq!(waiting(journal.as_ref(), "chat").await, [delivery]);
    assert_eq!(standing(journal.as_ref(), other).await.state, DeliveryState::Dead);
    settle(journal.as_ref(), delivery, tried(3, Outcome::Delivered), Then::Delivered).await;
    let found = standing(journal.as_ref(), delivery).await;
    assert_eq!((found.attempts, found.first_attempt_at), (3, Some(at(3))));
}

pub(crate) async fn only_what_is_dead_is_put_back(place: &Place) {
    let journal = place.open();
    let gone = dead(journal.as_ref(), 1, "chat").await;
    let fresh = told(journal.as_ref(), 2, &["chat"]).await[0];
    let done = told(journal.as_ref(), 3, &["chat"]).await[0];
    settle(journal.as_ref(), done, tried(1, Outcome::Delivered), Then::Delivered).await;
    let delivered = DeliveryFilter { state: Some(DeliveryState::Delivered), ..Default::default() };
    assert_eq!(journal.retry(delivered).await.unwrap(), 0);
    let id = standing(journal.as_ref(), done).await.id;
    assert_eq!(
        journal.retry(DeliveryFilter { ids: vec![id], ..Default::default() }).await.unwrap(),
        0
    );
    assert_eq!(journal.retry(DeliveryFilter { limit: 1, ..Default::default() }).await.unwrap(), 1);
    assert_eq!(waiting(journal.as_ref(), "chat").await, [gone, fresh]);
}

pub(crate) async fn all_that_match_are_put_back_however_many(place: &Place) {
    let journal = place.open();
    for n in 0..3 {
        journal.accept(run("checkout", n)).await.unwrap();
    }
    decide_all(journal.as_ref(), &["chat"; 400]).await;
    let all = waiting(journal.as_ref(), "chat").await;
    let kill = |delivery: &DeliverySeq| Settlement::new(*delivery, None, Then::dead("no"));
    journal.settle(all.iter().map(kill).collect()).await.unwrap();
    assert_eq!(journal.acknowledge(DeliveryFilter::default()).await.unwrap(), 1200);
    assert_eq!(journal.retry(DeliveryFilter::default()).await.unwrap(), 1200);
    assert_eq!(waiting(journal.as_ref(), "chat").await, all);
    assert!(!standing(journal.as_ref(), all[0]).await.seen);
}

pub(crate) async fn an_acknowledged_one_is_seen_once(place: &Place) {
    let journal = place.open();
    let delivery = dead(journal.as_ref(), 1, "chat").await;
    let fresh = told(journal.as_ref(), 2, &["chat"]).await[0];
    assert_eq!(journal.acknowledge(DeliveryFilter::default()).await.unwrap(), 1);
    assert_eq!(journal.acknowledge(DeliveryFilter::default()).await.unwrap(), 0);
    assert!(standing(journal.as_ref(), delivery).await.seen);
    assert!(!standing(journal.as_ref(), fresh).await.seen);
    assert_eq!(standing(journal.as_ref(), delivery).await.state, DeliveryState::Dead);
}

pub(crate) async fn a_replay_is_a_new_event_with_the_same_bytes(place: &Place) {
    let journal = place.open();
    let id = journal.accept(run("checkout", 1)).await.unwrap().id;
    let first = decide_all(journal.as_ref(), &["chat"]).await.remove(0);
    let woken = journal.signals().events.notified();
    let again = journal.replay(id, at(500)).await.unwrap().unwrap();
    woken.await;
    assert_ne!(again, id);
    journal.accept(run("checkout", 2)).await.unwrap();
    let events = journal.undecided(10).await.unwrap();
    assert_eq!((events.len(), events[0].id), (2, again));
    assert_eq!(events[0].body, first.body);
    assert_eq!(events[0].reading, first.reading);
    assert_eq!((events[0].replay_of, events[0].received_at), (Some(first.seq), at(500)));
    assert_eq!(journal.accept(run("checkout", 1)).await.unwrap().id, id);
    assert!(journal.replay(again, at(501)).await.unwrap().is_some());
}
