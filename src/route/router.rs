//! The router: one configuration's rules, compiled, and the questions that others ask them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use agnox_bridge_sinks::contract::Notice;
use agnox_bridge_sinks::kind::Kind;
use agnox_bridge_sinks::template::{Template, Templates};

use super::cache::{Cache, GroupFacts};
use super::config::{GroupConfig, MissedConfig, RuleConfig};
use super::deciding::Deciding;
use super::facts::Facts;
use super::findings::Found;
use super::groups::Groups;
use super::history::{Sighting, group_of};
use super::index::Index;
use super::missed::{self, Missed};
use super::own;
use super::plan::Planner;
use super::rule::{Means, Rule};
use super::state::State;
use super::verdict::{Finding, Telling, Verdict};
use super::{unclosed, warnings};
use crate::model::{
    Absence, Account, Brief, Decision, Event, GroupMemory, Incident, Match, Planned, Problem,
    Standing, Status, Words,
};
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
    pub sinks: &'a BTreeMap<String, Kind>,
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
    cache: Cache,
    /// The sinks that hold a thing open for each incident.
    holding: BTreeSet<String>,
    /// The groups that should report.
    pub(super) missed: Missed,
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
        let missed = Missed::compile(ingredients.missed, zone, ingredients.sources, &mut found);
        if !found.problems.is_empty() {
            return Err(found.problems);
        }
        found.warnings.extend(warnings::of_sources(&rules, ingredients.sources));
        found.warnings.extend(unclosed::of_rules(&rules, &groups, sinks));
        let index = Index::new(&rules);
        let names = rules.iter().enumerate().map(|(number, rule)| (rule.name.clone(), number));
        let by_name = names.collect();
        let (cache, doubts) = (Cache::default(), found.warnings);
        let holding = sinks.iter().filter(|(_, kind)| kind.holds());
        let holding = holding.map(|(name, _)| name.clone()).collect();
        let version = "".into();
        Ok(Router {
            rules,
            by_name,
            groups,
            index,
            cache,
            holding,
            missed,
            doubts,
            context,
            version,
        })
    }

    /// Whether a sink holds a thing open for each incident, which only the recovery closes.
    pub(super) fn holds(&self, sink: &str) -> bool {
        self.holding.contains(sink)
    }

    /// The same rules as the configuration of this version, which accounts name.
    #[must_use]
    pub fn versioned(mut self, version: &str) -> Self {
        self.version = version.into();
        self
    }

    /// What an event would mean now, against what is remembered.
    pub fn standing(&self, event: &Event, state: &State) -> Standing {
        let Some(key) = group_of(event) else { return Standing::default() };
        let sighting = self.sighting(event, &self.of_group(event));
        match state.group(&key) {
            Some(memory) => sighting.standing(memory),
            None => sighting.standing(&GroupMemory::default()),
        }
    }

    /// What is to be done about an event, which the state then remembers. The state must know the
    /// event's group. The same event and the same state give the same answer.
    pub fn decide(&self, event: &Event, state: &mut State) -> Decision {
        if let Some(planned) = own::plan(event) {
            return self.own(event, planned);
        }
        missed::arrived(state, &self.missed, event);
        let group = self.of_group(event);
        self.decide_among(event, state, &group, |facts| self.index.candidates(facts, &group.rules))
    }

    /// What a message about an event remembers where no rule asked for it.
    pub fn bare_brief(&self, event: &Event) -> Brief {
        let labels = self.of_group(event).known.labels.clone();
        Brief { labels, failing: self.is_failing(event), ..Brief::default() }
    }

    /// What each rule says to an event that stands so, and why.
    pub fn explain(&self, event: &Event, standing: &Standing) -> Vec<Verdict> {
        let group = self.of_group(event);
        let mut facts = Facts::new(event, &group.known.labels, standing);
        let mut planner = self.planner(event, &group, standing);
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
    /// events that fall through, missed runs that nobody hears of, statuses and labels that nobody has.
    pub fn warnings(&self) -> Vec<Problem> {
        let mut warnings = self.doubts.clone();
        warnings.extend(warnings::of_rules(&self.rules, &self.groups));
        if !self.missed.is_empty() {
            warnings.extend(warnings::missed_untold(&self.rules));
        }
        warnings
    }

    /// The template that says a notice in a rule's words, if the rule's entry is (still) there,
    /// brings words that fit the notice, and is for its sink: a template is escaped for the sink
    /// that it was written for.
    pub fn words(&self, words: Option<&Words>, notice: &Notice) -> Option<&Template> {
        let words = words?;
        let rule = &self.rules[*self.by_name.get(&words.rule)?];
        let entry = rule.send.get(words.entry).filter(|entry| entry.sink == notice.sink)?;
        entry.words.as_ref().filter(|template| fits(template, notice))
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

    /// The rule of this name, if it is (still) there.
    pub(super) fn rule(&self, name: &str) -> Option<&Rule> {
        Some(&self.rules[*self.by_name.get(name)?])
    }

    /// The configuration's version.
    pub(super) fn version(&self) -> &str {
        &self.version
    }

    fn decide_among(
        &self,
        event: &Event,
        state: &mut State,
        group: &GroupFacts,
        candidates: impl FnOnce(&Facts<'_>) -> Vec<u32>,
    ) -> Decision {
        let (standing, ended) = self.take_in(event, state, group);
        let planner = self.planner(event, group, &standing);
        let mut facts = Facts::new(event, &group.known.labels, &standing);
        let numbers = candidates(&facts);
        let mut deciding = Deciding::new(self, group, &standing, state, planner);
        for number in numbers {
            let rule = &self.rules[number as usize];
            if !rule.holds(&facts) {
                continue;
            }
            deciding.take(rule);
            facts.take_match(rule);
            if rule.stop {
                break;
            }
        }
        deciding.finish(facts.matched_by.is_none(), ended)
    }

    /// What the event means, which its group then remembers; and the incident that it ended.
    fn take_in(
        &self,
        event: &Event,
        state: &mut State,
        group: &GroupFacts,
    ) -> (Standing, Option<Incident>) {
        let Some(key) = group_of(event) else { return (Standing::default(), None) };
        let sighting = self.sighting(event, group);
        let memory = state.group_mut(&key);
        let standing = sighting.standing(memory);
        let ended = sighting.remember(&standing, memory);
        (standing, ended)
    }

    /// A message of the bridge's own: exactly the delivery that it is for.
    fn own(&self, event: &Event, planned: Planned) -> Decision {
        let rule = planned.brief.rules.first().cloned().unwrap_or_default();
        let told = Match { rule, told: vec![planned.sink.clone()], held: Vec::new() };
        let (version, standing) = (self.version.to_string(), Standing::default());
        let account = Some(Account { version, standing, matched: vec![told] });
        let planned = vec![planned];
        Decision { event: event.seq, planned, unmatched: false, parked: None, account }
    }

    fn sighting<'a>(&self, event: &'a Event, group: &GroupFacts) -> Sighting<'a> {
        let failing = self.groups.is_failing(&group.known, event.reading.status.as_ref());
        Sighting { event, failing, unrelated: group.known.unrelated }
    }

    fn planner<'a>(
        &'a self,
        event: &'a Event,
        group: &'a GroupFacts,
        standing: &'a Standing,
    ) -> Planner<'a> {
        let failing = self.groups.is_failing(&group.known, event.reading.status.as_ref());
        Planner::new(&self.context, event, &group.known.labels, failing, standing)
    }

    /// What is known of the event's group; nothing, where the event can't be read.
    pub(super) fn of_group(&self, event: &Event) -> Arc<GroupFacts> {
        if event.reading.unreadable.is_some() {
            return Arc::default();
        }
        let group = &event.reading.group;
        self.cache.recall(group, || {
            let known = self.groups.known(group);
            let rules = self.index.of_group(group, &known.labels);
            GroupFacts { known, rules }
        })
    }
}

