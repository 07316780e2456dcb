//! What a sink knows of its backlog: the next keys of each lane, and where to read on.
//!
//! The backlog is read once, in order, up to the `cursor`. Of each lane only the first few keys
//! are kept; where there are more, a spill mark remembers from which delivery on the lane is read
//! again once those few are gone. So memory is bounded by the lanes and by this window, whatever
//! the backlog, and a group with 100,000 waiting keeps nobody else from a turn.
//!
//! A lane has at most one delivery in flight. Lanes that may go stand in `turns` and go round.
//! A delivery that waits for its own due time makes its lane sleep for a short wait, and is set
//! aside for a long one, so that the lane passes it.
//!
//! Always: whatever is known of a lane comes before its spill mark, whatever comes at or after
//! the mark and up to the cursor is not known, and whatever comes after the cursor is the
//! scan's to find. This is what keeps one delivery from being known twice. Nothing here reads a
//! journal or a clock.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use tokio::time::Instant;

use super::backoff::{HOLD, LONGEST_OWN};
use super::clock::Clock;
use crate::journal::{Lane, Waiting};
use crate::model::DeliverySeq;

/// How many keys are kept of a lane.
pub(super) const PER_LANE: usize = 32;

/// Above so many keys in all, new ones of a lane that has one already are spilled.
const KEYS: usize = 8_192;

/// Above so many lanes, reading on waits until some are empty.
const LANES: usize = 16_384;

/// Above so many set aside, a delivery holds its lane instead.
const ASIDE: usize = 4_096;

/// A sink's view of its backlog.
#[derive(Debug, Default)]
pub(super) struct Window {
    cursor: DeliverySeq,
    exhausted: bool,
    lanes: HashMap<Lane, Queue>,
    turns: VecDeque<Lane>,
    sleeping: BTreeSet<(Instant, Lane)>,
    aside: BTreeMap<(Instant, DeliverySeq), Lane>,
    keys: usize,
}

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// This delivery is in flight from now on, until it is done or given back.
    Go(Lane, DeliverySeq),
    /// This lane must be read again from there, and handed to [`Window::refill`].
    Refill(Lane, DeliverySeq),
}

#[derive(Debug, Default)]
struct Queue {
    keys: VecDeque<Key>,
    spill: Option<DeliverySeq>,
    busy: Option<DeliverySeq>,
    place: Place,
}

#[derive(Clone, Copy, Debug)]
struct Key {
    seq: DeliverySeq,
    due: Option<Instant>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Nowhere,
    Turn,
    Asleep(Instant),
}

impl Window {
    /// There may be new deliveries after the cursor.
    pub(super) fn news(&mut self) {
        self.exhausted = false;
    }

    /// Deliveries before the cursor may have come back: everything is read again, except that
    /// what is in flight stays so.
    pub(super) fn start_over(&mut self) {
        self.lanes.retain(|_, queue| queue.busy.is_some());
        for queue in self.lanes.values_mut() {
            *queue = Queue { busy: queue.busy, ..Queue::default() };
        }
        let lanes = std::mem::take(&mut self.lanes);
        *self = Window { lanes, ..Window::default() };
    }

    /// After which delivery to read on, if there is anything to read and room for it.
    pub(super) fn scan(&self) -> Option<DeliverySeq> {
        (!self.exhausted && self.lanes.len() < LANES).then_some(self.cursor)
    }

    /// Takes up what was read after the cursor; `asked` is how many were asked for.
    pub(super) fn admit(&mut self, read: Vec<Waiting>, asked: usize, clock: Clock) {
        self.exhausted = read.len() < asked;
        let most = if self.keys < KEYS { PER_LANE } else { 1 };
        for waiting in read {
            self.cursor = waiting.seq;
            self.place(waiting, most, clock);
            self.list(waiting.lane, clock);
        }
    }

    /// Takes up what was read of one lane from its spill mark on.
    pub(super) fn refill(&mut self, lane: Lane, read: Vec<Waiting>, asked: usize, clock: Clock) {
        let most = if self.keys < KEYS { PER_LANE } else { 2 };
        let Some(queue) = self.lanes.get_mut(&lane) else { return };
        queue.spill = None;
        let complete = read.len() < asked;
        let mut last = None;
        let cursor = self.cursor;
        for waiting in read.into_iter().take_while(|waiting| waiting.seq <= cursor) {
            last = Some(waiting.seq);
            self.place(waiting, most, clock);
        }
        if let (false, Some(last), Some(queue)) = (complete, last, self.lanes.get_mut(&lane)) {
            queue.spill.get_or_insert(DeliverySeq(last.0 + 1));
        }
        self.list(lane, clock);
        self.forget_if_empty(lane);
    }

    /// Lets a lane have its turn again after it could not be read.
    pub(super) fn again(&mut self, lane: Lane, clock: Clock) {
        self.list(lane, clock);
    }

    /// Whether a lane may go.
    pub(super) fn has_turns(&self) -> bool {
        !self.turns.is_empty()
    }

