//! What the configuration knows of a group: its labels, and which statuses count as failing.

use std::collections::{BTreeMap, BTreeSet};

use super::condition::Statuses;
use super::config::{GroupConfig, HistoryMode};
use super::findings::{Findings, Found};
use super::literal::LiteralIndex;
use super::pattern::Pattern;
use crate::model::{Status, UNGROUPED};

/// All entries of `groups:`, compiled.
pub(super) struct Groups {
    entries: Vec<Entry>,
    index: LiteralIndex,
    /// Entries that no literal leads to.
    everywhere: Vec<u32>,
    failing: Statuses,
}

struct Entry {
    patterns: Vec<Pattern>,
    labels: BTreeMap<String, String>,
    failing: Option<Statuses>,
    history: Option<HistoryMode>,
}

/// The groups whose runs are unrelated unless an entry says otherwise: many share these names.
const UNRELATED: [&str; 2] = [UNGROUPED, "Smart-PR-Run"];

/// What is known of one group.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    pub(super) labels: BTreeMap<String, String>,
    /// The statuses that count as failing, where an entry says so.
    failing: Option<Statuses>,
    /// Whether its runs don't belong together (`history: none`).
    pub(super) unrelated: bool,
}

impl Groups {
    /// Compiles the entries and notes what is wrong with them.
    pub(super) fn compile(configs: &[GroupConfig], failing: &[Status], found: &mut Found) -> Self {
        let mut entries = Vec::new();
        for (number, config) in configs.iter().enumerate() {
            let item = format!("groups[{number}]");
            entries.push(Entry::compile(config, &mut Findings { item, found }));
        }
        let mut literals = Vec::new();
        let mut everywhere = Vec::new();
        for (number, entry) in entries.iter().enumerate() {
            match entry.literals() {
                Some(own) => literals.extend(own.map(|literal| (literal, number as u32))),
                None => everywhere.push(number as u32),
            }
        }
        let index = LiteralIndex::new(literals);
        Groups { entries, index, everywhere, failing: Statuses::new(failing.to_vec()) }
    }

    /// What all entries that match add up to.
    pub(super) fn known(&self, group: &str) -> Known {
        let mut numbers = self.everywhere.clone();
        self.index.find(group, &mut numbers);
        numbers.sort_unstable();
        numbers.dedup();
        let mut known = Known { unrelated: UNRELATED.contains(&group), ..Known::default() };
        for number in numbers {
            let entry = &self.entries[number as usize];
            if entry.patterns.iter().any(|pattern| pattern.matches(group)) {
                known.labels.extend(entry.labels.clone());
                known.failing = entry.failing.clone().or(known.failing);
                let unrelated = entry.history.map(|mode| mode == HistoryMode::None);
                known.unrelated = unrelated.unwrap_or(known.unrelated);
            }
        }
        known
    }

    /// Whether a status counts as failing in a group; `None` where it is neither that nor passing.
    /// A run that is missing always does.
    pub(super) fn is_failing(&self, known: &Known, status: Option<&Status>) -> Option<bool> {
        let status = status?;
        let failing = *status == Status::Missing
            || known.failing.as_ref().unwrap_or(&self.failing).has(status);
        (failing || status.is_known()).then_some(failing)
    }

    /// Every status that counts as failing in some group.
    pub(super) fn all_failing(&self) -> BTreeSet<&Status> {
        let own = self.entries.iter().filter_map(|entry| entry.failing.as_ref());
        own.chain([&self.failing]).flat_map(|statuses| &statuses.list).collect()
    }
}

impl Entry {
    fn compile(config: &GroupConfig, findings: &mut Findings<'_>) -> Entry {
        let texts = config.matches.items("match");
        if texts.is_empty() {
            findings.problem("match", "the list is empty").hint("for every group, write `\"*\"`");
        }
        let mut patterns = Vec::new();
        for (path, text) in texts {
            patterns.extend(findings.pattern(text, &path));
        }
        let failing = config.failing.as_ref().map(|words| {
            let each = words.iter().enumerate();
            let read =
                |(i, word): (usize, &String)| findings.status(word, &format!("failing[{i}]"));
            Statuses::new(each.map(read).collect())
        });
        Entry { patterns, labels: config.labels.clone(), failing, history: config.history }
    }

    /// The literals that lead to the entry, if each of its patterns has some.
    fn literals(&self) -> Option<impl Iterator<Item = super::literal::Literal> + '_> {
        let all = self.patterns.iter().all(|pattern| !pattern.literals().is_empty());
        all.then(|| self.patterns.iter().flat_map(Pattern::literals).cloned())
    }
}
