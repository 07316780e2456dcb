//! Templates of a service: what they know beside a notice, how long their fields may be, and what
//! is filled in when one is rendered.
//!
//! A service's file is compiled once; each rendering brings a [`Filling`]. Knows no request and no
//! answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::field::Field;
use super::folder::Source;
use super::limit::Limit;
use super::limits::Budget;
use super::mentions::Search;
use super::names::{Printed, ServiceNames, Shape};
use super::program::Expr;
use super::run::Run;
use super::{Escape, RenderError, Shared, Template, TemplateError, Templates, Tree, check};

/// What the templates of a service know beside the documented variables.
#[derive(Clone, Debug, Default)]
pub struct Extras {
    /// The parameters, and how each prints.
    pub options: Vec<(String, Printed)>,
    /// What any step captures.
    pub captured: Vec<String>,
    /// Templates that several places include, by name.
    pub texts: Vec<(String, String)>,
}

/// The templates of one service.
#[derive(Clone)]
pub struct ServiceTemplates {
    pub(super) shared: Arc<Shared>,
    pub(super) escape: Escape,
}

/// What one rendering fills in.
#[derive(Clone, Copy)]
pub struct Filling<'a> {
    /// The scene: the notice's variables, `options`, `captured` and `said`.
    pub data: &'a Value,
    /// The rule's own template.
    pub words: Option<&'a Template>,
    /// The sink's parameters that are templates.
    pub templates: &'a BTreeMap<String, Template>,
    /// The sink's parameters that are trees.
    pub trees: &'a BTreeMap<String, Arc<Tree>>,
    /// The most that any printed value may take, escaped, in the unit of its field's limit
    /// (characters where it has none); `usize::MAX` unless the whole was too large.
    pub most: usize,
}

/// What stands in `when`.
pub struct Expression {
    pub(super) expr: Expr,
    shared: Arc<Shared>,
}

impl Templates {
    /// The templates of a service. Its texts may include each other, and nothing else.
    ///
    /// # Errors
    /// For the first text that doesn't compile, with `texts.name` as its path.
    pub fn of_service(
        &self,
        extras: &Extras,
        escape: Escape,
    ) -> Result<ServiceTemplates, TemplateError> {
        let mut files = BTreeMap::new();
        for (name, text) in &extras.texts {
            let source = Source::parse(text, None, Some(name.clone()));
            files.insert(name.clone(), source.map_err(|error| in_text(name, error))?);
        }
        let service =
            ServiceNames { options: extras.options.clone(), captured: extras.captured.clone() };
        let shared = Shared {
            names: self.0.names.clone(),
            zone: self.0.zone.clone(),
            files,
            service: Some(service),
        };
        for (name, source) in &shared.files {
            check::check(&shared, source, true).map_err(|error| in_text(name, error))?;
        }
        Ok(ServiceTemplates { shared: Arc::new(shared), escape })
    }
}

fn in_text(name: &str, error: TemplateError) -> TemplateError {
    TemplateError { path: format!("texts.{name}"), ..error }
}

impl ServiceTemplates {
    /// Compiles what stands in `when`: what one would write between braces.
    ///
    /// # Errors
    /// If it is no expression, or names what isn't there.
    pub fn expression(&self, text: &str) -> Result<Expression, TemplateError> {
        self.expression_within(text, &[]).map(|(expression, _)| expression)
    }

    /// Compiles a text.
    ///
    /// # Errors
    /// If it doesn't parse, names what isn't there, or is too large or too deep.
    pub fn field(
        &self,
        text: &str,
        escape: Escape,
        limit: Option<Limit>,
    ) -> Result<Field, TemplateError> {
        self.field_within(text, escape, limit, &[])
    }

    pub(super) fn field_within(
        &self,
        text: &str,
        escape: Escape,
        limit: Option<Limit>,
        items: &[Shape],
    ) -> Result<Field, TemplateError> {
        let nodes = check::within(&self.shared, &Source::parse(text, None, None)?, items)?;
        Ok(Field::new(nodes, escape, limit, Arc::clone(&self.shared)))
    }

    /// An expression within loops of a tree, and what is known of what it gives.
    pub(super) fn expression_within(
        &self,
        text: &str,
        items: &[Shape],
    ) -> Result<(Expression, Shape), TemplateError> {
        let (expr, shape) = check::expression(&self.shared, text, items)?;
        Ok((Expression { expr, shared: Arc::clone(&self.shared) }, shape))
    }
}

impl Shared {
    /// A rendering of a service's template.
    pub(super) fn run<'r>(
        &'r self,
        filling: &'r Filling<'r>,
        escape: Escape,
        budget: &'r Budget,
    ) -> Run<'r> {
        Run { data: filling.data, zone: &self.zone, escape, budget, filling: Some(filling) }
    }
}

impl Expression {
    /// Whether it is a yes.
    ///
    /// # Errors
    /// If a value has the wrong shape for its helper.
    pub fn holds(&self, filling: &Filling<'_>) -> Result<bool, RenderError> {
        let budget = Budget::new();
        let run = self.shared.run(filling, Escape::None, &budget);
        run.holds(&self.expr, &run.root())
    }

    /// Whether it asks for one of these names: variables, or paths such as `options.channel`.
    pub fn mentions(&self, names: &[&str]) -> bool {
        Search::of(names).value(&self.expr)
    }
}
