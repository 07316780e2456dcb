//! The one sentence that says what a digest says, for places that show no table.

use std::time::Duration;

use agnox_bridge_sinks::template::cut;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::row::Row;
use crate::model::units::Span;
use crate::model::{Digest, DigestKind, DigestRow, Net};

/// Longer names are cut in the sentence; the table has them whole.
const LONGEST_NAME: usize = 120;

/// How the groups stand in the end, and how many stand so.
const STANDS: [(Net, &str); 4] = [
    (Net::Failing, "failing"),
    (Net::Recovered, "recovered"),
    (Net::Unknown, "unknown"),
    (Net::Passing, "passing"),
];

/// How many groups stand how, in the order of the table.
pub(super) fn counts(rows: &[Row]) -> Vec<String> {
    let mut counts = Vec::new();
    for (net, word) in STANDS {
        let count = rows.iter().filter(|row| row.net() == net).count();
        if count > 0 {
            counts.push(format!("{count} {word}"));
        }
    }
    counts
}

/// The sentence.
pub(super) fn summary(digest: &Digest, counts: &[String], zone: &TimeZone) -> String {
    let told = match (&*digest.rows, digest.groups) {
        (_, 0) => {
            let since = time(digest.since, digest.until, zone);
            format!("Nothing to report since {since}")
        }
        ([row], 1) => one(row, digest.until, zone),
        (_, groups) => format!("{groups} groups: {}", counts.join(", ")),
    };
    if digest.kind != DigestKind::Throttled {
        return told;
    }
    let period = digest.until.duration_since(digest.since).as_secs().unsigned_abs();
    let period = Span(Duration::from_secs(period));
    format!("{} more held back in {period}: {told}", digest.runs)
}

/// The sentence about one group.
fn one(row: &DigestRow, until: Timestamp, zone: &TimeZone) -> String {
    let group = cut(&row.key.group, LONGEST_NAME);
    let time = |at| time(at, until, zone);
    let status = row.status.as_deref().unwrap_or("no status");
    match (row.net, row.failing_since, row.recovered_at) {
        (Net::Failing, since, _) => {
            let since = since.map(|at| format!(" since {}", time(at))).unwrap_or_default();
            let in_a_row = match row.failures_in_a_row {
                0 | 1 => String::new(),
                count => format!(", {count} in a row"),
            };
            format!("{group} has been failing{since} ({status}{in_a_row})")
        }
        (Net::Recovered, Some(since), Some(at)) => {
            format!("{group} failed at {} and recovered at {}", time(since), time(at))
        }
        (Net::Recovered, _, at) => {
            format!(
                "{group} recovered{}",
                at.map(|at| format!(" at {}", time(at))).unwrap_or_default()
            )
        }
        (Net::Unknown, ..) => format!("{group} reported {}", cut(status, LONGEST_NAME)),
        (Net::Passing, ..) if row.runs > 1 => format!("{group} passed {} times", row.runs),
        (Net::Passing, ..) => format!("{group} passed"),
    }
}

/// The time of day; with the day, if that is longer ago.
fn time(at: Timestamp, until: Timestamp, zone: &TimeZone) -> String {
    let there = at.to_zoned(zone.clone());
    let ago = until.duration_since(at);
    let format = match ago {
        ago if ago.is_negative() || ago < SignedDuration::from_hours(20) => "%H:%M",
        ago if ago < SignedDuration::from_hours(300 * 24) => "%-d %b %H:%M",
        _ => "%-d %b %Y %H:%M",
    };
    there.strftime(format).to_string()
}
