//! A moment that comes again.
//!
//! A cron is read on the clock on the wall. A time that the clocks skip comes at the moment at
//! which they skip it, together with others that they skip; a time that they show twice comes the
//! first time.

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::config::RecurrenceConfig;
use super::names::{self, DAYS, MONTHS};
use crate::model::Problem;
use crate::model::units::Span;

/// When something comes again, compiled.
#[derive(Clone, Debug)]
pub struct Recurrence {
    comes: Comes,
    shown: String,
}

#[derive(Clone, Debug)]
enum Comes {
    Cron(Box<Cron>, TimeZone),
    Every(SignedDuration),
}

const SHORTEST: Span = Span(std::time::Duration::from_secs(60));

const HINT: &str =
    "five fields: minute, hour, day, month, day of the week, as in \"0 2 * * MON-FRI\"";

const NICKNAMES: [&str; 6] = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@hourly"];

impl Recurrence {
    /// Compiles what a person wrote.
    ///
    /// # Errors
    /// With everything that is wrong, each at a path (`cron`, `every`, `timezone`); that neither or
    /// both are given stands at the empty path.
    pub fn compile(config: &RecurrenceConfig, zone: &TimeZone) -> Result<Recurrence, Vec<Problem>> {
        match (&config.cron, config.every) {
            (Some(cron), None) => by_cron(cron.trim(), config.timezone.as_deref(), zone),
            (None, Some(every)) => by_interval(every, config.timezone.as_deref()),
            (None, None) => {
                Err(vec![Problem::new("", "it doesn't say when").hint("write `cron` or `every`")])
            }
            (Some(_), Some(_)) => Err(vec![
                Problem::new("", "it has both `cron` and `every`").hint("take one of them out"),
            ]),
        }
    }

    /// The first moment after a time. An interval counts from that time.
    pub fn next(&self, after: Timestamp) -> Option<Timestamp> {
        match &self.comes {
            Comes::Every(interval) => after.checked_add(*interval).ok(),
            Comes::Cron(cron, zone) => next(cron, zone, after),
        }
    }

    /// The last moment at or before a time, not before `from`; an interval has none.
    pub fn last(&self, from: Timestamp, at: Timestamp) -> Option<Timestamp> {
        match &self.comes {
            Comes::Every(_) => None,
            Comes::Cron(cron, zone) => last(cron, zone, at).filter(|last| *last >= from),
        }
    }

    /// The interval, where it is one.
    pub fn interval(&self) -> Option<SignedDuration> {
        match &self.comes {
            Comes::Every(interval) => Some(*interval),
            Comes::Cron(..) => None,
        }
    }

    /// It in few words, as it was written: `0 2 * * *` or `1h`.
    pub fn describe(&self) -> &str {
        &self.shown
    }
}

fn by_interval(every: Span, timezone: Option<&str>) -> Result<Recurrence, Vec<Problem>> {
    let mut problems = Vec::new();
    if every < SHORTEST {
        let problem = Problem::new("every", format!("`{every}` is too short"));
        problems.push(problem.hint("a minute is the shortest: 1m"));
    }
    if timezone.is_some() {
        let problem = Problem::new("timezone", "an interval is the same in every time zone");
        problems.push(problem.hint("leave it out, or write a `cron`"));
    }
    let interval = SignedDuration::try_from(every.0).unwrap_or(SignedDuration::MAX);
    match problems.is_empty() {
        true => Ok(Recurrence { comes: Comes::Every(interval), shown: every.to_string() }),
        false => Err(problems),
    }
}

fn by_cron(
    text: &str,
    timezone: Option<&str>,
    zone: &TimeZone,
) -> Result<Recurrence, Vec<Problem>> {
    match (parse(text), timezone.map_or_else(|| Ok(zone.clone()), names::zone)) {
        (Ok(cron), Ok(zone)) => {
            Ok(Recurrence { comes: Comes::Cron(Box::new(cron), zone), shown: text.to_owned() })
        }
        (cron, zone) => Err(cron.err().into_iter().chain(zone.err()).collect()),
    }
}

