//! How decisions are kept, and what waits afterwards.

use super::*;

pub(crate) async fn a_decision_survives_a_restart_and_is_not_asked_for_again(place: &Place) {
    let journal = place.open();
    for n in 0..3 {
        journal.accept(run("checkout", n)).await.unwrap();
    }
    let events = journal.undecided(10).await.unwrap();
    journal
        .decide(vec![decision(events[0].seq, &["chat", "mail"])], Patch::default())
        .await
        .unwrap();
    journal.close().await;
    let journal = place.open();
    let left: Vec<Uuid> = journal.undecided(10).await.unwrap().iter().map(|e| e.id).collect();
    assert_eq!(left, [events[1].id, events[2].id]);
    assert_eq!(journal.figures().await.unwrap().undecided, 2);
    let chat = waiting(journal.as_ref(), "chat").await;
    let work = journal.work(chat[0]).await.unwrap().unwrap();
    assert_eq!((work.event.id, work.event.body), (events[0].id, events[0].body.clone()));
    assert_eq!(work.delivery.brief, planned("chat").brief);
    assert_eq!(waiting(journal.as_ref(), "mail").await.len(), 1);
}

pub(crate) async fn decisions_out_of_order_are_refused_whole(place: &Place) {
    let journal = place.open();
    for n in 0..3 {
        journal.accept(run("checkout", n)).await.unwrap();
    }
    let events = journal.undecided(10).await.unwrap();
    let [first, second, third] = [events[0].seq, events[1].seq, events[2].seq];
    let beyond = EventSeq(third.0 + 1);
    for wrong in
        [vec![second], vec![first, third], vec![first, first], vec![first, second, third, beyond]]
    {
        let decisions = wrong.into_iter().map(|seq| decision(seq, &["chat"])).collect();
        assert!(matches!(
            journal.decide(decisions, Patch::default()).await,
            Err(JournalError::Other(_))
        ));
    }
    assert_eq!(journal.undecided(10).await.unwrap().len(), 3);
    assert!(waiting(journal.as_ref(), "chat").await.is_empty());
    decide_all(journal.as_ref(), &["chat"]).await;
    assert_eq!(waiting(journal.as_ref(), "chat").await.len(), 3);
}

pub(crate) async fn a_brief_comes_back_as_it_was_given(place: &Place) {
    let journal = place.open();
    journal.accept(run("checkout", 1)).await.unwrap();
    let brief = Brief {
        rules: vec!["red \"quoted\"".into(), "ünïcode\0\n".into()],
        words: Some(crate::model::Words { rule: "red".into(), entry: 2 }),
        labels: [("team".into(), "payments".into())].into(),
        with: [("channel".into(), "#qa".into())].into(),
        failing: Some(true),
        dead: Some(crate::model::DeadNote { sink: "mail".into(), reason: "550".into(), count: 3 }),
        ..Brief::default()
    };
    let planned = vec![Planned::new("chat", brief.clone())];
    let event = journal.undecided(1).await.unwrap()[0].seq;
    journal
        .decide(
            vec![Decision { event, planned, unmatched: false, parked: None, account: None }],
            Patch::default(),
        )
        .await
        .unwrap();
    let delivery = waiting(journal.as_ref(), "chat").await[0];
    assert_eq!(standing(journal.as_ref(), delivery).await.brief, brief);
    journal.close().await;
    assert_eq!(standing(place.open().as_ref(), delivery).await.brief, brief);
}

pub(crate) async fn what_waits_is_listed_by_sink_and_lane_in_order(place: &Place) {
    let journal = place.open();
    for n in 0..30 {
        journal.accept(run(if n % 3 == 0 { "nightly" } else { "checkout" }, n)).await.unwrap();
    }
    decide_all(journal.as_ref(), &["chat", "mail"]).await;
    let all = journal.waiting("chat", DeliverySeq(0), 100).await.unwrap();
    assert_eq!(all.len(), 30);
    assert!(all.windows(2).all(|pair| pair[0].seq < pair[1].seq));
    let page = journal.waiting("chat", all[9].seq, 5).await.unwrap();
    assert_eq!(page, all[10..15]);
    let nightly = Lane::of("main", "nightly");
    let lane: Vec<Waiting> = all.iter().copied().filter(|w| w.lane == nightly).collect();
    assert_eq!(lane.len(), 10);
    let found = journal.waiting_in_lane("chat", nightly, lane[2].seq, 4).await.unwrap();
    assert_eq!(found, lane[2..6]);
    assert!(journal.waiting("nobody", DeliverySeq(0), 100).await.unwrap().is_empty());
}

pub(crate) async fn what_was_only_planned_is_recorded_and_never_waits(place: &Place) {
    let journal = place.open();
    let id = journal.accept(run("checkout", 1)).await.unwrap().id;
    let event = journal.undecided(1).await.unwrap()[0].seq;
    let shadow = Planned { shadow: true, ..planned("chat") };
    let planned = vec![shadow, planned("mail")];
    journal
        .decide(
            vec![Decision { event, planned, unmatched: false, parked: None, account: None }],
            Patch::default(),
        )
        .await
        .unwrap();
    let (_, deliveries) = journal.event(id).await.unwrap().unwrap();
    assert_eq!(deliveries[0].state, DeliveryState::Cancelled);
    assert_eq!(deliveries[0].reason.as_deref(), Some("shadow"));
    assert!(waiting(journal.as_ref(), "chat").await.is_empty());
    assert_eq!(waiting(journal.as_ref(), "mail").await, [deliveries[1].seq]);
}

pub(crate) async fn an_events_fate_is_told(place: &Place) {
    let journal = place.open();
    let mut ids = Vec::new();
    for n in 0..4 {
        ids.push(journal.accept(run("checkout", n)).await.unwrap().id);
    }
    let events = journal.undecided(3).await.unwrap();
    let plain = decision(events[0].seq, &[]);
    let unmatched = Decision { unmatched: true, ..decision(events[1].seq, &[]) };
    let parked = Decision { parked: Some("it panicked".into()), ..decision(events[2].seq, &[]) };
    journal.decide(vec![plain, unmatched, parked], Patch::default()).await.unwrap();
    let decided = Fate { decided: true, ..Fate::default() };
    let expected = [
        decided.clone(),
        Fate { unmatched: true, ..decided.clone() },
        Fate { parked: Some("it panicked".into()), ..decided },
        Fate::default(),
    ];
    for (id, expected) in ids.iter().zip(expected) {
        assert_eq!(journal.fate(*id).await.unwrap(), Some(expected));
    }
    let filter = EventFilter { parked: true, ..EventFilter::default() };
    let found = journal.events(filter).await.unwrap();
    assert_eq!(found.iter().map(|event| event.id).collect::<Vec<_>>(), [ids[2]]);
}

pub(crate) async fn deliveries_can_be_added_to_a_decided_event(place: &Place) {
    let journal = place.open();
    let first = told(journal.as_ref(), 1, &["chat"]).await;
    let event = standing(journal.as_ref(), first[0]).await.event;
    let woken = journal.signals().deliveries.notified();
    journal.add(event, vec![planned("mail")]).await.unwrap();
    woken.await;
    let added = waiting(journal.as_ref(), "mail").await;
    assert_eq!(standing(journal.as_ref(), added[0]).await.event, event);
    journal.add(EventSeq(999), vec![planned("mail")]).await.unwrap();
    assert_eq!(waiting(journal.as_ref(), "mail").await, added);
}
