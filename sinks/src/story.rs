//! What a run, or a group in a digest, means given the history, in words for a person.
//!
//! Every built-in message takes its words from here and adds its own escape and layout. Texts that
//! an event brought in come out neutral, on one line and cut; nothing here knows a service.

use jiff::civil::DateTime;
use jiff::fmt::temporal::Pieces;

use crate::contract::Notice;
use crate::digest::Row;
use crate::facts::{self, capitalised};
use crate::moment;

/// The longest group name within a sentence, in characters.
const NAME: usize = 80;
/// The longest summary within a sentence, in characters.
const SUMMARY: usize = 160;

/// The word that a message begins with: the status, or that the group recovered.
pub(crate) fn label(notice: &Notice) -> String {
    let status = facts::status(notice);
    match notice.transition.as_deref() {
        Some("recovered") if status == "PASSED" => "RECOVERED".to_owned(),
        Some("recovered") => format!("RECOVERED ({status})"),
        _ => status,
    }
}

/// What the run means against its group's history, in one line; nothing where that is unknown.
pub(crate) fn history(notice: &Notice) -> Option<String> {
    if notice.dead.is_some() {
        return None;
    }
    if let Some(digest) = &notice.digest {
        return digest.rows.first().and_then(|row| alone(row, &digest.until));
    }
    if notice.untold {
        return Some(both_at_once(notice));
    }
    if notice.late {
        return Some("A late run: its group has finished a newer one since".to_owned());
    }
    match notice.transition.as_deref()? {
        "first_failure" => Some(first_failure(notice)),
        "still_failing" => Some(format!("Still failing{}", streak(notice))),
        "kind_changed" => Some(kind_changed(notice)),
        "recovered" => Some(recovered(notice)),
        "still_passing" if notice.new_group => Some("The first run known of this group".to_owned()),
        _ => None,
    }
}

/// How the only group of a digest stands, below a headline that says its status.
fn alone(row: &Row, until: &str) -> Option<String> {
    let began = row.failing_since.as_deref().map(|at| since(at, until));
    match (row.net.as_str(), began) {
        ("recovered", _) => Some(capitalised(&standing(row, until))),
        ("failing", Some(began)) if row.failures_in_a_row > 1 => {
            Some(format!("Failing: {} in a row since {began}", row.failures_in_a_row))
        }
        ("failing", Some(began)) => Some(format!("Failing since {began}")),
        _ => None,
    }
}

fn both_at_once(notice: &Notice) -> String {
    let failed = notice.failing_since.as_deref().map(|at| since(at, present(notice)));
    let passed = notice.finished_at.as_deref().map(|at| clock(at, present(notice)));
    let (failed, passed) = (failed.unwrap_or_default(), passed.unwrap_or_default());
    format!(
        "Failed{} and recovered{}; the failure could not be delivered at the time",
        spaced(&failed),
        spaced(&passed),
    )
}

fn first_failure(notice: &Notice) -> String {
    match notice.previous_status.as_deref() {
        // Its summary says when the last one was.
        _ if notice.status.as_deref() == Some("MISSING") => "A run is missing".to_owned(),
        _ if notice.new_group => "New failure, in the first run known of this group".to_owned(),
        Some(before) => format!("New failure; the run before was {}", status(before)),
        None => "New failure".to_owned(),
    }
}

fn kind_changed(notice: &Notice) -> String {
    let now = facts::status(notice);
    let before = notice.previous_status.as_deref();
    let was = before.map(|before| format!(", was {}", status(before))).unwrap_or_default();
    format!("Now {now}{was}{}", streak(notice))
}

fn recovered(notice: &Notice) -> String {
    let after = notice.recovered_after.as_deref();
    let after = after.map(|after| format!(" after {}", facts::line(after, 40))).unwrap_or_default();
    let from = match notice.recovered_from {
        None => String::new(),
        Some(1) => " (1 failure)".to_owned(),
        Some(count) => format!(" ({count} failures)"),
    };
    let began = notice.failing_since.as_deref();
    let began =
        began.map(|at| format!("; it had been failing since {}", since(at, present(notice))));
    format!("Recovered{after}{from}{}", began.unwrap_or_default())
}

