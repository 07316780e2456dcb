//! From a collection to an event of the bridge's own: the rows in order, the figures, the sentence.
//!
//! A collection is told of once, and is gone with it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::collect::Collection;
use super::note::Note;
use super::own::Letter;
use super::row::Row;
use super::sentence;
use super::state::State;
use crate::model::memory::OWN_SOURCE;
use crate::model::{Digest, OwnEvent, OwnMessage};

/// Tells of a collection and forgets it. One without groups is told of only `if_empty`.
pub(super) fn tell(
    state: &mut State,
    name: &str,
    until: Timestamp,
    zone: &TimeZone,
    if_empty: bool,
) {
    let Some(Note::Collection(collection)) = state.note(name) else { return };
    let collection = collection.clone();
    let rows = take_rows(state, name);
    state.forget(name);
    if rows.is_empty() && !if_empty {
        return;
    }
    let body = letter(name, *collection, rows, until, zone).body();
    state.emit(OwnEvent { source: OWN_SOURCE.to_owned(), at: until, body });
}

/// The collection's rows in the order in which they are told, which the state forgets.
fn take_rows(state: &mut State, name: &str) -> Vec<Row> {
    let (mut names, mut rows) = (Vec::new(), Vec::new());
    for (name, note) in state.below(name) {
        if let Note::Row(row) = note {
            names.push(name.to_owned());
            rows.push((**row).clone());
        }
    }
    for name in names {
        state.forget(&name);
    }
    rows.sort_by(|a, b| {
        let order = |row: &Row| (row.net(), Reverse(row.badness()));
        order(a).cmp(&order(b)).then_with(|| a.key.cmp(&b.key))
    });
    rows
}

fn letter(
    name: &str,
    collection: Collection,
    rows: Vec<Row>,
    until: Timestamp,
    zone: &TimeZone,
) -> Letter {
    let duty = collection.duty(name);
    let (opened_by, owed) = (collection.opened_by, collection.owed);
    let labels = shared_labels(&rows);
    let counts = sentence::counts(&rows);
    let most = usize::try_from(collection.max).unwrap_or(usize::MAX);
    let digest = Digest {
        kind: collection.kind,
        rule: collection.rule,
        window: collection.window,
        by: collection.by,
        since: collection.since.min(until),
        until,
        runs: rows.iter().fold(0, |sum, row| sum.saturating_add(row.runs)),
        groups: small(rows.len()),
        more: small(rows.len().saturating_sub(most)),
        rows: rows.into_iter().take(most).map(Row::told).collect(),
    };
    let summary = sentence::summary(&digest, &counts, zone);
    let (sink, with, words) = (collection.sink, collection.with, collection.words);
    Letter {
        message: OwnMessage { sink, with, words, labels, duty, digest },
        summary,
        opened_by,
        owed,
    }
}

/// The labels that all groups have with the same value.
fn shared_labels(rows: &[Row]) -> BTreeMap<String, String> {
    let Some((first, others)) = rows.split_first() else { return BTreeMap::new() };
    let mut shared = first.labels.clone();
    for row in others {
        shared.retain(|name, value| row.labels.get(name) == Some(value));
    }
    shared
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
