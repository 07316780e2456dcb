//! Runs a case and says what came of it.

use jiff::Timestamp;
use serde::Serialize;

use super::Stage;
use super::absence;
use super::case::Case;
use super::config::ExpectConfig;
use super::expect::{Unmet, unmet};
use super::outbox::Sent;
use super::play::Play;

/// What came of a case.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CaseResult {
    /// The case's name.
    pub name: String,
    /// Whether all was as expected.
    pub passed: bool,
    /// How many messages were sent in it.
    pub sent: usize,
    /// What was not as expected.
    pub failures: Vec<Failure>,
}

/// Something that was not as expected.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Failure {
    /// The step, from 1; null where it is about the whole case.
    pub step: Option<usize>,
    /// When that was, on the clock of the configuration's zone.
    pub at: String,
    /// What was expected.
    pub expected: String,
    /// What was found instead, line by line.
    pub found: Vec<String>,
    /// Whom the messages went to, one for each.
    pub sent: Vec<String>,
    /// Why who should have been told was not.
    pub why: Vec<String>,
}

/// Runs a case. Nothing is sent, and the same case always ends alike.
pub fn run(case: &Case, stage: &Stage<'_>) -> CaseResult {
    let mut play = Play::begin(case, stage);
    let (mut failures, mut now) = (Vec::new(), case.start);
    for (number, step) in case.steps.iter().enumerate() {
        let since = Mark { step: Some(number + 1), ..Mark::now(&play) };
        play.step(step);
        now = step.at;
        if let Some(expect) = &step.expect {
            failures.extend(compared(expect, &play, since, now));
        }
    }
    if let Some(expect) = &case.expect {
        failures.extend(compared(expect, &play, Mark::default(), now));
    }
    let (passed, sent) = (failures.is_empty(), play.sent.len());
    CaseResult { name: case.name.clone(), passed, sent, failures }
}

/// How far a play had come: what is compared begins there.
#[derive(Clone, Copy, Default)]
struct Mark {
    step: Option<usize>,
    sent: usize,
    decided: usize,
}

impl Mark {
    fn now(play: &Play<'_>) -> Self {
        Mark { step: None, sent: play.sent.len(), decided: play.decided.len() }
    }
}

fn compared(expect: &ExpectConfig, play: &Play<'_>, since: Mark, now: Timestamp) -> Vec<Failure> {
    let (sent, decided) = (&play.sent[since.sent..], &play.decided[since.decided..]);
    let zoned = now.to_zoned(play.stage.router.context().zone.clone());
    let told: Vec<String> = sent.iter().map(Sent::shown).collect();
    let why = |sink: String| absence::reasons(decided, &play.outbox, play.stage, &sink);
    let mut failures = Vec::new();
    for Unmet { expected, found, untold } in unmet(expect, sent) {
        failures.push(Failure {
            step: since.step,
            at: zoned.strftime("%a %Y-%m-%d %H:%M").to_string(),
            expected,
            found,
            sent: told.clone(),
            why: untold.map(why).unwrap_or_default(),
        });
    }
    failures
}
