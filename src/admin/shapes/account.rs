//! The account of a decision, as the admin API shows it: with names to read.

use serde::{Deserialize, Serialize};

use crate::model::{Absence, Account, Held, Match, Standing};

/// The account of a decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountView {
    /// The configuration that decided.
    pub config_version: String,
    /// What the event meant against the history of then.
    pub standing: Standing,
    /// The rules that matched, in order.
    pub matched: Vec<MatchView>,
}

/// A rule that matched, or that told of a failure whose recovery it owes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MatchView {
    /// The rule's name.
    pub rule: String,
    /// The sinks that it told.
    pub told: Vec<String>,
    /// Whom it did not tell at once, and why.
    pub held: Vec<HeldView>,
}

/// A destination that was not told at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeldView {
    /// The sink's name.
    pub sink: String,
    /// Why.
    #[serde(flatten)]
    pub why: Absence,
}

impl From<Account> for AccountView {
    fn from(account: Account) -> Self {
        AccountView {
            config_version: account.version,
            standing: account.standing,
            matched: account.matched.into_iter().map(MatchView::from).collect(),
        }
    }
}

impl From<Match> for MatchView {
    fn from(matched: Match) -> Self {
        let held = matched.held.into_iter().map(|Held { sink, why }| HeldView { sink, why });
        MatchView { rule: matched.rule, told: matched.told, held: held.collect() }
    }
}
