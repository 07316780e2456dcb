//! Builds the plain data that sinks and templates see, from an event and a delivery's brief.
//!
//! It stands between the nouns and the sinks: route asks it while deciding (for `with:`), deliver
//! at each attempt, the command line when it shows a message. It reads no clock and knows no rule.

use std::collections::BTreeMap;

use agnox_bridge_sinks::contract::{Dead, Notice};
use agnox_bridge_sinks::template::humanize;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};

use crate::model::{Brief, DeadNote, Event, Reading, Standing, Status, Transition};

mod digest;

/// A message that is older than this says how much it was delayed.
const FRESH_SECONDS: i64 = 300;

/// What every notice of one configuration shares.
#[derive(Clone, Debug)]
pub struct Context {
    /// The zone that times are told in.
    pub zone: TimeZone,
    /// Agnox's dashboard, for the link to a run; no links where empty.
    pub dashboard: String,
    /// Every label that any group has, so that each is there in every notice.
    pub labels: Vec<String>,
}

impl Context {
    /// What a message about this event to this sink says, at this time.
    pub fn notice(
        &self,
        event: &Event,
        brief: &Brief,
        sink: &str,
        delivery_id: &str,
        now: Timestamp,
    ) -> Notice {
        let reading = &event.reading;
        let (color, emoji) = look(reading.status.as_ref());
        let seconds = reading.duration().map(|took| took.as_secs_f64());
        let delayed_seconds = Some(now.duration_since(event.received_at).as_secs())
            .filter(|seconds| *seconds > FRESH_SECONDS);
        let mut notice = Notice {
            event_id: event.id.to_string(),
            event: reading.event.clone(),
            execution_id: reading.execution_id.clone(),
            task_id: reading.task_id.clone(),
            status: reading.status.as_ref().map(Status::to_string),
            failing: brief.failing,
            group: reading.group.to_string(),
            source: event.source.to_string(),
            labels: self.labels(brief),
            summary: brief.dead.as_ref().map(obituary).or_else(|| reading.summary.clone()),
            started_at: reading.started_at.map(|at| self.time(at)),
            finished_at: reading.finished_at.map(|at| self.time(at)),
            received_at: self.time(event.received_at),
            duration: seconds.map(humanize),
            duration_seconds: seconds,
            link: self.link(reading),
            color: color.to_owned(),
            emoji: emoji.to_owned(),
            rule: brief.rules.first().cloned(),
            rules: brief.rules.clone(),
            sink: sink.to_owned(),
            delivery_id: delivery_id.to_owned(),
            delayed: delayed_seconds.map(|seconds| humanize(seconds as f64)),
            delayed_seconds,
            dead: brief.dead.clone().map(|DeadNote { sink, reason, count }| Dead {
                sink,
                reason,
                count,
            }),
            with: brief.with.clone(),
            body: (*reading.body).clone(),
            raw: event.body.to_vec(),
            recovery: brief.recovery.is_some(),
            untold: brief.recovery.is_some_and(|recovery| recovery.untold),
            ..Notice::default()
        };
        if let Some(standing) = &brief.standing {
            self.stand(standing, &mut notice);
        }
        // A message about dead deliveries tells of those, not of what they would have told.
        if let (None, Some(digest)) = (&brief.dead, digest::of(event)) {
            self.tell(&digest, &mut notice);
        }
        notice
    }

    /// What the event meant against its group's history.
    fn stand(&self, standing: &Standing, notice: &mut Notice) {
        let words = |seconds: u64| humanize(seconds as f64);
        notice.transition = standing.transition.map(|transition| transition.to_string());
        if standing.transition == Some(Transition::Recovered) {
            let (color, emoji) = look(Some(&Status::Passed));
            (notice.color, notice.emoji) = (color.to_owned(), emoji.to_owned());
        }
        notice.new_group = standing.new_group;
        notice.late = standing.late;
        notice.failures_in_a_row = Some(standing.failures_in_a_row);
        notice.passes_in_a_row = Some(standing.passes_in_a_row);
        notice.previous_status.clone_from(&standing.previous_status);
        notice.failing_since = standing.failing_since.map(|at| self.time(at));
        notice.failing_for = standing.failing_for.map(words);
        notice.failing_for_seconds = standing.failing_for;
        notice.recovered_after = standing.recovered_after.map(words);
        notice.recovered_after_seconds = standing.recovered_after;
        notice.recovered_from = Some(standing.recovered_from).filter(|count| *count > 0);
        notice.incident = standing.incident.map(|id| id.to_string());
    }

    fn labels(&self, brief: &Brief) -> BTreeMap<String, Option<String>> {
        let known = self.labels.iter().map(|name| (name.clone(), None));
        let own = brief.labels.iter().map(|(name, value)| (name.clone(), Some(value.clone())));
        known.chain(own).collect()
    }

    fn time(&self, at: Timestamp) -> String {
        let at = at.round(Unit::Millisecond).unwrap_or(at);
        let there = at.to_zoned(self.zone.clone());
        at.display_with_offset(there.offset()).to_string()
    }

    /// The run in the dashboard; where its id is unknown, the address that the body itself names.
    fn link(&self, reading: &Reading) -> Option<String> {
        let known = reading.task_id.as_deref().and_then(|task| self.dashboard_link(task));
        known.or_else(|| reading.link.clone().filter(|link| is_web_address(link)))
    }

    fn dashboard_link(&self, task: &str) -> Option<String> {
        let dashboard = self.dashboard.trim_end_matches('/');
        (!dashboard.is_empty())
            .then(|| format!("{dashboard}/dashboard?drawerId={}", percent_encoded(task)))
    }
}

/// The summary of a message that tells of dead deliveries.
fn obituary(dead: &DeadNote) -> String {
    let DeadNote { sink, reason, count } = dead;
    let others = match count.saturating_sub(1) {
        0 => String::new(),
        1 => " (and 1 other)".to_owned(),
        others => format!(" (and {others} others)"),
    };
    format!("A message to `{sink}`{others} could not be delivered: {reason}")
}

/// The colour and the emoji of a status.
fn look(status: Option<&Status>) -> (&'static str, &'static str) {
    match status {
        Some(Status::Passed) => ("#2da44e", "✅"),
        Some(Status::Failed) => ("#d73a49", "🔴"),
        Some(Status::Error) => ("#6f42c1", "💥"),
        Some(Status::Unstable) => ("#d4a017", "⚠️"),
        Some(Status::Missing) => ("#bc4c00", "🕳️"),
        Some(Status::Unknown(_)) | None => ("#6a737d", "❔"),
    }
}

fn is_web_address(link: &str) -> bool {
    link.starts_with("https://") || link.starts_with("http://")
}

/// A text as the value of a query: everything but RFC 3986's unreserved characters is encoded.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests;
