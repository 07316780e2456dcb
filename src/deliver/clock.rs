//! Now, on both clocks: the one that only goes forward, and the one on the wall.
//!
//! Waiting is done on the first; what is stored and shown is in the second. A stored time is
//! turned into a wait with a ceiling, so that a clock that jumped back by years stalls nothing,
//! and one that jumped ahead makes things due, no more.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

/// One moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    /// On the clock that only goes forward.
    pub now: Instant,
    /// On the wall.
    pub wall: Timestamp,
}

impl Clock {
    pub(super) fn now() -> Self {
        Clock { now: Instant::now(), wall: Timestamp::now() }
    }

    /// How long until a stored time: nothing if it is past, and never more than `ceiling`.
    pub(super) fn until(&self, stored: Timestamp, ceiling: Duration) -> Duration {
        let wait = Duration::try_from(stored.duration_since(self.wall)).unwrap_or_default();
        wait.min(ceiling)
    }

    /// The time on the wall after a wait.
    pub(super) fn after(&self, wait: Duration) -> Timestamp {
        self.wall.checked_add(wait).unwrap_or(Timestamp::MAX)
    }
}

/// How much time passed between two stored times; nothing if the clock went back.
pub(super) fn between(earlier: Timestamp, later: Timestamp) -> Duration {
    Duration::try_from(later.duration_since(earlier)).unwrap_or_default()
}
