//! What must not stop the rest: a journal that takes nothing for a while, rows that can't be read.

use super::*;
use crate::journal::sqlite::obstacle::Obstacle;
use crate::model::memory::{GROUPS, group_name};
use crate::model::{GroupKey, Memo, Patch};

#[tokio::test]
async fn rows_that_can_not_be_read_are_left_alone_and_stop_nothing() {
    let stage = Stage::new();
    let key = GroupKey { source: "main".into(), group: "a".into() };
    let nonsense = |name: String| Memo { name, due: None, value: "nonsense".to_owned() };
    let rows = vec![nonsense(group_name(&key)), nonsense("from another version".to_owned())];
    let patch = Patch { put: rows, ..Patch::default() };
    stage.journal.decide(Vec::new(), patch).await.unwrap();
    let conductor = stage.start(FAILED_TO_CHAT, false);
    stage.journal.accept(arrival(1, "FAILED")).await.unwrap();
    stage.decided(1).await;
    conductor.shutdown().await;
    assert_eq!(stage.deliveries().await.len(), 1);
    let left = stage.journal.recall_all(GROUPS, false).await.unwrap();
    assert!(left.iter().any(|memo| memo.value == "nonsense"), "{left:?}");
}

#[tokio::test]
async fn what_could_not_be_committed_is_not_remembered_and_decided_again() {
    let stage = Stage::new();
    let conductor = stage.start(FAILED_TO_CHAT, false);
    stage.journal.accept(arrival(1, "FAILED")).await.unwrap();
    stage.decided(1).await;
    stage.journal.accept(arrival(2, "PASSED")).await.unwrap();
    stage.decided(2).await;
    let obstacle = Obstacle::new(&stage.folder.path().join("journal.db"));
    // Stored, and no decision can be, since nobody else may write.
    stage.journal.accept(arrival(3, "FAILED")).await.unwrap();
    obstacle.stand();
    let begun = Instant::now();
    while conductor.alive() && stage.metrics.decided.get() < 3 {
        assert!(begun.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    obstacle.yield_way();
    stage.decided(3).await;
    conductor.shutdown().await;
    let deliveries = stage.deliveries().await;
    assert_eq!(deliveries.len(), 2);
    let standing = deliveries[0].brief.standing.as_ref().unwrap();
    assert_eq!(
        (standing.failures_in_a_row, standing.previous_status.as_deref()),
        (1, Some("PASSED"))
    );
}

#[tokio::test]
async fn what_is_told_of_while_nothing_can_be_committed_is_told_once_when_it_can() {
    let stage = Stage::new();
    let digest = "[{name: report, when: {status: FAILED}, send: chat, digest: {every: 1h}}]";
    let conductor = stage.start(digest, false);
    for n in 0..3 {
        stage.journal.accept(arrival(n, "FAILED")).await.unwrap();
    }
    stage.decided(3).await;
    let obstacle = Obstacle::new(&stage.folder.path().join("journal.db"));
    obstacle.stand();
    // Its rule is gone, so that what it collected is told of now.
    conductor.replace(Arc::new(router(FAILED_TO_CHAT)));
    let begun = Instant::now();
    while conductor.alive() {
        assert!(begun.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(stage.metrics.decided.get(), 3);
    obstacle.yield_way();
    stage.decided(4).await;
    conductor.shutdown().await;
    let deliveries = stage.deliveries().await;
    assert_eq!(deliveries.len(), 1, "{deliveries:#?}");
    let (event, _) = stage.journal.event(deliveries[0].event_id).await.unwrap().unwrap();
    assert_eq!(event.reading.body["bridge"]["digest"]["runs"], 3);
    let left = stage.journal.recall_all(GROUPS, false).await.unwrap();
    let left: Vec<&str> = left.iter().map(|memo| &*memo.name).collect();
    assert_eq!(left, ["alive"], "what was told of is forgotten");
}
