//! Names: which variables there are, what children they have, and which known name is meant.
//!
//! Known are the documented variables and the configuration's labels. A rule's `with` and the
//! event's `body` may hold anything, so any child of theirs is taken, and is null where there is
//! none. What a loop over them gives is just as open. The templates of a service know a few names
//! more: [`ServiceNames`].

use super::program::Inline;
use super::said::SAID;
use crate::variables::{VARIABLES, Variable};

/// What is known of a value's children when the template is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// The notice: the documented variables.
    Root,
    /// A text, a number or a truth: no children.
    Leaf,
    /// A list of texts.
    List,
    /// The labels of the configuration.
    Labels,
    /// A variable whose children are documented one by one.
    Fields(&'static str),
    /// A list of which each item's children are documented one by one.
    Rows(&'static str),
    /// The parameters of a service.
    Options,
    /// What a service captures.
    Captured,
    /// Texts that are filled in where they are printed: they may be printed or asked for.
    Inline,
    /// Anything.
    Open,
}

/// What is known where a template stands.
#[derive(Clone, Copy)]
pub(super) struct Known<'k> {
    /// The labels of the configuration.
    pub(super) labels: &'k [String],
    /// What a service's templates know beside.
    pub(super) service: Option<&'k ServiceNames>,
}

/// What the templates of a service know beside the documented variables.
#[derive(Clone, Debug)]
pub(super) struct ServiceNames {
    /// The parameters, and how each prints.
    pub(super) options: Vec<(String, Printed)>,
    /// What is captured.
    pub(super) captured: Vec<String>,
}

/// How a parameter of a service prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Printed {
    /// As the value that it is.
    Value,
    /// As a person's own template, filled in.
    Template,
    /// Only by `$tree`.
    Tree,
}

/// The names that a service's templates know at the top, beside the documented variables. `item`
/// is no name of the top: a loop of a tree brings it.
pub(super) const SERVICE: [&str; 4] = ["options", "captured", "said", "words"];

/// A name that isn't there.
pub(super) struct Unknown {
    /// What is wrong.
    pub(super) message: String,
    /// The name that may be meant.
    pub(super) hint: Option<String>,
}

/// The shape of a child, or why there is none of this name.
pub(super) fn child(shape: Shape, name: &str, known: Known<'_>) -> Result<Shape, Unknown> {
    let labels = known.labels;
    match shape {
        Shape::Open => Ok(Shape::Open),
        Shape::Root => top(name, known),
        Shape::Labels if labels.iter().any(|label| label == name) => Ok(Shape::Leaf),
        Shape::Labels => Err(unknown("label", name, labels.iter().map(String::as_str))),
        Shape::Fields(parent) => {
            let known = children(parent);
            match known.clone().find(|child| child.name == name) {
                Some(child) => Ok(shape_of(child.path)),
                None => {
                    let known = known.map(|child| child.name);
                    let message = format!("`{parent}` has no field `{name}`");
                    Err(Unknown { message, ..unknown("field", name, known) })
                }
            }
        }
        Shape::Rows(parent) if name.parse::<usize>().is_ok() => Ok(Shape::Fields(parent)),
        Shape::List if name.parse::<usize>().is_ok() => Ok(Shape::Leaf),
        Shape::List | Shape::Rows(_) => Err(Unknown {
            message: format!("`{name}` is asked of a list"),
            hint: Some("go through a list with `{{#each …}}{{this}}{{/each}}`".into()),
        }),
        Shape::Options => option(name, known),
        Shape::Captured => captured(name, known),
        Shape::Leaf | Shape::Inline => Err(Unknown {
            message: format!("`{name}` is asked of a value that has no fields"),
            hint: variable(name).ok().map(|_| format!("`@root.{name}` is the variable")),
        }),
    }
}

/// The shape of what a loop over a value meets, or `None` where it can't be gone through.
pub(super) fn item(shape: Shape) -> Option<Shape> {
    match shape {
        Shape::Rows(parent) => Some(Shape::Fields(parent)),
        Shape::Fields("digest" | "said") => Some(Shape::Open),
        Shape::List | Shape::Labels | Shape::Fields(_) => Some(Shape::Leaf),
        Shape::Open | Shape::Root | Shape::Options | Shape::Captured => Some(Shape::Open),
        Shape::Leaf | Shape::Inline => None,
    }
}

