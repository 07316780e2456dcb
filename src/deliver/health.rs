//! A sink's health: the breaker that stands between its deliveries and its endpoint.
//!
//! While the endpoint has trouble, one delivery at a time probes it: at most 30 s apart while it
//! is unavailable, once an hour while it is suspended. One that gets through releases all. What it
//! knows is small enough to be kept over a restart as a [`Trouble`].

use std::time::Duration;

use tokio::time::Instant;

use super::backoff;
use super::clock::Clock;
use super::state::Condition;
use crate::journal::Trouble;

/// After a restart a suspended sink is probed this soon: somebody probably acted.
const SUSPENDED_AT_START: Duration = Duration::from_secs(60);

/// A probe that took long is followed by the next one no sooner than this.
const SHORTEST: Duration = Duration::from_millis(500);

/// So many failed tries in a row take about ten minutes.
const LONG: u32 = 25;

/// A sink's health.
#[derive(Debug, Default)]
pub(super) struct Health {
    trouble: Option<Trouble>,
    next_probe: Option<Instant>,
}

/// A failed attempt, as far as the sink's health is concerned.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setback<'a> {
    /// When it began.
    pub began: Instant,
    /// Whether it was a probe, and not under way already when the trouble began.
    pub probe: bool,
    /// What happened.
    pub reason: &'a str,
}

impl Health {
    /// The health that was remembered over a restart.
    pub(super) fn restored(trouble: Option<Trouble>, clock: Clock) -> Self {
        let next_probe = trouble.as_ref().map(|trouble| {
            let ceiling =
                if trouble.suspended { SUSPENDED_AT_START } else { backoff::RETRY_AFTER.1 };
            clock.now + clock.until(trouble.next_probe, ceiling)
        });
        Health { trouble, next_probe }
    }

    /// What it is to be remembered by.
    pub(super) fn trouble(&self) -> Option<&Trouble> {
        self.trouble.as_ref()
    }

    /// It in one word.
    pub(super) fn condition(&self) -> Condition {
        match &self.trouble {
            None => Condition::Healthy,
            Some(trouble) if trouble.suspended => Condition::Suspended,
            Some(_) => Condition::BackingOff,
        }
    }

    /// When the next probe may go; `None` while healthy.
    pub(super) fn next_probe(&self) -> Option<Instant> {
        self.next_probe
    }

    /// Whether so many tries in a row found the endpoint unavailable that a message of its own
    /// may be the reason.
    pub(super) fn is_long_unavailable(&self) -> bool {
        self.condition() == Condition::BackingOff && self.failures() >= LONG
    }

    /// The endpoint answered to a message: all is well. Returns whether that is new.
    pub(super) fn reached(&mut self) -> bool {
        self.next_probe = None;
        self.trouble.take().is_some()
    }

    /// The endpoint is unavailable. Returns whether that changed anything.
    ///
    /// What was under way when the trouble began says nothing new, except for a longer wait.
    pub(super) fn unavailable(
        &mut self,
        setback: Setback<'_>,
        asked: Option<Duration>,
        clock: Clock,
    ) -> bool {
        let asked = asked.map(backoff::asked).unwrap_or_default();
        if let (Some(next), false) = (self.next_probe, setback.probe) {
            let later = !asked.is_zero() && clock.now + asked > next && !self.suspended();
            return later && self.wait(asked, clock);
        }
        let failures = self.failures() + 1;
        let since_began = clock.now.saturating_duration_since(setback.began);
        let wait = backoff::sink(failures).saturating_sub(since_began).max(SHORTEST).max(asked);
        self.set(false, failures, setback.reason, clock);
        self.wait(wait, clock)
    }

    /// The endpoint takes nothing until somebody acts. Returns whether that changed anything.
    pub(super) fn suspend(&mut self, setback: Setback<'_>, clock: Clock) -> bool {
        if self.suspended() && !setback.probe {
            return false;
        }
        let failures = self.failures() + 1;
        self.set(true, failures, setback.reason, clock);
        self.wait(backoff::SUSPENDED, clock)
    }

    /// Somebody acted: the next probe may go at once. Returns whether there was any trouble.
    pub(super) fn resume(&mut self, clock: Clock) -> bool {
        self.trouble.is_some() && self.wait(Duration::ZERO, clock)
    }

    fn suspended(&self) -> bool {
        self.condition() == Condition::Suspended
    }

    fn failures(&self) -> u32 {
        self.trouble.as_ref().map_or(0, |trouble| trouble.failures)
    }

    fn set(&mut self, suspended: bool, failures: u32, reason: &str, clock: Clock) {
        let same = self.trouble.as_ref().filter(|trouble| trouble.suspended == suspended);
        self.trouble = Some(Trouble {
            suspended,
            since: same.map_or(clock.wall, |trouble| trouble.since),
            reason: reason.to_owned(),
            failures,
            next_probe: clock.wall,
        });
    }

    fn wait(&mut self, wait: Duration, clock: Clock) -> bool {
        self.next_probe = Some(clock.now + wait);
        if let Some(trouble) = &mut self.trouble {
            trouble.next_probe = clock.after(wait);
        }
        true
    }
}

#[cfg(test)]
#[path = "health_tests.rs"]
mod tests;
