//! A window: whether a moment lies in it, and when it ends.
//!
//! A moment lies in a window where the clock on the wall of its zone shows a day and a time that
//! do. So on the night in which clocks jump from 02:00 to 03:00, a window until 02:30 ends at
//! 03:00; and where an hour comes twice, it lies in the window both times or neither.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::config::{WindowConfig, Words};
use super::days::Days;
use super::names;
use super::times::{self, Time};
use crate::model::Problem;

/// A window that has no end is said to end after this time.
const LONGEST: SignedDuration = SignedDuration::from_hours(365 * 24);

/// A window, compiled.
#[derive(Clone, Debug)]
pub struct Window {
    zone: TimeZone,
    days: Days,
    times: Vec<Time>,
    shown: String,
}

impl Window {
    /// Compiles what a person wrote.
    ///
    /// # Errors
    /// With everything that is wrong, each at a path below the window (`times[1]`).
    pub fn compile(config: &WindowConfig, zone: &TimeZone) -> Result<Window, Vec<Problem>> {
        let WindowConfig { days, times, dates, months, timezone } = config;
        let mut problems = Vec::new();
        if [days, times, dates, months].iter().all(|key| key.is_none()) {
            let problem = Problem::new("", "this window says no time, so it would never end");
            problems.push(problem.hint("give it `days`, `times`, `dates` or `months`"));
        }
        let zone = match timezone.as_deref().map(names::zone) {
            None => zone.clone(),
            Some(named) => named.unwrap_or_else(|problem| {
                problems.push(problem);
                TimeZone::UTC
            }),
        };
        let times = times::read(times.as_ref(), &mut problems);
        let days = Days::read(days.as_ref(), months.as_ref(), dates.as_ref(), &mut problems);
        if problems.is_empty() && !days.ever_hold() {
            let problem = Problem::new("", "this window never comes: no day fits all of its keys");
            problems
                .push(problem.hint("each key narrows it; write a second window for other days"));
        }
        let window = Window { zone, days, times, shown: shown(config) };
        if problems.is_empty() && window.never_ends() {
            let problem = Problem::new("", "this window never ends: every time is in it");
            problems.push(problem.hint("narrow it; a rule that shall never speak needs no `send`"));
        }
        match problems.is_empty() {
            true => Ok(window),
            false => Err(problems),
        }
    }

    /// Whether it holds each day of each year from end to end.
    fn never_ends(&self) -> bool {
        let new_year = Date::constant(2001, 1, 1).at(0, 0, 0, 0);
        self.days.are_of_each_year()
            && self.stretch(new_year).is_some_and(|end| end >= new_year.saturating_add(LONGEST))
    }

    /// The end of the window that a moment lies in: the first moment after it that lies in none;
    /// `None` where the moment lies outside. A window without an end gets one after a year.
    pub fn end_of(&self, at: Timestamp) -> Option<Timestamp> {
        let longest = at.saturating_add(LONGEST).unwrap_or(Timestamp::MAX);
        let mut reached = at;
        // Up to a change of the clocks, the wall clock runs as time does.
        loop {
            let offset = self.zone.to_offset(reached);
            let Some(end) = self.stretch(offset.to_datetime(reached)) else {
                return (reached > at).then_some(reached);
            };
            let end = offset.to_timestamp(end).unwrap_or(longest);
            let change = self.zone.following(reached).next().map(|change| change.timestamp());
            reached = change.map_or(end, |change| end.min(change));
            if reached >= longest {
                return Some(longest);
            }
        }
    }

    /// The window in few words, as it was written: `MON-FRI, 22:00-07:00`.
    pub fn describe(&self) -> &str {
        &self.shown
    }

    /// Where the times around a reading of the clock end, those that touch taken as one; after a
    /// year or so at the latest. `None` outside of them.
    fn stretch(&self, at: DateTime) -> Option<DateTime> {
        let longest = at.saturating_add(LONGEST);
        let mut end = self.time_around(at)?;
        while end < longest {
            match self.time_around(end) {
                Some(further) => end = further,
                None => break,
            }
        }
        Some(end)
    }

    /// The latest end of the times that hold a reading of the clock. Those that began the day
    /// before may hold it too.
    fn time_around(&self, at: DateTime) -> Option<DateTime> {
        let today = at.date();
        let days = [Some(today), today.yesterday().ok()];
        let days = days.into_iter().flatten().filter(|day| self.days.hold(*day));
        let ends = days.flat_map(|day| {
            let times = self.times.iter().map(move |time| (on(day, time.from), on(day, time.to)));
            times.filter(|(from, to)| *from <= at && at < *to).map(|(_, to)| to)
        });
        ends.max()
    }
}

fn on(day: Date, minutes: u16) -> DateTime {
    day.at(0, 0, 0, 0).saturating_add(SignedDuration::from_mins(i64::from(minutes)))
}

fn shown(config: &WindowConfig) -> String {
    let WindowConfig { days, times, dates, months, timezone } = config;
    let keys = [days, dates, months, times].into_iter().flatten();
    let mut parts: Vec<&str> = Vec::new();
    for words in keys {
        match words {
            Words::One(text) => parts.push(text),
            Words::Many(texts) => parts.extend(texts.iter().map(String::as_str)),
        }
    }
    parts.extend(timezone.as_deref());
    parts.join(", ")
}

#[cfg(test)]
#[path = "window_tests.rs"]
mod tests;
