//! What only a file can suffer.

use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::journal::conformance::{arrival, run};
use crate::journal::{Journal, JournalError};

fn open(folder: &Path) -> Arc<dyn Journal> {
    Arc::new(SqliteJournal::open(&folder.join("journal.db"), Settings::default()).unwrap())
}

fn place() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// Opens a journal that must be refused.
fn refused(path: &Path) -> JournalError {
    match SqliteJournal::open(path, Settings::default()) {
        Ok(_) => panic!("{} was opened", path.display()),
        Err(error) => error,
    }
}

#[test]
fn a_second_process_is_told_who_holds_the_journal() {
    let folder = place();
    let first = open(folder.path());
    let error = refused(&folder.path().join("journal.db"));
    assert!(matches!(error, JournalError::Locked(_)));
    let text = error.to_string();
    assert!(text.contains(&format!("process {}", std::process::id())), "{text}");
    assert!(text.contains("journal.db"), "{text}");
    drop(first);
    open(folder.path());
}

#[test]
fn a_newer_file_is_refused_and_left_alone() {
    let folder = place();
    let path = folder.path().join("journal.db");
    drop(open(folder.path()));
    let conn = Connection::open(&path).unwrap();
    conn.pragma_update(None, "user_version", 7).unwrap();
    drop(conn);
    let before = std::fs::read(&path).unwrap();
    let error = refused(&path);
    assert!(matches!(error, JournalError::Newer(_)));
    assert!(error.to_string().contains("schema 7, this one knows 3"), "{error}");
    assert!(std::fs::read(&path).unwrap() == before);
}

#[test]
fn what_is_no_journal_is_refused() {
    let folder = place();
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "no database, but long enough to be taken for one".repeat(100)).unwrap();
    assert!(matches!(refused(&text), JournalError::Corrupt(_)));
    let other = folder.path().join("other.db");
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE mine (x)").unwrap();
    assert!(refused(&other).to_string().contains("another program's"));
    let missing = refused(&folder.path().join("no/folder/journal.db")).to_string();
    assert!(missing.contains("the folder must exist"), "{missing}");
    assert!(crate::journal::open("postgres://x", folder.path()).is_err());
}

#[tokio::test]
async fn an_address_is_relative_to_its_configuration() {
    let folder = place();
    let journal = crate::journal::open("sqlite:here.db", folder.path()).unwrap();
    journal.accept(run("checkout", 1)).await.unwrap();
    assert!(folder.path().join("here.db").exists());
}

#[test]
fn a_new_file_can_give_freed_space_back() {
    let folder = place();
    drop(open(folder.path()));
    let conn = Connection::open(folder.path().join("journal.db")).unwrap();
    let mode: i64 = conn.query_row("PRAGMA auto_vacuum", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, 2);
}

#[test]
fn the_bundled_sqlite_is_new_enough() {
    assert!(rusqlite::version_number() >= 3_051_003);
}

#[tokio::test]
async fn a_flipped_page_is_told_with_the_way_back() {
    let folder = place();
    let path = folder.path().join("journal.db");
    let journal = open(folder.path());
    for n in 0..200 {
        journal.accept(run("checkout", n)).await.unwrap();
    }
    journal.close().await;
    let mut bytes = std::fs::read(&path).unwrap();
    let (begin, end) = (4096 * 2, bytes.len());
    bytes[begin..end].iter_mut().for_each(|byte| *byte ^= 0x5a);
    std::fs::write(&path, bytes).unwrap();
    let text = match SqliteJournal::open(&path, Settings::default()) {
        Err(error) => error.to_string(),
        Ok(journal) => journal.verify().await.unwrap().join("\n"),
    };
    assert!(text.contains("journal check") && text.contains("restore the last backup"), "{text}");
}

