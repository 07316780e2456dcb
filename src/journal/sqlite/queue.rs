//! What waits for the writer, in the order in which it will be written.
//!
//! New events go first: nobody posts them twice. The queue knows neither SQL nor what its tasks
//! do.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::failure::Failure;
use super::writer::Tx;
use crate::journal::JournalError;

/// Which tasks go before which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// A new event, with the size of its body: the only class that is refused when full.
    Event(usize),
    /// Decisions.
    Decision,
    /// Settled attempts.
    Settlement,
    /// Everything else.
    Rest,
}

/// A verb that waits to be written, with its caller's reply.
pub(super) trait Task: Send {
    /// Writes it inside a transaction; called again where the transaction had to be repeated.
    fn apply(&mut self, tx: &mut Tx<'_>) -> Result<(), Failure>;

    /// Tells the caller, once the transaction is on disk or has failed.
    fn answer(self: Box<Self>, result: Result<(), JournalError>);
}

/// How much may wait, and how much goes into one transaction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// New events that may wait.
    pub(super) events: usize,
    /// Bytes of their bodies that may wait.
    pub(super) bytes: usize,
}

const TURN_EVENTS: usize = 1024;
const TURN_BYTES: usize = 8 << 20;
const TURN_TASKS: usize = 1024;

/// The queue between callers and the writer thread.
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    ready: Condvar,
    limits: Limits,
}

#[derive(Default)]
struct Waiting {
    events: VecDeque<(usize, Box<dyn Task>)>,
    decisions: VecDeque<Box<dyn Task>>,
    settlements: VecDeque<Box<dyn Task>>,
    rest: VecDeque<Box<dyn Task>>,
    bytes: usize,
    /// Whether the writer sleeps.
    asleep: bool,
    closed: bool,
}

impl Queue {
    /// An empty queue.
    pub(super) fn new(limits: Limits) -> Self {
        Queue { waiting: Mutex::default(), ready: Condvar::new(), limits }
    }

    /// Adds a task.
    ///
    /// # Errors
    /// [`JournalError::Closed`], and [`JournalError::Overloaded`] for an event too many.
    pub(super) fn push(&self, class: Class, task: Box<dyn Task>) -> Result<(), JournalError> {
        let mut waiting = self.lock();
        if waiting.closed {
            return Err(JournalError::Closed);
        }
        match class {
            Class::Event(size) => {
                let full = waiting.events.len() >= self.limits.events
                    || waiting.bytes + size > self.limits.bytes;
                if full && !waiting.events.is_empty() {
                    return Err(JournalError::Overloaded);
                }
                waiting.bytes += size;
                waiting.events.push_back((size, task));
            }
            Class::Decision => waiting.decisions.push_back(task),
            Class::Settlement => waiting.settlements.push_back(task),
            Class::Rest => waiting.rest.push_back(task),
        }
        // Waking costs the caller a system call, so only who sleeps is woken.
        let asleep = std::mem::take(&mut waiting.asleep);
        drop(waiting);
        if asleep {
            self.ready.notify_one();
        }
        Ok(())
    }

    /// The next transaction's tasks; waits for one. `None` once closed and empty.
    pub(super) fn take(&self) -> Option<Vec<Box<dyn Task>>> {
        let mut waiting = self.lock();
        loop {
            let tasks = waiting.next_turn();
            if !tasks.is_empty() {
                return Some(tasks);
            }
            if waiting.closed {
                return None;
            }
            waiting.asleep = true;
            waiting = self.ready.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Takes no more; what waits is still written.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.ready.notify_all();
    }

    /// Whether nothing waits: what was pushed last is being written, or is.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        let waiting = self.lock();
        waiting.events.is_empty() && waiting.rest.is_empty()
    }

    /// Takes no more and drops what waits, so that its callers learn that no answer will come.
    pub(super) fn abandon(&self) {
        let mut waiting = self.lock();
        *waiting = Waiting { closed: true, ..Waiting::default() };
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn next_turn(&mut self) -> Vec<Box<dyn Task>> {
        let mut turn = Vec::with_capacity(self.events.len().min(TURN_EVENTS));
        let mut bytes = 0;
        while turn.len() < TURN_EVENTS && bytes < TURN_BYTES {
            let Some((size, task)) = self.events.pop_front() else { break };
            self.bytes -= size;
            bytes += size;
            turn.push(task);
        }
        for tasks in [&mut self.decisions, &mut self.settlements, &mut self.rest] {
            let count = tasks.len().min(TURN_TASKS);
            turn.extend(tasks.drain(..count));
        }
        turn
    }
}
