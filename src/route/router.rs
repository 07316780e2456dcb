//! The router: one configuration's rules, compiled, and the questions that others ask them.

use std::collections::{BTreeMap, BTreeSet};

use agnox_bridge_sinks::kind::Kind;
use agnox_bridge_sinks::template::{Template, Templates};

use super::config::{GroupConfig, RuleConfig};
use super::verdict::Verdict;
use crate::model::{Decision, Event, Problem, Status, Words};
use crate::notice::Context;

/// What a router is compiled from.
pub struct Ingredients<'a> {
    /// The rules, in order.
    pub rules: &'a [RuleConfig],
    /// What is known of groups, in order.
    pub groups: &'a [GroupConfig],
    /// The statuses that count as failing.
    pub failing: &'a [Status],
    /// The kind of every sink, by the sink's name.
    pub sinks: &'a BTreeMap<String, &'static Kind>,
    /// The configuration's templates.
    pub templates: &'a Templates,
    /// What every notice shares.
    pub context: Context,
}

/// One configuration's rules, compiled.
pub struct Router {
    context: Context,
}

impl Router {
    /// Compiles rules and groups.
    ///
    /// # Errors
    /// With everything that is wrong, each at its path (`rules[3].when.duration`).
    pub fn compile(ingredients: Ingredients<'_>) -> Result<Router, Vec<Problem>> {
        Ok(Router { context: ingredients.context })
    }

    /// What is to be done about an event. The same event gives the same answer.
    pub fn decide(&self, event: &Event) -> Decision {
        Decision { event: event.seq, planned: Vec::new(), unmatched: true, parked: None }
    }

    /// What each rule says to an event, and why.
    pub fn explain(&self, _event: &Event) -> Vec<Verdict> {
        Vec::new()
    }

    /// What works but is probably not meant, each at its path.
    pub fn warnings(&self) -> Vec<Problem> {
        Vec::new()
    }

    /// The template of a rule's entry, if that rule and entry are (still) there and bring words.
    pub fn words(&self, _words: &Words) -> Option<&Template> {
        None
    }

    /// What every notice shares.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Whether the event counts as failing; `None` where its status is unknown or missing.
    pub fn is_failing(&self, _event: &Event) -> Option<bool> {
        None
    }

    /// The names of all sinks that some rule sends to.
    pub fn sinks_named(&self) -> BTreeSet<&str> {
        BTreeSet::new()
    }
}
