//! How long things are kept, and what keeps the journal well.

use crate::model::{Memo, Silence};

use super::remembering::incident;
use super::*;

/// Removes all that may go.
async fn prune(journal: &dyn Journal, older_than: Timestamp) -> u64 {
    let mut all = 0;
    loop {
        let gone = journal.prune(older_than).await.unwrap();
        all += gone;
        if gone == 0 {
            return all;
        }
    }
}

pub(crate) async fn retention_takes_the_old_and_done_and_nothing_else(place: &Place) {
    let journal = place.open();
    let done = told(journal.as_ref(), 1, &["chat"]).await[0];
    settle(journal.as_ref(), done, tried(1, Outcome::Delivered), Then::Delivered).await;
    let waits = told(journal.as_ref(), 2, &["chat"]).await[0];
    let unseen = told(journal.as_ref(), 3, &["chat"]).await[0];
    settle(journal.as_ref(), unseen, tried(1, Outcome::Refused), Then::dead("no")).await;
    let young = Arrival { received_at: at(5000), ..run("checkout", 4) };
    let young = journal.accept(young).await.unwrap().id;
    decide_all(journal.as_ref(), &[]).await;
    let undecided = journal.accept(run("checkout", 5)).await.unwrap().id;

    assert_eq!(prune(journal.as_ref(), later(at(0))).await, 1);
    assert!(journal.work(done).await.unwrap().is_none());
    assert_eq!(waiting(journal.as_ref(), "chat").await, [waits]);
    assert_eq!(standing(journal.as_ref(), unseen).await.state, DeliveryState::Dead);
    assert!(journal.event(young).await.unwrap().is_some());
    assert!(journal.event(undecided).await.unwrap().is_some());
    assert_eq!(journal.figures().await.unwrap().events, 4);

    journal.acknowledge(DeliveryFilter::default()).await.unwrap();
    assert_eq!(prune(journal.as_ref(), later(at(0))).await, 1);
    assert!(journal.work(unseen).await.unwrap().is_none());
    assert_eq!(journal.verify().await.unwrap(), Vec::<String>::new());
}

pub(crate) async fn retention_goes_past_what_it_must_keep(place: &Place) {
    let journal = place.open();
    let all = (0..3000).map(|n| journal.accept(arrival(format!("{n}"))));
    futures_util::future::join_all(all).await;
    let kept = journal.undecided(2500).await.unwrap();
    let decisions = kept.iter().map(|event| decision(event.seq, &["chat"])).collect();
    journal.decide(decisions, Patch::default()).await.unwrap();
    decide_all(journal.as_ref(), &[]).await;
    assert_eq!(prune(journal.as_ref(), later(at(0))).await, 500);
    assert_eq!(prune(journal.as_ref(), later(at(0))).await, 0);
    assert_eq!(waiting(journal.as_ref(), "chat").await.len(), 2500);
}

pub(crate) async fn sequences_and_ids_never_come_again_after_retention(place: &Place) {
    let journal = place.open();
    let delivery = told(journal.as_ref(), 1, &["chat"]).await[0];
    settle(journal.as_ref(), delivery, tried(1, Outcome::Delivered), Then::Delivered).await;
    assert_eq!(prune(journal.as_ref(), later(at(0))).await, 1);
    journal.close().await;
    let journal = place.open();
    assert_eq!(journal.figures().await.unwrap().events, 0);
    let next = told(journal.as_ref(), 1, &["chat"]).await[0];
    assert!(next > delivery);
    assert_eq!(journal.figures().await.unwrap().events, 1);
}

