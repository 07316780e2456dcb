//! A service, compiled once for all sinks of one configuration: the steps of each stage, and what
//! a message needs to know of all of them.

use std::collections::BTreeMap;

use super::answers::Answers;
use super::asked::Asked;
use super::check::each_step;
use super::form::{Amount, Form};
use super::kit::{Found, Kit};
use super::stage::Stage;
use super::step::Step;
use super::texts;
use crate::contract::Captured;
use crate::kind::BuildError;
use crate::template::{Escape, Expression, Field, Templates, nearest};

/// The limit of the largest body.
const WHOLE: &str = "whole";

/// A service, compiled.
pub(super) struct Program {
    stages: BTreeMap<Stage, Vec<Step>>,
    /// Whether it holds a thing open for each incident.
    pub holds: bool,
    /// What the templates of its own file are escaped for.
    pub escape: Escape,
    /// The most rows that a report shows.
    pub rows: usize,
    /// The largest body, in bytes.
    pub whole: Option<usize>,
    /// What its templates ask for.
    pub asked: Asked,
    /// The names of all that is captured.
    pub captured: Vec<String>,
    /// What must be known of a thing that is held to say more about it.
    needs: Vec<String>,
}

impl Program {
    /// Compiles a service.
    ///
    /// # Errors
    /// For everything that is wrong with its templates, each at its path in the file.
    pub fn compile(form: &Form, templates: &Templates) -> Result<Self, Vec<BuildError>> {
        let kit = Kit::new(form, templates).map_err(|error| vec![error])?;
        let mut found = Found::default();
        let usual = Answers::compile(&form.answers, &form.reason, &kit.templates);
        let usual = found.take(usual).unwrap_or_default();
        let mut stages: BTreeMap<Stage, Vec<Step>> = BTreeMap::new();
        each_step(form, |stage, _, step, at| {
            let step = Step::compile(step, at, &kit, &usual, &mut found);
            stages.entry(stage).or_default().extend(step);
        });
        if found.0.is_empty() {
            found.0.extend(limits(form, &stages));
        }
        match found.0.is_empty() {
            true => Ok(Program::new(&kit, stages)),
            false => Err(found.0),
        }
    }

    fn new(kit: &Kit<'_>, stages: BTreeMap<Stage, Vec<Step>>) -> Self {
        let form = kit.form;
        let others = Others::of(kit);
        let mentions = |names: &[&str]| {
            stages.values().flatten().any(|step| step.mentions(names)) || others.mentions(names)
        };
        Program {
            holds: form.holds(),
            escape: form.escape.escape(),
            rows: form.rows,
            whole: form.limits.get(WHOLE).map(|limit| limit.most),
            asked: Asked::of(&mentions),
            captured: super::kit::captured(form),
            needs: needs(&stages),
            stages,
        }
    }

    /// The steps of a stage.
    pub fn steps(&self, stage: Stage) -> &[Step] {
        self.stages.get(&stage).map_or(&[], Vec::as_slice)
    }

    /// The steps of all stages.
    pub fn all_steps(&self) -> impl Iterator<Item = &Step> {
        self.stages.values().flatten()
    }

    /// Whether so much is known of a thing that more can be said about it.
    pub fn is_enough(&self, captured: &Captured) -> bool {
        self.needs.iter().all(|name| captured.contains_key(name))
    }
}

/// What stands outside of the requests: the conditions of the answers, and the keys of signatures.
struct Others {
    conditions: Vec<Expression>,
    keys: Vec<Field>,
}

impl Others {
    /// They have been compiled once already, each where it stands.
    fn of(kit: &Kit<'_>) -> Self {
        let mut others = Others { conditions: Vec::new(), keys: Vec::new() };
        for (at, text) in texts::of_form(kit.form) {
            if at.contains("answers[") {
                others.conditions.extend(kit.expression(text, &at));
            } else if at.ends_with(".sign.standard_webhooks") {
                others.keys.extend(kit.bare(text, &at));
            }
        }
        others
    }

    fn mentions(&self, names: &[&str]) -> bool {
        self.conditions.iter().any(|one| one.mentions(names))
            || self.keys.iter().any(|one| one.mentions(names))
    }
}

/// What later stages ask for of what the opening surely captures.
fn needs(stages: &BTreeMap<Stage, Vec<Step>>) -> Vec<String> {
    let of = |stage: Stage| stages.get(&stage).into_iter().flatten();
    let asked = |name: &String| {
        of(Stage::Update).chain(of(Stage::Resolve)).any(|step| step.asks.contains(name))
    };
    let sure = of(Stage::Open).filter(|step| step.is_always()).flat_map(|step| &step.captured);
    sure.filter(|name| asked(name)).cloned().collect()
}

/// Limits that name no field, or count what the field has none of.
fn limits(form: &Form, stages: &BTreeMap<Stage, Vec<Step>>) -> Vec<BuildError> {
    let mut fields: Vec<String> = stages.values().flatten().flat_map(Step::fields).collect();
    fields.push(WHOLE.to_owned());
    let mut found = Vec::new();
    for (name, limit) in form.limits.iter() {
        let path = format!("limits.{name}");
        if !fields.iter().any(|field| field == name) {
            let error = BuildError::new(path, format!("no step has a field `{name}`"));
            let near = nearest(name, fields.iter().map(String::as_str));
            found.push(match near {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint("a path without the indexes of lists: `embeds.description`"),
            });
        } else if name == WHOLE && limit.of != Amount::Bytes {
            let error = BuildError::new(path, "the largest body is counted in bytes");
            found.push(error.hint("such as `whole: 20 kB`"));
        }
    }
    found
}
