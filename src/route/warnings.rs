//! Finds rules that can never fire, and failing events that no rule would catch.

use super::condition::{Condition, Statuses, Subject, Test};
use super::facts::StatusSet;
use super::groups::Groups;
use super::implied::{can_be_failing, contradicts_itself, implied, only_groups};
use super::pattern::Pattern;
use super::rule::Rule;
use crate::model::{Problem, Status};

/// At most so many earlier rules are compared with each rule, so that ten thousand stay quick.
const MOST_COMPARED: usize = 100;

/// What is probably not meant about the rules as a whole.
pub(super) fn of_rules(rules: &[Rule], groups: &Groups) -> Vec<Problem> {
    let mut warnings = Vec::new();
    let mut stops: Vec<&Rule> = Vec::new();
    let mut takers: Vec<&Rule> = Vec::new();
    for (number, rule) in rules.iter().enumerate() {
        warnings.extend(never_fires(number, rule, &stops, &takers));
        warnings.extend(without_incidents(number, rule, groups));
        if rule.stop && (rule.when.is_none() || stops.len() < MOST_COMPARED) {
            stops.push(rule);
        }
        if rule.when.is_some() && takers.len() < MOST_COMPARED {
            takers.push(rule);
        }
    }
    warnings.extend(falls_through(rules, groups));
    warnings
}

/// `stops` are the earlier rules that end the list, `takers` those that leave nothing unmatched.
fn never_fires(number: usize, rule: &Rule, stops: &[&Rule], takers: &[&Rule]) -> Option<Problem> {
    let path = format!("rules[{number}]");
    if let Some(stopper) = stops.iter().find(|earlier| covers(earlier, rule)) {
        let message = format!("never fires: the rule \"{}\" stops before it", stopper.name);
        return Some(
            Problem::new(path, message).hint("move it above that rule, or drop its `stop`"),
        );
    }
    let when = rule.when.as_ref()?;
    if when.statuses() == StatusSet::NONE {
        let message = "never fires: no status meets all of its conditions";
        return Some(Problem::new(format!("{path}.when"), message));
    }
    if contradicts_itself(when) {
        let message = "never fires: its conditions never hold together";
        return Some(Problem::new(format!("{path}.when"), message));
    }
    if !asks_for_unmatched(when) {
        return None;
    }
    let shadow = takers.iter().find(|earlier| covers(earlier, rule));
    shadow.map(|taker| {
        let message = format!("never fires: the rule \"{}\" matches all that it could", taker.name);
        Problem::new(path, message)
            .hint("`unmatched: true` holds only where no earlier rule with conditions matched")
    })
}

/// Whether every event that matches `rule` matches `earlier` too, as far as is easily seen.
fn covers(earlier: &Rule, rule: &Rule) -> bool {
    match (&earlier.when, &rule.when) {
        (None, _) => true,
        (Some(earlier), Some(later)) => implied(earlier, later),
        (Some(_), None) => false,
    }
}

fn asks_for_unmatched(condition: &Condition) -> bool {
    match &condition.test {
        Test::Unmatched(wanted) => *wanted,
        Test::All(parts) => parts.iter().any(asks_for_unmatched),
        _ => false,
    }
}

/// What a rule asks of incidents, where it never meets one.
fn without_incidents(number: usize, rule: &Rule, groups: &Groups) -> Option<Problem> {
    let option = match rule {
        Rule { once_per_incident: true, .. } => "once_per",
        Rule { send_recovery: true, .. } => "send_recovery",
        _ => return None,
    };
    let when = rule.when.as_ref()?;
    let path = format!("rules[{number}].{option}");
    let missing = [Status::Missing];
    if !groups.all_failing().into_iter().chain(&missing).any(|s| can_be_failing(when, s)) {
        let message = format!("`{option}` does nothing here: the rule never matches a failing run");
        let hint = "an incident is an unbroken failing run of a group";
        return Some(Problem::new(path, message).hint(hint));
    }
    let unrelated = |name: &&str| groups.known(name).unrelated;
    only_groups(when).filter(|names| !names.is_empty() && names.iter().all(unrelated))?;
    let message = format!("`{option}` does nothing here: the groups have no history");
    Some(Problem::new(path, message).hint("give them `history: kept` in `groups`, or leave it out"))
}

/// Sources that a rule asks for and nobody has.
pub(super) fn of_sources(rules: &[Rule], sources: &[String]) -> Vec<Problem> {
    let mut warnings = Vec::new();
    for (number, rule) in rules.iter().enumerate() {
        if let Some(when) = &rule.when {
            unknown_sources(when, &format!("rules[{number}]"), sources, &mut warnings);
        }
    }
    warnings
}

fn unknown_sources(
    condition: &Condition,
    rule: &str,
    sources: &[String],
    warnings: &mut Vec<Problem>,
) {
    match &condition.test {
        Test::Text(Subject::Source, patterns) => {
            let matched = |pattern: &&Pattern| sources.iter().any(|name| pattern.matches(name));
            for pattern in patterns.iter().filter(|pattern| !matched(pattern)) {
                let message = format!("no source is named `{}`", pattern.shown());
                let warning = Problem::new(format!("{rule}.{}", condition.path), message);
                let known = sources.iter().map(String::as_str);
                warnings.push(warning.nearest(pattern.shown(), known));
            }
        }
        Test::All(parts) | Test::Any(parts) => {
            parts.iter().for_each(|part| unknown_sources(part, rule, sources, warnings));
        }
        Test::Not(part) => unknown_sources(part, rule, sources, warnings),
        _ => {}
    }
}

/// Failing statuses that no rule is sure to catch.
fn falls_through(rules: &[Rule], groups: &Groups) -> Option<Problem> {
    let caught = |status: &Status| rules.iter().any(|rule| catches(rule, status));
    let lost: Vec<&str> = groups
        .all_failing()
        .into_iter()
        .filter(|status| !caught(status))
        .map(Status::as_str)
        .collect();
    if lost.is_empty() {
        return None;
    }
    let message = format!("events with status {} can fall through all rules", lost.join(", "));
    let hint = format!(
        "end the rules with one that has `when: {{unmatched: true, status: [{}]}}`",
        lost.join(", ")
    );
    Some(Problem::new("rules", message).hint(hint))
}

/// Runs are waited for, and nobody would hear that they are missing.
pub(super) fn missed_untold(rules: &[Rule]) -> Option<Problem> {
    let tells = |rule: &Rule| {
        let when = rule.when.as_ref();
        !rule.send.is_empty() && when.is_none_or(|when| can_be_failing(when, &Status::Missing))
    };
    (!rules.iter().any(tells)).then(|| {
        Problem::new("missed_runs", "no rule tells anybody of a missing run")
            .hint("add MISSING to a rule's `status`, or a rule with `when: {status: MISSING}`")
    })
}

/// Whether a rule matches every event of a status that no earlier rule with conditions matched.
fn catches(rule: &Rule, status: &Status) -> bool {
    let certain = |condition: &Condition| match &condition.test {
        Test::Status(statuses) => Statuses::has(statuses, status),
        Test::Text(Subject::Group, patterns) => patterns.iter().any(Pattern::matches_all),
        Test::Unmatched(wanted) => *wanted,
        _ => false,
    };
    match rule.when.as_ref().map(|when| (&when.test, when)) {
        None => true,
        Some((Test::All(parts), _)) => parts.iter().all(certain),
        Some((_, when)) => certain(when),
    }
}