pub(crate) async fn what_ended_long_ago_is_forgotten(place: &Place) {
    let journal = place.open();
    let ago = |days: i64| Timestamp::now() - SignedDuration::from_hours(24 * days);
    let silence = |number: u128, end: Option<Timestamp>| Silence {
        id: Uuid::from_u128(number),
        start: ago(900),
        end,
        ..Silence::default()
    };
    for silence in [silence(1, None), silence(2, Some(ago(29))), silence(3, Some(ago(31)))] {
        journal.silence(silence).await.unwrap();
    }
    let ended = vec![incident(5, ago(729)), incident(6, ago(731))];
    let put = vec![Memo { name: "group".into(), due: None, value: "{}".into() }];
    journal.decide(vec![], Patch { put, ended, ..Patch::default() }).await.unwrap();
    assert_eq!(prune(journal.as_ref(), ago(1)).await, 0);
    let silences = journal.silences().await.unwrap();
    assert_eq!(silences.iter().map(|silence| silence.id.as_u128()).collect::<Vec<_>>(), [1, 2]);
    let incidents = journal.ended_incidents(IncidentFilter::default()).await.unwrap();
    assert_eq!(incidents.iter().map(|incident| incident.id.as_u128()).collect::<Vec<_>>(), [5]);
    assert_eq!(journal.recall_all("", true).await.unwrap().len(), 1);
    assert_eq!(journal.verify().await.unwrap(), Vec::<String>::new());
}

pub(crate) async fn a_backup_under_writes_is_whole(place: &Place) {
    let journal = place.open();
    let before: Vec<Uuid> = told_many(journal.as_ref(), 0..300).await;
    let (copied, _) =
        tokio::join!(journal.backup(place.path("copy.db")), told_many(journal.as_ref(), 300..600));
    copied.unwrap();
    journal.close().await;
    let folder = place.path("restored");
    std::fs::create_dir(&folder).unwrap();
    std::fs::rename(place.path("copy.db"), folder.join("journal.db")).unwrap();
    let copy = (place.open)(&folder);
    for id in before {
        assert!(copy.event(id).await.unwrap().is_some());
    }
    assert_eq!(copy.verify().await.unwrap(), Vec::<String>::new());
}

async fn told_many(journal: &dyn Journal, numbers: std::ops::Range<usize>) -> Vec<Uuid> {
    let mut ids = Vec::new();
    for n in numbers {
        ids.push(journal.accept(arrival(format!(r#"{{"executionId":"{n}"}}"#))).await.unwrap().id);
        if n % 50 == 0 {
            decide_all(journal, &["chat"]).await;
        }
    }
    ids
}

pub(crate) async fn a_backup_never_overwrites(place: &Place) {
    let journal = place.open();
    std::fs::write(place.path("mine.txt"), "precious").unwrap();
    assert!(journal.backup(place.path("mine.txt")).await.is_err());
    assert_eq!(std::fs::read_to_string(place.path("mine.txt")).unwrap(), "precious");
    assert!(journal.backup(place.path("no/such/folder.db")).await.is_err());
    journal.beat().await.unwrap();
}

pub(crate) async fn a_closed_journal_says_so(place: &Place) {
    let journal = place.open();
    let accepting = journal.accept(run("checkout", 1));
    journal.close().await;
    accepting.await.unwrap();
    let closed = |error: Option<JournalError>| matches!(error, Some(JournalError::Closed));
    assert!(closed(journal.accept(run("checkout", 2)).await.err()));
    assert!(closed(journal.undecided(1).await.err()));
    assert!(closed(journal.work(DeliverySeq(1)).await.err()));
    assert!(closed(journal.verify().await.err()));
    assert!(closed(journal.beat().await.err()));
    assert_eq!(place.open().undecided(10).await.unwrap().len(), 1);
}

pub(crate) async fn figures_count_what_is_there(place: &Place) {
    let journal = place.open();
    journal.accept(run("checkout", 1)).await.unwrap();
    journal.beat().await.unwrap();
    let figures = journal.figures().await.unwrap();
    assert_eq!((figures.events, figures.undecided), (1, 1));
    assert!(figures.commits >= 2 && figures.bytes > 0 && figures.disk_free > 0);
    assert!(figures.slowest_commit > std::time::Duration::ZERO);
    assert!(figures.commit_time >= figures.slowest_commit);
}
