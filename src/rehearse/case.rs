//! A case that can run: its names are known, its times are moments.
//!
//! [`Case::compile_all`] is what `check` asks, so that a case that can't run is told of with its
//! line, and what the runner takes, so that it meets no surprise.

use std::collections::{BTreeSet, HashSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::config::{CaseConfig, EventConfig, ExpectConfig, SentConfig, StepConfig};
use super::shapes::Texts;
use super::times;
use crate::model::Problem;
use crate::route::OneOrMany;

/// The names that cases may use, and the zone of their times.
pub struct Known<'a> {
    /// The names of all sinks.
    pub sinks: &'a BTreeSet<&'a str>,
    /// The names of all rules; `None` where not all are known.
    pub rules: Option<&'a BTreeSet<&'a str>>,
    /// The names of all sources.
    pub sources: &'a [String],
    /// The configuration's zone.
    pub zone: &'a TimeZone,
}

/// A case that can run.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// When it begins.
    pub(super) start: Timestamp,
    pub(super) steps: Vec<Step>,
    /// What is expected of all steps together.
    pub(super) expect: Option<ExpectConfig>,
}

/// One step, with its moment.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) at: Timestamp,
    pub(super) down: Texts,
    pub(super) up: Texts,
    pub(super) event: Option<Arriving>,
    pub(super) expect: Option<ExpectConfig>,
}

/// An event that arrives.
#[derive(Clone, Debug)]
pub(super) struct Arriving {
    pub(super) config: EventConfig,
    pub(super) source: String,
    pub(super) finished: Timestamp,
}

impl Case {
    /// Makes the cases ready to run.
    ///
    /// # Errors
    /// With everything that is wrong, each at its path (`tests[2].steps[0].at`).
    pub fn compile_all(
        configs: &[CaseConfig],
        known: &Known<'_>,
    ) -> Result<Vec<Case>, Vec<Problem>> {
        let (mut cases, mut found) = (Vec::new(), Vec::new());
        let mut names: HashSet<&str> = HashSet::new();
        for (number, config) in configs.iter().enumerate() {
            let mut compiler = Compiler { known, found: &mut found };
            let path = format!("tests[{number}]");
            compiler.name(config, &path, names.insert(&config.name));
            cases.extend(compiler.case(config, &path));
        }
        if found.is_empty() { Ok(cases) } else { Err(found) }
    }
}

struct Compiler<'a> {
    known: &'a Known<'a>,
    found: &'a mut Vec<Problem>,
}

