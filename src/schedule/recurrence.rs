//! A moment that comes again.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::config::RecurrenceConfig;
use crate::model::Problem;

/// When something comes again, compiled.
#[derive(Clone, Debug)]
pub struct Recurrence {
    zone: TimeZone,
}

impl Recurrence {
    /// Compiles what a person wrote.
    ///
    /// # Errors
    /// With everything that is wrong, each at a path (`cron`, `every`, `timezone`); that neither or
    /// both are given stands at the empty path.
    pub fn compile(config: &RecurrenceConfig, zone: &TimeZone) -> Result<Recurrence, Vec<Problem>> {
        let _ = config;
        Ok(Recurrence { zone: zone.clone() })
    }

    /// The first moment after a time. An interval counts from that time.
    pub fn next(&self, after: Timestamp) -> Option<Timestamp> {
        let _ = (&self.zone, after);
        None
    }

    /// The last moment at or before a time, not before `from`; an interval has none.
    pub fn last(&self, from: Timestamp, at: Timestamp) -> Option<Timestamp> {
        let _ = (&self.zone, from, at);
        None
    }
}
