//! What a file keeps of things that were held long ago.

use crate::journal::Journal;
use crate::journal::conformance::{at, decision, planned, run};
use crate::journal::sqlite::{Settings, SqliteJournal};
use crate::model::{
    Captured, Decision, DeliverySeq, Duty, Handling, Holding, Patch, Planned, Settlement, Then,
};

async fn opened(journal: &dyn Journal, number: i64) -> DeliverySeq {
    let id = journal.accept(run("checkout", number as usize)).await.unwrap().id;
    let event = journal.undecided(1).await.unwrap()[0].seq;
    let planned = vec![Planned { duty: Some(Duty(number)), ..planned("chat") }];
    let decision = Decision { planned, ..decision(event, &[]) };
    journal.decide(vec![decision], Patch::default()).await.unwrap();
    let delivery = journal.event(id).await.unwrap().unwrap().1[0].seq;
    let holding = Holding::Open(Captured::new());
    handled(journal, delivery, number, holding).await;
    delivery
}

async fn handled(journal: &dyn Journal, delivery: DeliverySeq, duty: i64, holding: Holding) {
    let handling = Handling { duty: Duty(duty), incident: None, holding };
    let settlement = Settlement::new(delivery, None, Then::Delivered);
    let settlement = Settlement { handling: Some(handling), ..settlement };
    journal.settle(vec![settlement]).await.unwrap();
}

#[tokio::test]
async fn things_go_after_two_years_but_an_open_one_not_before_its_deliveries() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let journal = SqliteJournal::open(&path, Settings::default()).unwrap();
    for number in 1..=3 {
        opened(&journal, number).await;
    }
    handled(&journal, opened(&journal, 4).await, 4, Holding::Closed).await;
    handled(&journal, opened(&journal, 5).await, 5, Holding::Gone).await;
    let two_years = 730 * 24 * 3600 * 1_000_000_i64;
    let other = rusqlite::Connection::open(&path).unwrap();
    other.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
    other.execute("UPDATE thing SET at = at - ?1 WHERE duty > 1", [two_years]).unwrap();

    let left = || {
        let mut select = other.prepare("SELECT duty FROM thing ORDER BY duty").unwrap();
        let found = select.query_map([], |row| row.get::<_, i64>(0)).unwrap();
        found.collect::<Result<Vec<_>, _>>().unwrap()
    };
    assert_eq!(journal.prune(at(-1)).await.unwrap(), 0);
    assert_eq!(left(), [1, 2, 3]);
    let long_after = at(3600);
    while journal.prune(long_after).await.unwrap() > 0 {}
    journal.prune(long_after).await.unwrap();
    assert_eq!(left(), [1]);
    assert_eq!(journal.verify().await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn what_waited_when_the_process_died_may_have_been_under_way_and_after_a_close_nothing_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let open = || SqliteJournal::open(&path, Settings::default()).unwrap();
    let journal = open();
    let delivery = opened(&journal, 1).await;
    let cut_off =
        async |journal: &dyn Journal| journal.work(delivery).await.unwrap().unwrap().cut_off;
    assert!(!cut_off(&journal).await);
    journal.close().await;
    let journal = open();
    assert!(!cut_off(&journal).await, "it was closed");
    journal.close().await;
    // As a process leaves it that dies.
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute("UPDATE meta SET value = 0 WHERE key = 'closed'", []).unwrap();
    drop(other);
    let journal = open();
    assert!(cut_off(&journal).await);
    let next = opened(&journal, 2).await;
    assert!(!journal.work(next).await.unwrap().unwrap().cut_off, "it came later");
}
