//! The journal in one SQLite file.
//!
//! One thread writes (`writer`): callers put tasks into a bounded queue, and whatever waits shares
//! one transaction and one fsync. A few threads read, one copies the write-ahead log into the
//! file. Rows are lean: no id and no random index (see `id`); a repeat is found by an index that
//! grows at its end, and confirmed by comparing the bytes; the first attempt stands in its
//! delivery's row; a watermark says which events are decided. After a failed write or fsync the
//! journal is dead: every call fails, and the process must start anew. Only this folder knows SQL.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use rusqlite::Connection;
use tokio::sync::oneshot;

use self::checkpoint::Stop;
use self::failure::{Failure, explain};
use self::identity::Identity;
use self::lock::Lock;
use self::queue::{Class, Limits, Queue, Task};
use self::readers::Readers;
use self::shared::Shared;
use self::state::State;
use self::writer::{Tx, Writer};
use super::id::Mint;
use super::{Answer, JournalError};

mod checkpoint;
mod encode;
mod events;
mod failure;
mod identity;
mod incidents;
mod list;
mod lock;
mod memory;
#[cfg(test)]
pub(crate) mod obstacle;
mod open;
mod plan;
mod prune;
mod queue;
mod read;
mod readers;
mod recent;
mod retry;
mod rows;
mod ruling;
mod schema;
mod settle;
mod shared;
mod silences;
mod state;
mod things;
mod upkeep;
mod verbs;
mod writer;

pub(super) use open::probe;

/// How much the journal may take of the machine.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// New events that may wait for the writer; one more is [`JournalError::Overloaded`].
    pub queued_events: usize,
    /// Bytes of their bodies that may wait.
    pub queued_bytes: usize,
    /// Threads that read.
    pub readers: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { queued_events: 8192, queued_bytes: 32 << 20, readers: 2 }
    }
}

/// A journal in a SQLite file. Dropping it waits for what is queued.
pub struct SqliteJournal {
    shared: Arc<Shared>,
    readers: Arc<Readers>,
    threads: Arc<Threads>,
}

impl SqliteJournal {
    /// Opens the file, creates it where it is missing, brings an older one to this version.
    ///
    /// # Errors
    /// [`JournalError::Locked`], [`JournalError::Newer`], [`JournalError::Corrupt`],
    /// [`JournalError::Other`] with what to do.
    pub fn open(path: &Path, settings: Settings) -> Result<Self, JournalError> {
        let lock = Lock::take(path)?;
        let conn = open::writer(path)?;
        let told = |error| explain(path, &error);
        let state = State::load(&conn).map_err(told)?;
        let cut_off = state::begin(&conn, &state.counts).map_err(told)?;
        let salt: Vec<u8> = conn
            .query_row("SELECT value FROM meta WHERE key = 'salt'", [], |row| row.get(0))
            .map_err(told)?;
        let limits = Limits { events: settings.queued_events, bytes: settings.queued_bytes };
        let shared = Arc::new(Shared::new(
            path.to_owned(),
            Identity::of(path)?,
            Mint::new(&salt),
            cut_off,
            Queue::new(limits),
            state.counts.clone(),
        ));
        let readers = Arc::new(Readers::default());
        let reading = (0..settings.readers.max(1)).map(|_| open::reader(path));
        let reading: Vec<Connection> = reading.collect::<Result<_, _>>()?;
        let checkpointer = open::checkpointer(path)?;
        let writer = Writer::new(conn, state, Arc::clone(&shared));
        let threads = Threads::start(&shared, &readers, writer, reading, checkpointer, lock)?;
        Ok(SqliteJournal { shared, readers, threads: Arc::new(threads) })
    }

