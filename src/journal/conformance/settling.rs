//! How attempts end deliveries, or don't.

use super::*;

pub(crate) async fn a_delivered_one_waits_no_more(place: &Place) {
    let journal = place.open();
    let delivery = told(journal.as_ref(), 1, &["chat"]).await[0];
    settle(journal.as_ref(), delivery, tried(1, Outcome::Delivered), Then::Delivered).await;
    assert!(waiting(journal.as_ref(), "chat").await.is_empty());
    journal.close().await;
    let journal = place.open();
    let found = standing(journal.as_ref(), delivery).await;
    assert_eq!((found.state, found.attempts), (DeliveryState::Delivered, 1));
    assert_eq!(found.last_attempt, Some(tried(1, Outcome::Delivered)));
    assert_eq!(found.first_attempt_at, Some(at(1)));
    let (_, attempts) = journal.delivery(found.id).await.unwrap().unwrap();
    assert_eq!(attempts, [tried(1, Outcome::Delivered)]);
}

pub(crate) async fn one_to_be_tried_again_keeps_its_place_due_and_progress(place: &Place) {
    let journal = place.open();
    let delivery = told(journal.as_ref(), 1, &["chat"]).await[0];
    let other = told(journal.as_ref(), 2, &["chat"]).await[0];
    for number in 1..=3 {
        let due = Some(at(100 * i64::from(number)));
        let again = Then::Again { due, progress: Some(format!("step {number}")) };
        settle(journal.as_ref(), delivery, tried(number, Outcome::Deferred), again).await;
        let found = journal.waiting("chat", DeliverySeq(0), 10).await.unwrap();
        assert_eq!((found[0].seq, found[0].due), (delivery, due));
        assert_eq!((found[1].seq, found[1].due), (other, None));
    }
    let work = journal.work(delivery).await.unwrap().unwrap();
    assert_eq!(work.progress.as_deref(), Some("step 3"));
    assert_eq!((work.delivery.attempts, work.delivery.first_attempt_at), (3, Some(at(1))));
    assert_eq!(work.delivery.last_attempt, Some(tried(3, Outcome::Deferred)));
    let (_, attempts) = journal.delivery(work.delivery.id).await.unwrap().unwrap();
    assert_eq!(attempts, [1, 2, 3].map(|number| tried(number, Outcome::Deferred)));
}

pub(crate) async fn a_long_history_keeps_its_beginning_and_its_end(place: &Place) {
    let journal = place.open();
    let delivery = told(journal.as_ref(), 1, &["chat"]).await[0];
    for number in 1..=100 {
        let again = Then::Again { due: None, progress: None };
        settle(journal.as_ref(), delivery, tried(number, Outcome::Unavailable), again).await;
    }
    let found = standing(journal.as_ref(), delivery).await;
    let (_, attempts) = journal.delivery(found.id).await.unwrap().unwrap();
    let numbers: Vec<u32> = attempts.iter().map(|attempt| attempt.number).collect();
    assert_eq!(numbers, (1..=10).chain(51..=100).collect::<Vec<u32>>());
    assert_eq!((found.attempts, found.last_attempt.unwrap().number), (100, 100));
}

pub(crate) async fn a_dead_one_says_why(place: &Place) {
    let journal = place.open();
    let delivery = told(journal.as_ref(), 1, &["chat"]).await[0];
    let dead = Then::dead("400: no such channel");
    settle(journal.as_ref(), delivery, tried(1, Outcome::Refused), dead).await;
    let found = standing(journal.as_ref(), delivery).await;
    assert_eq!((found.state, found.seen), (DeliveryState::Dead, false));
    assert_eq!(found.reason.as_deref(), Some("400: no such channel"));
    let backlog = journal.backlog().await.unwrap();
    assert_eq!((backlog[0].waiting, backlog[0].dead, backlog[0].oldest), (0, 1, None));
}