    /// The next lane's turn. Where its first delivery is `avoid`, its second goes, if it has one.
    pub(super) fn take(&mut self, avoid: Option<DeliverySeq>) -> Option<Turn> {
        let lane = self.turns.pop_front()?;
        let queue = self.lanes.get_mut(&lane)?;
        queue.place = Place::Nowhere;
        let second = queue.keys.front().is_some_and(|first| Some(first.seq) == avoid);
        let wanted = usize::from(second);
        if let (Some(from), true) = (queue.spill, queue.keys.len() <= wanted) {
            return Some(Turn::Refill(lane, from));
        }
        let key = queue.keys.remove(wanted.min(queue.keys.len().saturating_sub(1)))?;
        queue.busy = Some(key.seq);
        self.keys -= 1;
        Some(Turn::Go(lane, key.seq))
    }

    /// The lane's delivery in flight has ended.
    pub(super) fn done(&mut self, lane: Lane, clock: Clock) {
        if let Some(queue) = self.lanes.get_mut(&lane) {
            queue.busy = None;
        }
        self.list(lane, clock);
        self.forget_if_empty(lane);
    }

    /// The lane's delivery in flight is to be tried again.
    pub(super) fn give_back(&mut self, waiting: Waiting, clock: Clock) {
        let lane = waiting.lane;
        if let Some(queue) = self.lanes.get_mut(&lane) {
            queue.busy = None;
        }
        if waiting.seq <= self.cursor {
            self.place(waiting, usize::MAX, clock);
        }
        self.list(lane, clock);
        self.forget_if_empty(lane);
    }

    /// Wakes what is due.
    pub(super) fn wake(&mut self, clock: Clock) {
        while let Some((at, lane)) =
            self.sleeping.first().copied().filter(|(at, _)| *at <= clock.now)
        {
            self.sleeping.remove(&(at, lane));
            if let Some(queue) = self.lanes.get_mut(&lane) {
                queue.place = Place::Nowhere;
            }
            self.list(lane, clock);
        }
        while let Some(first) = self.aside.first_entry().filter(|e| e.key().0 <= clock.now) {
            let ((_, seq), lane) = first.remove_entry();
            self.place(Waiting { seq, lane, due: None }, usize::MAX, clock);
            self.rouse(lane);
            self.list(lane, clock);
        }
    }

    /// When [`Window::wake`] has something to do.
    pub(super) fn next_wake(&self) -> Option<Instant> {
        let asleep = self.sleeping.first().map(|(at, _)| *at);
        let aside = self.aside.first_key_value().map(|((at, _), _)| *at);
        asleep.into_iter().chain(aside).min()
    }

    /// Puts a key where it belongs: in its lane, aside, or behind the spill mark.
    fn place(&mut self, waiting: Waiting, most: usize, clock: Clock) {
        let Waiting { seq, lane, due } = waiting;
        let queue = self.lanes.get(&lane);
        if queue.is_some_and(|queue| queue.busy == Some(seq) || queue.hides(seq)) {
            return;
        }
        let wait = due.map(|due| clock.until(due, LONGEST_OWN)).filter(|wait| !wait.is_zero());
        let due = wait.map(|wait| clock.now + wait);
        if let (Some(due), true) = (due, wait > Some(HOLD) && self.aside.len() < ASIDE) {
            self.aside.insert((due, seq), lane);
            return;
        }
        let queue = self.lanes.entry(lane).or_default();
        if queue.keys.len() >= most {
            queue.spill = Some(seq);
            return;
        }
        let at = queue.keys.partition_point(|key| key.seq < seq);
        queue.keys.insert(at, Key { seq, due });
        self.keys += 1;
    }

    /// Puts a lane where it belongs, if it has anything and nothing of it is in flight.
    fn list(&mut self, lane: Lane, clock: Clock) {
        let Some(queue) = self.lanes.get_mut(&lane) else { return };
        let nothing = queue.keys.is_empty() && queue.spill.is_none();
        if nothing || queue.busy.is_some() || queue.place != Place::Nowhere {
            return;
        }
        match queue.keys.front().and_then(|key| key.due).filter(|due| *due > clock.now) {
            Some(due) => {
                queue.place = Place::Asleep(due);
                self.sleeping.insert((due, lane));
            }
            None => {
                queue.place = Place::Turn;
                self.turns.push_back(lane);
            }
        }
    }

    /// Takes a sleeping lane out of its sleep: its first delivery is another one now.
    fn rouse(&mut self, lane: Lane) {
        let Some(queue) = self.lanes.get_mut(&lane) else { return };
        if let Place::Asleep(at) = queue.place {
            self.sleeping.remove(&(at, lane));
            queue.place = Place::Nowhere;
        }
    }

    fn forget_if_empty(&mut self, lane: Lane) {
        let empty =
            |queue: &Queue| queue.keys.is_empty() && queue.spill.is_none() && queue.busy.is_none();
        if self.lanes.get(&lane).is_some_and(empty) {
            self.lanes.remove(&lane);
        }
    }
}

impl Queue {
    /// Whether a delivery stands behind the spill mark, to be found by reading the lane again.
    fn hides(&self, seq: DeliverySeq) -> bool {
        self.spill.is_some_and(|spill| seq >= spill)
    }
}

#[cfg(test)]
#[path = "window_tests.rs"]
mod tests;
