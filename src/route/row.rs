//! A group in a collection: what is counted of its runs, and how it stands in the end.
//!
//! Runs that matched are counted once each; how the group stands is learnt from every event that
//! changes its history, whether or not the rule matched it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::throttle::badness;
use crate::model::{DigestRow, Event, GroupKey, GroupMemory, Net, Standing, Status, Transition};

/// A group in a collection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Row {
    /// The group.
    #[serde(flatten)]
    pub(super) key: GroupKey,
    /// The group's labels at its newest match.
    #[serde(default)]
    pub(super) labels: BTreeMap<String, String>,
    /// So many runs were collected.
    pub(super) runs: u32,
    passed: u32,
    net: Option<Net>,
    status: Option<String>,
    /// The worst status that it failed with.
    worst: Option<String>,
    in_a_row: u32,
    failing_since: Option<Timestamp>,
    recovered_at: Option<Timestamp>,
    slowest_ms: Option<u64>,
    /// It learns no more: it is the end of one incident, whatever comes after.
    #[serde(default)]
    pub(super) settled: bool,
    shown: Shown,
}

/// The run that is shown: the newest failing one, or else the newest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Shown {
    failing: bool,
    summary: Option<String>,
    task_id: Option<String>,
    execution_id: Option<String>,
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
}

impl Row {
    /// A group of which nothing was collected yet.
    pub(super) fn new(key: GroupKey) -> Row {
        Row {
            key,
            labels: BTreeMap::new(),
            runs: 0,
            passed: 0,
            net: None,
            status: None,
            worst: None,
            in_a_row: 0,
            failing_since: None,
            recovered_at: None,
            slowest_ms: None,
            settled: false,
            shown: Shown::default(),
        }
    }

    /// Counts a run that matched.
    pub(super) fn count(&mut self, event: &Event, failing: Option<bool>) {
        self.runs = self.runs.saturating_add(1);
        if failing == Some(false) {
            self.passed = self.passed.saturating_add(1);
        }
        let took = event.reading.duration().and_then(|took| u64::try_from(took.as_millis()).ok());
        self.slowest_ms = self.slowest_ms.max(took);
    }

    /// Learns from a run how the group stands. One that changed no history (a late run, a replay)
    /// says nothing of that.
    pub(super) fn learn(&mut self, event: &Event, standing: &Standing, failing: Option<bool>) {
        let counts = failing.is_none() || standing.transition.is_some();
        if standing.late || !counts {
            return;
        }
        match failing {
            Some(true) => self.fails(event, standing),
            Some(false) if standing.transition == Some(Transition::Recovered) => {
                self.recovers(event, standing);
            }
            Some(false) => self.goes_on(event, Net::Passing),
            None => self.goes_on(event, Net::Unknown),
        }
    }

    /// Learns from what is remembered of the group, where no collected run could say.
    pub(super) fn learn_from(&mut self, memory: Option<&GroupMemory>, event: &Event) {
        if self.net.is_some() {
            return;
        }
        self.show(event, false);
        let Some(memory) = memory else { return };
        self.net = memory.failing.map(|failing| if failing { Net::Failing } else { Net::Passing });
        self.status = memory.status.clone();
        if self.net == Some(Net::Failing) {
            self.worst = memory.status.clone();
            (self.in_a_row, self.failing_since) = (memory.in_a_row, memory.since);
        }
    }

    fn fails(&mut self, event: &Event, standing: &Standing) {
        let before = self.failing_since.filter(|_| self.net == Some(Net::Failing));
        self.failing_since = standing.failing_since.or(before).or(Some(finished(event)));
        self.in_a_row = standing.failures_in_a_row.max(1);
        self.recovered_at = None;
        self.net = Some(Net::Failing);
        self.status = status(event);
        self.take_worst(status(event));
        self.show(event, true);
    }

    fn recovers(&mut self, event: &Event, standing: &Standing) {
        self.failing_since = standing.failing_since.or(self.failing_since);
        self.recovered_at = Some(finished(event));
        self.net = Some(Net::Recovered);
        self.status = status(event);
        self.take_worst(standing.previous_status.clone());
        self.show(event, false);
    }

    /// It passes, or nobody knows. Neither ends a failure that the group's history has not ended:
    /// runs that are unrelated don't recover each other.
    fn goes_on(&mut self, event: &Event, net: Net) {
        if !matches!(self.net, Some(Net::Failing | Net::Recovered)) {
            self.net = Some(net);
            self.status = status(event);
        }
        self.show(event, false);
    }

    fn take_worst(&mut self, status: Option<String>) {
        if self.worst.is_none() || badness(status.as_deref()) > badness(self.worst.as_deref()) {
            self.worst = status;
        }
    }

    fn show(&mut self, event: &Event, failing: bool) {
        if self.shown.failing && !failing {
            return;
        }
        let reading = &event.reading;
        self.shown = Shown {
            failing,
            summary: reading.summary.as_deref().map(beginning),
            task_id: reading.task_id.clone().filter(|id| is_id(id)),
            execution_id: reading.execution_id.clone().filter(|id| is_id(id)),
            started_at: reading.started_at,
            finished_at: reading.finished_at,
        };
    }

    /// How bad it is, for the order: the worst status, and how often in a row.
    pub(super) fn badness(&self) -> (u8, u32) {
        (badness(self.worst.as_deref()), self.in_a_row)
    }

    /// The row as the digest tells it.
    pub(super) fn told(self) -> DigestRow {
        let net = self.net.unwrap_or(Net::Unknown);
        let status = match net {
            Net::Recovered => self.worst.or(self.status),
            _ => self.status,
        };
        DigestRow {
            key: self.key,
            net,
            status,
            runs: self.runs,
            passed: self.passed,
            failures_in_a_row: self.in_a_row,
            failing_since: self.failing_since,
            recovered_at: self.recovered_at,
            slowest: self.slowest_ms.map(|ms| ms as f64 / 1000.0),
            summary: self.shown.summary,
            task_id: self.shown.task_id,
            execution_id: self.shown.execution_id,
            started_at: self.shown.started_at,
            finished_at: self.shown.finished_at,
        }
    }

    /// How it stands in the end.
    pub(super) fn net(&self) -> Net {
        self.net.unwrap_or(Net::Unknown)
    }
}

/// So much of a summary is kept, in characters: many go into one message, and it comes from outside.
const LONGEST_SUMMARY: usize = 500;

/// What is longer is no id.
const LONGEST_ID: usize = 500;

fn beginning(summary: &str) -> String {
    match summary.char_indices().nth(LONGEST_SUMMARY) {
        Some((end, _)) => format!("{}…", &summary[..end]),
        None => summary.to_owned(),
    }
}

fn is_id(id: &str) -> bool {
    id.len() <= LONGEST_ID
}

fn status(event: &Event) -> Option<String> {
    event.reading.status.as_ref().map(Status::to_string)
}

/// When the run finished; a finish in the future counts as now.
fn finished(event: &Event) -> Timestamp {
    let now = event.received_at;
    event.reading.finished_at.map_or(now, |at| at.min(now))
}
