//! The router: one configuration's rules, compiled, and the questions that others ask them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use agnox_bridge_sinks::kind::Kind;
use agnox_bridge_sinks::template::{Template, Templates};

use super::config::{GroupConfig, MissedConfig, RuleConfig};
use super::facts::Facts;
use super::findings::Found;
use super::groups::Groups;
use super::index::Index;
use super::memory::{GroupFacts, Memory};
use super::plan::Planner;
use super::rule::{Means, Rule};
use super::state::State;
use super::verdict::{Finding, Telling, Verdict};
use super::warnings;
use crate::model::{Brief, Decision, Event, Problem, Standing, Status, Words};
use crate::notice::Context;
use crate::schedule::Window;

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
    /// The windows, by name.
    pub windows: &'a BTreeMap<String, Window>,
    /// The groups that should report.
    pub missed: &'a [MissedConfig],
    /// The names of all sources.
    pub sources: &'a [String],
}

/// One configuration's rules, compiled.
pub struct Router {
    rules: Vec<Rule>,
    by_name: HashMap<String, usize>,
    groups: Groups,
    index: Index,
    memory: Memory,
    /// What was probably not meant, found while compiling.
    doubts: Vec<Problem>,
    context: Context,
    version: Arc<str>,
}

impl Router {
    /// Compiles rules and groups.
    ///
    /// # Errors
    /// With everything that is wrong, each at its path (`rules[3].when.duration`).
    pub fn compile(ingredients: Ingredients<'_>) -> Result<Router, Vec<Problem>> {
        let Ingredients { rules, groups, failing, sinks, templates, context, .. } = ingredients;
        let (windows, zone) = (ingredients.windows, &context.zone);
        let mut found = Found::default();
        let groups = Groups::compile(groups, failing, &mut found);
        let means = Means { sinks, templates, labels: &context.labels, windows, zone };
        let rules = means.rules(rules, &mut found);
        if !found.problems.is_empty() {
            return Err(found.problems);
        }
        let index = Index::new(&rules);
        let names = rules.iter().enumerate().map(|(number, rule)| (rule.name.clone(), number));
        let by_name = names.collect();
        let (memory, doubts) = (Memory::default(), found.warnings);
        Ok(Router { rules, by_name, groups, index, memory, doubts, context, version: "".into() })
    }

    /// The same rules as the configuration of this version, which accounts name.
    #[must_use]
    pub fn versioned(mut self, version: &str) -> Self {
        self.version = version.into();
        self
    }

    /// What an event would mean now, against what is remembered.
    pub fn standing(&self, event: &Event, state: &State) -> Standing {
        let _ = (event, state);
        Standing::default()
    }

    /// What is to be done about an event, which the state then remembers. The state must know the
    /// event's group. The same event and the same state give the same answer.
    pub fn decide(&self, event: &Event, state: &mut State) -> Decision {
        let _ = (state, &self.version);
        let group = self.of_group(event);
        let facts = Facts::new(event, &group.known.labels);
        let candidates = self.index.candidates(&facts, &group.rules);
        let candidates = candidates.into_iter().map(|number| &self.rules[number as usize]);
        self.decide_among(candidates, facts, &group)
    }

    /// What a message about an event remembers where no rule asked for it.
    pub fn bare_brief(&self, event: &Event) -> Brief {
        let labels = self.of_group(event).known.labels.clone();
        Brief { labels, failing: self.is_failing(event), ..Brief::default() }
    }

