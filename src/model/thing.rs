//! The thing that a sink holds open for an incident: an issue, a page, a thread.
//!
//! One destination holds one thing of an incident, so it is known by the [`Duty`] to tell the one of
//! the other. What opened it left values behind that later messages need; they are the far side's
//! and are bounded here, before they are kept.

use agnox_bridge_sinks::contract::{Captured, Holding};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::history::Duty;

/// The names and values of one thing take at most so many bytes, as JSON.
pub const MOST_CAPTURED: usize = 4096;

/// A thing that a sink holds open, or held.
#[derive(Clone, Debug, PartialEq)]
pub struct Thing {
    /// The duty that it belongs to.
    pub duty: Duty,
    /// The incident, where it is known.
    pub incident: Option<Uuid>,
    /// The sink's name.
    pub sink: String,
    /// What later messages need of it.
    pub captured: Captured,
    /// Whether it is open.
    pub state: ThingState,
    /// Since when it has been so.
    pub at: Timestamp,
}

/// Whether a thing is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThingState {
    /// It is open: later messages of the incident go to it.
    #[default]
    Open,
    /// It was closed.
    Closed,
    /// It wasn't there any more: whoever is told next opens a new one.
    Gone,
}

/// What a try did to the thing of a duty.
#[derive(Clone, Debug, PartialEq)]
pub struct Handling {
    /// The duty.
    pub duty: Duty,
    /// The incident, where it is known.
    pub incident: Option<Uuid>,
    /// What became of the thing.
    pub holding: Holding,
}

/// What can be kept of what was captured, and the names of what can't: values that are no text,
/// number or flag, and the largest where all together are too large.
pub fn keepable(captured: Captured) -> (Captured, Vec<String>) {
    let (mut kept, lists): (Captured, Captured) =
        captured.into_iter().partition(|(_, value)| !value.is_array() && !value.is_object());
    let mut left: Vec<String> = lists.into_keys().collect();
    let size = |name: &str, value: &serde_json::Value| name.len() + value.to_string().len() + 4;
    while kept.iter().map(|(name, value)| size(name, value)).sum::<usize>() > MOST_CAPTURED {
        let largest = kept.iter().max_by_key(|(name, value)| size(name, value));
        let Some(largest) = largest.map(|(name, _)| name.clone()) else { break };
        kept.remove(&largest);
        left.push(largest);
    }
    (kept, left)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn captured(values: Value) -> Captured {
        serde_json::from_value(values).expect("it is an object")
    }

    #[test]
    fn what_is_small_and_plain_is_kept_as_it_is() {
        let all = captured(json!({"number": 12, "key": "OPS-7", "locked": false, "node": null}));
        assert_eq!(keepable(all.clone()), (all, Vec::new()));
    }

    #[test]
    fn the_largest_gives_way_and_what_is_no_scalar_is_never_kept() {
        let all = captured(json!({
            "number": 12, "page": "x".repeat(3000), "huge": "\n".repeat(2500), "all": [1], "of": {},
        }));
        let (kept, left) = keepable(all);
        assert_eq!(kept.keys().collect::<Vec<_>>(), ["number", "page"]);
        assert_eq!(left, ["all", "of", "huge"]);
        assert!(serde_json::to_string(&kept).unwrap().len() <= MOST_CAPTURED);
    }
}
