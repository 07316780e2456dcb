//! What a run or a digest means given the history, in words for a person.
//!
//! Every built-in message takes its words from here and adds its own escape and layout. Texts that
//! an event brought in come out neutral, on one line and cut; nothing here knows a service.

use jiff::civil::Date;
use jiff::fmt::temporal::Pieces;

use crate::contract::Notice;
use crate::digest::{Digest, Row};
use crate::facts;

/// The longest group name within a sentence, in characters.
const NAME: usize = 80;
/// The longest summary within a sentence, in characters.
const SUMMARY: usize = 160;

/// What the run means against its group's history, in one line; nothing where that is unknown.
pub(crate) fn history(notice: &Notice) -> Option<String> {
    if notice.untold {
        return Some(both_at_once(notice));
    }
    if notice.late {
        return Some("A late run: its group has finished a newer one since.".to_owned());
    }
    match notice.transition.as_deref()? {
        "first_failure" => Some(first_failure(notice)),
        "still_failing" => Some(format!("Still failing{}", streak(notice))),
        "kind_changed" => Some(kind_changed(notice)),
        "recovered" => Some(recovered(notice)),
        "still_passing" if notice.new_group => Some("The first run of this group".to_owned()),
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
        _ if notice.new_group => "New failure, in the first run of this group".to_owned(),
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
    let began = notice.failing_since.as_deref();
    let began =
        began.map(|at| format!("; it had been failing since {}", since(at, present(notice))));
    format!("Recovered{after}{}", began.unwrap_or_default())
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
    let group = facts::line(&group(row), NAME);
    let summary = row.summary.as_deref().map(|text| facts::line(text, SUMMARY));
    let summary = summary.filter(|text| !text.is_empty() && row.net != "recovered");
    let summary = summary.map(|text| format!(" — {text}")).unwrap_or_default();
    format!("{group}: {}{summary}", standing(row, until))
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
        name => name.to_owned(),
    }
}

/// What a digest is called: `morning report · payments`.
pub(crate) fn title(digest: &Digest) -> String {
    let rule = facts::line(&digest.rule, NAME);
    match digest.by.as_deref().map(|by| facts::line(by, NAME)).filter(|by| !by.is_empty()) {
        Some(by) => format!("{rule} · {by}"),
        None => rule,
    }
}

/// The emoji that a digest's title begins with.
pub(crate) fn emblem(digest: &Digest) -> &'static str {
    match digest.kind.as_str() {
        "deferred" => "🌙",
        "throttled" => "🔕",
        _ => "📋",
    }
}

/// How many of what: `3 of 12 groups failing`.
pub(crate) fn counts(digest: &Digest) -> String {
    let Digest { failing, groups, .. } = *digest;
    let runs = counted(digest.runs, "run", "runs");
    match (failing, groups) {
        (0, 0) => "nothing was collected".to_owned(),
        (0, _) => format!("{}, none failing · {runs}", counted(groups, "group", "groups")),
        (_, 1) => format!("1 group, failing · {runs}"),
        _ => format!("{failing} of {groups} groups failing · {runs}"),
    }
}

/// Why it comes now and over which time: `held back during nights, 22:00–07:00`.
pub(crate) fn reason(digest: &Digest) -> String {
    let span = span(&digest.since, &digest.until);
    let window = digest.window.as_deref().map(|name| facts::line(name, NAME));
    match (digest.kind.as_str(), window) {
        ("deferred", Some(window)) => format!("held back during `{window}`, {span}"),
        ("deferred", None) => format!("held back, {span}"),
        ("throttled", _) => format!("{} more were held back, {span}", digest.runs),
        _ => span,
    }
}

/// What is said below the rows when some are left out.
pub(crate) fn rest(left_out: u32) -> Option<String> {
    (left_out > 0).then(|| format!("and {} more", counted(left_out, "group", "groups")))
}

fn counted(count: u32, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn status(word: &str) -> String {
    facts::line(word, 40)
}

/// When a message speaks, as far as it knows.
fn present(notice: &Notice) -> &str {
    notice.finished_at.as_deref().unwrap_or(&notice.received_at)
}

/// From when to when; the day is named where both are more than a day apart.
fn span(since: &str, until: &str) -> String {
    format!("{}–{}", clock(since, until), clock(until, until))
}

/// A moment seen from another, short: `23:10` on the same day or the evening before, `Mon 23:10`
/// within the week, `14 Mar 23:10` before that.
fn clock(text: &str, from: &str) -> String {
    short(text, from, 1)
}

/// The same, with the day wherever it is another.
fn since(text: &str, from: &str) -> String {
    short(text, from, 0)
}

fn short(text: &str, from: &str, bare: i32) -> String {
    let Some((date, time)) = moment(text) else { return facts::line(text, 40) };
    let days = moment(from).map_or(i32::MAX, |(from, _)| days(date, from));
    match days {
        days if (0..=bare).contains(&days) => time,
        0..=6 => format!("{} {time}", date.strftime("%a")),
        _ => format!("{} {time}", date.strftime("%-d %b")),
    }
}

fn moment(text: &str) -> Option<(Date, String)> {
    let pieces = Pieces::parse(text).ok()?;
    Some((pieces.date(), pieces.time()?.strftime("%H:%M").to_string()))
}

fn days(from: Date, to: Date) -> i32 {
    to.since(from).map_or(i32::MAX, |span| span.get_days())
}

fn spaced(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" {text}") }
}

#[cfg(test)]
#[path = "story_tests.rs"]
mod tests;
