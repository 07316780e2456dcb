//! What can be wrong with a service's file beside its templates: what it says of itself, and what
//! contradicts or is used nowhere. Each error stands at its path in the file.

use std::collections::BTreeSet;

use super::form::{Form, Step};
use super::stage::Stage;
use super::texts;
use crate::kind::BuildError;
use crate::options::web_url;
use crate::secret::Secret;

/// Everything that is wrong with a service's form.
pub(super) fn check(form: &Form) -> Vec<BuildError> {
    let mut found = about(form);
    found.extend(life_cycle(form));
    found.extend(form.wrong_parameters());
    found.extend(zeros(form));
    if !silent(form) {
        found.extend(unused_parameters(form));
        found.extend(unused_texts(form));
    }
    found.extend(captures(form));
    found
}

/// What it says of itself.
fn about(form: &Form) -> Vec<BuildError> {
    let mut found = Vec::new();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if form.name.is_empty() || !form.name.chars().all(plain) {
        let message = "a service's name is lower-case letters, digits and `_`";
        found.push(BuildError::new("name", message).hint("such as `my_service`"));
    }
    if form.title.trim().is_empty() {
        found.push(BuildError::new("title", "the title is empty"));
    }
    if !form.about.ends_with('.') || form.about.contains('\n') {
        let message = "`about` is one line, a sentence with a full stop";
        found.push(BuildError::new("about", message));
    }
    if let Err(error) = web_url("docs", &Secret::new(&*form.docs)) {
        found.push(error.hint("the address of the service's own documentation"));
    }
    let how = ["documentation", "real server"].iter().any(|how| form.checked.starts_with(how));
    if !how && form.checked != "no" {
        let message = format!("`{}` says not by what the facts were checked", form.checked);
        let hint = "write `documentation 2026-11`, `real server` or `no`";
        found.push(BuildError::new("checked", message).hint(hint));
    }
    found
}

fn life_cycle(form: &Form) -> Vec<BuildError> {
    let mut found = Vec::new();
    if silent(form) {
        let error = BuildError::new("", "the service sends nothing");
        found.push(error.hint("say what it sends: `send`, or `open`, `update` and `resolve`"));
    }
    for (key, steps) in [("update", &form.update), ("resolve", &form.resolve)] {
        if form.open.is_empty() && !steps.is_empty() {
            let error = BuildError::new(key, format!("`{key}` needs something that was opened"));
            found.push(error.hint("say how it is opened: `open`"));
        }
    }
    found
}

/// Whether it sends nothing at all.
fn silent(form: &Form) -> bool {
    form.stages().iter().all(|(_, steps)| steps.is_empty())
}

/// What would leave no room for anything.
fn zeros(form: &Form) -> Vec<BuildError> {
    let empty = form.limits.iter().filter(|(_, limit)| limit.most == 0);
    let mut found: Vec<BuildError> = empty
        .map(|(name, _)| BuildError::new(format!("limits.{name}"), "nothing fits into this limit"))
        .collect();
    if form.rows == 0 {
        let error = BuildError::new("rows", "a report shows at least one row");
        found.push(error.hint("write `reports: false` where the service can't take one"));
    }
    found
}

fn unused_parameters(form: &Form) -> Vec<BuildError> {
    let texts = texts::of_form(form);
    let used: BTreeSet<&str> =
        texts.iter().flat_map(|(_, text)| texts::below(text, "options")).collect();
    let unused = form.parameters.iter().filter(|(name, _)| !used.contains(name));
    unused
        .map(|(name, _)| {
            let error = BuildError::new(format!("parameters.{name}"), "no template uses it");
            error.hint(format!("write `{{{{ options.{name} }}}}` where it belongs"))
        })
        .collect()
}

fn unused_texts(form: &Form) -> Vec<BuildError> {
    let texts = texts::of_form(form);
    let included: BTreeSet<&str> =
        texts.iter().flat_map(|(_, text)| texts::included(text)).collect();
    let unused = form.texts.iter().filter(|(name, _)| !included.contains(name));
    unused
        .map(|(name, _)| {
            let error = BuildError::new(format!("texts.{name}"), "no template includes it");
            error.hint(format!("write `{{{{> {name}}}}}` where it belongs"))
        })
        .collect()
}

