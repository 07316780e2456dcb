//! The moments in a group's life that messages tell of, as notices with names: what the examples of
//! services begin with, what reference pages show, and what the snapshots of every sink hold.
//!
//! Plain data. Nothing here is sent, and nothing here knows a service.

mod overwritten;
mod reading;

use crate::contract::{Dead, Notice};
use crate::digest::{Digest, Row};
use crate::story;
use crate::variables::sample;

pub use self::overwritten::overwritten;
pub use self::reading::read;

/// A moment's name, and how it is made.
type Moment = (&'static str, fn() -> Notice);

/// Every moment, by its name.
const MOMENTS: [Moment; 15] = [
    ("failed", failed),
    ("still_failing", still_failing),
    ("kind_changed", kind_changed),
    ("recovered", recovered),
    ("untold", || Notice { untold: true, ..recovered() }),
    ("passed", passed),
    ("missing", missing),
    ("late", || Notice { late: true, transition: None, incident: None, ..still_failing() }),
    ("deferred", deferred),
    ("throttled", throttled),
    ("throttled_groups", || told(held_back("throttled", few()))),
    ("digest", digest),
    ("empty_digest", || told(held_back("digest", vec![]))),
    ("dead", dead),
    ("bare", bare),
];

/// The moment of this name.
pub fn moment(name: &str) -> Option<Notice> {
    MOMENTS.iter().find(|(known, _)| *known == name).map(|(_, notice)| notice())
}

/// The names of all moments.
pub fn names() -> impl Iterator<Item = &'static str> {
    MOMENTS.iter().map(|(name, _)| *name)
}

/// Every moment with its name.
pub fn all() -> impl Iterator<Item = (&'static str, Notice)> {
    MOMENTS.iter().map(|(name, notice)| (*name, notice()))
}

/// The fourth failing run in a row.
fn still_failing() -> Notice {
    Notice { with: [].into(), ..sample() }
}

/// The first failing run after one that passed.
pub(crate) fn failed() -> Notice {
    Notice {
        transition: text("first_failure"),
        previous_status: text("PASSED"),
        failures_in_a_row: Some(1),
        failing_since: text("2026-03-14T13:00:00+01:00"),
        failing_for: text("0s"),
        failing_for_seconds: Some(0),
        ..still_failing()
    }
}

fn kind_changed() -> Notice {
    sent(Notice {
        status: text("ERROR"),
        color: "#6f42c1".into(),
        emoji: "💥".into(),
        transition: text("kind_changed"),
        summary: text("The browser did not start"),
        ..still_failing()
    })
}

/// The first passing run after four that failed, and were told of.
pub(crate) fn recovered() -> Notice {
    sent(Notice {
        status: text("PASSED"),
        failing: Some(false),
        color: "#2da44e".into(),
        emoji: "✅".into(),
        summary: text("All 214 tests passed"),
        transition: text("recovered"),
        failures_in_a_row: Some(0),
        passes_in_a_row: Some(1),
        failing_since: text("2026-03-13T23:10:00+01:00"),
        failing_for: None,
        failing_for_seconds: None,
        recovered_after: text("13h 50m"),
        recovered_after_seconds: Some(49_800),
        recovered_from: Some(4),
        recovery: true,
        answers: vec!["01956971-0000-7000-8000-000000000001".into()],
        ..still_failing()
    })
}

/// One passing run of many.
fn passed() -> Notice {
    Notice {
        transition: text("still_passing"),
        passes_in_a_row: Some(12),
        previous_status: text("PASSED"),
        failing_since: None,
        recovered_after: None,
        recovered_after_seconds: None,
        recovered_from: None,
        incident: None,
        recovery: false,
        answers: Vec::new(),
        ..recovered()
    }
}

/// What `on_dead` says when others could not be told.
fn dead() -> Notice {
    let reason = "550 5.1.1 no such mailbox";
    Notice {
        failing: None,
        summary: Some(format!(
            "A message to `qa-mail` (and 2 others) could not be delivered: {reason}"
        )),
        rule: None,
        rules: Vec::new(),
        transition: None,
        failures_in_a_row: None,
        passes_in_a_row: None,
        previous_status: None,
        failing_since: None,
        failing_for: None,
        failing_for_seconds: None,
        incident: None,
        dead: Some(Dead { sink: "qa-mail".into(), reason: reason.into(), count: 3 }),
        ..still_failing()
    }
}

/// An event that says next to nothing.
fn bare() -> Notice {
    let Notice { event_id, received_at, delivery_id, sink, source, .. } = sample();
    let (color, emoji) = ("#6a737d".into(), "❔".into());
    let group = "__ungrouped__".into();
    Notice {
        event_id,
        received_at,
        delivery_id,
        sink,
        source,
        color,
        emoji,
        group,
        ..Notice::default()
    }
}

fn missing() -> Notice {
    sent(Notice {
        event: text("execution.missing"),
        status: text("MISSING"),
        color: "#bc4c00".into(),
        emoji: "🕳️".into(),
        summary: text("No run since Fri 13 Mar 2026, 03:00; one was due at 03:00"),
        link: None,
        duration: None,
        duration_seconds: None,
        started_at: None,
        ..failed()
    })
}

/// What a window held back of one group.
fn deferred() -> Notice {
    let row = failing("checkout-eu", "2026-03-13T23:10:00+01:00", 3, "3 tests failed");
    Notice { transition: None, incident: None, ..told(held_back("deferred", vec![row])) }
}

