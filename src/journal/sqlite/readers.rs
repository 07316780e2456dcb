//! A few threads that read, each with its own connection, so that no async thread ever waits for
//! the disk.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use crate::journal::JournalError;

type Job = Box<dyn FnOnce(&Connection) + Send>;

/// The queue of the reading threads.
#[derive(Default)]
pub(super) struct Readers {
    waiting: Mutex<Waiting>,
    ready: Condvar,
}

#[derive(Default)]
struct Waiting {
    jobs: VecDeque<Job>,
    closed: bool,
}

impl Readers {
    /// Adds a job.
    ///
    /// # Errors
    /// [`JournalError::Closed`].
    pub(super) fn push(&self, job: Job) -> Result<(), JournalError> {
        let mut waiting = self.lock();
        if waiting.closed {
            return Err(JournalError::Closed);
        }
        waiting.jobs.push_back(job);
        drop(waiting);
        self.ready.notify_one();
        Ok(())
    }

    /// Takes no more jobs; those that wait are still done.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.ready.notify_all();
    }

    /// What each reading thread does until the end.
    pub(super) fn run(&self, conn: &Connection) {
        while let Some(job) = self.next() {
            // A job that panics drops its reply, which its caller sees; the thread goes on.
            let _ = catch_unwind(AssertUnwindSafe(|| job(conn)));
        }
    }

    fn next(&self) -> Option<Job> {
        let mut waiting = self.lock();
        loop {
            if let Some(job) = waiting.jobs.pop_front() {
                return Some(job);
            }
            if waiting.closed {
                return None;
            }
            waiting = self.ready.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
