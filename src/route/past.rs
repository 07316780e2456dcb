//! Conditions that ask for the group's history: how they are compiled, whether they hold for a
//! standing, and what they say of it.

use agnox_bridge_sinks::template::humanize;

use super::comparison::Comparison;
use super::condition::{Condition, Test};
use super::conditions::Compiler;
use super::config::{Conditions, FieldConfig, TextConfig};
use super::moment::Moment;
use super::shapes::OneOrMany;
use crate::model::{Standing, Status, Transition};

/// What is asked of an event's standing. What it doesn't have makes a condition false.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Past {
    /// One of these transitions.
    Transition(Vec<Transition>),
    /// Whether the group is new.
    NewGroup(bool),
    /// Whether the run is late.
    Late(bool),
    /// A number of runs in a row.
    InARow(Streak, Vec<Comparison>),
    /// One of these statuses before.
    PreviousStatus(Vec<Status>),
    /// When the failing began.
    FailingSince(Vec<Moment>),
    /// A length of time.
    Lasted(Length, Vec<Comparison>),
}

/// Which runs are counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Streak {
    Failures,
    Passes,
}

/// Which time is measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Length {
    FailingFor,
    RecoveredAfter,
}

impl Past {
    /// Whether an event that stands so meets it.
    pub(super) fn holds(&self, standing: &Standing) -> bool {
        match self {
            Past::Transition(wanted) => {
                standing.transition.is_some_and(|own| wanted.contains(&own))
            }
            Past::NewGroup(wanted) => standing.new_group == *wanted,
            Past::Late(wanted) => standing.late == *wanted,
            Past::InARow(streak, wanted) => {
                streak.of(standing).is_some_and(|n| wanted.iter().any(|c| c.holds(f64::from(n))))
            }
            Past::PreviousStatus(wanted) => standing
                .previous_status
                .as_deref()
                .is_some_and(|own| wanted.iter().any(|status| status.as_str() == own)),
            Past::FailingSince(wanted) => {
                standing.failing_since.is_some_and(|at| wanted.iter().any(|m| m.holds(at)))
            }
            Past::Lasted(length, wanted) => length
                .of(standing)
                .is_some_and(|seconds| wanted.iter().any(|c| c.holds(seconds as f64))),
        }
    }

    /// What it asks for, as it is called in a rule.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Past::Transition(_) => "transition",
            Past::NewGroup(_) => "new_group",
            Past::Late(_) => "late",
            Past::InARow(Streak::Failures, _) => "failures_in_a_row",
            Past::InARow(Streak::Passes, _) => "passes_in_a_row",
            Past::PreviousStatus(_) => "previous_status",
            Past::FailingSince(_) => "failing_since",
            Past::Lasted(Length::FailingFor, _) => "failing_for",
            Past::Lasted(Length::RecoveredAfter, _) => "recovered_after",
        }
    }

    /// What the standing has of it, for a person.
    pub(super) fn found(&self, standing: &Standing) -> Option<String> {
        match self {
            Past::Transition(_) => standing.transition.map(|own| own.to_string()),
            Past::NewGroup(_) => Some(standing.new_group.to_string()),
            Past::Late(_) => Some(standing.late.to_string()),
            Past::InARow(streak, _) => streak.of(standing).map(|number| number.to_string()),
            Past::PreviousStatus(_) => standing.previous_status.clone(),
            Past::FailingSince(_) => standing.failing_since.map(|at| at.to_string()),
            Past::Lasted(length, _) => length.of(standing).map(|seconds| humanize(seconds as f64)),
        }
    }

    /// What is wanted, as it was written.
    pub(super) fn wanted(&self) -> Vec<String> {
        let shown = |comparisons: &[Comparison]| {
            comparisons.iter().map(|comparison| comparison.shown().to_owned()).collect()
        };
        match self {
            Past::Transition(wanted) => wanted.iter().map(Transition::to_string).collect(),
            Past::NewGroup(wanted) | Past::Late(wanted) => vec![wanted.to_string()],
            Past::InARow(_, wanted) | Past::Lasted(_, wanted) => shown(wanted),
            Past::PreviousStatus(wanted) => wanted.iter().map(Status::to_string).collect(),
            Past::FailingSince(wanted) => wanted.iter().map(|m| m.shown().to_owned()).collect(),
        }
    }
}

impl Streak {
    /// The number; `None` where the run counts neither way (late, or of an unknown status).
    fn of(self, standing: &Standing) -> Option<u32> {
        let Standing { failures_in_a_row, passes_in_a_row, .. } = standing;
        let counts = failures_in_a_row + passes_in_a_row > 0;
        counts.then_some(match self {
            Streak::Failures => *failures_in_a_row,
            Streak::Passes => *passes_in_a_row,
        })
    }
}

