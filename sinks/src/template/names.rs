//! Names: which variables there are, what children they have, and which known name is meant.
//!
//! Known are the documented variables and the configuration's labels. A rule's `with` and the
//! event's `body` may hold anything, so any child of theirs is taken, and is null where there is
//! none. What a loop over them gives is just as open.

use crate::variables::VARIABLES;

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
    /// Anything.
    Open,
}

/// A name that isn't there.
pub(super) struct Unknown {
    /// What is wrong.
    pub(super) message: String,
    /// The name that may be meant.
    pub(super) hint: Option<String>,
}

/// The shape of a child, or why there is none of this name.
pub(super) fn child(shape: Shape, name: &str, labels: &[String]) -> Result<Shape, Unknown> {
    match shape {
        Shape::Open => Ok(Shape::Open),
        Shape::Root => variable(name),
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
        Shape::Leaf => Err(Unknown {
            message: format!("`{name}` is asked of a value that has no fields"),
            hint: variable(name).ok().map(|_| format!("`@root.{name}` is the variable")),
        }),
    }
}

/// The shape of what a loop over a value meets, or `None` where it can't be gone through.
pub(super) fn item(shape: Shape) -> Option<Shape> {
    match shape {
        Shape::Rows(parent) => Some(Shape::Fields(parent)),
        Shape::Fields("digest") => Some(Shape::Open),
        Shape::List | Shape::Labels | Shape::Fields(_) => Some(Shape::Leaf),
        Shape::Open | Shape::Root => Some(Shape::Open),
        Shape::Leaf => None,
    }
}

fn variable(name: &str) -> Result<Shape, Unknown> {
    let known = VARIABLES.iter().map(|variable| variable.name).filter(|name| !name.contains('.'));
    let Some(found) = known.clone().find(|known| *known == name) else {
        return Err(unknown("variable", name, known));
    };
    Ok(shape_of(found))
}

/// The shape of a documented variable, by its whole name.
fn shape_of(path: &'static str) -> Shape {
    match path {
        "body" | "with" => Shape::Open,
        "labels" => Shape::Labels,
        "rules" => Shape::List,
        "digest.rows" => Shape::Rows(path),
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
    VARIABLES.iter().filter_map(move |variable| {
        let name = variable.name.strip_prefix(parent)?.strip_prefix('.')?;
        (!name.contains('.')).then_some(Child { name, path: variable.name })
    })
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
