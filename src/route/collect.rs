//! Collections: what is not told at once, kept for one destination until its time comes.
//!
//! A collection is a note with a due time, with a row below it for each group. It holds all that is
//! needed to tell of it, since the rule may be gone by then. Two never share a name: the places of
//! the parts are fixed, and no part can bring in what separates them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::config::{By, MOST_ROWS};
use super::gate::{Destination, Matched};
use super::note::Note;
use super::own::Owed;
use super::row::Row;
use super::state::State;
use crate::model::memory::name;
use crate::model::{DigestKind, Duty, Event, GroupKey, Standing, Status, Words};

/// What names of collections begin with.
pub(super) const COLLECTIONS: &str = "collect";

/// What is collected for one destination.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Collection {
    pub(super) kind: DigestKind,
    pub(super) rule: String,
    pub(super) sink: String,
    #[serde(default)]
    pub(super) with: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) words: Option<Words>,
    /// The window that deferred it.
    #[serde(default)]
    pub(super) window: Option<String>,
    /// What it is split by, for a person.
    #[serde(default)]
    pub(super) by: Option<String>,
    /// From when on it tells: a throttle's period begins before anything is held back.
    pub(super) since: Timestamp,
    /// When it was opened.
    pub(super) opened_at: Timestamp,
    /// The event that opened it; none where it goes out even if it is empty.
    #[serde(default)]
    pub(super) opened_by: Option<Uuid>,
    /// So many groups are shown.
    pub(super) max: u32,
    /// What it answers, where it is the recovery of one incident.
    #[serde(default)]
    pub(super) owed: Option<Owed>,
}

/// One value of `by`.
#[derive(Default)]
pub(super) struct Apart {
    /// In names.
    pub(super) name: String,
    /// For a person.
    pub(super) shown: Option<String>,
}

impl Apart {
    /// The value of `by` for a match.
    pub(super) fn of(by: &[By], of: &Matched<'_>) -> Apart {
        let event = of.event;
        let (mut parts, mut shown): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
        for by in by {
            let part = match by {
                By::Rule => continue,
                By::Group => {
                    parts.push(&event.source);
                    &*event.reading.group
                }
                By::Source => &*event.source,
                By::Status => event.reading.status.as_ref().map_or("", Status::as_str),
                By::Label(label) => of.labels.get(label).map_or("", String::as_str),
            };
            parts.push(part);
            shown.push(part);
        }
        let shown = shown.join(", ");
        Apart { name: name(&parts), shown: (!shown.is_empty()).then_some(shown) }
    }
}

impl Collection {
    /// A collection of a rule for a destination, that begins now.
    pub(super) fn new(kind: DigestKind, rule: &str, to: &Destination, now: Timestamp) -> Self {
        Collection {
            kind,
            rule: rule.to_owned(),
            sink: to.sink.clone(),
            with: to.with.clone(),
            words: to.words.clone(),
            window: None,
            by: None,
            since: now,
            opened_at: now,
            opened_by: None,
            max: MOST_ROWS.get(),
            owed: None,
        }
    }

    /// Its name, with the value that keeps it apart.
    pub(super) fn name(&self, apart: &str) -> String {
        let kind = match self.kind {
            DigestKind::Digest => "digest",
            DigestKind::Deferred => "deferred",
            DigestKind::Throttled => "throttled",
        };
        let with = serde_json::to_string(&self.with).expect("texts under texts are JSON");
        name(&[COLLECTIONS, kind, &self.rule, &self.sink, &with, apart])
    }

    /// What the delivery that tells of it is known by, where recoveries may answer it. A digest is
    /// never answered.
    pub(super) fn duty(&self, name: &str) -> Option<Duty> {
        let collected = (name.to_owned(), self.opened_at);
        (self.kind != DigestKind::Digest).then(|| duty(&collected, &self.sink, &self.with))
    }
}

/// What the delivery that tells of a collection is known by.
pub(super) fn duty(
    (name, opened_at): &(String, Timestamp),
    sink: &str,
    with: &BTreeMap<String, String>,
) -> Duty {
    Duty::of(&format!("{name} {opened_at}"), sink, with)
}

/// The collection of this name, or this one as a new one; with the time when it was opened.
pub(super) fn open(
    state: &mut State,
    name: String,
    due: Timestamp,
    new: Collection,
) -> (String, Timestamp) {
    if let Some(Note::Collection(there)) = state.note(&name) {
        let opened_at = there.opened_at;
        return (name, opened_at);
    }
    let opened_at = new.opened_at;
    state.put(name.clone(), Some(due), Note::Collection(Box::new(new)));
    (name, opened_at)
}

/// Whether the collection that something went into has not been told of yet.
pub(super) fn is_open(state: &State, (name, opened_at): &(String, Timestamp)) -> bool {
    matches!(state.note(name), Some(Note::Collection(there)) if there.opened_at == *opened_at)
}

/// Puts a match into a collection.
pub(super) fn add(state: &mut State, collection: &str, of: &Matched<'_>) {
    let (name, mut row) = row_of(state, collection, of.event);
    row.labels.clone_from(of.labels);
    row.count(of.event, of.failing);
    row.learn(of.event, of.standing, of.failing);
    row.learn_from(state.group(&row.key), of.event);
    state.put(name, None, Note::Row(row));
}

/// Tells a collection of a recovery that is owed; it is no match, and not counted.
/// `settled` where it is told whatever comes after.
pub(super) fn recover(
    state: &mut State,
    collection: &str,
    event: &Event,
    standing: &Standing,
    labels: &BTreeMap<String, String>,
    settled: bool,
) {
    let (name, mut row) = row_of(state, collection, event);
    row.labels.clone_from(labels);
    row.learn(event, standing, Some(false));
    row.settled = settled;
    state.put(name, None, Note::Row(row));
}

fn row_of(state: &State, collection: &str, event: &Event) -> (String, Box<Row>) {
    let group = name(&[&event.source, &event.reading.group]);
    let name = format!("{collection}{}{group}", crate::model::memory::SEPARATOR);
    let row = match state.note(&name) {
        Some(Note::Row(row)) => row.clone(),
        _ => Box::new(Row::new(GroupKey::of(event))),
    };
    (name, row)
}