    fn write<T, F>(&self, class: Class, work: F) -> Answer<'_, T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T, Failure> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let pushed = self.shared.alive().and_then(|()| {
            let call = Call { work, value: None, reply };
            self.shared.queue.push(class, Box::new(call))
        });
        async move {
            pushed?;
            answer.await.unwrap_or_else(|_| Err(self.gone()))
        }
        .boxed()
    }

    fn read<T, F>(&self, work: F) -> Answer<'_, T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection, &Mint) -> rusqlite::Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let shared = Arc::clone(&self.shared);
        let job = move |conn: &Connection| {
            let found = work(conn, &shared.mint).map_err(|error| explain(&shared.path, &error));
            // Nobody listens any more where the caller was cancelled.
            let _ = reply.send(found);
        };
        let pushed = self.shared.alive().and_then(|()| self.readers.push(Box::new(job)));
        async move {
            pushed?;
            answer.await.unwrap_or_else(|_| Err(self.gone()))
        }
        .boxed()
    }

    /// Why an answer will never come.
    fn gone(&self) -> JournalError {
        self.shared.alive().err().unwrap_or(JournalError::Closed)
    }

    fn finish(&self) -> BoxFuture<'_, ()> {
        let threads = Arc::clone(&self.threads);
        self.shared.queue.close();
        let (done, waiting) = oneshot::channel();
        let (readers, shared) = (Arc::clone(&self.readers), Arc::clone(&self.shared));
        std::thread::spawn(move || {
            threads.join(&readers);
            shared.fail(&JournalError::Closed);
            // Nobody listens any more where the caller was cancelled.
            let _ = done.send(());
        });
        waiting.map(drop).boxed()
    }
}

impl Drop for SqliteJournal {
    fn drop(&mut self) {
        self.shared.queue.close();
        self.threads.join(&self.readers);
    }
}

/// A verb with its caller's reply.
struct Call<T, F> {
    work: F,
    value: Option<T>,
    reply: oneshot::Sender<Result<T, JournalError>>,
}

impl<T, F> Task for Call<T, F>
where
    T: Send,
    F: FnMut(&mut Tx<'_>) -> Result<T, Failure> + Send,
{
    fn apply(&mut self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        self.value = Some((self.work)(tx)?);
        Ok(())
    }

    fn answer(self: Box<Self>, result: Result<(), JournalError>) {
        let value = self.value.ok_or(JournalError::Closed);
        // Nobody listens any more where the caller was cancelled; what is written stays.
        let _ = self.reply.send(result.and(value));
    }
}

/// The threads of an open journal, and the lock that they hold until the last has ended.
struct Threads {
    running: Mutex<Option<Running>>,
    stop: Arc<Stop>,
}

struct Running {
    writer: JoinHandle<()>,
    readers: Vec<JoinHandle<()>>,
    checkpointer: JoinHandle<()>,
    _lock: Lock,
}

impl Threads {
    fn start(
        shared: &Arc<Shared>,
        readers: &Arc<Readers>,
        writer: Writer,
        reading: Vec<Connection>,
        checkpointer: Connection,
        lock: Lock,
    ) -> Result<Self, JournalError> {
        let stop = Arc::new(Stop::default());
        let (ended, also_ended, kept) = (Arc::clone(shared), Arc::clone(&stop), Arc::clone(shared));
        let writer = spawn("journal-writer", move || {
            let _dead = DeadOnPanic(ended);
            writer.run();
        })?;
        let reading = reading.into_iter().map(|conn| {
            let readers = Arc::clone(readers);
            spawn("journal-reader", move || readers.run(&conn))
        });
        let reading = reading.collect::<Result<_, _>>()?;
        let checkpointer = spawn("journal-checkpoint", move || {
            checkpoint::run(&checkpointer, &kept, &also_ended);
            if kept.alive().is_ok() {
                // What stays in the log is read from there at the next start.
                let _ = checkpoint::finish(&checkpointer);
            }
        })?;
        let running = Running { writer, readers: reading, checkpointer, _lock: lock };
        Ok(Threads { running: Mutex::new(Some(running)), stop })
    }

    /// Waits for all threads, the writer first; the queue must be closed.
    fn join(&self, readers: &Readers) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(running) = running.take() else { return };
        // A panicked thread has said so already; the others still end.
        let _ = running.writer.join();
        readers.close();
        for reader in running.readers {
            let _ = reader.join();
        }
        self.stop.now();
        let _ = running.checkpointer.join();
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, JournalError> {
    let thread = std::thread::Builder::new().name(name.into()).spawn(work);
    thread.map_err(|error| JournalError::Other(format!("no thread for the journal: {error}")))
}

/// A writer that panicked must not leave callers waiting.
struct DeadOnPanic(Arc<Shared>);

impl Drop for DeadOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.fail(&JournalError::Failed("its writer panicked".into()));
            self.0.queue.abandon();
        }
    }
}

#[cfg(test)]
mod conforming;
#[cfg(test)]
mod tests;