fn parse(text: &str) -> Result<Cron, Problem> {
    let refused =
        |why: String| Problem::new("cron", format!("`{text}` is no cron: {why}")).hint(HINT);
    if text.starts_with('@') {
        if !NICKNAMES.contains(&text.to_lowercase().as_str()) {
            let problem = Problem::new("cron", format!("`{text}` is no cron"));
            return Err(problem.hint(format!("there are {}", NICKNAMES.join(", "))));
        }
    } else {
        fields(text).map_err(refused)?;
    }
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    let cron = parser.parse(text).map_err(|error| refused(reason(&error.to_string())))?;
    match cron.find_next_occurrence(&DateTime::constant(2000, 1, 1, 0, 0, 0, 0), true) {
        Ok(_) => Ok(cron),
        Err(_) => Err(Problem::new("cron", format!("`{text}` never comes")).hint(HINT)),
    }
}

/// What the fields stand for.
const FIELDS: [&str; 5] = ["minute", "hour", "day", "month", "day of the week"];

/// The parser takes names in any field, and more fields than five.
fn fields(text: &str) -> Result<(), String> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    if fields.len() != 5 {
        return Err(format!("it has {} fields, not five", fields.len()));
    }
    let letters = |c: char| c.is_alphabetic();
    for (index, field) in fields.iter().enumerate() {
        for word in field.split(|c| !letters(c)).filter(|word| !word.is_empty()) {
            let short = word.chars().count() == 3;
            let known = match index {
                2 => ["L", "W", "LW"].contains(&word.to_uppercase().as_str()),
                3 => short && names::place(word, &MONTHS).is_some(),
                4 => word.eq_ignore_ascii_case("L") || short && names::place(word, &DAYS).is_some(),
                _ => false,
            };
            if !known {
                return Err(format!("`{word}` can't stand for the {}", FIELDS[index]));
            }
        }
    }
    Ok(())
}

/// What the parser says, without the names of its types.
fn reason(error: &str) -> String {
    let plain = error.split_once(": ").map_or(error, |(_, reason)| reason);
    let plain = plain.trim_end_matches('.').replace("CronPattern", "it");
    let mut letters = plain.chars();
    let first = letters.next().map(|letter| letter.to_lowercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

fn next(cron: &Cron, zone: &TimeZone, after: Timestamp) -> Option<Timestamp> {
    let mut clock = zone.to_datetime(after);
    // In an hour that comes a second time, the clock shows what has come already.
    loop {
        clock = cron.find_next_occurrence(&clock, false).ok()?;
        let moment = moment(zone, clock)?;
        if moment > after {
            return Some(moment);
        }
    }
}

fn last(cron: &Cron, zone: &TimeZone, at: Timestamp) -> Option<Timestamp> {
    let shown = zone.to_datetime(at);
    let mut clock = match zone.to_ambiguous_timestamp(shown).offset() {
        // The clock may have shown later times already, before it went back.
        AmbiguousOffset::Fold { before, .. } => shown.max(before.to_datetime(at)),
        _ => shown,
    };
    let mut inclusive = true;
    loop {
        clock = cron.find_previous_occurrence(&clock, inclusive).ok()?;
        inclusive = false;
        let moment = moment(zone, clock)?;
        if moment <= at {
            return Some(moment);
        }
    }
}

/// The first moment at which the clock shows a time, or at which it skips it.
fn moment(zone: &TimeZone, clock: DateTime) -> Option<Timestamp> {
    let ambiguous = zone.to_ambiguous_timestamp(clock);
    let earlier = ambiguous.earlier().ok()?;
    match ambiguous.offset() {
        AmbiguousOffset::Gap { .. } => Some(zone.following(earlier).next()?.timestamp()),
        _ => Some(earlier),
    }
}

#[cfg(test)]
#[path = "recurrence_tests.rs"]
mod tests;
