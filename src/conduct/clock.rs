//! What time it is, and waiting for a time: the only clock that deciding knows.
//!
//! Timers are due by the wall clock, which people set and which jumps. So nobody sleeps until a
//! timer is due in one go: the clock is looked at again every half minute at the latest. A clock
//! that was set forward fires what is due by then, and one that was set back fires nothing twice,
//! since what has fired is gone from memory.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;

/// The longest sleep without a look at the clock.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// A clock. A test has one in its hand.
pub trait Clock: Send + Sync + 'static {
    /// The time.
    fn now(&self) -> Timestamp;

    /// Returns when it is this late, or earlier: the caller looks at the clock again.
    fn until(&self, at: Timestamp) -> BoxFuture<'_, ()>;
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn until(&self, at: Timestamp) -> BoxFuture<'_, ()> {
        let wait = Duration::try_from(at.duration_since(self.now())).unwrap_or_default();
        tokio::time::sleep(wait.min(LOOK_EVERY)).boxed()
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn nobody_sleeps_longer_than_until_the_next_look() {
        let begun = tokio::time::Instant::now();
        SystemClock.until(SystemClock.now() + SignedDuration::from_hours(9)).await;
        assert_eq!(begun.elapsed(), LOOK_EVERY);
        SystemClock.until(Timestamp::UNIX_EPOCH).await;
        assert!(begun.elapsed() < LOOK_EVERY + Duration::from_millis(2));
    }
}
