//! Finds what would be opened and never closed: an issue that a rule opens for a failure, and no
//! recovery reaches.
//!
//! Only sinks whose things a recovery closes are looked at; a thread in a chat is left to its readers.
//! A rule that opens is excused by any other rule that may close for it, however seldom.

use std::collections::{BTreeMap, BTreeSet};

use agnox_bridge_sinks::kind::Kind;

use super::config::MuteThen;
use super::groups::Groups;
use super::implied::{can_be_failing, can_be_recovery, only_groups};
use super::rule::{Entry, Rule};
use crate::model::{Problem, Status};

/// What is opened and never closed, for each rule that does so.
pub(super) fn of_rules(
    rules: &[Rule],
    groups: &Groups,
    sinks: &BTreeMap<String, Kind>,
) -> Vec<Problem> {
    let closing = |entry: &&Entry| sinks.get(&entry.sink).is_some_and(Kind::closes);
    let closers = Closers::among(rules, &closing, &groups.all_failing());
    let mut warnings = Vec::new();
    for (number, rule) in rules.iter().enumerate().filter(|(_, rule)| opens(rule, groups)) {
        for entry in rule.send.iter().filter(closing) {
            if !closers.close_for(rule, &entry.sink) {
                warnings.push(unclosed(number, entry));
            }
        }
        if let Some(entry) = rule.send.iter().find(closing) {
            warnings.extend(told_later(number, rule, entry));
        }
    }
    warnings
}

/// Whether a rule tells of runs that belong to an incident.
fn opens(rule: &Rule, groups: &Groups) -> bool {
    if rule.digests {
        return false;
    }
    let Some(when) = &rule.when else { return true };
    let unrelated = |name: &&str| groups.known(name).unrelated;
    let no_incident = only_groups(when).is_some_and(|names| names.iter().all(unrelated));
    let missing = [Status::Missing];
    let failing = groups.all_failing();
    !no_incident && failing.into_iter().chain(&missing).any(|one| can_be_failing(when, one))
}

/// The rules that a recovery reaches each sink by.
struct Closers<'a>(BTreeMap<&'a str, Vec<&'a Rule>>);

impl<'a> Closers<'a> {
    fn among(
        rules: &'a [Rule],
        closing: &impl Fn(&&Entry) -> bool,
        failing: &BTreeSet<&Status>,
    ) -> Self {
        let mut closers: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
        for rule in rules.iter().filter(|rule| !rule.digests) {
            let recovers = |when| can_be_recovery(when, failing);
            if !rule.send_recovery && !rule.when.as_ref().is_none_or(recovers) {
                continue;
            }
            for entry in rule.send.iter().filter(closing) {
                closers.entry(&entry.sink).or_default().push(rule);
            }
        }
        Closers(closers)
    }

    /// Whether one of them may close what a rule opens in a sink: not where it is certain that they
    /// speak of other groups.
    fn close_for(&self, rule: &Rule, sink: &str) -> bool {
        let closers = self.0.get(sink).map_or(&[][..], Vec::as_slice);
        closers.iter().any(|closer| may_share_groups(rule, closer))
    }
}

fn may_share_groups(one: &Rule, other: &Rule) -> bool {
    let names = |rule: &'_ Rule| -> Option<BTreeSet<String>> {
        let names = rule.when.as_ref().and_then(only_groups)?;
        Some(names.into_iter().map(str::to_owned).collect())
    };
    match (names(one), names(other)) {
        (Some(one), Some(other)) => !one.is_disjoint(&other),
        _ => true,
    }
}

fn unclosed(number: usize, entry: &Entry) -> Problem {
    let message = format!("nobody closes what this rule opens in `{}`", entry.sink);
    Problem::new(format!("rules[{number}].{}", entry.path), message)
        .hint("add `send_recovery: true` to the rule, which closes it when the group recovers")
}

/// What a throttle or a window puts off is told as a report, which is no incident's.
fn told_later(number: usize, rule: &Rule, entry: &Entry) -> Option<Problem> {
    let deferred = rule.hold.mute.as_ref().is_some_and(|mute| mute.then == MuteThen::Defer);
    let (option, hint) = if rule.hold.throttle.is_some() {
        (
            "throttle",
            "leave it out: a later failure only adds to what is open, and with `once_per: incident` not even that",
        )
    } else if deferred {
        ("mute", "with `then: drop` the first failure after the window opens it instead")
    } else {
        return None;
    };
    let message = format!(
        "what `{option}` puts off opens something of its own in `{}`, which no recovery closes",
        entry.sink
    );
    Some(Problem::new(format!("rules[{number}].{option}"), message).hint(hint))
}
