//! Helpers that tell times and durations.

use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};
use serde_json::Value;

use super::Values;
use crate::template::values;

/// The units of [`humanize`], with their seconds.
const UNITS: [(u64, char); 4] = [(86_400, 'd'), (3_600, 'h'), (60, 'm'), (1, 's')];

/// A number of seconds in words, with its two greatest units: `4m`, `1h 5m`, `2d 3h`; below a
/// second in milliseconds. Empty for what is no number.
pub fn humanize(seconds: f64) -> String {
    if !seconds.is_finite() {
        return String::new();
    }
    if seconds < 0.0 {
        return format!("-{}", humanize(-seconds));
    }
    let millis = (seconds * 1000.0).round();
    if millis > 0.0 && millis < 1000.0 {
        return format!("{millis}ms");
    }
    whole(seconds.round() as u64) // saturates, and is not negative
}

fn whole(mut seconds: u64) -> String {
    let mut words = Vec::new();
    for (unit, letter) in UNITS {
        let count = seconds / unit;
        if count > 0 {
            words.push(format!("{count}{letter}"));
        }
        seconds %= unit;
        // The second unit is the next smaller one, or none: `1h`, not `1h 5s`.
        if words.len() == 2 || (words.len() == 1 && count == 0) {
            break;
        }
    }
    if words.is_empty() { "0s".to_owned() } else { words.join(" ") }
}

pub(super) fn words(values: Values<'_, '_>, _: &TimeZone) -> Result<Value, String> {
    if values[0].is_null() {
        return Ok(Value::Null);
    }
    match values::number(&values[0]) {
        Some(seconds) => Ok(Value::String(humanize(seconds))),
        None => Err(format!("`humanize` takes a number of seconds, not {}", values[0])),
    }
}

pub(super) fn date(values: Values<'_, '_>, zone: &TimeZone) -> Result<Value, String> {
    if values[0].is_null() {
        return Ok(Value::Null);
    }
    let zone = match values.get(2) {
        Some(name) if !name.is_null() => named(name)?,
        _ => zone.clone(),
    };
    let time = timestamp("date", &values[0])?.to_zoned(zone);
    written(&time, &values[1]).map(Value::String)
}

pub(super) fn epoch(values: Values<'_, '_>, _: &TimeZone) -> Result<Value, String> {
    since_1970("epoch", &values[0], Timestamp::as_second)
}

pub(super) fn epoch_ms(values: Values<'_, '_>, _: &TimeZone) -> Result<Value, String> {
    since_1970("epoch_ms", &values[0], Timestamp::as_millisecond)
}

fn since_1970(
    helper: &str,
    value: &Value,
    count: impl FnOnce(Timestamp) -> i64,
) -> Result<Value, String> {
    match value {
        Value::Null => Ok(Value::Null),
        time => timestamp(helper, time).map(|time| count(time).into()),
    }
}

pub(super) fn later(values: Values<'_, '_>, zone: &TimeZone) -> Result<Value, String> {
    if values[0].is_null() || values[1].is_null() {
        return Ok(Value::Null);
    }
    let seconds = values::number(&values[1])
        .ok_or_else(|| format!("`later` takes a number of seconds, not {}", values[1]))?;
    let span = SignedDuration::try_from_secs_f64(seconds).map_err(|error| error.to_string())?;
    let time = timestamp("later", &values[0])?
        .checked_add(span)
        .map_err(|error| format!("`later` has no such time: {error}"))?;
    let written = strtime::format("%Y-%m-%dT%H:%M:%S%:z", &time.to_zoned(zone.clone()));
    written.map(Value::String).map_err(|error| error.to_string())
}

pub(super) fn check_date(literals: &[Option<&Value>]) -> Result<(), String> {
    if let Some(Some(zone)) = literals.get(2) {
        named(zone)?;
    }
    if let Some(format) = literals[1] {
        written(&Timestamp::UNIX_EPOCH.to_zoned(TimeZone::UTC), format)?;
    }
    Ok(())
}

fn timestamp(helper: &str, value: &Value) -> Result<Timestamp, String> {
    let found = match value {
        Value::String(text) => text.trim().parse().ok(),
        Value::Number(_) => value.as_i64().and_then(|number| {
            // Seconds since 1970, or milliseconds as JavaScript counts them.
            let millis = if number.abs() < 100_000_000_000 { number * 1000 } else { number };
            Timestamp::from_millisecond(millis).ok()
        }),
        _ => None,
    };
    found
        .ok_or_else(|| format!("`{helper}` takes a time such as 2026-03-14T12:00:00Z, not {value}"))
}

fn named(name: &Value) -> Result<TimeZone, String> {
    let zone = name.as_str().and_then(|name| TimeZone::get(name).ok());
    zone.ok_or_else(|| format!("there is no time zone {name}; one is \"Europe/Berlin\""))
}

fn written(time: &Zoned, format: &Value) -> Result<String, String> {
    let Some(format) = format.as_str() else {
        return Err(format!("`date` takes a format such as \"%H:%M\", not {format}"));
    };
    strtime::format(format, time)
        .map_err(|error| format!("`date` can't read the format \"{format}\": {error}"))
}
