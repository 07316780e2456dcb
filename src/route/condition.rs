//! A compiled condition, and whether it holds for an event.

use serde_json::{Number, Value};

use super::body_path::BodyPath;
use super::comparison::Comparison;
use super::facts::{Facts, StatusSet};
use super::past::Past;
use super::pattern::Pattern;
use crate::model::Status;

/// A condition with its place in its rule, such as `when.any[1].group`.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub(super) path: String,
    pub(super) test: Test,
}

/// What is asked of an event.
#[derive(Clone, Debug)]
pub(super) enum Test {
    Status(Statuses),
    Text(Subject, Vec<Pattern>),
    Duration(Vec<Comparison>),
    Field {
        shown: String,
        path: BodyPath,
        tests: Vec<FieldTest>,
    },
    /// Asks for the group's history.
    Past(Past),
    Unmatched(bool),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
}

/// Statuses to be among.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Statuses {
    pub(super) list: Vec<Status>,
    pub(super) set: StatusSet,
}

/// Whose text is compared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Subject {
    Group,
    Source,
    Event,
    Summary,
    Label(String),
}

/// What a part of the body is compared with.
#[derive(Clone, Debug)]
pub(super) enum FieldTest {
    Null,
    Bool(bool),
    Number(Number),
    Text(Pattern),
    Compare(Comparison),
}

impl Condition {
    /// Whether the event is so. What it doesn't have makes a condition false.
    pub(super) fn holds(&self, facts: &Facts<'_>) -> bool {
        match &self.test {
            Test::Status(statuses) => statuses.hold(facts),
            Test::Text(subject, patterns) => facts
                .text(subject)
                .is_some_and(|text| patterns.iter().any(|pattern| pattern.matches(text))),
            Test::Duration(comparisons) => {
                facts.seconds.is_some_and(|seconds| comparisons.iter().any(|c| c.holds(seconds)))
            }
            Test::Field { path, tests, .. } => path
                .get(&facts.event.reading.body)
                .is_some_and(|value| tests.iter().any(|test| test.holds(value))),
            Test::Past(past) => past.holds(facts.standing),
            Test::Unmatched(wanted) => facts.matched_by.is_none() == *wanted,
            Test::All(conditions) => conditions.iter().all(|condition| condition.holds(facts)),
            Test::Any(conditions) => conditions.iter().any(|condition| condition.holds(facts)),
            Test::Not(condition) => !condition.holds(facts),
        }
    }

    /// Whether it asks for late runs, or for others than late ones.
    pub(super) fn speaks_of_late(&self) -> bool {
        match &self.test {
            Test::Past(past) => matches!(past, Past::Late(_)),
            Test::All(parts) | Test::Any(parts) => parts.iter().any(Condition::speaks_of_late),
            Test::Not(part) => part.speaks_of_late(),
            _ => false,
        }
    }

    /// The statuses with which it can hold.
    pub(super) fn statuses(&self) -> StatusSet {
        match &self.test {
            Test::Status(statuses) => statuses.set,
            Test::All(conditions) => {
                let each = conditions.iter().map(Condition::statuses);
                each.fold(StatusSet::ALL, StatusSet::and)
            }
            Test::Any(conditions) => {
                let each = conditions.iter().map(Condition::statuses);
                each.fold(StatusSet::NONE, StatusSet::or)
            }
            _ => StatusSet::ALL,
        }
    }
}

impl Statuses {
    pub(super) fn new(list: Vec<Status>) -> Self {
        let sets = list.iter().map(|status| StatusSet::of(Some(status)));
        Statuses { set: sets.fold(StatusSet::NONE, StatusSet::or), list }
    }

    /// Whether a status is among them.
    pub(super) fn has(&self, status: &Status) -> bool {
        self.list.contains(status)
    }

    fn hold(&self, facts: &Facts<'_>) -> bool {
        self.set.has(facts.status)
            && facts.event.reading.status.as_ref().is_some_and(|s| self.has(s))
    }
}

impl FieldTest {
    /// Whether a value is so; for a list, whether one of its elements is.
    fn holds(&self, value: &Value) -> bool {
        match value {
            Value::Array(items) => items.iter().any(|item| self.holds_for_one(item)),
            _ => self.holds_for_one(value),
        }
    }

    fn holds_for_one(&self, value: &Value) -> bool {
        match (self, value) {
            (FieldTest::Null, _) => value.is_null(),
            (FieldTest::Bool(wanted), Value::Bool(found)) => wanted == found,
            (FieldTest::Number(wanted), Value::Number(found)) => same_number(wanted, found),
            (FieldTest::Text(pattern), Value::String(text)) => pattern.matches(text),
            (FieldTest::Text(pattern), Value::Number(_) | Value::Bool(_)) => {
                pattern.matches(&value.to_string())
            }
            (FieldTest::Compare(comparison), _) => {
                figure(value).is_some_and(|figure| comparison.holds(figure))
            }
            _ => false,
        }
    }
}

/// Whole numbers are compared exactly, since ids can be larger than a double is exact.
fn same_number(a: &Number, b: &Number) -> bool {
    a == b || ((a.is_f64() || b.is_f64()) && a.as_f64() == b.as_f64())
}

/// A number, also one that was written as a text.
fn figure(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}
