//! What conditions may know of an event.

use std::collections::BTreeMap;

use super::condition::Subject;
use super::rule::Rule;
use crate::model::{Event, Standing, Status};

/// One event, as the conditions of one rule see it.
pub(super) struct Facts<'a> {
    pub(super) event: &'a Event,
    /// What is known of its group.
    pub(super) labels: &'a BTreeMap<String, String>,
    /// What it means against its group's history.
    pub(super) standing: &'a Standing,
    /// The event's status as a set of one.
    pub(super) status: StatusSet,
    /// How long the run took.
    pub(super) seconds: Option<f64>,
    /// The first earlier rule with conditions that matched.
    pub(super) matched_by: Option<&'a str>,
}

/// A set of statuses, all unknown words (and no status at all) being one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StatusSet(u8);

impl<'a> Facts<'a> {
    pub(super) fn new(
        event: &'a Event,
        labels: &'a BTreeMap<String, String>,
        standing: &'a Standing,
    ) -> Self {
        Facts {
            event,
            labels,
            standing,
            status: StatusSet::of(event.reading.status.as_ref()),
            seconds: event.reading.duration().map(|took| took.as_secs_f64()),
            matched_by: None,
        }
    }

    /// Takes note of a rule that matched, for `unmatched`. Rules without conditions don't count.
    pub(super) fn take_match(&mut self, rule: &'a Rule) {
        if rule.when.is_some() {
            self.matched_by.get_or_insert(&rule.name);
        }
    }

    /// The text that a condition compares, if the event has it.
    pub(super) fn text(&self, subject: &Subject) -> Option<&'a str> {
        match subject {
            Subject::Group => {
                let reading = &self.event.reading;
                reading.unreadable.is_none().then_some(&*reading.group)
            }
            Subject::Source => Some(&self.event.source),
            Subject::Event => self.event.reading.event.as_deref(),
            Subject::Summary => self.event.reading.summary.as_deref(),
            Subject::Label(name) => self.labels.get(name).map(String::as_str),
        }
    }
}

impl StatusSet {
    pub(super) const NONE: StatusSet = StatusSet(0);
    pub(super) const ALL: StatusSet = StatusSet((1 << StatusSet::COUNT) - 1);
    /// The four that Agnox documents, the bridge's own, and all else.
    pub(super) const COUNT: usize = Status::KNOWN.len() + 2;

    pub(super) fn of(status: Option<&Status>) -> StatusSet {
        StatusSet(1 << StatusSet::place(status))
    }

    /// The place of a status in a list of [`StatusSet::COUNT`].
    pub(super) fn place(status: Option<&Status>) -> usize {
        match status {
            Some(Status::Passed) => 0,
            Some(Status::Failed) => 1,
            Some(Status::Error) => 2,
            Some(Status::Unstable) => 3,
            Some(Status::Missing) => 4,
            Some(Status::Unknown(_)) | None => 5,
        }
    }

    pub(super) fn has_place(self, place: usize) -> bool {
        self.0 & (1 << place) != 0
    }

    pub(super) fn has(self, other: StatusSet) -> bool {
        self.0 & other.0 == other.0
    }

    pub(super) fn and(self, other: StatusSet) -> StatusSet {
        StatusSet(self.0 & other.0)
    }

    pub(super) fn or(self, other: StatusSet) -> StatusSet {
        StatusSet(self.0 | other.0)
    }
}
