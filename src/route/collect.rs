//! Skeleton: owned by a helper.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::Duty;

/// What the delivery that tells of a collection is known by.
pub(super) fn duty(
    (name, opened_at): &(String, Timestamp),
    sink: &str,
    with: &BTreeMap<String, String>,
) -> Duty {
    Duty::of(&format!("{name} {opened_at}"), sink, with)
}

/// Skeleton.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Collection {}

/// Skeleton.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Row {}
