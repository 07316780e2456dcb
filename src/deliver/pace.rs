//! A sink's pace: never more than so many messages in any window of so long.
//!
//! The times of the last messages are remembered, and the next may go once the oldest of them is
//! a whole window ago. So a burst up to the rate goes out at once, and no window, wherever it is
//! laid, holds more than the rate allows.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::model::units::Rate;

/// Higher counts are scaled down with their window, so that little is remembered.
const MOST_REMEMBERED: u32 = 1000;

/// How fast messages may go.
#[derive(Debug, Default)]
pub(super) struct Pace {
    limit: Option<(usize, Duration)>,
    starts: VecDeque<Instant>,
}

impl Pace {
    /// Keeps to this rate from now on; what went out before still counts.
    pub(super) fn set(&mut self, rate: Option<Rate>) {
        self.limit = rate.map(|rate| {
            let parts = rate.count.div_ceil(MOST_REMEMBERED);
            ((rate.count / parts) as usize, rate.per / parts)
        });
        self.trim();
    }

    /// From when on the next message may go; `None` if at once.
    pub(super) fn next(&self, now: Instant) -> Option<Instant> {
        let (count, per) = self.limit?;
        let oldest = self.starts.len().checked_sub(count).and_then(|i| self.starts.get(i))?;
        Some(*oldest + per).filter(|next| *next > now)
    }

    /// A message goes now.
    pub(super) fn note(&mut self, now: Instant) {
        self.starts.push_back(now);
        self.trim();
    }

    fn trim(&mut self) {
        let count = self.limit.map_or(0, |(count, _)| count);
        while self.starts.len() > count {
            self.starts.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent_in(pace: &mut Pace, from: Instant, millis: u64) -> usize {
        let mut sent = 0;
        for step in 0..millis {
            let now = from + Duration::from_millis(step);
            while pace.next(now).is_none() && sent < 100_000 {
                pace.note(now);
                sent += 1;
            }
        }
        sent
    }

    #[test]
    fn no_window_holds_more_than_the_rate_allows() {
        let from = Instant::now();
        for (text, most) in
            [("1/s", 10), ("3/s", 30), ("20/m", 20), ("5/10s", 5), ("2500/s", 25_000)]
        {
            let mut pace = Pace::default();
            pace.set(Some(Rate::parse(text).unwrap()));
            let sent = sent_in(&mut pace, from, 10_000);
            assert!(sent <= most && sent * 10 >= most * 9, "{text}: {sent}");
        }
    }

    #[test]
    fn a_new_rate_counts_what_went_out_before() {
        let from = Instant::now();
        let mut pace = Pace::default();
        pace.set(Some(Rate::parse("2/m").unwrap()));
        assert_eq!(sent_in(&mut pace, from, 1), 2);
        pace.set(Some(Rate::parse("1/h").unwrap()));
        assert!(pace.next(from + Duration::from_secs(3599)).is_some());
        pace.set(None);
        assert!(pace.next(from).is_none());
    }
}
