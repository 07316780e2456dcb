//! Silences, compiled: whether one holds back what a rule would tell a sink of an event.

use jiff::Timestamp;

use super::config::TextConfig;
use super::groups::Known;
use super::history::group_of;
use super::pattern::Pattern;
use super::router::Router;
use super::state::State;
use crate::model::{Event, Problem, Silence, Status};

/// A silence that can be asked.
#[derive(Debug)]
pub(super) struct Silencer {
    silence: Silence,
    group: Option<Pattern>,
    source: Option<Pattern>,
    rule: Option<Pattern>,
    sink: Option<Pattern>,
    labels: Vec<(String, Pattern)>,
    status: Vec<Status>,
}

/// Checks a silence before it is kept: that its texts can be compared with, and that it can hold
/// something back.
///
/// # Errors
/// With everything that is wrong, each at its path (`group`, `labels.team`, `end`).
pub fn check_silence(silence: &Silence) -> Result<(), Vec<Problem>> {
    let mut problems = Vec::new();
    Silencer::compile(silence, &mut problems);
    if !narrows(silence) {
        let problem = Problem::new("", "the silence says nothing of what it holds back");
        problems.push(problem.hint("name a group, a rule, a sink or the like; for all, group `*`"));
    }
    if silence.end.is_some_and(|end| end <= silence.start) {
        problems.push(Problem::new("end", "the silence ends before it begins"));
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

fn narrows(silence: &Silence) -> bool {
    let Silence { group, source, rule, sink, .. } = silence;
    [group, source, rule, sink].into_iter().any(Option::is_some)
        || !silence.status.is_empty()
        || !silence.labels.is_empty()
}

impl Silencer {
    /// Compiles those that can be; one that can't holds nothing back.
    pub(super) fn all(silences: &[Silence]) -> Vec<Silencer> {
        let compiled = silences.iter().map(|silence| Silencer::compile(silence, &mut Vec::new()));
        compiled.flatten().collect()
    }

    fn compile(silence: &Silence, problems: &mut Vec<Problem>) -> Option<Silencer> {
        let before = problems.len();
        let silencer = Silencer {
            silence: silence.clone(),
            group: pattern("group", silence.group.as_deref(), problems),
            source: pattern("source", silence.source.as_deref(), problems),
            rule: pattern("rule", silence.rule.as_deref(), problems),
            sink: pattern("sink", silence.sink.as_deref(), problems),
            labels: labels(silence, problems),
            status: silence.status.iter().map(|word| Status::parse(word)).collect(),
        };
        (problems.len() == before).then_some(silencer)
    }

    /// Whether it would hold back, were it in force.
    fn matches(&self, event: &Event, known: &Known, rule: &str, sink: &str) -> bool {
        let reading = &event.reading;
        let group = reading.unreadable.is_none().then_some(&*reading.group);
        let status = reading.status.as_ref();
        is_met(&self.rule, Some(rule))
            && is_met(&self.sink, Some(sink))
            && is_met(&self.group, group)
            && is_met(&self.source, Some(&event.source))
            && (self.status.is_empty() || status.is_some_and(|own| self.status.contains(own)))
            && self.labels.iter().all(|(name, pattern)| {
                known.labels.get(name).is_some_and(|value| pattern.matches(value))
            })
    }

    fn is_in_force(&self, at: Timestamp, recovered_at: Option<Timestamp>) -> bool {
        let recovered = recovered_at.is_some_and(|recovered| recovered > self.silence.start);
        self.silence.is_active(at) && !(self.silence.until_recovery && recovered)
    }
}

impl Router {
    /// Whether a silence, were it in force, would hold back what a rule tells a sink of an event.
    /// One that can't be compiled would not.
    pub fn would_silence(&self, silence: &Silence, event: &Event, rule: &str, sink: &str) -> bool {
        let group = self.of_group(event);
        Silencer::compile(silence, &mut Vec::new())
            .is_some_and(|silencer| silencer.matches(event, &group.known, rule, sink))
    }
}

/// The silence in force that holds back what a rule would tell a sink of an event. One that lasts
/// until the group recovers does not hold back the recovery itself.
pub(super) fn silenced(
    state: &State,
    event: &Event,
    known: &Known,
    rule: &str,
    sink: &str,
) -> Option<uuid::Uuid> {
    let silencers = state.silencers();
    if silencers.is_empty() {
        return None;
    }
    let memory = group_of(event).and_then(|key| state.group(&key));
    let recovered_at = memory.and_then(|memory| memory.recovered_at);
    let holds = |silencer: &&Silencer| {
        silencer.is_in_force(event.received_at, recovered_at)
            && silencer.matches(event, known, rule, sink)
    };
    silencers.iter().find(holds).map(|silencer| silencer.silence.id)
}

fn is_met(wanted: &Option<Pattern>, text: Option<&str>) -> bool {
    wanted.as_ref().is_none_or(|pattern| text.is_some_and(|text| pattern.matches(text)))
}

fn labels(silence: &Silence, problems: &mut Vec<Problem>) -> Vec<(String, Pattern)> {
    let mut compiled = Vec::new();
    for (name, text) in &silence.labels {
        let pattern = pattern(&format!("labels.{name}"), Some(text), problems);
        compiled.extend(pattern.map(|pattern| (name.clone(), pattern)));
    }
    compiled
}

fn pattern(path: &str, text: Option<&str>, problems: &mut Vec<Problem>) -> Option<Pattern> {
    match Pattern::parse(&TextConfig::Pattern(text?.to_owned())) {
        Ok(pattern) => Some(pattern),
        Err(error) => {
            problems.push(Problem::new(path, error.message).hint(error.hint));
            None
        }
    }
}