/// A capture, and the place of the step that it is made in.
struct Capture<'a> {
    name: &'a str,
    stage: Stage,
    step: usize,
    /// Whether its step is always done.
    always: bool,
    at: String,
}

/// What is captured for people to see beside the incident, whether a step needs it or not.
const FOR_PEOPLE: &str = "link";

/// What is captured and used nowhere, and what is used before it can be known.
fn captures(form: &Form) -> Vec<BuildError> {
    let captures = all_captures(form);
    let mut found = Vec::new();
    let texts = texts::of_form(form);
    for capture in &captures {
        if !texts::is_name(capture.name) {
            let message = "what is captured is named by letters, digits and `_`";
            found.push(BuildError::new(&*capture.at, message).hint("such as `number: key`"));
            continue;
        }
        let used = |text: &str| texts::below(text, "captured").contains(&capture.name);
        if capture.name != FOR_PEOPLE && !texts.iter().any(|(_, text)| used(text)) {
            let error = BuildError::new(&*capture.at, "it is captured and used nowhere");
            let hint = format!("write `{{{{ captured.{} }}}}` where it belongs", capture.name);
            found.push(error.hint(hint));
        }
    }
    found.extend(captured_twice(&captures));
    each_step(form, |stage, index, step, at| {
        let mut texts = Vec::new();
        texts::of_step(step, at, &mut texts);
        for (at, text) in texts {
            // The answers' conditions are looked at when the step has captured nothing yet.
            for name in texts::below(text, "captured") {
                found
                    .extend(too_early(name, &captures, stage, index).map(|why| why.at(at.clone())));
            }
        }
    });
    found
}

/// Why a name can't be known in a step.
struct TooEarly(String);

impl TooEarly {
    fn at(self, path: String) -> BuildError {
        BuildError::new(path, self.0).hint("move the step that captures it before this one")
    }
}

fn too_early(name: &str, captures: &[Capture<'_>], stage: Stage, step: usize) -> Option<TooEarly> {
    let mut of_name = captures.iter().filter(|capture| capture.name == name).peekable();
    // A name that nobody captures is found when the template is compiled.
    of_name.peek()?;
    let known = of_name.any(|capture| match stage {
        _ if capture.stage == stage && capture.step < step => true,
        Stage::Send | Stage::Open => false,
        Stage::Update | Stage::Resolve => matches!(capture.stage, Stage::Open | Stage::Update),
    });
    (!known).then(|| TooEarly(format!("`captured.{name}` can't be known yet in this step")))
}

fn captured_twice(captures: &[Capture<'_>]) -> Vec<BuildError> {
    let twice = captures.iter().enumerate().filter(|(place, capture)| {
        let before = captures[..*place].iter();
        capture.always
            && before
                .filter(|one| one.always && one.stage == capture.stage)
                .any(|one| one.name == capture.name)
    });
    twice
        .map(|(_, capture)| {
            let message = format!("an earlier step of `{}` captures it too", capture.stage.name());
            BuildError::new(&*capture.at, message)
        })
        .collect()
}

fn all_captures(form: &Form) -> Vec<Capture<'_>> {
    let mut captures = Vec::new();
    each_step(form, |stage, index, step, at| {
        captures.extend(step.capture.iter().map(|(name, _)| Capture {
            name,
            stage,
            step: index,
            always: step.when.is_none(),
            at: format!("{at}.capture.{name}"),
        }));
    });
    captures
}

/// Goes through all steps, each with its stage, its place in it and its path.
pub(super) fn each_step<'a>(form: &'a Form, mut visit: impl FnMut(Stage, usize, &'a Step, &str)) {
    for (stage, (key, steps)) in Stage::ALL.into_iter().zip(form.stages()) {
        for (index, step) in steps.iter().enumerate() {
            visit(stage, index, step, &steps.path(key, index));
        }
    }
}
