//! Which groups should report, and when: `missed_runs:`, compiled.
//!
//! A name stands for its group whether or not it ever reported; a pattern stands for groups that
//! did. What is waited for is remembered in notes (`missed`), each under the name that is made here
//! of what was written, so that entries may change their places.

use std::collections::{BTreeSet, HashMap};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::config::{MissedConfig, TextConfig};
use super::findings::{Findings, Found};
use super::pattern::Pattern;
use crate::model::memory::name;
use crate::model::units::Span;
use crate::schedule::{Recurrence, RecurrenceConfig};

/// What the names of expectations begin with.
pub(super) const EXPECT: &str = "expect";

/// A pattern doesn't stand for groups with longer names, which come from outside and are kept.
const LONGEST_NAME: usize = 1024;

/// The groups that should report.
#[derive(Default)]
pub(super) struct Missed {
    watches: Vec<Watch>,
    /// The watches of groups that are named, by that name.
    by_name: HashMap<String, Vec<usize>>,
    patterned: Vec<usize>,
    sources: BTreeSet<String>,
}

/// One entry of `missed_runs`.
pub(super) struct Watch {
    pub(super) recurrence: Recurrence,
    /// The zone in which its times are shown.
    pub(super) zone: TimeZone,
    pub(super) grace: Span,
    /// When it is, as it was written: what notes know it by.
    text: String,
    patterns: Vec<Pattern>,
    /// The only source that is meant, if it is one.
    source: Option<String>,
}

impl Missed {
    /// Compiles what a person wrote, noting what is wrong below `missed_runs[…]`.
    pub(super) fn compile(
        configs: &[MissedConfig],
        zone: &TimeZone,
        sources: &[String],
        found: &mut Found,
    ) -> Missed {
        let mut missed = Missed { sources: sources.iter().cloned().collect(), ..Missed::default() };
        for (number, config) in configs.iter().enumerate() {
            let mut findings = Findings { item: format!("missed_runs[{number}]"), found };
            let patterns = patterns(config, &mut findings);
            let source = missed.source(config, &patterns, &mut findings);
            let Some(recurrence) = recurrence(config, zone, &mut findings) else { continue };
            let named = config.timezone.as_deref().and_then(|name| TimeZone::get(name).ok());
            let text = match &config.timezone {
                Some(timezone) => format!("{} {timezone}", recurrence.describe()),
                None => recurrence.describe().to_owned(),
            };
            let (zone, grace) = (named.unwrap_or_else(|| zone.clone()), config.grace);
            missed.add(Watch { recurrence, zone, grace, text, patterns, source }, &mut findings);
        }
        missed
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.watches.is_empty()
    }

    /// Whether there is a pattern, which stands for the groups that have reported before.
    pub(super) fn watches_patterns(&self) -> bool {
        !self.patterned.is_empty()
    }

    /// The watches of a group, those first that come first; no two have the same name for it.
    pub(super) fn of(&self, source: &str, group: &str) -> Vec<&Watch> {
        if self.is_empty() || !self.sources.contains(source) {
            return Vec::new();
        }
        let mut numbers = self.by_name.get(group).cloned().unwrap_or_default();
        if group.len() <= LONGEST_NAME {
            let matching = |number: &&usize| self.watches[**number].matches(group);
            numbers.extend(self.patterned.iter().filter(matching));
        }
        numbers.sort_unstable();
        let mut watches: Vec<&Watch> = Vec::with_capacity(numbers.len());
        for watch in numbers.into_iter().map(|number| &self.watches[number]) {
            let meant = watch.source.as_deref().is_none_or(|only| only == source);
            if meant && watches.iter().all(|other| other.text != watch.text) {
                watches.push(watch);
            }
        }
        watches
    }

    /// The groups that are named, each with its source.
    pub(super) fn named(&self) -> impl Iterator<Item = (&str, &str)> {
        let numbered = self.by_name.iter();
        let groups = numbered.flat_map(|(group, numbers)| numbers.iter().map(move |n| (group, n)));
        groups.filter_map(|(group, number)| {
            Some((self.watches[*number].source.as_deref()?, group.as_str()))
        })
    }

