//! How times are written in a test: `+10m` after the step before, `-2h` before an event, or a
//! moment on the clock.

use jiff::civil::{Date, DateTime, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::model::units::Span;

/// Why a text is no time here, and what to write.
#[derive(Debug)]
pub(super) struct NoTime {
    pub(super) message: String,
    pub(super) hint: String,
}

/// When a case begins that doesn't say when.
const MONDAY: Date = date(2026, 3, 2);

/// Nine in the morning of a Monday.
pub(super) fn monday(zone: &TimeZone) -> Result<Timestamp, NoTime> {
    on_clock(MONDAY.at(9, 0, 0, 0), zone)
}

/// A moment: on the zone's clock, or with an offset.
pub(super) fn moment(text: &str, zone: &TimeZone) -> Result<Timestamp, NoTime> {
    if let Ok(moment) = text.trim().parse::<Timestamp>() {
        return Ok(moment);
    }
    match text.trim().parse::<DateTime>() {
        Ok(clock) => on_clock(clock, zone),
        Err(_) => Err(NoTime {
            message: format!("`{text}` is no time"),
            hint: "write it as \"2026-03-02 09:00\"".to_owned(),
        }),
    }
}

/// A moment after another: `+10m`, or on the clock.
pub(super) fn after(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, NoTime> {
    let at = match text.trim().strip_prefix('+') {
        Some(span) => moved(now, span, 1)?,
        None => moment(text, zone).map_err(|NoTime { message, .. }| NoTime {
            message,
            hint: "write it as `+10m` after the step before, or as \"2026-03-03 07:00\"".into(),
        })?,
    };
    if at < now {
        let hint = "steps stand in the order of their times".to_owned();
        return Err(NoTime { message: format!("`{text}` is before the step before"), hint });
    }
    Ok(at)
}

/// A moment before another: `-2h`, or on the clock.
pub(super) fn before(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, NoTime> {
    match text.trim().strip_prefix('-') {
        Some(span) => moved(now, span, -1),
        None => moment(text, zone).map_err(|NoTime { message, .. }| NoTime {
            message,
            hint: "write it as `-2h` before the event arrives, or as \"2026-03-03 07:00\"".into(),
        }),
    }
}

fn moved(from: Timestamp, span: &str, sign: i32) -> Result<Timestamp, NoTime> {
    let refused = |message: String| NoTime { message, hint: "write it as `+10m` or `+1d`".into() };
    let span = Span::parse(span).map_err(refused)?;
    let too_far = || refused("this leads out of the calendar".to_owned());
    let span = SignedDuration::try_from(span.0).map_err(|_| too_far())?;
    from.checked_add(span * sign).map_err(|_| too_far())
}

fn on_clock(clock: DateTime, zone: &TimeZone) -> Result<Timestamp, NoTime> {
    zone.to_timestamp(clock).map_err(|_| NoTime {
        message: format!("{clock} is out of the calendar"),
        hint: "write it as \"2026-03-02 09:00\"".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn berlin() -> TimeZone {
        TimeZone::get("Europe/Berlin").unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_time_is_on_the_clock_of_the_zone_unless_it_has_an_offset() {
        let zone = berlin();
        assert_eq!(moment("2026-03-02 09:00", &zone).unwrap(), at("2026-03-02T08:00:00Z"));
        assert_eq!(moment("2026-07-02T09:00:30", &zone).unwrap(), at("2026-07-02T07:00:30Z"));
        assert_eq!(moment("2026-03-02T09:00:00Z", &zone).unwrap(), at("2026-03-02T09:00:00Z"));
        assert_eq!(monday(&zone).unwrap(), at("2026-03-02T08:00:00Z"));
    }

    #[test]
    fn a_step_is_so_long_after_the_one_before_and_never_before_it() {
        let (zone, now) = (berlin(), at("2026-03-02T08:00:00Z"));
        assert_eq!(after("+1d", now, &zone).unwrap(), at("2026-03-03T08:00:00Z"));
        assert_eq!(after("+0s", now, &zone).unwrap(), now);
        assert_eq!(before("-90m", now, &zone).unwrap(), at("2026-03-02T06:30:00Z"));
        for wrong in ["2026-03-01 09:00", "+1", "+", "1d", "tomorrow", "-1d", "+99999999999d"] {
            let NoTime { message, hint } = after(wrong, now, &zone).unwrap_err();
            assert!(!message.is_empty() && !hint.is_empty(), "{wrong}");
        }
    }
}
