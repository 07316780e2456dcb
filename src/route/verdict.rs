//! What `explain` answers, rule by rule, in words that a person can read aloud.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::Absence;

/// What came of one rule for one event.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Verdict {
    /// The rule's name.
    pub rule: String,
    /// What came of it.
    #[serde(flatten)]
    pub finding: Finding,
}

/// What came of a rule.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Finding {
    /// Its `when` held.
    Matched {
        /// Whom it tells, in the order of its `send`.
        tells: Vec<Telling>,
        /// Whether the rules below were not looked at for that.
        stops: bool,
    },
    /// Its `when` did not hold.
    Missed(Miss),
    /// It was not looked at, since an earlier rule with `stop: true` matched.
    NotConsidered {
        /// That rule's name.
        stopped_by: String,
    },
}

/// The condition that did not hold.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Miss {
    /// Where it stands in the rule, such as `when.group`.
    pub condition: String,
    /// The whole of it as a sentence: "group is `checkout-eu`, wanted `prod-*`".
    pub why: String,
}

/// One whom a rule tells.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Telling {
    /// The sink's name.
    pub sink: String,
    /// The parameters as they came out for this event.
    pub with: BTreeMap<String, String>,
    /// The earlier rule that tells the same destination already; its words are used.
    pub told_by: Option<String>,
    /// Why it is not told by this rule, as far as the event's standing alone says: a late run. What
    /// was held back by a repeat, a throttle, a window or a silence stands in the event's account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Absence>,
    /// What went wrong and was passed over, such as a parameter that could not be rendered.
    pub notes: Vec<String>,
}