    /// The source that is meant: the one that is named, or the only one there is where a group is.
    fn source(
        &self,
        config: &MissedConfig,
        patterns: &[Pattern],
        findings: &mut Findings<'_>,
    ) -> Option<String> {
        let known = self.sources.iter().map(String::as_str);
        if let Some(source) = &config.source {
            if !self.sources.contains(source) {
                findings
                    .problem("source", format!("there is no source `{source}`"))
                    .nearest(source, known);
            }
            return Some(source.clone());
        }
        let group = patterns.iter().find_map(Pattern::only_text)?;
        if self.sources.len() > 1 {
            let message = format!("`{group}` could be a group of any of several sources");
            let all = known.collect::<Vec<_>>().join(", ");
            findings.problem("group", message).hint(format!("add `source:`, one of {all}"));
        }
        self.sources.first().cloned()
    }

    fn add(&mut self, watch: Watch, findings: &mut Findings<'_>) {
        let number = self.watches.len();
        for group in watch.patterns.iter().filter_map(Pattern::only_text) {
            let others = self.by_name.entry(group.to_owned()).or_default();
            let same = |other: &usize| {
                let other = self.watches.get(*other);
                other.is_none_or(|o| o.text == watch.text && o.source == watch.source)
            };
            if others.iter().any(same) {
                findings
                    .problem("group", format!("`{group}` is expected at the same times twice"))
                    .hint("one of the two is enough");
            }
            others.push(number);
        }
        if watch.patterns.iter().any(|pattern| pattern.only_text().is_none()) {
            self.patterned.push(number);
        }
        self.watches.push(watch);
    }
}

impl Watch {
    /// The name of the note for a group.
    pub(super) fn note(&self, source: &str, group: &str) -> String {
        name(&[EXPECT, &self.text, source, group])
    }

    /// When a run that should start then is missing.
    pub(super) fn due(&self, tick: Timestamp) -> Timestamp {
        tick.saturating_add(self.grace()).unwrap_or(Timestamp::MAX)
    }

    pub(super) fn grace(&self) -> SignedDuration {
        SignedDuration::try_from(self.grace.0).unwrap_or(SignedDuration::MAX)
    }

    /// Whether a run should (still) start then.
    pub(super) fn has(&self, tick: Timestamp) -> bool {
        self.recurrence.interval().is_some() || self.recurrence.last(tick, tick) == Some(tick)
    }

    /// The rule behind it, for people: ``cron `0 2 * * *` `` or `every 1h`.
    pub(super) fn shown(&self) -> String {
        match self.recurrence.interval() {
            Some(_) => format!("every {}", self.text),
            None => format!("cron `{}`", self.text),
        }
    }

    fn matches(&self, group: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.only_text().is_none() && pattern.matches(group))
    }
}

fn patterns(config: &MissedConfig, findings: &mut Findings<'_>) -> Vec<Pattern> {
    let items: Vec<(String, &TextConfig)> = config.group.items("group");
    if items.is_empty() {
        findings.problem("group", "it names no group").hint("write a name or a pattern");
    }
    let mut patterns = Vec::new();
    for (path, text) in items {
        match Pattern::parse(text) {
            Ok(pattern) if pattern.only_text().is_some_and(|text| text.trim().is_empty()) => {
                findings.problem(&path, "the name is empty").hint("write a name or a pattern");
            }
            Ok(pattern) => patterns.push(pattern),
            Err(error) => findings.problem(&path, error.message).hint(error.hint),
        }
    }
    patterns
}

fn recurrence(
    config: &MissedConfig,
    zone: &TimeZone,
    findings: &mut Findings<'_>,
) -> Option<Recurrence> {
    let MissedConfig { cron, every, timezone, .. } = config;
    let written =
        RecurrenceConfig { cron: cron.clone(), every: *every, timezone: timezone.clone() };
    let problems = match Recurrence::compile(&written, zone) {
        Ok(recurrence) => return Some(recurrence),
        Err(problems) => problems,
    };
    for problem in problems {
        let noted = findings.problem(&problem.path, problem.message);
        if let Some(hint) = problem.hint {
            noted.hint(hint);
        }
    }
    None
}