fn throttled() -> Notice {
    let row = failing("flaky-ui", "2026-03-14T06:05:00+01:00", 17, "1 test failed");
    let (status, emoji, color) = (text("UNSTABLE"), "⚠️".into(), "#d4a017".into());
    let row = Row { status, emoji, color, runs: 17, passed: 0, ..row };
    Notice { transition: None, incident: None, ..told(held_back("throttled", vec![row])) }
}

/// A morning's report: twelve groups, and five more that were left out.
pub(crate) fn digest() -> Notice {
    let mut rows = few();
    for name in ["catalog", "login", "mail", "payments-us", "profile", "reports", "returns"] {
        rows.push(passing(name));
    }
    rows.push(Row { runs: 1, passed: 1, ..passing("smoke") });
    let mut digest = held_back("digest", rows);
    digest.rule = "morning report".into();
    digest.window = None;
    digest.since = "2026-03-13T09:00:00+01:00".into();
    digest.until = "2026-03-14T09:00:00+01:00".into();
    let summary = text("17 groups: 2 failing, 1 recovered, 1 unknown, 13 passing");
    Notice { summary, ..told(Digest { groups: 17, more: 5, runs: 103, ..digest }) }
}

fn few() -> Vec<Row> {
    let yesterday = "2026-03-13T23:10:00+01:00";
    vec![
        failing("checkout-eu", yesterday, 3, "3 tests failed in My Test Suite"),
        Row {
            status: text("MISSING"),
            emoji: "🕳️".into(),
            color: "#bc4c00".into(),
            runs: 1,
            passed: 0,
            slowest: None,
            slowest_seconds: None,
            link: None,
            ..failing("nightly-export", "2026-03-14T03:00:00+01:00", 1, "No run since Fri 13 Mar")
        },
        Row {
            net: "recovered".into(),
            emoji: "✅".into(),
            color: "#2da44e".into(),
            recovered_at: text("2026-03-14T01:20:00+01:00"),
            failures_in_a_row: 0,
            ..failing("search", yesterday, 2, "1 test failed")
        },
        Row {
            net: "unknown".into(),
            status: text("CANCELLED"),
            emoji: "❔".into(),
            color: "#6a737d".into(),
            failing_since: None,
            ..failing("basket", yesterday, 0, "Stopped by hand")
        },
    ]
}

fn failing(group: &str, since: &str, in_a_row: u32, summary: &str) -> Row {
    Row {
        group: group.into(),
        net: "failing".into(),
        status: text("FAILED"),
        emoji: "🔴".into(),
        color: "#d73a49".into(),
        runs: 4,
        passed: 1,
        failures_in_a_row: in_a_row,
        failing_since: text(since),
        summary: text(summary),
        ..passing(group)
    }
}

fn passing(group: &str) -> Row {
    Row {
        group: group.into(),
        source: "main".into(),
        net: "passing".into(),
        status: text("PASSED"),
        emoji: "✅".into(),
        color: "#2da44e".into(),
        runs: 8,
        passed: 8,
        slowest: text("6m 12s"),
        slowest_seconds: Some(372.0),
        summary: text("All 214 tests passed"),
        link: Some(format!("https://agnox.dev/dashboard?drawerId=task_{group}")),
        ..Row::default()
    }
}

fn held_back(kind: &str, rows: Vec<Row>) -> Digest {
    let window = (kind == "deferred").then(|| "nights".to_owned());
    let rule = if kind == "deferred" { "quiet nights" } else { "flaky noise" };
    let since = if kind == "deferred" { "2026-03-13T22:00" } else { "2026-03-14T06:00" };
    Digest {
        kind: kind.into(),
        rule: rule.into(),
        window,
        since: format!("{since}:00+01:00"),
        until: "2026-03-14T07:00:00+01:00".into(),
        runs: rows.iter().map(|row| row.runs).sum(),
        groups: count(rows.len()),
        rows,
        ..Digest::default()
    }
}

/// The notice of a digest, as the bridge fills it in.
fn told(mut digest: Digest) -> Notice {
    let until = digest.until.clone();
    for row in &mut digest.rows {
        row.pass_rate_percent = (row.passed * 100).checked_div(row.runs);
        row.pass_rate = row.pass_rate_percent.map(|percent| format!("{percent} %"));
        row.line = story::line(row, &until);
    }
    let failing = digest.rows.iter().filter(|row| row.net == "failing").count();
    digest.failing = count(failing);
    let Notice { event_id, delivery_id, sink, source, .. } = sample();
    let mut notice = Notice {
        event: text("bridge.digest"),
        rule: Some(digest.rule.clone()),
        rules: vec![digest.rule.clone()],
        received_at: until,
        color: "#6a737d".into(),
        emoji: "❔".into(),
        ..Notice { event_id, delivery_id, sink, source, ..Notice::default() }
    };
    if let Some(row) = digest.rows.first() {
        notice.emoji.clone_from(&row.emoji);
        notice.color.clone_from(&row.color);
    }
    if let [row] = &digest.rows[..] {
        notice.group.clone_from(&row.group);
        notice.status.clone_from(&row.status);
        notice.failing = Some(row.net == "failing");
        notice.failures_in_a_row = Some(row.failures_in_a_row);
        notice.failing_since.clone_from(&row.failing_since);
        notice.summary.clone_from(&row.summary);
        notice.link.clone_from(&row.link);
    }
    notice.digest = Some(Box::new(digest));
    notice
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The notice with the body that says the same.
fn sent(mut notice: Notice) -> Notice {
    notice.body["event"] = notice.event.clone().into();
    notice.body["status"] = notice.status.clone().into();
    notice.body["summary"] = notice.summary.clone().into();
    notice.raw = notice.body.to_string().into_bytes();
    notice
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}
