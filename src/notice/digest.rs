//! What a message of the bridge's own says: a digest, as its event's body holds it.
//!
//! Where everything in it is about one group, the notice's ordinary fields describe that group's
//! run, so that templates which know no digest read well too.

use agnox_bridge_sinks::contract::Notice;
use agnox_bridge_sinks::digest::{Digest, Row};
use agnox_bridge_sinks::story;
use agnox_bridge_sinks::template::{cut, humanize};

use serde::Deserialize;

use super::{Context, look};
use crate::model::memory::OWN_SOURCE;
use crate::model::{self, DigestKind, DigestRow, Event, Net, OwnMessage, Status, Transition};

/// The longest summary of a group in a digest, in characters: there may be hundreds of them.
const SUMMARY: usize = 500;

/// The digest in the body of an event of the bridge's own; nothing for any other event.
pub(super) fn of(event: &Event) -> Option<model::Digest> {
    if &*event.source != OWN_SOURCE {
        return None;
    }
    let own = OwnMessage::deserialize(event.reading.body.get("bridge")?).ok()?;
    Some(own.digest)
}

impl Context {
    /// Puts a digest into a notice.
    pub(super) fn tell(&self, digest: &model::Digest, notice: &mut Notice) {
        if let Some(source) = the_source(&digest.rows) {
            notice.source = source.to_owned();
        }
        let told = self.digest(digest);
        // Those that fail stand first.
        if let (None, Some(first)) = (&notice.status, told.rows.first()) {
            notice.color.clone_from(&first.color);
            notice.emoji.clone_from(&first.emoji);
        }
        if let (0, [row], [said]) = (digest.more, &digest.rows[..], &told.rows[..]) {
            self.describe(row, said, notice);
        }
        notice.digest = Some(Box::new(told));
    }

    fn digest(&self, digest: &model::Digest) -> Digest {
        let until = self.time(digest.until);
        let failing = digest.rows.iter().filter(|row| row.net == Net::Failing).count();
        Digest {
            kind: kind(digest.kind).to_owned(),
            rule: digest.rule.clone(),
            window: digest.window.clone(),
            by: digest.by.clone(),
            since: self.time(digest.since),
            runs: digest.runs,
            groups: digest.groups,
            failing: u32::try_from(failing).unwrap_or(u32::MAX),
            more: digest.more,
            rows: digest.rows.iter().map(|row| self.row(row, &until)).collect(),
            until,
        }
    }

    fn row(&self, row: &DigestRow, until: &str) -> Row {
        let (color, emoji) = look(stands_as(row).as_ref());
        let percent = percent(row.passed, row.runs);
        let mut said = Row {
            group: row.key.group.to_string(),
            source: row.key.source.to_string(),
            net: net(row.net).to_owned(),
            status: row.status.clone(),
            emoji: emoji.to_owned(),
            color: color.to_owned(),
            runs: row.runs,
            passed: row.passed,
            pass_rate: percent.map(|percent| format!("{percent} %")),
            pass_rate_percent: percent,
            failures_in_a_row: row.failures_in_a_row,
            failing_since: row.failing_since.map(|at| self.time(at)),
            recovered_at: row.recovered_at.map(|at| self.time(at)),
            slowest: row.slowest.map(humanize),
            slowest_seconds: row.slowest,
            summary: row.summary.as_deref().map(|text| cut(text, SUMMARY).into_owned()),
            link: row.task_id.as_deref().and_then(|task| self.dashboard_link(task)),
            line: String::new(),
        };
        said.line = story::line(&said, until);
        said
    }

    /// The notice's ordinary fields, from the only group there is.
    fn describe(&self, row: &DigestRow, said: &Row, notice: &mut Notice) {
        let took = row.finished_at.zip(row.started_at);
        let took = took.map(|(end, start)| end.duration_since(start).as_secs_f64());
        let took = took.filter(|seconds| *seconds >= 0.0);
        notice.group.clone_from(&said.group);
        notice.status = stands_as(row).map(|status| status.to_string());
        notice.failing = failing(row.net);
        notice.color.clone_from(&said.color);
        notice.emoji.clone_from(&said.emoji);
        notice.summary.clone_from(&said.summary);
        notice.link.clone_from(&said.link);
        notice.task_id.clone_from(&row.task_id);
        notice.execution_id.clone_from(&row.execution_id);
        notice.started_at = row.started_at.map(|at| self.time(at));
        notice.finished_at = row.finished_at.map(|at| self.time(at));
        notice.duration = took.map(humanize);
        notice.duration_seconds = took;
        notice.failures_in_a_row = Some(row.failures_in_a_row);
        notice.failing_since.clone_from(&said.failing_since);
        notice.transition =
            (row.net == Net::Recovered).then(|| Transition::Recovered.as_str().to_owned());
    }
}

/// The source that all rows share, if they do.
fn the_source(rows: &[DigestRow]) -> Option<&str> {
    let first = &*rows.first()?.key.source;
    rows.iter().all(|row| &*row.key.source == first).then_some(first)
}

/// The status that a row looks like: a group that recovered passes now.
fn stands_as(row: &DigestRow) -> Option<Status> {
    match row.net {
        Net::Recovered => Some(Status::Passed),
        _ => row.status.as_deref().map(Status::parse),
    }
}

fn percent(passed: u32, runs: u32) -> Option<u32> {
    let percent = u64::from(passed.min(runs)) * 100;
    u32::try_from(percent.checked_div(u64::from(runs))?).ok()
}

fn failing(net: Net) -> Option<bool> {
    match net {
        Net::Failing => Some(true),
        Net::Recovered | Net::Passing => Some(false),
        Net::Unknown => None,
    }
}

fn kind(kind: DigestKind) -> &'static str {
    match kind {
        DigestKind::Digest => "digest",
        DigestKind::Deferred => "deferred",
        DigestKind::Throttled => "throttled",
    }
}

fn net(net: Net) -> &'static str {
    match net {
        Net::Failing => "failing",
        Net::Recovered => "recovered",
        Net::Unknown => "unknown",
        Net::Passing => "passing",
    }
}