impl Compiler<'_> {
    fn name(&mut self, config: &CaseConfig, path: &str, is_new: bool) {
        let at = format!("{path}.name");
        if config.name.trim().is_empty() {
            self.found.push(Problem::new(at, "the name is empty"));
        } else if !is_new {
            let message = format!("an earlier test is named \"{}\" already", config.name);
            self.found.push(Problem::new(at, message).hint("give each test a name of its own"));
        }
    }

    fn case(&mut self, config: &CaseConfig, path: &str) -> Option<Case> {
        let start = self.noted(self.start(config), &format!("{path}.start"))?;
        let steps = match (&config.event, config.steps.is_empty()) {
            (Some(_), true) => self.only_step(config, start, path),
            (None, false) => self.steps(&config.steps, start, path),
            (Some(_), false) => {
                let message = "a test has an `event` or `steps`, not both";
                let problem = Problem::new(format!("{path}.event"), message);
                self.found.push(problem.hint("make the event the first of the steps"));
                Vec::new()
            }
            (None, true) => {
                let problem = Problem::new(path, "nothing happens in the test");
                self.found.push(problem.hint("give it an `event: {status: FAILED}`, or `steps`"));
                Vec::new()
            }
        };
        let expected = config.expect.iter().chain(config.steps.iter().flat_map(|s| &s.expect));
        if expected.count() == 0 {
            let problem = Problem::new(path, "the test expects nothing, so it can't fail");
            self.found.push(problem.hint("add `expect: {send: [a-sink]}`, or `send: []`"));
        }
        self.expectation(config.expect.as_ref(), &format!("{path}.expect"));
        Some(Case { name: config.name.clone(), start, steps, expect: config.expect.clone() })
    }

    fn start(&self, config: &CaseConfig) -> Result<Timestamp, times::NoTime> {
        let zone = self.known.zone;
        if let Some(text) = &config.start {
            return times::moment(text, zone);
        }
        let first = config.steps.first().and_then(|step| step.at.as_ref());
        let first = first.and_then(|text| times::moment(text, zone).ok());
        first.map_or_else(|| times::monday(zone), Ok)
    }

    fn only_step(&mut self, config: &CaseConfig, at: Timestamp, path: &str) -> Vec<Step> {
        let event = self.event(config.event.as_ref(), at, &format!("{path}.event"));
        vec![Step { at, down: Texts::default(), up: Texts::default(), event, expect: None }]
    }

    fn steps(&mut self, configs: &[StepConfig], start: Timestamp, path: &str) -> Vec<Step> {
        let mut steps = Vec::with_capacity(configs.len());
        let mut now = start;
        for (number, config) in configs.iter().enumerate() {
            let path = format!("{path}.steps[{number}]");
            let at = config.at.as_ref().map(|text| times::after(text, now, self.known.zone));
            if let Some(at) = at.and_then(|at| self.noted(at, &format!("{path}.at"))) {
                now = at;
            }
            steps.push(self.step(config, now, &path));
        }
        steps
    }

    fn step(&mut self, config: &StepConfig, at: Timestamp, path: &str) -> Step {
        for (option, sinks) in [("down", &config.down), ("up", &config.up)] {
            for (place, sink) in sinks.places() {
                self.sink(sink, &format!("{path}.{option}{place}"));
            }
        }
        let event = self.event(config.event.as_ref(), at, &format!("{path}.event"));
        self.expectation(config.expect.as_ref(), &format!("{path}.expect"));
        let (down, up) = (config.down.clone(), config.up.clone());
        Step { at, down, up, event, expect: config.expect.clone() }
    }

    fn event(
        &mut self,
        config: Option<&EventConfig>,
        at: Timestamp,
        path: &str,
    ) -> Option<Arriving> {
        let config = config?;
        let first = self.known.sources.first().map_or("main", String::as_str);
        let source = config.source.clone().unwrap_or_else(|| first.to_owned());
        if !self.known.sources.contains(&source) && config.source.is_some() {
            let known = self.known.sources.iter().map(String::as_str);
            let problem =
                Problem::new(format!("{path}.source"), format!("there is no source `{source}`"));
            self.found.push(problem.nearest(&source, known));
        }
        let finished = match &config.finished {
            None => at,
            Some(text) => {
                let finished = times::before(text, at, self.known.zone);
                self.noted(finished, &format!("{path}.finished"))?
            }
        };
        Some(Arriving { config: config.clone(), source, finished })
    }

    fn expectation(&mut self, config: Option<&ExpectConfig>, path: &str) {
        let Some(config) = config else { return };
        if config.send.is_none() && config.not_send.is_none() {
            let problem = Problem::new(path, "nothing is expected");
            self.found.push(problem.hint("write `send: [a-sink]`, `not_send: [a-sink]` or both"));
        }
        if config.only && config.send.is_none() {
            let message = "`only` says that `send` names all that is sent, and there is none";
            self.found.push(Problem::new(format!("{path}.only"), message));
        }
        for (option, messages) in [("send", &config.send), ("not_send", &config.not_send)] {
            let path = format!("{path}.{option}");
            for (at, message) in messages.iter().flat_map(|messages| messages.items(&path)) {
                self.message(message, &at, option == "send");
            }
        }
        if let Some(OneOrMany::Many(none)) = &config.not_send
            && none.is_empty()
        {
            let problem = Problem::new(format!("{path}.not_send"), "the list is empty");
            self.found.push(problem.hint("for nothing at all, write `send: []`"));
        }
    }

    fn message(&mut self, config: &SentConfig, path: &str, wanted: bool) {
        self.sink(
            &config.sink,
            &if config.bare { path.to_owned() } else { format!("{path}.sink") },
        );
        if let (Some(rule), Some(known)) = (&config.rule, self.known.rules)
            && !known.contains(rule.as_str())
        {
            let problem =
                Problem::new(format!("{path}.rule"), format!("there is no rule \"{rule}\""));
            self.found.push(problem.nearest(rule, known.iter().copied()));
        }
        for (option, texts) in [("text", &config.text), ("not_text", &config.not_text)] {
            for (place, _) in texts.places().filter(|(_, text)| text.is_empty()) {
                let problem =
                    Problem::new(format!("{path}.{option}{place}"), "every text holds nothing");
                self.found.push(problem.hint("write a part of the message's text"));
            }
        }
        let times = format!("{path}.times");
        match config.times {
            Some(_) if !wanted => {
                let problem = Problem::new(times, "what is not sent has no `times`");
                self.found.push(problem.hint("leave it out"));
            }
            Some(0) => {
                let problem = Problem::new(times, "`send` can't be never");
                self.found.push(problem.hint("name it in `not_send`"));
            }
            _ => {}
        }
    }

    fn sink(&mut self, name: &str, path: &str) {
        if !self.known.sinks.contains(name) {
            let problem = Problem::new(path, format!("there is no sink `{name}`"));
            self.found.push(problem.nearest(name, self.known.sinks.iter().copied()));
        }
    }

    fn noted(&mut self, time: Result<Timestamp, times::NoTime>, path: &str) -> Option<Timestamp> {
        match time {
            Ok(time) => Some(time),
            Err(times::NoTime { message, hint }) => {
                self.found.push(Problem::new(path, message).hint(hint));
                None
            }
        }
    }
}
