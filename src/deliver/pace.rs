//! A sink's pace: so many messages in so long, and after a rest perhaps more at once.
//!
//! A plain rate is a promise about windows: the times of the last messages are remembered, and the
//! next may go once the oldest of them is a whole window ago. So a burst up to the rate goes out at
//! once, and no window, wherever it is laid, holds more than the rate allows. A service that takes
//! a larger burst earns it back at its rate: what was spent is remembered instead, and no window
//! holds more than the burst and what the rate earns within it.
//!
//! What went out before a restart isn't known, and a new pace counts as rested: a service that finds
//! it too much says so, and is waited for.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::model::units::Rate;

/// Higher counts are scaled down with their window, so that little is remembered.
const MOST_REMEMBERED: u32 = 1000;

/// What is earned again is a fraction; so much of a message is nothing.
const NOTHING: f64 = 1e-6;

/// How fast messages may go, as the configuration says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tempo {
    /// So many in so long.
    pub(super) rate: Rate,
    /// So many at once after a rest; as many as the rate's where it is not known.
    pub(super) burst: Option<u32>,
}

/// How fast messages may go.
#[derive(Debug, Default)]
pub(super) struct Pace {
    limit: Limit,
    starts: VecDeque<Instant>,
    spent: Spent,
}

#[derive(Clone, Copy, Debug, Default)]
enum Limit {
    /// As fast as they come.
    #[default]
    None,
    /// So many in any window of so long.
    Window(usize, Duration),
    /// So many at once, each of which is earned again in so long.
    Burst(u32, Duration),
}

/// What of a burst is spent, at a moment.
#[derive(Clone, Copy, Debug, Default)]
struct Spent {
    messages: f64,
    at: Option<Instant>,
}

impl Pace {
    /// Keeps to this from now on; what went out before still counts.
    pub(super) fn set(&mut self, tempo: Option<Tempo>) {
        let before = std::mem::replace(&mut self.limit, tempo.map_or(Limit::None, Limit::of));
        if let Limit::Burst(burst, each) = self.limit {
            if !matches!(before, Limit::Burst(..)) {
                self.spent = Spent::default();
                self.starts.iter().for_each(|start| self.spent.note(*start, each));
            }
            self.spent.messages = self.spent.messages.min(burst.into());
        }
        self.trim();
    }

    /// From when on the next message may go; `None` if at once.
    pub(super) fn next(&self, now: Instant) -> Option<Instant> {
        match self.limit {
            Limit::None => None,
            Limit::Window(count, per) => {
                let oldest = self.starts.len().checked_sub(count)?;
                let next = *self.starts.get(oldest)? + per;
                Some(next).filter(|next| *next > now)
            }
            Limit::Burst(burst, each) => {
                let missing = self.spent.until(now, each) + 1.0 - f64::from(burst);
                let wait = each.mul_f64(missing.max(0.0));
                (missing > NOTHING).then(|| now + wait)
            }
        }
    }

    /// A message goes now.
    pub(super) fn note(&mut self, now: Instant) {
        if let Limit::Burst(_, each) = self.limit {
            self.spent.note(now, each);
        }
        self.starts.push_back(now);
        self.trim();
    }

    fn trim(&mut self) {
        let most = match self.limit {
            Limit::None => 0,
            Limit::Window(count, _) => count,
            Limit::Burst(burst, _) => burst.min(MOST_REMEMBERED) as usize,
        };
        while self.starts.len() > most {
            self.starts.pop_front();
        }
    }
}

impl Limit {
    fn of(tempo: Tempo) -> Self {
        let Rate { count, per } = tempo.rate;
        let burst = tempo.burst.unwrap_or(count).max(1);
        if burst > count {
            return Limit::Burst(burst, per / count);
        }
        // A smaller burst is a smaller window.
        let parts = count.div_ceil(burst.min(MOST_REMEMBERED));
        Limit::Window((count / parts) as usize, per / parts)
    }
}

impl Spent {
    fn note(&mut self, now: Instant, each: Duration) {
        *self = Spent { messages: self.until(now, each) + 1.0, at: Some(now) };
    }

    /// What is still spent once time has earned some of it again.
    fn until(&self, now: Instant, each: Duration) -> f64 {
        let rest = self.at.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        let earned = rest.as_secs_f64() / each.as_secs_f64().max(f64::MIN_POSITIVE);
        (self.messages - earned).max(0.0)
    }
}

#[cfg(test)]
#[path = "pace_tests.rs"]
mod tests;
