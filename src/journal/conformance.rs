//! What any journal must do, whatever keeps it.

use std::sync::Arc;

use jiff::Timestamp;

use super::*;
use crate::model::{Brief, DeliveryState, Outcome, Reading, Then};

/// A body as Agnox sends it, from `main`.
pub(crate) fn arrival(body: &str) -> Arrival {
    Arrival {
        source: "main".into(),
        received_at: "2026-03-14T12:00:01.5Z".parse().unwrap(),
        body: body.as_bytes().into(),
        reading: Reading::of(body.as_bytes()),
    }
}

/// One delivery to a sink.
pub(crate) fn planned(sink: &str) -> Planned {
    let brief = Brief { rules: vec!["red".into()], ..Brief::default() };
    Planned { sink: sink.into(), brief, shadow: false }
}

/// A decision to tell these sinks.
pub(crate) fn decision(event: EventSeq, sinks: &[&str]) -> Decision {
    let planned = sinks.iter().map(|sink| planned(sink)).collect();
    Decision { event, planned, unmatched: false, parked: None }
}

/// A try that ended so.
pub(crate) fn tried(number: u32, outcome: Outcome) -> AttemptRecord {
    AttemptRecord {
        number,
        at: Timestamp::from_second(1_773_500_000 + i64::from(number)).unwrap(),
        latency_ms: 12,
        outcome,
        status: Some(200),
        reason: None,
        excerpt: Some("ok".into()),
    }
}

#[tokio::test]
async fn smoke() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("j.db");
    let journal = sqlite::SqliteJournal::open(&path, sqlite::Settings::default()).unwrap();
    let journal: Arc<dyn Journal> = Arc::new(journal);
    let a = journal.accept(arrival(r#"{"groupName":"g","status":"FAILED"}"#)).await.unwrap();
    let b = journal.accept(arrival(r#"{"groupName":"g","status":"FAILED"}"#)).await.unwrap();
    assert!(b.duplicate && a.id == b.id && !a.duplicate);
    let undecided = journal.undecided(10).await.unwrap();
    assert_eq!(undecided.len(), 1);
    assert_eq!(undecided[0].id, a.id);
    journal.decide(vec![decision(undecided[0].seq, &["x", "y"])]).await.unwrap();
    let waiting = journal.waiting("x", DeliverySeq(0), 10).await.unwrap();
    assert_eq!(waiting.len(), 1);
    let work = journal.work(waiting[0].seq).await.unwrap().unwrap();
    assert_eq!(work.event.id, a.id);
    let settlement = Settlement {
        delivery: waiting[0].seq,
        attempt: Some(tried(1, Outcome::Delivered)),
        then: Then::Delivered,
    };
    journal.settle(vec![settlement]).await.unwrap();
    assert_eq!(journal.waiting("x", DeliverySeq(0), 10).await.unwrap(), vec![]);
    let (delivery, attempts) = journal.delivery(work.delivery.id).await.unwrap().unwrap();
    assert_eq!(delivery.state, DeliveryState::Delivered);
    assert_eq!(attempts, vec![tried(1, Outcome::Delivered)]);
    journal.close().await;
    assert!(matches!(journal.beat().await, Err(JournalError::Closed)));
}