pub(crate) async fn a_cancelled_one_stays_cancelled_unless_the_far_side_took_it(place: &Place) {
    let journal = place.open();
    let failed = told(journal.as_ref(), 1, &["chat"]).await[0];
    let taken = told(journal.as_ref(), 2, &["chat"]).await[0];
    for delivery in [failed, taken] {
        let then = Then::Cancelled("by hand".into());
        journal.settle(vec![Settlement::new(delivery, None, then)]).await.unwrap();
    }
    assert!(waiting(journal.as_ref(), "chat").await.is_empty());
    let again = Then::Again { due: None, progress: None };
    settle(journal.as_ref(), failed, tried(1, Outcome::Unavailable), again).await;
    settle(journal.as_ref(), taken, tried(1, Outcome::Delivered), Then::Delivered).await;
    let found = standing(journal.as_ref(), failed).await;
    assert_eq!((found.state, found.attempts), (DeliveryState::Cancelled, 1));
    assert_eq!(found.reason.as_deref(), Some("by hand"));
    assert_eq!(standing(journal.as_ref(), taken).await.state, DeliveryState::Delivered);
    assert!(waiting(journal.as_ref(), "chat").await.is_empty());
}

pub(crate) async fn an_attempt_told_twice_counts_once(place: &Place) {
    let journal = place.open();
    let delivery = told(journal.as_ref(), 1, &["chat"]).await[0];
    let dead = || Then::dead("no");
    settle(journal.as_ref(), delivery, tried(1, Outcome::Refused), dead()).await;
    journal.retry(DeliveryFilter::default()).await.unwrap();
    settle(journal.as_ref(), delivery, tried(1, Outcome::Refused), dead()).await;
    let found = standing(journal.as_ref(), delivery).await;
    assert_eq!((found.state, found.attempts), (DeliveryState::Waiting, 1));
    assert_eq!(waiting(journal.as_ref(), "chat").await, [delivery]);
}

pub(crate) async fn a_settlement_of_what_is_gone_is_no_error(place: &Place) {
    let journal = place.open();
    settle(journal.as_ref(), DeliverySeq(77), tried(1, Outcome::Delivered), Then::Delivered).await;
    assert!(journal.work(DeliverySeq(77)).await.unwrap().is_none());
}

pub(crate) async fn the_backlog_is_counted_by_sink_also_after_a_restart(place: &Place) {
    let journal = place.open();
    let mut deliveries = Vec::new();
    for n in 0..5 {
        let arrival = Arrival { received_at: at(n as i64), ..run("checkout", n) };
        journal.accept(arrival).await.unwrap();
    }
    decide_all(journal.as_ref(), &["chat", "mail"]).await;
    deliveries.extend(waiting(journal.as_ref(), "chat").await);
    settle(journal.as_ref(), deliveries[0], tried(1, Outcome::Delivered), Then::Delivered).await;
    let dead = Then::dead("no");
    settle(journal.as_ref(), deliveries[1], tried(1, Outcome::Refused), dead).await;
    let expected = [
        Backlog { sink: "chat".into(), waiting: 3, dead: 1, oldest: Some(at(2)) },
        Backlog { sink: "mail".into(), waiting: 5, dead: 0, oldest: Some(at(0)) },
    ];
    let sorted = |mut backlog: Vec<Backlog>| {
        backlog.sort_by(|a, b| a.sink.cmp(&b.sink));
        backlog
    };
    assert_eq!(sorted(journal.backlog().await.unwrap()), expected);
    journal.close().await;
    assert_eq!(sorted(place.open().backlog().await.unwrap()), expected);
}

pub(crate) async fn a_sinks_trouble_is_remembered_until_it_is_over(place: &Place) {
    let journal = place.open();
    let trouble = Trouble {
        suspended: true,
        since: at(1),
        reason: "401".into(),
        failures: 3,
        next_probe: at(9),
    };
    journal.set_sink_trouble("chat", Some(trouble.clone())).await.unwrap();
    let worse = Trouble { failures: 4, ..trouble };
    journal.set_sink_trouble("chat", Some(worse.clone())).await.unwrap();
    journal.close().await;
    let journal = place.open();
    assert_eq!(journal.sink_troubles().await.unwrap(), [("chat".to_owned(), worse)]);
    journal.set_sink_trouble("chat", None).await.unwrap();
    assert!(journal.sink_troubles().await.unwrap().is_empty());
}
