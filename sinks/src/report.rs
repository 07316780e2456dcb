//! How a digest is told: its title, its counts, why it comes now, and as many of its groups as fit.
//!
//! Sinks add their own escape and layout. What one group says is in [`crate::story`].

use jiff::{SignedDuration, Timestamp};

use crate::contract::Notice;
use crate::digest::{Digest, Row};
use crate::facts::{self, capitalised};
use crate::story;
use crate::template::humanize;

/// The longest name of a rule, a window or a part, in characters.
const NAME: usize = 80;

/// The digest of a notice that is told as a report. What was held back of one group alone is told
/// like a run, with a note.
pub(crate) fn of(notice: &Notice) -> Option<&Digest> {
    let digest = notice.digest.as_deref()?;
    let alone = digest.rows.len() == 1 && digest.more == 0 && digest.kind != "digest";
    (!alone).then_some(digest)
}

/// What a message says of itself before anything else: that it is a test, how late it is, and why it
/// was held back.
pub(crate) fn notes(notice: &Notice) -> Vec<String> {
    let mut notes = facts::notes(notice);
    match (notice.digest.as_deref(), of(notice)) {
        (_, Some(report)) => notes.extend(introduction(notice, report)),
        // No title of its own says what kind of message it is.
        (Some(digest), None) => notes.push(format!("{} {}", emblem(digest), reason(digest))),
        (None, None) => {}
    }
    notes
}

/// What a report says below its title: how many groups stand how, and what time it tells of.
pub(crate) fn introduction(notice: &Notice, digest: &Digest) -> Vec<String> {
    let summary = notice.summary.as_deref().filter(|_| digest.kind != "throttled");
    let counts = summary.map(|text| facts::line(text, 300)).filter(|text| !text.is_empty());
    counts.into_iter().chain([reason(digest)]).collect()
}

/// The title on one line: `📋 morning report: 3 of 12 groups failing`.
pub(crate) fn headline(digest: &Digest) -> String {
    format!("{} {}: {}", emblem(digest), title(digest), verdict(digest))
}

/// What it is called: `morning report · payments`.
pub(crate) fn title(digest: &Digest) -> String {
    let rule = facts::line(&digest.rule, NAME);
    match digest.by.as_deref().map(|by| facts::line(by, NAME)).filter(|by| !by.is_empty()) {
        Some(by) => format!("{rule} · {by}"),
        None => rule,
    }
}

/// The emoji that its title begins with.
pub(crate) fn emblem(digest: &Digest) -> &'static str {
    match digest.kind.as_str() {
        "deferred" => "🌙",
        "throttled" => "🔕",
        _ => "📋",
    }
}

/// How it stands in a few words: `3 of 12 groups failing`.
pub(crate) fn verdict(digest: &Digest) -> String {
    let shown = u32::try_from(digest.rows.len()).unwrap_or(u32::MAX);
    match (digest.failing, digest.groups) {
        (failing, groups) if digest.more > 0 && failing == shown => {
            format!("at least {failing} of {groups} groups failing")
        }
        (_, 0) => "nothing to tell".to_owned(),
        (0, 1) => "1 group, not failing".to_owned(),
        (0, groups) => format!("none of {groups} groups failing"),
        (1, 1) => "1 group failing".to_owned(),
        (failing, groups) => format!("{failing} of {groups} groups failing"),
    }
}

/// Why it comes now, and what time it tells of: `Held back during “nights”, 22:00–07:00`.
pub(crate) fn reason(digest: &Digest) -> String {
    let span = span(digest);
    let window = digest.window.as_deref().map(|name| facts::line(name, NAME));
    match (digest.kind.as_str(), window) {
        ("deferred", Some(window)) => format!("Held back during “{window}”, {span}"),
        ("deferred", None) => format!("Held back, {span}"),
        ("throttled", _) => {
            let long = long(digest).map(|long| format!(" in the last {long}")).unwrap_or_default();
            let runs = match digest.runs {
                1 => "1 more run was".to_owned(),
                runs => format!("{runs} more runs were"),
            };
            format!("{runs} held back{long} ({span})")
        }
        _ => format!("{}, {span}", counted(digest.runs, "run", "runs")),
    }
}

/// As many rows as fit, each as `write` writes it, and how many groups are left out.
pub(crate) fn fitting(
    digest: &Digest,
    most: usize,
    bytes: usize,
    write: impl Fn(&Row) -> String,
) -> (Vec<String>, u32) {
    let mut rows = Vec::new();
    let mut taken = 0;
    for row in digest.rows.iter().take(most) {
        let text = write(row);
        taken += text.len();
        if taken > bytes {
            break;
        }
        rows.push(text);
    }
    let cut = u32::try_from(digest.rows.len() - rows.len()).unwrap_or(u32::MAX);
    (rows, digest.more.saturating_add(cut))
}

/// What is said below the rows when some are left out.
pub(crate) fn rest(left_out: u32) -> Option<String> {
    (left_out > 0).then(|| format!("and {}", counted(left_out, "more group", "more groups")))
}

/// The rows as lines of plain text, their columns aligned; links where they are asked for.
pub(crate) fn lines(digest: &Digest, links: bool) -> Vec<String> {
    let names = width(digest, story::group);
    let states = width(digest, |row| standing(row, digest));
    let (rows, left_out) = fitting(digest, 100, 40_000, |row| {
        let (name, state) = (story::group(row), standing(row, digest));
        let emoji = facts::line(&row.emoji, 8);
        let tally = story::tally(row).join(", ");
        let mut text = format!("{emoji} {name:names$}  {state:states$}  {tally}");
        for below in story::summary(row).into_iter().chain(links.then(|| link(row)).flatten()) {
            text.push_str("\n     ");
            text.push_str(&below);
        }
        text
    });
    rows.into_iter().chain(rest(left_out)).collect()
}

/// How a row stands, as a cell of the table.
pub(crate) fn standing(row: &Row, digest: &Digest) -> String {
    capitalised(&story::standing(row, &digest.until))
}

/// A row's link, where it fails and the address is no longer than a line bears.
fn link(row: &Row) -> Option<String> {
    let link = row.link.as_deref().filter(|link| row.net == "failing" && link.len() <= 300);
    link.map(|link| facts::line(link, 300))
}

fn width(digest: &Digest, cell: impl Fn(&Row) -> String) -> usize {
    let widths = digest.rows.iter().take(100).map(|row| cell(row).chars().count());
    widths.max().unwrap_or(0).min(40)
}

/// From when to when; the days are named where a whole day or more lies between.
fn span(digest: &Digest) -> String {
    match period(digest) {
        Some(length) if length.as_hours() >= 24 => {
            let (since, until) = (story::dated(&digest.since), story::dated(&digest.until));
            format!("{since} – {until}")
        }
        _ => {
            let since = story::clock(&digest.since, &digest.until);
            format!("{since}–{}", story::clock(&digest.until, &digest.until))
        }
    }
}

fn long(digest: &Digest) -> Option<String> {
    period(digest).map(|length| humanize(length.as_secs_f64()))
}

fn period(digest: &Digest) -> Option<SignedDuration> {
    let since: Timestamp = digest.since.parse().ok()?;
    let until: Timestamp = digest.until.parse().ok()?;
    Some(until.duration_since(since))
}

fn counted(count: u32, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
