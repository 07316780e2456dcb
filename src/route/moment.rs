//! Comparisons of times: `< 2026-11-01`, `>= 2026-11-01T08:00:00Z`.
//!
//! A date stands for the whole day in the configuration's zone: `> 2026-11-01` begins with the day
//! after, and `= 2026-11-01` is any time of that day.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::comparison::{Sign, split};

/// A time or a day, and how to compare with it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Moment {
    sign: Sign,
    /// Its first instant.
    from: Timestamp,
    /// The first instant after it.
    until: Timestamp,
    shown: String,
}

impl Moment {
    /// Reads a comparison of times.
    pub(super) fn parse(text: &str, zone: &TimeZone) -> Result<Moment, String> {
        let text = text.trim();
        let read = |text: &str| instant(text).or_else(|| day(text, zone));
        let (sign, rest) = split(text).ok_or_else(|| {
            let meant = read(text).map_or("2026-11-01", |_| text);
            format!("`{text}` says no comparison; write `\"< {meant}\"`, or <=, >, >=, =")
        })?;
        let (from, until) = read(rest).ok_or_else(|| {
            format!("`{rest}` is no date and no time; write 2026-11-01 or 2026-11-01T08:00:00Z")
        })?;
        Ok(Moment { sign, from, until, shown: text.to_owned() })
    }

    pub(super) fn holds(&self, at: Timestamp) -> bool {
        match self.sign {
            Sign::Greater => at >= self.until,
            Sign::AtLeast => at >= self.from,
            Sign::Less => at < self.from,
            Sign::AtMost => at < self.until,
            Sign::Equal => self.from <= at && at < self.until,
        }
    }

    /// The comparison as it was written.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }
}

fn instant(text: &str) -> Option<(Timestamp, Timestamp)> {
    let from: Timestamp = text.parse().ok()?;
    Some((from, from.checked_add(SignedDuration::from_nanos(1)).ok()?))
}

fn day(text: &str, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
    let date = Date::strptime("%Y-%m-%d", text).ok()?;
    let start = |date: Date| Some(date.to_zoned(zone.clone()).ok()?.timestamp());
    Some((start(date)?, start(date.tomorrow().ok()?)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_stands_for_its_whole_day_in_the_zone() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let times = ["2026-10-31T22:59:59Z", "2026-10-31T23:00:00Z", "2026-11-01T23:00:00Z"];
        for (text, expected) in [
            ("< 2026-11-01", [true, false, false]),
            ("<= 2026-11-01", [true, true, false]),
            ("= 2026-11-01", [false, true, false]),
            (">= 2026-11-01", [false, true, true]),
            ("> 2026-11-01", [false, false, true]),
            ("<= 2026-10-31T23:00:00Z", [true, true, false]),
            ("> 2026-11-01T00:00:00+01:00", [false, false, true]),
        ] {
            let moment = Moment::parse(text, &zone).unwrap();
            assert_eq!(times.map(|time| moment.holds(time.parse().unwrap())), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_said() {
        for (text, said) in [
            ("2026-11-01", "< 2026-11-01"),
            ("< yesterday", "`yesterday` is no date"),
            ("< 2026-13-01", "no date"),
            ("< 2026-11-01T08:00", "no date"),
        ] {
            let error = Moment::parse(text, &TimeZone::UTC).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
