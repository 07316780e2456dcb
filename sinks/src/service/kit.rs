//! What the parts of a service are compiled with, and what is found wrong on the way.

use serde_json::Value;

use super::form::{Form, Limit, Type};
use crate::kind::BuildError;
use crate::options::template_error;
use crate::template::{
    Escape, Expression, Extras, Field, Printed, ServiceTemplates, ServiceTree, TemplateError,
    Templates,
};

/// What the parts of a service are compiled with.
pub(super) struct Kit<'a> {
    pub form: &'a Form,
    pub templates: ServiceTemplates,
    /// The texts that are wrong by themselves, each with what is wrong with it: whoever includes
    /// one runs into the same error.
    broken: Vec<(&'a str, String)>,
}

/// What is wrong so far: compiling goes on, so that a person sees all of it.
#[derive(Default)]
pub(super) struct Found(pub Vec<BuildError>);

impl Found {
    /// The value, or its error is kept.
    pub fn take<T>(&mut self, result: Result<T, BuildError>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                // Whoever includes a broken text runs into the same error.
                if !self.0.contains(&error) {
                    self.0.push(error);
                }
                None
            }
        }
    }
}

impl<'a> Kit<'a> {
    /// What the templates of a service know.
    ///
    /// # Errors
    /// If one of its `texts` doesn't compile.
    pub fn new(form: &'a Form, templates: &Templates) -> Result<Self, BuildError> {
        let extras = Extras {
            options: form
                .parameters
                .iter()
                .map(|(name, one)| (name.to_owned(), printed(one.kind)))
                .collect(),
            captured: captured(form),
            texts: form.texts.iter().map(|(name, text)| (name.to_owned(), text.clone())).collect(),
        };
        let templates = templates.of_service(&extras, form.escape.escape());
        let templates = templates.map_err(|error| template_error("", error))?;
        let alone = |text: &String| templates.field(text, Escape::None, None).err();
        let broken = form.texts.iter();
        let broken = broken.filter_map(|(name, text)| Some((name, alone(text)?.message)));
        Ok(Kit { form, broken: broken.collect(), templates })
    }

    /// How long a field may be.
    pub fn limit(&self, field: &str) -> Option<Limit> {
        self.form.limits.get(field).copied()
    }

    /// Compiles a text that stands at a path.
    ///
    /// # Errors
    /// If it doesn't compile.
    pub fn field(
        &self,
        text: &str,
        escape: Escape,
        limit: Option<Limit>,
        at: &str,
    ) -> Result<Field, BuildError> {
        self.templates.field(text, escape, limit).map_err(|error| self.placed(error, at))
    }

    /// Compiles a text that goes out as it is.
    ///
    /// # Errors
    /// If it doesn't compile.
    pub fn bare(&self, text: &str, at: &str) -> Result<Field, BuildError> {
        self.field(text, Escape::None, None, at)
    }

    /// Compiles what stands in `when`.
    ///
    /// # Errors
    /// If it is no expression.
    pub fn expression(&self, text: &str, at: &str) -> Result<Expression, BuildError> {
        self.templates.expression(text).map_err(|error| self.placed(error, at))
    }

    /// Compiles a tree that stands at a path.
    ///
    /// # Errors
    /// If one of its texts or directives can't be used.
    pub fn tree(&self, tree: &Value, at: &str) -> Result<ServiceTree, BuildError> {
        let compiled = self.templates.tree(tree, &|path| self.limit(path));
        compiled.map_err(|error| self.placed(error, at))
    }

    /// An error at a path; what is wrong with an included text is told there.
    fn placed(&self, error: TemplateError, at: &str) -> BuildError {
        let included = self.broken.iter().find(|(_, message)| *message == error.message);
        let error = template_error(at, error);
        match included {
            Some((name, _)) => BuildError { path: format!("texts.{name}"), ..error },
            None => error,
        }
    }
}

fn printed(kind: Type) -> Printed {
    match kind {
        Type::Template => Printed::Template,
        Type::Tree => Printed::Tree,
        _ => Printed::Value,
    }
}

/// The names of all that is captured.
pub(super) fn captured(form: &Form) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (_, steps) in form.stages() {
        for (name, _) in steps.iter().flat_map(|step| step.capture.iter()) {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
    }
    names
}
