//! Finds the rules that could match an event, so that only those are tried.
//!
//! A rule that can be known by a literal in one of the event's texts is found by that; all others
//! stand in a list for each status with which they can match. What a rule says of the group and of
//! its labels depends on the group's name alone, so that part is found once for each name and kept
//! by the caller.

use std::collections::{BTreeMap, HashMap};

use super::anchor::{Anchor, anchors};
use super::condition::Subject;
use super::facts::{Facts, StatusSet};
use super::literal::LiteralIndex;
use super::rule::Rule;

/// Where each rule can be found.
pub(super) struct Index {
    /// Rules that no literal leads to, for each status in order.
    by_status: [Vec<u32>; StatusSet::COUNT],
    /// By the texts that depend on the group's name alone.
    by_group: Vec<(Subject, LiteralIndex)>,
    by_event: Vec<(Subject, LiteralIndex)>,
    /// The statuses with which each rule can match.
    statuses: Vec<StatusSet>,
}

impl Index {
    pub(super) fn new(rules: &[Rule]) -> Self {
        let mut by_status: [Vec<u32>; StatusSet::COUNT] = Default::default();
        let mut by_subject: HashMap<Subject, Vec<_>> = HashMap::new();
        let mut statuses = Vec::with_capacity(rules.len());
        for (number, rule) in rules.iter().enumerate() {
            let number = number as u32;
            let possible = rule.when.as_ref().map_or(StatusSet::ALL, |when| when.statuses());
            statuses.push(possible);
            match rule.when.as_ref().and_then(anchors) {
                Some(anchors) => file(anchors, number, &mut by_subject),
                None => (0..StatusSet::COUNT)
                    .filter(|place| possible.has_place(*place))
                    .for_each(|place| by_status[place].push(number)),
            }
        }
        let indexed = by_subject.into_iter().map(|(s, literals)| (s, LiteralIndex::new(literals)));
        let (by_group, by_event) = indexed.partition(|(subject, _)| follows_group(subject));
        Index { by_status, by_group, by_event, statuses }
    }

    /// The rules that an event of this group could match as far as the group and its labels go.
    pub(super) fn of_group(&self, group: &str, labels: &BTreeMap<String, String>) -> Vec<u32> {
        let mut numbers = Vec::new();
        for (subject, index) in &self.by_group {
            let text = match subject {
                Subject::Label(name) => labels.get(name).map(String::as_str),
                _ => Some(group),
            };
            if let Some(text) = text {
                index.find(text, &mut numbers);
            }
        }
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// All rules that an event could match, in order, given those of its group.
    pub(super) fn candidates(&self, facts: &Facts<'_>, of_group: &[u32]) -> Vec<u32> {
        let place = StatusSet::place(facts.event.reading.status.as_ref());
        let mut found = Vec::new();
        for (subject, index) in &self.by_event {
            if let Some(text) = facts.text(subject) {
                index.find(text, &mut found);
            }
        }
        found.extend(of_group);
        found.retain(|number| self.statuses[*number as usize].has_place(place));
        found.extend(&self.by_status[place]);
        // The runs are in order by themselves, which the stable sort makes use of.
        found.sort();
        found.dedup();
        found
    }
}

fn file(
    anchors: Vec<Anchor>,
    number: u32,
    into: &mut HashMap<Subject, Vec<(super::literal::Literal, u32)>>,
) {
    for (subject, literal) in anchors {
        into.entry(subject).or_default().push((literal, number));
    }
}

fn follows_group(subject: &Subject) -> bool {
    matches!(subject, Subject::Group | Subject::Label(_))
}