    /// What each rule says to an event that stands so, and why.
    pub fn explain(&self, event: &Event, standing: &Standing) -> Vec<Verdict> {
        let _ = standing;
        let group = self.of_group(event);
        let mut facts = Facts::new(event, &group.known.labels);
        let mut planner = self.planner(event, &group);
        let mut stopped_by: Option<&Rule> = None;
        let mut verdicts = Vec::with_capacity(self.rules.len());
        for rule in &self.rules {
            let finding = match stopped_by {
                Some(stopper) => Finding::NotConsidered { stopped_by: stopper.name.clone() },
                None => explained(rule, &facts, &mut planner),
            };
            if matches!(finding, Finding::Matched { .. }) {
                facts.take_match(rule);
                stopped_by = rule.stop.then_some(rule);
            }
            verdicts.push(Verdict { rule: rule.name.clone(), finding });
        }
        verdicts
    }

    /// What works but is probably not meant, each at its path: rules that can never fire, failing
    /// events that fall through, statuses and labels that nobody has.
    pub fn warnings(&self) -> Vec<Problem> {
        let mut warnings = self.doubts.clone();
        warnings.extend(warnings::of_rules(&self.rules, &self.groups));
        warnings
    }

    /// The template of a rule's entry, if that rule and entry are (still) there and bring words.
    pub fn words(&self, words: &Words) -> Option<&Template> {
        let rule = &self.rules[*self.by_name.get(&words.rule)?];
        rule.send.get(words.entry)?.words.as_ref()
    }

    /// What every notice shares.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Whether the event counts as failing; `None` where its status is unknown or missing.
    pub fn is_failing(&self, event: &Event) -> Option<bool> {
        self.groups.is_failing(&self.of_group(event).known, event.reading.status.as_ref())
    }

    /// The names of all sinks that some rule sends to.
    pub fn sinks_named(&self) -> BTreeSet<&str> {
        self.rules.iter().flat_map(|rule| &rule.send).map(|entry| &*entry.sink).collect()
    }

    /// The rules, in order.
    pub(super) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule of this name.
    pub(super) fn rule(&self, name: &str) -> Option<&Rule> {
        self.by_name.get(name).map(|number| &self.rules[*number])
    }

    fn decide_among<'a>(
        &'a self,
        candidates: impl Iterator<Item = &'a Rule>,
        mut facts: Facts<'a>,
        group: &'a GroupFacts,
    ) -> Decision {
        let mut planner = self.planner(facts.event, group);
        for rule in candidates {
            if !rule.holds(&facts) {
                continue;
            }
            for number in 0..rule.send.len() {
                planner.ask(rule, number);
            }
            facts.take_match(rule);
            if rule.stop {
                break;
            }
        }
        let unmatched = facts.matched_by.is_none();
        Decision {
            event: facts.event.seq,
            planned: planner.finish(),
            unmatched,
            parked: None,
            account: None,
        }
    }

    fn planner<'a>(&'a self, event: &'a Event, group: &'a GroupFacts) -> Planner<'a> {
        let failing = self.groups.is_failing(&group.known, event.reading.status.as_ref());
        Planner::new(&self.context, event, &group.known.labels, failing)
    }

    /// What is known of the event's group; nothing, where the event can't be read.
    fn of_group(&self, event: &Event) -> Arc<GroupFacts> {
        if event.reading.unreadable.is_some() {
            return Arc::default();
        }
        let group = &event.reading.group;
        self.memory.recall(group, || {
            let known = self.groups.known(group);
            let rules = self.index.of_group(group, &known.labels);
            GroupFacts { known, rules }
        })
    }
}

fn explained<'a>(rule: &'a Rule, facts: &Facts<'_>, planner: &mut Planner<'a>) -> Finding {
    if let Some(miss) = rule.when.as_ref().and_then(|when| when.miss(facts)) {
        return Finding::Missed(miss);
    }
    let mut tells = Vec::new();
    for (number, entry) in rule.send.iter().enumerate() {
        let asked = planner.ask(rule, number);
        tells.push(Telling {
            sink: entry.sink.clone(),
            with: asked.with,
            told_by: asked.told_by,
            notes: asked.notes,
        });
    }
    Finding::Matched { tells, stops: rule.stop }
}

#[cfg(test)]
#[path = "tests/mod.rs"]
mod tests;