/// `: 4 in a row since Mon 23:10 (9h)`, as far as it is known.
fn streak(notice: &Notice) -> String {
    let mut known = Vec::new();
    let count = notice.failures_in_a_row.filter(|count| *count > 1);
    known.extend(count.map(|count| format!("{count} in a row")));
    let began = notice.failing_since.as_deref().filter(|_| count.is_some());
    known.extend(began.map(|at| format!("since {}", since(at, present(notice)))));
    let long = notice.failing_for.as_deref().filter(|_| began.is_some());
    known.extend(long.map(|long| format!("({})", facts::line(long, 40))));
    if known.is_empty() { String::new() } else { format!(": {}", known.join(" ")) }
}

/// A row of a digest in one sentence; `until` is when the digest ended.
pub fn line(row: &Row, until: &str) -> String {
    let summary = summary(row).map(|text| format!(" — {text}")).unwrap_or_default();
    format!("{}: {}{summary}", group(row), standing(row, until))
}

/// How a row stands, without its name: `FAILED, 3 in a row since Mon 23:10`.
pub(crate) fn standing(row: &Row, until: &str) -> String {
    let failed = row.failing_since.as_deref().map(|at| since(at, until));
    let word = row.status.as_deref().map_or_else(|| "no status".to_owned(), status);
    match (row.net.as_str(), failed) {
        ("recovered", failed) => {
            let passed = row.recovered_at.as_deref().map(|at| clock(at, until));
            let (failed, passed) = (failed.unwrap_or_default(), passed.unwrap_or_default());
            format!("failed{}, recovered{}", spaced(&failed), spaced(&passed))
        }
        ("failing", Some(failed)) if row.failures_in_a_row > 1 => {
            format!("{word}, {} in a row since {failed}", row.failures_in_a_row)
        }
        ("failing", Some(failed)) => format!("{word} since {failed}"),
        _ => word,
    }
}

/// A row's group as a person reads it.
pub(crate) fn group(row: &Row) -> String {
    match row.group.as_str() {
        facts::UNGROUPED => "Runs without a group".to_owned(),
        name => facts::line(name, NAME),
    }
}

/// How many runs a row tells of, how they went and how long they took: `4 runs, 25 % passed`,
/// `slowest 6m`.
pub(crate) fn tally(row: &Row) -> Vec<String> {
    let runs = match (row.runs, row.passed, &row.pass_rate) {
        (1, ..) => "1 run".to_owned(),
        (runs, 0, _) => format!("{runs} runs, none passed"),
        (runs, passed, _) if passed >= runs => format!("{runs} runs, all passed"),
        (runs, _, Some(rate)) => format!("{runs} runs, {} passed", facts::line(rate, 10)),
        (runs, ..) => format!("{runs} runs"),
    };
    let took = if row.runs == 1 { "took" } else { "slowest" };
    let long = row.slowest.as_deref().map(|long| format!("{took} {}", facts::line(long, 40)));
    [runs].into_iter().chain(long).collect()
}

/// A row's summary on one line, where it adds something: not where the group passes again.
pub(crate) fn summary(row: &Row) -> Option<String> {
    let summary =
        row.summary.as_deref().filter(|_| matches!(row.net.as_str(), "failing" | "unknown"));
    summary.map(|text| facts::line(text, SUMMARY)).filter(|text| !text.is_empty())
}

fn status(word: &str) -> String {
    facts::line(word, 40)
}

/// When a message speaks, as far as it knows.
fn present(notice: &Notice) -> &str {
    notice.finished_at.as_deref().unwrap_or(&notice.received_at)
}

/// A moment seen from another, short ([`moment::clock`]).
pub(crate) fn clock(text: &str, from: &str) -> String {
    seen(text, from, moment::clock)
}

/// The same, with the day wherever it is another.
fn since(text: &str, from: &str) -> String {
    seen(text, from, moment::since)
}

fn seen(text: &str, from: &str, write: fn(DateTime, DateTime) -> String) -> String {
    match (read(text), read(from)) {
        (Some(at), Some(from)) => write(at, from),
        (Some(at), None) => write(at, DateTime::MAX),
        _ => facts::line(text, 40),
    }
}

/// A moment with its day: `Mon 9 Mar 09:00`.
pub(crate) fn dated(text: &str) -> String {
    match read(text) {
        Some(at) => at.strftime("%a %-d %b %H:%M").to_string(),
        None => facts::line(text, 40),
    }
}

fn read(text: &str) -> Option<DateTime> {
    let pieces = Pieces::parse(text).ok()?;
    Some(pieces.date().to_datetime(pieces.time()?))
}

fn spaced(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" {text}") }
}

#[cfg(test)]
#[path = "story_tests.rs"]
mod tests;
