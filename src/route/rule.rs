//! A rule as it was compiled, and how it is compiled.

use std::collections::{BTreeMap, HashSet};

use agnox_bridge_sinks::kind::Kind;
use agnox_bridge_sinks::template::{Escape, Template, TemplateError, Templates};
use jiff::tz::TimeZone;

use super::condition::Condition;
use super::conditions::Compiler;
use super::config::{By, OncePer, RuleConfig, SendConfig, WhenConfig};
use super::facts::Facts;
use super::findings::{Findings, Found};
use super::hold::Hold;
use crate::schedule::Window;

/// One rule.
pub(super) struct Rule {
    pub(super) name: String,
    /// `None` for `always`.
    pub(super) when: Option<Condition>,
    pub(super) send: Vec<Entry>,
    pub(super) stop: bool,
    /// What may hold its matches back.
    pub(super) hold: Hold,
    /// Whether it tells once in an incident.
    pub(super) once_per_incident: bool,
    /// Whether those whom it told hear of the recovery.
    pub(super) send_recovery: bool,
    /// Whether it wants late runs: it has no conditions, speaks of `late`, or collects a digest.
    pub(super) takes_late: bool,
    /// Whether it collects a digest, which is a message of its own.
    pub(super) digests: bool,
}

impl Rule {
    /// Whether the count of what its throttle held back speaks of one group alone.
    pub(super) fn counts_groups_apart(&self) -> bool {
        self.hold.throttle.as_ref().is_some_and(|throttle| throttle.by.contains(&By::Group))
    }
}

/// One entry of a rule's `send`.
pub(super) struct Entry {
    /// Where it stands below the rule: `send[1]`.
    pub(super) path: String,
    pub(super) sink: String,
    pub(super) words: Option<Template>,
    pub(super) with: Vec<(String, Parameter)>,
}

/// A parameter for a sink.
pub(super) enum Parameter {
    /// The same for every event.
    Fixed(String),
    /// As it comes out for the event.
    Template(Template),
}

/// What rules are compiled with.
pub(super) struct Means<'a> {
    pub(super) sinks: &'a BTreeMap<String, Kind>,
    pub(super) templates: &'a Templates,
    pub(super) labels: &'a [String],
    /// The windows that a rule can be muted in, by name.
    pub(super) windows: &'a BTreeMap<String, Window>,
    /// The configuration's zone, for dates and crons.
    pub(super) zone: &'a TimeZone,
}

