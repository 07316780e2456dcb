//! Times as a person writes and reads them: how long ago, on which day, in the configuration's zone.

use agnox_bridge_sinks::template::humanize;
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::model::units::Span;

/// How long ago something was, in words.
pub(super) fn ago(at: Timestamp) -> String {
    let seconds = Timestamp::now().duration_since(at).as_secs_f64();
    if seconds < 1.0 { "just now".to_owned() } else { format!("{} ago", humanize(seconds)) }
}

/// How far ahead something is, in words.
pub(super) fn ahead(at: Timestamp) -> String {
    let seconds = at.duration_since(Timestamp::now()).as_secs_f64();
    if seconds < 1.0 { "now".to_owned() } else { format!("in {}", humanize(seconds)) }
}

/// How long from one time to another, in words.
pub(super) fn between(from: Timestamp, to: Timestamp) -> String {
    humanize(to.duration_since(from).as_secs_f64().max(0.0))
}

/// Day and time of day in a zone.
pub(super) fn on(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M %Z").to_string()
}

/// The time that lies so far back, where one is asked for.
pub(super) fn back(span: Option<Span>) -> anyhow::Result<Option<Timestamp>> {
    match span {
        None => Ok(None),
        Some(span) => Ok(Some(Timestamp::now().checked_sub(duration(span)?)?)),
    }
}

/// The time that lies so far ahead of another.
pub(super) fn after(start: Timestamp, span: Span) -> anyhow::Result<Timestamp> {
    Ok(start.checked_add(duration(span)?)?)
}

fn duration(span: Span) -> anyhow::Result<SignedDuration> {
    Ok(SignedDuration::try_from(span.0)?)
}

/// Reads a time: `2026-11-24 07:00` or `07:00` (the next one) in the zone, or an instant with its
/// offset, `2026-11-24T07:00:00Z`.
///
/// # Errors
/// With how one is written.
pub(super) fn moment(text: &str, zone: &TimeZone, now: Timestamp) -> anyhow::Result<Timestamp> {
    let text = text.trim();
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    if let Ok(local) = text.parse::<DateTime>() {
        return Ok(local.to_zoned(zone.clone())?.timestamp());
    }
    let Ok(time) = text.parse::<Time>() else {
        anyhow::bail!(
            "`{text}` is no time; write it as 2026-11-24 07:00, as 07:00, or as \
             2026-11-24T07:00:00Z"
        );
    };
    let today = now.to_zoned(zone.clone()).date();
    let next = today.to_datetime(time).to_zoned(zone.clone())?;
    let next = match next.timestamp() > now {
        true => next,
        false => today.checked_add(1.day())?.to_datetime(time).to_zoned(zone.clone())?,
    };
    Ok(next.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let now = "2026-11-23T12:00:00Z".parse().unwrap();
        moment(text, &zone, now).map_or_else(|e| e.to_string(), |at| at.to_string())
    }

    #[test]
    fn a_time_is_read_in_the_configurations_zone() {
        assert_eq!(read("2026-11-24 07:00"), "2026-11-24T06:00:00Z");
        assert_eq!(read("2026-11-24"), "2026-11-23T23:00:00Z");
        assert_eq!(read("2026-11-24T07:00:00Z"), "2026-11-24T07:00:00Z");
        assert_eq!(read("2026-11-24T07:00:00+02:00"), "2026-11-24T05:00:00Z");
    }

    #[test]
    fn a_time_of_day_is_the_next_one() {
        assert_eq!(read("14:30"), "2026-11-23T13:30:00Z");
        assert_eq!(read("07:00"), "2026-11-24T06:00:00Z");
        assert_eq!(read("13:00"), "2026-11-24T12:00:00Z", "now is over");
    }

    #[test]
    fn what_is_no_time_is_told_how_one_is_written() {
        for wrong in ["", "tomorrow", "2h", "25:00", "2026-13-01 07:00"] {
            assert!(read(wrong).contains("write it as"), "{wrong}: {}", read(wrong));
        }
    }
}
