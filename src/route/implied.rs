//! What is certain about conditions without an event: that one holds wherever another does, that
//! two never hold together, that one never holds with a status. Where it isn't easily seen, the
//! answer is no.

use std::collections::BTreeSet;

use super::condition::{Condition, Statuses, Subject, Test};
use super::past::{Past, Streak};
use super::pattern::Pattern;
use crate::model::{Status, Transition};

/// Whether `wanted` holds wherever `given` does.
pub(super) fn implied(wanted: &Condition, given: &Condition) -> bool {
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
        // What has a status could be read, and has a group.
        (Test::Text(Subject::Group, wanted), Test::Status(_)) => {
            wanted.iter().any(Pattern::matches_all)
        }
        (Test::Duration(wanted), Test::Duration(given)) => all_among(given, wanted),
        (Test::Past(wanted), Test::Past(given)) => implied_past(wanted, given),
        (Test::Unmatched(wanted), Test::Unmatched(given)) => wanted == given,
        (Test::Any(parts), _) => parts.iter().any(|part| implied(part, given)),
        // What isn't one thing isn't another either, if the other is always the one too.
        (Test::Not(wanted), Test::Not(given)) => implied(given, wanted),
        (Test::Not(wanted), _) => excluded(wanted, given),
        _ => false,
    }
}

fn implied_past(wanted: &Past, given: &Past) -> bool {
    match (wanted, given) {
        (Past::Transition(wanted), Past::Transition(given)) => all_among(given, wanted),
        (Past::InARow(streak, wanted), Past::InARow(other, given)) => {
            streak == other && all_among(given, wanted)
        }
        (Past::PreviousStatus(wanted), Past::PreviousStatus(given)) => all_among(given, wanted),
        (Past::FailingSince(wanted), Past::FailingSince(given)) => all_among(given, wanted),
        (Past::Lasted(length, wanted), Past::Lasted(other, given)) => {
            length == other && all_among(given, wanted)
        }
        _ => wanted == given,
    }
}

fn all_among<T: PartialEq>(given: &[T], wanted: &[T]) -> bool {
    given.iter().all(|one| wanted.contains(one))
}

/// Whether `one` never holds where `given` does.
pub(super) fn excluded(one: &Condition, given: &Condition) -> bool {
    match (&one.test, &given.test) {
        (Test::All(parts), _) => parts.iter().any(|part| excluded(part, given)),
        (Test::Any(parts), _) => parts.iter().all(|part| excluded(part, given)),
        (_, Test::All(parts)) => parts.iter().any(|part| excluded(one, part)),
        (_, Test::Any(parts)) => parts.iter().all(|part| excluded(one, part)),
        (Test::Not(one), _) => implied(one, given),
        (_, Test::Not(given)) => implied(given, one),
        (Test::Status(one), Test::Status(given)) => {
            given.list.iter().all(|status| !one.has(status))
        }
        (Test::Text(subject, one), Test::Text(other, given)) => {
            subject == other && none_matches(one, given)
        }
        (Test::Unmatched(one), Test::Unmatched(given)) => one != given,
        (Test::Past(one), Test::Past(given)) => excluded_past(one, given),
        _ => false,
    }
}

/// Whether the texts that `given` stands for are known, and none is among the patterns.
fn none_matches(patterns: &[Pattern], given: &[Pattern]) -> bool {
    let differs = |text: &str| patterns.iter().all(|pattern| !pattern.matches(text));
    given.iter().all(|given| given.only_text().is_some_and(differs))
}

fn excluded_past(one: &Past, given: &Past) -> bool {
    match (one, given) {
        (Past::Transition(one), Past::Transition(given)) => given.iter().all(|g| !one.contains(g)),
        (Past::NewGroup(one), Past::NewGroup(given)) | (Past::Late(one), Past::Late(given)) => {
            one != given
        }
        (Past::PreviousStatus(one), Past::PreviousStatus(given)) => {
            given.iter().all(|g| !one.contains(g))
        }
        (Past::Late(true), Past::Transition(_)) | (Past::Transition(_), Past::Late(true)) => true,
        _ => false,
    }
}

/// Whether two parts of a condition never hold together.
pub(super) fn contradicts_itself(condition: &Condition) -> bool {
    let Test::All(parts) = &condition.test else { return false };
    let mut pairs =
        parts.iter().enumerate().flat_map(|(n, a)| parts[n + 1..].iter().map(move |b| (a, b)));
    pairs.any(|(a, b)| excluded(a, b))
}

/// Whether a condition can hold for a failing run of this status, as far as is easily seen.
pub(super) fn can_be_failing(condition: &Condition, status: &Status) -> bool {
    match &condition.test {
        Test::Status(statuses) => statuses.has(status),
        Test::Past(Past::Transition(wanted)) => wanted
            .iter()
            .any(|one| !matches!(one, Transition::Recovered | Transition::StillPassing)),
        Test::Past(Past::InARow(Streak::Passes, wanted)) => wanted.iter().any(|c| c.holds(0.0)),
        Test::All(parts) => parts.iter().all(|part| can_be_failing(part, status)),
        Test::Any(parts) => parts.iter().any(|part| can_be_failing(part, status)),
        Test::Not(part) => !always_with(part, status),
        _ => true,
    }
}

/// Whether a condition can hold for a passing run that ends an incident, as far as is easily seen.
pub(super) fn can_be_recovery(condition: &Condition, failing: &BTreeSet<&Status>) -> bool {
    match &condition.test {
        Test::Status(statuses) => {
            let fails = |status: &Status| failing.contains(status) || *status == Status::Missing;
            statuses.list.iter().any(|status| !fails(status))
        }
        Test::Past(Past::Transition(wanted)) => wanted.contains(&Transition::Recovered),
        Test::Past(Past::InARow(streak, wanted)) => {
            let count = if *streak == Streak::Passes { 1.0 } else { 0.0 };
            wanted.iter().any(|comparison| comparison.holds(count))
        }
        Test::All(parts) => parts.iter().all(|part| can_be_recovery(part, failing)),
        Test::Any(parts) => parts.iter().any(|part| can_be_recovery(part, failing)),
        Test::Not(part) => !always_with(part, &Status::Passed),
        _ => true,
    }
}

/// Whether a condition holds for every run of this status.
fn always_with(condition: &Condition, status: &Status) -> bool {
    match &condition.test {
        Test::Status(statuses) => Statuses::has(statuses, status),
        Test::All(parts) => parts.iter().all(|part| always_with(part, status)),
        Test::Any(parts) => parts.iter().any(|part| always_with(part, status)),
        Test::Not(part) => !can_have(part, status),
        _ => false,
    }
}

fn can_have(condition: &Condition, status: &Status) -> bool {
    match &condition.test {
        Test::Status(statuses) => statuses.has(status),
        Test::All(parts) => parts.iter().all(|part| can_have(part, status)),
        Test::Any(parts) => parts.iter().any(|part| can_have(part, status)),
        Test::Not(part) => !always_with(part, status),
        _ => true,
    }
}

/// The names of the only groups with which a condition can hold, where that is certain.
pub(super) fn only_groups(condition: &Condition) -> Option<Vec<&str>> {
    match &condition.test {
        Test::Text(Subject::Group, patterns) => patterns.iter().map(Pattern::only_text).collect(),
        Test::All(parts) => parts.iter().find_map(only_groups),
        Test::Any(parts) => {
            let each: Option<Vec<Vec<&str>>> = parts.iter().map(only_groups).collect();
            each.map(|lists| lists.concat())
        }
        _ => None,
    }
}
