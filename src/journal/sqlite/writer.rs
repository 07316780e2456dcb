//! The one thread that writes: whatever waits shares one transaction and one fsync.
//!
//! It takes what waits in the queue, applies it, commits, and only then answers the callers. No
//! artificial delay: while one commit runs, the next transaction's tasks gather. It knows no verb.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use jiff::Timestamp;
use rusqlite::Connection;

use super::failure::{Failure, explain};
use super::queue::Task;
use super::recent::News;
use super::shared::Shared;
use super::state::State;
use crate::journal::JournalError;
use crate::journal::id::Mint;

/// An open transaction, as the verbs see it.
pub(super) struct Tx<'a> {
    pub(super) conn: &'a Connection,
    pub(super) state: &'a mut State,
    pub(super) mint: &'a Mint,
    /// When the transaction began.
    pub(super) now: Timestamp,
    /// What is new, for those who act on it at once.
    pub(super) news: &'a mut News,
    /// Whether there is something new to decide.
    pub(super) new_events: bool,
    /// Whether there is something new to deliver.
    pub(super) new_deliveries: bool,
    /// Whether deliveries wait that lie before others which were told of.
    pub(super) put_back: bool,
    /// Whether silences were stored.
    pub(super) new_silences: bool,
}

/// What a transaction tells of itself once it is on disk.
struct Told {
    events: bool,
    deliveries: bool,
    put_back: bool,
    silences: bool,
}

/// The writer: its connection, and what it knows of the file.
pub(super) struct Writer {
    conn: Connection,
    state: State,
    news: News,
    shared: Arc<Shared>,
}

/// What the tasks that refused said, by their place in the turn.
type Refusals = Vec<(usize, JournalError)>;

impl Writer {
    /// A writer over a connection that is set up.
    pub(super) fn new(conn: Connection, state: State, shared: Arc<Shared>) -> Self {
        Writer { conn, state, news: News::default(), shared }
    }

    /// Writes until the queue is closed and empty.
    pub(super) fn run(mut self) {
        while let Some(tasks) = self.shared.queue.take() {
            self.turn(tasks);
        }
        if self.shared.alive().is_ok()
            && let Err(error) = super::state::end(&self.conn)
        {
            // The next process then takes what waits for what may have been under way.
            tracing::warn!(%error, "could not note that the journal is closed");
        }
    }

    fn turn(&mut self, mut tasks: Vec<Box<dyn Task>>) {
        match self.write(&mut tasks) {
            Ok(refusals) => answer(tasks, refusals),
            Err(JournalError::Other(_)) if tasks.len() > 1 => self.one_by_one(tasks),
            Err(error) => tasks.into_iter().for_each(|task| task.answer(Err(error.clone()))),
        }
    }

    /// One task that can't be written must not fail those beside it.
    fn one_by_one(&mut self, tasks: Vec<Box<dyn Task>>) {
        for task in tasks {
            self.turn(vec![task]);
        }
    }

    fn write(&mut self, tasks: &mut [Box<dyn Task>]) -> Result<Refusals, JournalError> {
        self.shared.alive()?;
        self.transact(tasks).map_err(|failure| {
            let error = match failure {
                Failure::Sql(error) => explain(&self.shared.path, &error),
                Failure::Lost(error) | Failure::Refused(error) => error,
            };
            self.recover(error)
        })
    }

    fn transact(&mut self, tasks: &mut [Box<dyn Task>]) -> Result<Refusals, Failure> {
        self.conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let mut tx = Tx {
            conn: &self.conn,
            state: &mut self.state,
            mint: &self.shared.mint,
            now: Timestamp::now(),
            news: &mut self.news,
            new_events: false,
            new_deliveries: false,
            put_back: false,
            new_silences: false,
        };
        let mut refusals = Refusals::new();
        for (index, task) in tasks.iter_mut().enumerate() {
            match task.apply(&mut tx) {
                Ok(()) => {}
                Err(Failure::Refused(error)) => refusals.push((index, error)),
                Err(failure) => return Err(failure),
            }
        }
        let told = Told {
            events: tx.new_events,
            deliveries: tx.new_deliveries,
            put_back: tx.put_back,
            silences: tx.new_silences,
        };
        self.commit()?;
        self.publish(&told);
        Ok(refusals)
    }

    fn commit(&self) -> rusqlite::Result<()> {
        let started = Instant::now();
        self.conn.prepare_cached("COMMIT")?.execute([])?;
        self.shared.commits.add(started.elapsed());
        Ok(())
    }

    fn publish(&mut self, told: &Told) {
        self.shared.publish(&self.state.counts, &mut self.news);
        let signals = &self.shared.signals;
        if told.put_back {
            signals.put_back.fetch_add(1, Ordering::Release);
        }
        if told.silences {
            signals.silences.fetch_add(1, Ordering::Release);
        }
        if told.events || told.silences {
            signals.events.notify_one();
        }
        if told.deliveries {
            signals.deliveries.notify_one();
        }
    }

    /// After a failed transaction: back to what the file says, or the end.
    ///
    /// A failed fsync is never tried again: the pages that it was to write may be gone, and a
    /// second one would succeed without them.
    fn recover(&mut self, error: JournalError) -> JournalError {
        let lasting = matches!(error, JournalError::Failed(_) | JournalError::Corrupt(_));
        if lasting {
            self.shared.fail(&error);
            return error;
        }
        match self.roll_back() {
            Ok(()) => error,
            Err(second) => {
                let second = JournalError::Failed(format!("{error}, then {second}"));
                self.shared.fail(&second);
                second
            }
        }
    }

    fn roll_back(&mut self) -> rusqlite::Result<()> {
        if !self.conn.is_autocommit() {
            self.conn.execute_batch("ROLLBACK")?;
        }
        self.news = News::default();
        self.state = State::load(&self.conn)?;
        Ok(())
    }
}

fn answer(tasks: Vec<Box<dyn Task>>, refusals: Refusals) {
    let mut refusals = refusals.into_iter().peekable();
    for (index, task) in tasks.into_iter().enumerate() {
        let refusal = refusals.next_if(|(refused, _)| *refused == index);
        task.answer(refusal.map_or(Ok(()), |(_, error)| Err(error)));
    }
}
