//! How events come in.

use futures_util::future::join_all;

use super::*;

pub(crate) async fn bodies_come_back_byte_for_byte(place: &Place) {
    let journal = place.open();
    let bodies: [Vec<u8>; 6] = [
        br#"{"groupName":"checkout","status":"FAILED"}"#.to_vec(),
        b"".to_vec(),
        b"not json at all".to_vec(),
        vec![0xff, 0xfe, 0x00, 0x80, b'{'],
        b"{\"summary\":\"a\\u0000b\",\"x\":\"\\ud83d\"}\0".to_vec(),
        vec![b'x'; 3 << 20],
    ];
    for body in &bodies {
        journal.accept(arrival(body)).await.unwrap();
    }
    assert_came_back(journal.as_ref(), &bodies).await;
    journal.close().await;
    assert_came_back(place.open().as_ref(), &bodies).await;
}

async fn assert_came_back(journal: &dyn Journal, bodies: &[Vec<u8>]) {
    let events = journal.undecided(10).await.unwrap();
    let found: Vec<&[u8]> = events.iter().map(|event| &*event.body).collect();
    assert_eq!(found, bodies.iter().map(Vec::as_slice).collect::<Vec<_>>());
    for event in events {
        assert_eq!(event.reading, Reading::of(&event.body));
        assert_eq!((&*event.source, event.received_at), ("main", at(0)));
    }
}

pub(crate) async fn the_same_bytes_are_a_repeat_only_of_the_same_source(place: &Place) {
    let journal = place.open();
    let first = journal.accept(run("checkout", 1)).await.unwrap();
    let again = journal.accept(run("checkout", 1)).await.unwrap();
    assert_eq!(again, Accepted { id: first.id, duplicate: true });
    let partner = Arrival { source: "partner".into(), ..run("checkout", 1) };
    assert!(!journal.accept(partner).await.unwrap().duplicate);
    assert!(!journal.accept(run("checkout", 2)).await.unwrap().duplicate);
    assert_eq!(journal.figures().await.unwrap().events, 3);
}

pub(crate) async fn repeats_that_arrive_together_are_stored_once(place: &Place) {
    let journal = place.open();
    let all = join_all((0..200).map(|n| journal.accept(run("checkout", n % 20)))).await;
    let all: Vec<Accepted> = all.into_iter().map(Result::unwrap).collect();
    assert_eq!(all.iter().filter(|accepted| !accepted.duplicate).count(), 20);
    for (n, accepted) in all.iter().enumerate() {
        assert_eq!(accepted.id, all[n % 20].id);
    }
    assert_eq!(journal.undecided(1000).await.unwrap().len(), 20);
}

pub(crate) async fn a_repeat_is_known_after_a_restart_and_after_its_decision(place: &Place) {
    let journal = place.open();
    let unread = journal.accept(arrival("no json")).await.unwrap();
    let first = journal.accept(run("checkout", 1)).await.unwrap();
    decide_all(journal.as_ref(), &["chat"]).await;
    journal.close().await;
    let journal = place.open();
    assert_eq!(journal.accept(run("checkout", 1)).await.unwrap().id, first.id);
    assert_eq!(journal.accept(arrival("no json")).await.unwrap().id, unread.id);
    assert!(journal.undecided(10).await.unwrap().is_empty());
}

pub(crate) async fn events_keep_the_order_in_which_they_were_accepted(place: &Place) {
    let journal = place.open();
    let mut ids = Vec::new();
    for n in 0..50 {
        // The clock runs backwards; the order doesn't.
        let arrival = Arrival { received_at: at(1000 - n as i64), ..run("checkout", n) };
        ids.push(journal.accept(arrival).await.unwrap().id);
    }
    let page: Vec<Uuid> = journal.undecided(20).await.unwrap().iter().map(|e| e.id).collect();
    assert_eq!(page, ids[..20]);
    let all = decide_all(journal.as_ref(), &[]).await;
    assert_eq!(all.iter().map(|event| event.id).collect::<Vec<_>>(), ids);
    assert!(all.windows(2).all(|pair| pair[0].seq < pair[1].seq));
}

pub(crate) async fn an_event_is_found_by_its_id_alone(place: &Place) {
    let journal = place.open();
    let id = journal.accept(run("checkout", 1)).await.unwrap().id;
    assert_eq!(id.get_version_num(), 7);
    assert_eq!(journal.event(id).await.unwrap().unwrap().0.id, id);
    let forged = Uuid::from_u128(id.as_u128() ^ 1);
    for wrong in [forged, unknown(), Uuid::nil(), Uuid::max(), Uuid::new_v4()] {
        assert!(journal.event(wrong).await.unwrap().is_none());
        assert!(journal.fate(wrong).await.unwrap().is_none());
        assert!(journal.delivery(wrong).await.unwrap().is_none());
        assert!(journal.replay(wrong, at(0)).await.unwrap().is_none());
    }
}

pub(crate) async fn those_who_wait_for_events_are_woken(place: &Place) {
    let journal = place.open();
    let woken = journal.signals().events.notified();
    journal.accept(run("checkout", 1)).await.unwrap();
    woken.await;
    let woken = journal.signals().deliveries.notified();
    decide_all(journal.as_ref(), &["chat"]).await;
    woken.await;
}
