//! What is remembered beside the groups, each under its name.
//!
//! A note is what the value of a row of memory ([`crate::model::Memo`]) holds. Names: `throttle/{rule}/{by}`, `collect/…` with a row below it for each group, `expect/…`,
//! `alive`. The parts are joined by a character that no text can bring in (`model::memory`).

use serde::{Deserialize, Serialize};

use super::collect::Collection;
use super::missed::{Alive, Expected};
use super::row::Row;
use super::throttle::Throttle;

/// One note.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub(super) enum Note {
    /// A throttle's count in its period; due at the period's end.
    Throttle(Throttle),
    /// A collection that will be told of; due when it is.
    Collection(Box<Collection>),
    /// A group in a collection.
    Row(Box<Row>),
    /// A run that should report; due when it is missing.
    Expected(Expected),
    /// When the bridge was last known to run.
    Alive(Alive),
}