/// A name of the top.
fn top(name: &str, known: Known<'_>) -> Result<Shape, Unknown> {
    if known.service.is_none() {
        return variable(name);
    }
    match name {
        "options" => Ok(Shape::Options),
        "captured" => Ok(Shape::Captured),
        "said" => Ok(Shape::Fields("said")),
        "words" => Ok(Shape::Inline),
        "item" => Err(Unknown {
            message: "`item` stands outside of a list".to_owned(),
            hint: Some("it is known within a map that has `$each`".to_owned()),
        }),
        _ => variable(name).map_err(|_| unknown("variable", name, plain().chain(SERVICE))),
    }
}

fn option(name: &str, known: Known<'_>) -> Result<Shape, Unknown> {
    let options = known.service.map_or(&[][..], |service| &service.options);
    match options.iter().find(|(option, _)| option == name) {
        Some((_, Printed::Value)) => Ok(Shape::Open),
        Some((_, Printed::Template | Printed::Tree)) => Ok(Shape::Inline),
        None => Err(unknown("parameter", name, options.iter().map(|(name, _)| name.as_str()))),
    }
}

/// What is filled in under a name, where something is.
pub(super) fn inline(shape: Shape, name: &str, known: Known<'_>) -> Option<Inline> {
    match shape {
        Shape::Root if name == "words" && known.service.is_some() => Some(Inline::Words),
        Shape::Options => {
            let (_, printed) = known.service?.options.iter().find(|(option, _)| option == name)?;
            match printed {
                Printed::Value => None,
                Printed::Template => Some(Inline::Template(name.to_owned())),
                Printed::Tree => Some(Inline::Tree(name.to_owned())),
            }
        }
        _ => None,
    }
}

fn captured(name: &str, known: Known<'_>) -> Result<Shape, Unknown> {
    let captured = known.service.map_or(&[][..], |service| &service.captured);
    if captured.iter().any(|known| known == name) {
        return Ok(Shape::Open);
    }
    let mut unknown = unknown("capture", name, captured.iter().map(String::as_str));
    unknown.message = format!("no step captures `{name}`");
    unknown.hint.get_or_insert_with(|| {
        format!("an earlier step keeps it from its answer: `capture: {{{name}: path.in.its.json}}`")
    });
    Err(unknown)
}

/// The documented variables, without their children.
fn plain() -> impl Iterator<Item = &'static str> + Clone {
    VARIABLES.iter().map(|variable| variable.name).filter(|name| !name.contains('.'))
}

fn variable(name: &str) -> Result<Shape, Unknown> {
    let Some(found) = plain().find(|known| *known == name) else {
        return Err(unknown("variable", name, plain()));
    };
    Ok(shape_of(found))
}

/// The shape of a documented variable, by its whole name.
fn shape_of(path: &'static str) -> Shape {
    match path {
        "body" | "with" => Shape::Open,
        "labels" => Shape::Labels,
        "rules" | "said.notes" => Shape::List,
        "digest.rows" | "said.rows" | "said.facts" => Shape::Rows(path),
        _ if children(path).next().is_some() => Shape::Fields(path),
        _ => Shape::Leaf,
    }
}

/// A documented child.
#[derive(Clone, Copy)]
struct Child {
    name: &'static str,
    path: &'static str,
}

/// The documented children of a variable.
fn children(parent: &'static str) -> impl Iterator<Item = Child> + Clone {
    documented(parent).iter().filter_map(move |variable| {
        let name = variable.name.strip_prefix(parent)?.strip_prefix('.')?;
        (!name.contains('.')).then_some(Child { name, path: variable.name })
    })
}

/// The list that documents a variable.
fn documented(parent: &str) -> &'static [Variable] {
    if parent.starts_with("said") { SAID } else { VARIABLES }
}

/// Says that a name isn't there, and which may be meant.
pub(super) fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> Unknown {
    let hint = nearest(name, known).map(|near| format!("did you mean `{near}`?"));
    Unknown { message: format!("there is no {what} `{name}`"), hint }
}

/// The known name that looks most like this one, if any does.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut best = (0.75, None);
    for candidate in known {
        let likeness = strsim::jaro_winkler(name, candidate)
            .max(strsim::normalized_damerau_levenshtein(name, candidate));
        if likeness > best.0 {
            best = (likeness, Some(candidate));
        }
    }
    best.1
}
