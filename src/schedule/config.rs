//! What a person writes of windows and of moments that come again.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::model::units::Span;

/// A time in which rules can be quiet. Each key narrows it; a day on which it begins is enough for
/// a time past midnight.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WindowConfig {
    /// Days of the week: `MON-FRI`, or a list such as `[SAT, SUN]`. Every day if left out.
    pub days: Option<Words>,
    /// Times of the day: `"22:00-07:00"`, or a list. `24:00` is the end of a day; past midnight the
    /// window belongs to the day on which it began. The whole day if left out.
    pub times: Option<Words>,
    /// Dates: `2026-12-24`, `2026-12-24..2027-01-01`, or each year's `12-25`; one or a list.
    pub dates: Option<Words>,
    /// Months: `DEC`, `JUN-AUG`, or a list.
    pub months: Option<Words>,
    /// The zone of the times, by its IANA name, if not that of the configuration.
    pub timezone: Option<String>,
}

/// One text, or a list of them.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Words {
    /// Written alone.
    One(String),
    /// Written as a list.
    Many(Vec<String>),
}

/// When something comes again: by `cron` or by `every`, one of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecurrenceConfig {
    /// Five fields, as Agnox and crontab write them: minute, hour, day, month, day of the week.
    pub cron: Option<String>,
    /// An interval.
    pub every: Option<Span>,
    /// The zone of the cron, if not that of the configuration.
    pub timezone: Option<String>,
}