impl Length {
    fn of(self, standing: &Standing) -> Option<u64> {
        match self {
            Length::FailingFor => standing.failing_for,
            Length::RecoveredAfter => standing.recovered_after,
        }
    }
}

impl Compiler<'_, '_> {
    /// The conditions of a map that ask for history.
    pub(super) fn past(&mut self, config: &Conditions, path: &str) -> Vec<Condition> {
        let at = |key: &str| format!("{path}.{key}");
        let c = config;
        let tests = [
            ("transition", self.transitions(c.transition.as_ref(), &at("transition"))),
            ("new_group", c.new_group.map(Past::NewGroup)),
            ("late", c.late.map(Past::Late)),
            (
                "failures_in_a_row",
                self.in_a_row(
                    Streak::Failures,
                    c.failures_in_a_row.as_ref(),
                    &at("failures_in_a_row"),
                ),
            ),
            (
                "passes_in_a_row",
                self.in_a_row(Streak::Passes, c.passes_in_a_row.as_ref(), &at("passes_in_a_row")),
            ),
            ("previous_status", self.previous(c.previous_status.as_ref(), &at("previous_status"))),
            ("failing_since", self.since(c.failing_since.as_ref(), &at("failing_since"))),
            (
                "failing_for",
                self.lasted(Length::FailingFor, c.failing_for.as_ref(), &at("failing_for")),
            ),
            (
                "recovered_after",
                self.lasted(
                    Length::RecoveredAfter,
                    c.recovered_after.as_ref(),
                    &at("recovered_after"),
                ),
            ),
        ];
        let given = tests.into_iter().filter_map(|(key, test)| Some((at(key), test?)));
        given.map(|(path, past)| Condition { path, test: Test::Past(past) }).collect()
    }

    fn transitions(&mut self, config: Option<&OneOrMany<String>>, path: &str) -> Option<Past> {
        let mut wanted = Vec::new();
        for (path, word) in self.items(config?, path) {
            match Transition::parse(word) {
                Some(transition) => wanted.push(transition),
                None => self
                    .findings
                    .problem(&path, format!("`{word}` is no transition"))
                    .nearest(word, Transition::ALL.iter().map(|known| known.as_str())),
            }
        }
        Some(Past::Transition(wanted))
    }

    fn in_a_row(
        &mut self,
        streak: Streak,
        config: Option<&OneOrMany<FieldConfig>>,
        path: &str,
    ) -> Option<Past> {
        let mut wanted = Vec::new();
        for (path, figure) in self.items(config?, path) {
            match count(figure) {
                Ok(comparison) => wanted.push(comparison),
                Err(message) => self
                    .findings
                    .problem(&path, message)
                    .hint("write a number such as 3, or a comparison such as \">= 3\""),
            }
        }
        Some(Past::InARow(streak, wanted))
    }

    fn previous(&mut self, config: Option<&OneOrMany<String>>, path: &str) -> Option<Past> {
        let mut wanted = Vec::new();
        for (path, word) in self.items(config?, path) {
            wanted.push(self.findings.status(word, &path));
        }
        Some(Past::PreviousStatus(wanted))
    }

    fn since(&mut self, config: Option<&OneOrMany<String>>, path: &str) -> Option<Past> {
        let mut wanted = Vec::new();
        for (path, text) in self.items(config?, path) {
            match Moment::parse(text, self.zone) {
                Ok(moment) => wanted.push(moment),
                Err(message) => drop(self.findings.problem(&path, message)),
            }
        }
        Some(Past::FailingSince(wanted))
    }

    fn lasted(
        &mut self,
        length: Length,
        config: Option<&OneOrMany<String>>,
        path: &str,
    ) -> Option<Past> {
        let mut wanted = Vec::new();
        for (path, text) in self.items(config?, path) {
            match Comparison::of_duration(text) {
                Ok(comparison) => wanted.push(comparison),
                Err(message) => drop(self.findings.problem(&path, message)),
            }
        }
        Some(Past::Lasted(length, wanted))
    }
}

/// A number of runs, or a comparison with one.
fn count(config: &FieldConfig) -> Result<Comparison, String> {
    match config {
        FieldConfig::Number(number) => Ok(Comparison::equal(number.as_f64().unwrap_or(f64::NAN))),
        FieldConfig::Text(TextConfig::Pattern(text)) => match text.trim().parse::<u32>() {
            Ok(number) => Ok(Comparison::equal(f64::from(number))),
            Err(_) => Comparison::of_number(text)
                .unwrap_or_else(|| Err(format!("`{text}` is no number of runs"))),
        },
        _ => Err("this is no number of runs".to_owned()),
    }
}