/// Whether words that were written for a failing run say this too. "It broke" would be wrong of a
/// recovery and of a table, so those need a template that asks what it is about.
fn fits(template: &Template, notice: &Notice) -> bool {
    const OUTCOME: [&str; 8] = [
        "recovery",
        "untold",
        "transition",
        "status",
        "emoji",
        "failing",
        "recovered_after",
        "recovered_from",
    ];
    match &notice.digest {
        Some(digest) if digest.groups == 1 && digest.failing == 1 => true,
        Some(_) => template.mentions(&["digest"]),
        None => !notice.recovery || template.mentions(&OUTCOME),
    }
}

fn explained(rule: &Rule, facts: &Facts<'_>, planner: &mut Planner<'_>) -> Finding {
    if let Some(miss) = rule.when.as_ref().and_then(|when| when.miss(facts)) {
        return Finding::Missed(miss);
    }
    let tells = (0..rule.send.len()).map(|number| telling(rule, number, facts, planner)).collect();
    Finding::Matched { tells, stops: rule.stop }
}

fn telling(rule: &Rule, number: usize, facts: &Facts<'_>, planner: &mut Planner<'_>) -> Telling {
    let (to, notes) = planner.destination(rule, number);
    let (sink, with) = (to.sink.clone(), to.with.clone());
    if facts.standing.late && !rule.takes_late {
        return Telling { sink, with, told_by: None, held: Some(Absence::Late), notes };
    }
    let there = if rule.digests { None } else { planner.find(&to) };
    let told_by = there.map(|place| planner.join(place, &rule.name));
    if told_by.is_none() && !rule.digests {
        planner.place(&rule.name, to);
    }
    Telling { sink, with, told_by, held: None, notes }
}

#[cfg(test)]
#[path = "tests/mod.rs"]
mod tests;