#[tokio::test]
async fn a_torn_log_loses_nothing_that_was_acknowledged() {
    let folder = place();
    let path = folder.path().join("journal.db");
    let journal = SqliteJournal::open(&path, Settings::default()).unwrap();
    let mut ids = Vec::new();
    for n in 0..20 {
        ids.push(journal.accept(run("checkout", n)).await.unwrap().id);
    }
    // What a kill in the middle of the next write leaves: the files as they are, and half a frame.
    let copy = place();
    for suffix in ["", "-wal"] {
        let name = format!("journal.db{suffix}");
        std::fs::copy(folder.path().join(&name), copy.path().join(&name)).unwrap();
    }
    let log = copy.path().join("journal.db-wal");
    let mut bytes = std::fs::read(&log).unwrap();
    bytes.extend(std::iter::repeat_n(0xa5, 2000));
    std::fs::write(&log, bytes).unwrap();
    let journal = open(copy.path());
    for id in ids {
        assert!(journal.event(id).await.unwrap().is_some());
    }
    assert_eq!(journal.verify().await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_long_read_never_keeps_the_writer_out() {
    let folder = place();
    let path = folder.path().join("journal.db");
    let journal = open(folder.path());
    journal.accept(run("checkout", 1)).await.unwrap();
    let reading = open::reader(&path).unwrap();
    reading.execute_batch("BEGIN; SELECT count(*) FROM event;").unwrap();
    journal.accept(run("checkout", 2)).await.unwrap();
    let checkpointer = open::checkpointer(&path).unwrap();
    let started = std::time::Instant::now();
    checkpoint::checkpoint(&checkpointer, "RESTART").unwrap();
    assert!(started.elapsed() < std::time::Duration::from_secs(2), "the reader was waited for");
    journal.accept(run("checkout", 3)).await.unwrap();
}

#[tokio::test]
async fn requests_that_wait_together_share_a_commit() {
    let folder = place();
    let journal = open(folder.path());
    let before = journal.figures().await.unwrap().commits;
    let all = (0..500).map(|n| journal.accept(run("checkout", n)));
    futures_util::future::join_all(all).await;
    let commits = journal.figures().await.unwrap().commits - before;
    assert!(commits < 250, "{commits} commits for 500 events");
}

#[tokio::test]
async fn one_event_too_many_is_overload_and_passes() {
    let folder = place();
    let settings = Settings { queued_events: 2, ..Settings::default() };
    let journal = SqliteJournal::open(&folder.path().join("journal.db"), settings).unwrap();
    let (hold, held) = std::sync::mpsc::channel::<()>();
    let holding = journal.write(Class::Rest, move |_| Ok(held.recv().is_err()));
    while !journal.shared.queue.is_empty() {
        tokio::task::yield_now().await;
    }
    let waiting = [journal.accept(run("checkout", 1)), journal.accept(run("checkout", 2))];
    let refused = journal.accept(run("checkout", 3)).await;
    assert!(matches!(refused, Err(JournalError::Overloaded)));
    drop(hold);
    holding.await.unwrap();
    for accepted in futures_util::future::join_all(waiting).await {
        accepted.unwrap();
    }
    journal.accept(run("checkout", 3)).await.unwrap();
}

#[tokio::test]
async fn a_full_file_refuses_and_recovers_by_itself() {
    let folder = place();
    let journal = SqliteJournal::open(&folder.path().join("journal.db"), Settings::default());
    let journal = journal.unwrap();
    let limit = |pages: i64| {
        journal.write(Class::Rest, move |tx| {
            let set = tx.conn.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()));
            Ok(set?)
        })
    };
    limit(40).await.unwrap();
    let mut kept = Vec::new();
    let full = loop {
        match journal.accept(arrival(vec![b'a' + kept.len() as u8; 9000])).await {
            Ok(accepted) => kept.push(accepted.id),
            Err(error) => break error,
        }
    };
    assert!(matches!(full, JournalError::Full(_)), "{full}");
    assert_eq!(journal.undecided(100).await.unwrap().len(), kept.len());
    limit(100_000).await.unwrap();
    kept.push(journal.accept(arrival(vec![b'z'; 9000])).await.unwrap().id);
    let found = journal.undecided(100).await.unwrap();
    assert_eq!(found.iter().map(|event| event.id).collect::<Vec<_>>(), kept);
    assert_eq!(journal.verify().await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn one_that_cannot_be_written_fails_alone() {
    let folder = place();
    let journal = SqliteJournal::open(&folder.path().join("journal.db"), Settings::default());
    let journal = journal.unwrap();
    let (hold, held) = std::sync::mpsc::channel::<()>();
    let holding = journal.write(Class::Rest, move |_| Ok(held.recv().is_err()));
    while !journal.shared.queue.is_empty() {
        tokio::task::yield_now().await;
    }
    let good = journal.accept(run("checkout", 1));
    let bad = journal.write(Class::Rest, |tx| Ok(tx.conn.execute_batch("nonsense")?));
    drop(hold);
    holding.await.unwrap();
    assert!(matches!(bad.await, Err(JournalError::Other(_))));
    let accepted = good.await.unwrap();
    assert!(journal.event(accepted.id).await.unwrap().is_some());
    assert_eq!(journal.undecided(10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_writer_that_panics_leaves_nobody_waiting() {
    let folder = place();
    let journal = SqliteJournal::open(&folder.path().join("journal.db"), Settings::default());
    let journal = journal.unwrap();
    let panicked = journal.write::<(), _>(Class::Rest, |_| panic!("on purpose"));
    assert!(matches!(panicked.await, Err(JournalError::Failed(_) | JournalError::Closed)));
    assert!(journal.accept(run("checkout", 1)).await.is_err());
    assert!(journal.undecided(1).await.is_err());
}

/// What a person may do to the file of a running journal.
fn harm(what: &str, path: &Path) {
    let aside = path.with_extension("aside");
    match what {
        "deleted" => std::fs::remove_file(path).unwrap(),
        "replaced" => {
            std::fs::rename(path, &aside).unwrap();
            std::fs::copy(&aside, path).unwrap();
        }
        "log deleted" => std::fs::remove_file(checkpoint::log_of(path)).unwrap(),
        _ => {
            let mut permissions = std::fs::metadata(path).unwrap().permissions();
            permissions.set_readonly(true);
            std::fs::set_permissions(path, permissions).unwrap();
        }
    }
}

#[tokio::test]
async fn a_file_that_is_lost_is_noticed_by_the_next_beat() {
    for what in ["deleted", "replaced", "log deleted", "read-only"] {
        let folder = place();
        let path = folder.path().join("journal.db");
        let journal = SqliteJournal::open(&path, Settings::default()).unwrap();
        journal.beat().await.unwrap();
        harm(what, &path);
        assert!(matches!(journal.beat().await, Err(JournalError::Failed(_))), "{what}");
        let after = journal.accept(run("checkout", 1)).await;
        assert!(matches!(after, Err(JournalError::Failed(_))), "{what}");
        assert!(matches!(journal.undecided(1).await, Err(JournalError::Failed(_))), "{what}");
    }
}

#[tokio::test]
async fn a_backup_that_is_opened_gives_the_same_ids() {
    let folder = place();
    let journal = open(folder.path());
    let id = journal.accept(run("checkout", 1)).await.unwrap().id;
    journal.backup(folder.path().join("copy.db")).await.unwrap();
    let copy = SqliteJournal::open(&folder.path().join("copy.db"), Settings::default()).unwrap();
    assert_eq!(copy.undecided(1).await.unwrap()[0].id, id);
    assert_eq!(copy.accept(run("checkout", 1)).await.unwrap().id, id);
}