impl Means<'_> {
    /// Compiles all rules and notes what is wrong with them.
    pub(super) fn rules(&self, configs: &[RuleConfig], found: &mut Found) -> Vec<Rule> {
        let mut names: HashSet<&str> = HashSet::new();
        let mut rules = Vec::with_capacity(configs.len());
        for (number, config) in configs.iter().enumerate() {
            let mut findings = Findings { item: format!("rules[{number}]"), found: &mut *found };
            if !names.insert(&config.name) {
                let message = format!("an earlier rule is named \"{}\" already", config.name);
                findings.problem("name", message).hint("give each rule a name of its own");
            }
            rules.push(self.rule(config, &mut findings));
        }
        rules
    }

    fn rule(&self, config: &RuleConfig, findings: &mut Findings<'_>) -> Rule {
        if config.name.trim().is_empty() {
            findings.problem("name", "the name is empty");
        }
        let when = match &config.when {
            WhenConfig::Always => None,
            WhenConfig::Conditions(conditions) => {
                let (labels, zone) = (self.labels, self.zone);
                let mut compiler = Compiler { findings: &mut *findings, labels, zone };
                Some(compiler.conditions(conditions, "when", 1))
            }
        };
        let mut send = Vec::new();
        for (path, entry) in config.send.iter().flat_map(|send| send.items("send")) {
            send.push(self.entry(entry, &path, findings));
        }
        if send.is_empty() && !config.stop {
            findings
                .warning("", "the rule tells nobody and stops nothing")
                .hint("give it a `send`, or `stop: true` to silence what matches");
        }
        let hold = self.hold(config, &send, findings);
        let speaks_of_late = when.as_ref().is_none_or(Condition::speaks_of_late);
        Rule {
            name: config.name.clone(),
            when,
            send,
            stop: config.stop,
            once_per_incident: config.once_per == Some(OncePer::Incident),
            send_recovery: config.send_recovery,
            takes_late: speaks_of_late || config.digest.is_some(),
            digests: config.digest.is_some(),
            hold,
        }
    }

    fn entry(&self, config: &SendConfig, path: &str, findings: &mut Findings<'_>) -> Entry {
        let kind = self.sinks.get(&config.sink);
        let mut entry = Entry {
            path: path.to_owned(),
            sink: config.sink.clone(),
            words: None,
            with: Vec::new(),
        };
        let Some(kind) = kind else {
            let at = if config.bare { path.to_owned() } else { format!("{path}.sink") };
            let known = self.sinks.keys().map(String::as_str);
            findings
                .problem(&at, format!("there is no sink `{}`", config.sink))
                .nearest(&config.sink, known);
            return entry;
        };
        if let Some(text) = &config.template {
            entry.words = self.words(text, kind, &format!("{path}.template"), findings);
        }
        for (name, text) in &config.with {
            let path = format!("{path}.with.{name}");
            known_parameter(name, kind, &path, findings);
            if let Some(parameter) = self.parameter(text, &path, findings) {
                if let Parameter::Fixed(text) = &parameter {
                    possible(name, text, kind, &path, findings);
                }
                entry.with.push((name.clone(), parameter));
            }
        }
        entry
    }

    fn words(
        &self,
        text: &str,
        kind: &Kind,
        path: &str,
        findings: &mut Findings<'_>,
    ) -> Option<Template> {
        let Some(escape) = kind.words() else {
            let message = format!("a `{}` sink takes no template from a rule", kind.name());
            findings.problem(path, message).hint("its own options say what it sends");
            return None;
        };
        compiled(self.templates.compile(text, escape), path, findings)
    }

    fn parameter(&self, text: &str, path: &str, findings: &mut Findings<'_>) -> Option<Parameter> {
        let fixed = !text.contains("{{") && !text.trim_end().ends_with(".hbs");
        if fixed {
            return Some(Parameter::Fixed(text.to_owned()));
        }
        let template = self.templates.compile(text, Escape::None);
        compiled(template, path, findings).map(Parameter::Template)
    }
}

fn known_parameter(name: &str, kind: &Kind, path: &str, findings: &mut Findings<'_>) {
    let Some(known) = kind.parameters() else { return };
    if known.iter().any(|(own, _)| *own == name) {
        return;
    }
    let message = format!("a `{}` sink has no parameter `{name}`", kind.name());
    findings.problem(path, message).nearest(name, known.iter().map(|(own, _)| *own));
}

/// What a template will say isn't known yet, but what is written out is.
fn possible(name: &str, text: &str, kind: &Kind, path: &str, findings: &mut Findings<'_>) {
    if let Some(error) = kind.parameter_error(name, text) {
        let noted = findings.problem(path, error.message);
        if let Some(hint) = error.hint {
            noted.hint(hint);
        }
    }
}

fn compiled(
    template: Result<Template, TemplateError>,
    path: &str,
    findings: &mut Findings<'_>,
) -> Option<Template> {
    match template {
        Ok(template) => Some(template),
        Err(error) => {
            let noted = findings.problem(path, placed(&error));
            if let Some(hint) = error.hint {
                noted.hint(hint);
            }
            None
        }
    }
}

/// A template's error with its place inside the template.
fn placed(error: &TemplateError) -> String {
    let file = error.file.as_ref().map(|file| format!("{}: ", file.display())).unwrap_or_default();
    match (error.line, error.column) {
        (Some(line), Some(column)) => {
            format!("{file}{} (line {line}, column {column} of the template)", error.message)
        }
        _ => format!("{file}{}", error.message),
    }
}

impl Rule {
    /// Whether its `when` holds.
    pub(super) fn holds(&self, facts: &Facts<'_>) -> bool {
        self.when.as_ref().is_none_or(|when| when.holds(facts))
    }
}
