//! From the rules that matched to the deliveries: one for each destination, told once.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::gate::Destination;
use super::rule::{Entry, Parameter, Rule};
use crate::model::{Brief, Event, Planned, Standing, Words};
use crate::notice::Context;

/// What the deliveries of one event have in common, and those that are planned.
pub(super) struct Planner<'a> {
    pub(super) context: &'a Context,
    pub(super) event: &'a Event,
    pub(super) labels: &'a BTreeMap<String, String>,
    pub(super) failing: Option<bool>,
    pub(super) standing: &'a Standing,
    /// Where a sink with the parameters as they came out is planned.
    places: HashMap<(String, BTreeMap<String, String>), usize>,
    planned: Vec<Planned>,
}

impl<'a> Planner<'a> {
    pub(super) fn new(
        context: &'a Context,
        event: &'a Event,
        labels: &'a BTreeMap<String, String>,
        failing: Option<bool>,
        standing: &'a Standing,
    ) -> Self {
        let (places, planned) = (HashMap::new(), Vec::new());
        Planner { context, event, labels, failing, standing, places, planned }
    }

    /// Whom an entry of a rule tells, and what went wrong and was passed over.
    pub(super) fn destination(&self, rule: &Rule, number: usize) -> (Destination, Vec<String>) {
        let entry = &rule.send[number];
        let mut notes = Vec::new();
        let with = self.parameters(rule, entry, &mut notes);
        let words = entry.words.is_some().then(|| Words { rule: rule.name.clone(), entry: number });
        (Destination { sink: entry.sink.clone(), with, words }, notes)
    }

    /// Where this destination is planned already.
    pub(super) fn find(&self, to: &Destination) -> Option<usize> {
        if self.planned.is_empty() {
            return None;
        }
        self.places.get(&(to.sink.clone(), to.with.clone())).copied()
    }

    /// What is planned at a place.
    pub(super) fn at(&mut self, place: usize) -> &mut Planned {
        &mut self.planned[place]
    }

    /// Adds a rule to a delivery that is planned already, and says who asked first.
    pub(super) fn join(&mut self, place: usize, rule: &str) -> String {
        let rules = &mut self.planned[place].brief.rules;
        if !rules.iter().any(|own| own == rule) {
            rules.push(rule.to_owned());
        }
        rules[0].clone()
    }

    /// Plans a delivery that a rule asks for, and says where.
    pub(super) fn place(&mut self, rule: &str, to: Destination) -> usize {
        let Destination { sink, with, words } = to;
        let brief = Brief { words, with: with.clone(), ..self.brief(rule) };
        let place = self.planned.len();
        self.places.insert((sink.clone(), with), place);
        self.planned.push(Planned::new(sink, brief));
        place
    }

    pub(super) fn finish(self) -> Vec<Planned> {
        self.planned
    }

    fn brief(&self, rule: &str) -> Brief {
        Brief {
            rules: vec![rule.to_owned()],
            labels: self.labels.clone(),
            failing: self.failing,
            standing: Some(self.standing.clone()),
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
        self.context.notice(self.event, &self.brief(&rule.name), &entry.sink, "", now).data()
    }
}
