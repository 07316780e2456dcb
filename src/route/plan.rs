//! From the rules that matched to the deliveries: one for each destination, told once.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::rule::{Entry, Parameter, Rule};
use crate::model::{Brief, Event, Planned, Words};
use crate::notice::Context;

/// What the deliveries of one event have in common.
pub(super) struct Planner<'a> {
    pub(super) context: &'a Context,
    pub(super) event: &'a Event,
    pub(super) labels: &'a BTreeMap<String, String>,
    pub(super) failing: Option<bool>,
    places: HashMap<Destination<'a>, usize>,
    planned: Vec<Planned>,
}

/// A sink with the parameters as they came out.
type Destination<'a> = (&'a str, BTreeMap<String, String>);

/// A destination that a rule asked for.
pub(super) struct Asked {
    /// The parameters as they came out.
    pub(super) with: BTreeMap<String, String>,
    /// The earlier rule that asked for the same.
    pub(super) told_by: Option<String>,
    /// What went wrong and was passed over.
    pub(super) notes: Vec<String>,
}

impl<'a> Planner<'a> {
    pub(super) fn new(
        context: &'a Context,
        event: &'a Event,
        labels: &'a BTreeMap<String, String>,
        failing: Option<bool>,
    ) -> Self {
        let (places, planned) = (HashMap::new(), Vec::new());
        Planner { context, event, labels, failing, places, planned }
    }

    /// Takes up one entry of a rule that matched.
    pub(super) fn ask(&mut self, rule: &'a Rule, number: usize) -> Asked {
        let entry = &rule.send[number];
        let mut notes = Vec::new();
        let with = self.parameters(rule, entry, &mut notes);
        let told_by = match self.places.get(&(&*entry.sink, with.clone())) {
            Some(place) => Some(self.join(*place, rule)),
            None => {
                self.place(rule, number, with.clone());
                None
            }
        };
        Asked { with, told_by, notes }
    }

    pub(super) fn finish(self) -> Vec<Planned> {
        self.planned
    }

    /// Adds a rule to a delivery that is planned already, and says who asked first.
    fn join(&mut self, place: usize, rule: &Rule) -> String {
        let rules = &mut self.planned[place].brief.rules;
        if rules.last() != Some(&rule.name) {
            rules.push(rule.name.clone());
        }
        rules[0].clone()
    }

    fn place(&mut self, rule: &'a Rule, number: usize, with: BTreeMap<String, String>) {
        let entry = &rule.send[number];
        let words = entry.words.is_some().then(|| Words { rule: rule.name.clone(), entry: number });
        let brief = Brief { words, with: with.clone(), ..self.brief(rule) };
        self.places.insert((&entry.sink, with), self.planned.len());
        self.planned.push(Planned::new(&entry.sink, brief));
    }

    fn brief(&self, rule: &Rule) -> Brief {
        Brief {
            rules: vec![rule.name.clone()],
            labels: self.labels.clone(),
            failing: self.failing,
            ..Brief::default()
        }
    }

    /// The parameters of an entry. One that fails or comes out empty is left out: the message goes
    /// to the sink's own place then, since an alert is never lost to a template.
    fn parameters(
        &self,
        rule: &Rule,
        entry: &Entry,
        notes: &mut Vec<String>,
    ) -> BTreeMap<String, String> {
        let mut parameters = BTreeMap::new();
        let mut data = None;
        for (name, parameter) in &entry.with {
            let value = match parameter {
                Parameter::Fixed(text) => text.clone(),
                Parameter::Template(template) => {
                    let data = data.get_or_insert_with(|| self.data(rule, entry));
                    template.text(data).unwrap_or_else(|error| {
                        notes.push(format!("parameter `{name}` is left out: {error}"));
                        String::new()
                    })
                }
            };
            if !value.trim().is_empty() {
                parameters.insert(name.clone(), value);
            }
        }
        parameters
    }

    /// What a parameter's template sees; the delivery has no id yet.
    fn data(&self, rule: &Rule, entry: &Entry) -> Value {
        let now = self.event.received_at;
        self.context.notice(self.event, &self.brief(rule), &entry.sink, "", now).data()
    }
}
