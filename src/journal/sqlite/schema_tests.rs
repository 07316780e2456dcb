//! Files of older versions.

use super::super::{Settings, SqliteJournal};
use super::*;
use crate::journal::Journal;
use crate::journal::conformance::tried;
use crate::model::{
    Captured, DeliverySeq, DeliveryState, Duty, Handling, Holding, Outcome, Settlement, Then,
};

#[tokio::test]
async fn a_file_of_the_second_version_is_brought_up_and_goes_on_with_its_recoveries() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    lay_out(&Connection::open(&path).unwrap(), 2).unwrap();
    let old = Connection::open(&path).unwrap();
    old.execute_batch(
        r#"INSERT INTO name VALUES (1, 'main'), (2, 'chat');
        INSERT INTO event VALUES (1, 1773500000000000, 0, 5, 1, 1, NULL, '__ungrouped__', NULL,
            NULL, x'6e6f206a736f6e');
        UPDATE meta SET value = 1 WHERE key = 'watermark';
        INSERT INTO delivery (seq, event, sink, lane, created_at, state, seen, attempts, brief, duty)
            VALUES (1, 1, 2, 17, 1773500000000001, 0, 0, 0, '{"rules":["red"]}', 7);
        INSERT INTO delivery (seq, event, sink, lane, created_at, state, seen, attempts, brief,
            answers) VALUES (2, 1, 2, 17, 1773500000000001, 4, 0, 0, '{"rules":["red"]}', 7);"#,
    )
    .unwrap();
    drop(old);
    let journal = SqliteJournal::open(&path, Settings::default()).unwrap();
    assert_eq!(version(&Connection::open(&path).unwrap()).unwrap(), 3);
    assert_eq!(journal.verify().await.unwrap(), Vec::<String>::new());
    let (failed, recovered) = (DeliverySeq(1), DeliverySeq(2));
    assert_eq!(journal.held(Duty(7)).await.unwrap(), None);
    let captured = Captured::from([("number".to_owned(), 12.into())]);
    let handling = Handling { duty: Duty(7), incident: None, holding: Holding::Open(captured) };
    let attempt = Some(tried(1, Outcome::Delivered));
    let settlement = Settlement::new(failed, attempt, Then::Delivered);
    let settlement = Settlement { handling: Some(handling), ..settlement };
    journal.settle(vec![settlement]).await.unwrap();
    let state = journal.work(recovered).await.unwrap().unwrap().delivery.state;
    assert_eq!(state, DeliveryState::Waiting);
    assert_eq!(journal.held(Duty(7)).await.unwrap().unwrap().sink, "chat");
    assert_eq!(journal.verify().await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_file_of_the_first_version_is_brought_up_and_keeps_everything() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    lay_out(&Connection::open(&path).unwrap(), 1).unwrap();
    let old = Connection::open(&path).unwrap();
    old.execute_batch(
        r#"INSERT INTO name VALUES (1, 'main'), (2, 'chat');
        INSERT INTO event VALUES (1, 1773500000000000, 0, 5, 1, 1, NULL, '__ungrouped__', NULL,
            NULL, x'6e6f206a736f6e');
        INSERT INTO event VALUES (2, 1773500000000000, 0, 6, 1, 1, NULL, '__ungrouped__', NULL,
            NULL, x'6e6569746865722069732074686973');
        UPDATE meta SET value = 1 WHERE key = 'watermark';
        INSERT INTO remark VALUES (1, 1, NULL);
        INSERT INTO delivery VALUES (1, 1, 2, 17, 1773500000000001, 0, 0, 2, 1773500000000009,
            1773500000000002, NULL, '{"rules":["red"]}', 'half', 1773500000000002, 3, 1, 503,
            'busy', 'x');
        INSERT INTO attempt VALUES (1, 2, 1773500000000005, 9, 2, NULL, 'later', NULL);
        INSERT INTO delivery VALUES (2, 1, 2, 17, 1773500000000001, 2, 1, 0, NULL, NULL, 'no',
            '{"rules":[]}', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
        INSERT INTO trouble VALUES ('chat', '{"suspended":true,"since":"2026-03-14T12:00:00Z",
            "reason":"401","failures":3,"next_probe":"2026-03-14T12:00:00Z"}');"#,
    )
    .unwrap();
    drop(old);
    let journal = SqliteJournal::open(&path, Settings::default()).unwrap();
    assert_eq!(journal.verify().await.unwrap(), Vec::<String>::new());
    assert_eq!(&*journal.undecided(10).await.unwrap()[0].body, b"neither is this");
    let work = journal.work(DeliverySeq(1)).await.unwrap().unwrap();
    assert_eq!((&*work.event.body, work.progress.as_deref()), (&b"no json"[..], Some("half")));
    assert!(journal.fate(work.event.id).await.unwrap().unwrap().unmatched);
    let (delivery, attempts) = journal.delivery(work.delivery.id).await.unwrap().unwrap();
    assert_eq!((delivery.state, delivery.attempts), (DeliveryState::Waiting, 2));
    assert_eq!((delivery.duty, delivery.answers, delivery.maybe_arrived), (None, None, false));
    assert_eq!(attempts.iter().map(|attempt| attempt.latency_ms).collect::<Vec<_>>(), [3, 9]);
    let dead = journal.work(DeliverySeq(2)).await.unwrap().unwrap().delivery;
    assert_eq!((dead.state, dead.seen), (DeliveryState::Dead, true));
    assert_eq!(journal.sink_troubles().await.unwrap()[0].1.failures, 3);
}
