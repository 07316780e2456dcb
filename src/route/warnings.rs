//! Finds rules that can never fire, and failing events that no rule would catch.

use super::condition::{Condition, Statuses, Test};
use super::facts::StatusSet;
use super::groups::Groups;
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

/// Whether `wanted` holds wherever `given` does.
fn implied(wanted: &Condition, given: &Condition) -> bool {
    if let Test::All(parts) = &wanted.test {
        return parts.iter().all(|part| implied(part, given));
    }
    match &given.test {
        Test::All(parts) => parts.iter().any(|part| implied(wanted, part)),
        Test::Any(parts) => !parts.is_empty() && parts.iter().all(|part| implied(wanted, part)),
        _ => implied_alone(wanted, given),
    }
}

fn implied_alone(wanted: &Condition, given: &Condition) -> bool {
    match (&wanted.test, &given.test) {
        (Test::Status(wanted), Test::Status(given)) => {
            given.list.iter().all(|status| wanted.has(status))
        }
        (Test::Text(subject, wanted), Test::Text(other, given)) => {
            subject == other && given.iter().all(|g| wanted.iter().any(|w| w.covers(g)))
        }
        (Test::Duration(wanted), Test::Duration(given)) => {
            given.iter().all(|comparison| wanted.contains(comparison))
        }
        (Test::Unmatched(wanted), Test::Unmatched(given)) => wanted == given,
        (Test::Any(parts), _) => parts.iter().any(|part| implied(part, given)),
        _ => false,
    }
}

fn asks_for_unmatched(condition: &Condition) -> bool {
    match &condition.test {
        Test::Unmatched(wanted) => *wanted,
        Test::All(parts) => parts.iter().any(asks_for_unmatched),
        _ => false,
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

/// Whether a rule matches every event of a status that no earlier rule with conditions matched.
fn catches(rule: &Rule, status: &Status) -> bool {
    let certain = |condition: &Condition| match &condition.test {
        Test::Status(statuses) => Statuses::has(statuses, status),
        Test::Unmatched(wanted) => *wanted,
        _ => false,
    };
    match rule.when.as_ref().map(|when| (&when.test, when)) {
        None => true,
        Some((Test::All(parts), _)) => parts.iter().all(certain),
        Some((_, when)) => certain(when),
    }
}
