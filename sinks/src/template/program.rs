//! A checked template, ready to run: what [`super::check`] makes and [`super::run`] walks.
//!
//! Every name has become a place (so many scopes up, then these children), every helper a
//! function, and every partial stands where it was included. So running looks nothing up by name
//! but the data's own fields, and can't meet anything that isn't there.

use serde_json::Value;

use super::helpers::Helper;

/// One part of a template.
pub(super) enum Node {
    /// The template's own text.
    Text(String),
    /// A value, escaped.
    Print(Expr),
    /// A template of somebody else, filled in with its own escape.
    Fill(Inline),
    /// `{{#if}}`, `{{#unless}}`, and helpers used as a block.
    If { condition: Expr, negated: bool, then: Vec<Node>, otherwise: Vec<Node> },
    /// `{{#each}}`: a scope for every item.
    Each { items: Expr, body: Vec<Node>, otherwise: Vec<Node> },
    /// `{{#with}}`: a scope of the value.
    With { value: Expr, body: Vec<Node>, otherwise: Vec<Node> },
    /// A partial that was given a value or named values: a scope of its own.
    Scope { value: Option<Expr>, locals: Vec<Expr>, body: Vec<Node> },
}

/// Something that has a value.
pub(super) enum Expr {
    /// A constant.
    Literal(Value),
    /// A value in the data, with its children's names.
    Path(Origin, Vec<String>),
    /// A helper's answer.
    Call(&'static Helper, Vec<Expr>),
    /// Whether there is something to fill in.
    Inline(Inline),
}

/// What a sink or a rule brings to a service's templates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Inline {
    /// The rule's own template.
    Words,
    /// A parameter that is a template.
    Template(String),
    /// A parameter that is a tree.
    Tree(String),
}

impl Inline {
    /// As a template names it.
    pub(super) fn name(&self) -> String {
        match self {
            Inline::Words => "words".to_owned(),
            Inline::Template(name) | Inline::Tree(name) => format!("options.{name}"),
        }
    }
}

/// Where a path begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The notice's data.
    Root,
    /// The value of the scope so many levels up.
    Scope(usize),
    /// A named value of the scope so many levels up, by its number.
    Local(usize, usize),
    /// What a loop so many scopes up knows of its turn.
    Turn(usize, Turn),
}

/// What a loop knows of its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Which turn it is, from 0.
    Index,
    /// The field's name, or the index in a list.
    Key,
    /// Whether it is the first turn.
    First,
    /// Whether it is the last turn.
    Last,
}
