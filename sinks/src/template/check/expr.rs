//! Checking what has a value: paths, constants, and helpers with what they are given.

use std::collections::HashMap;

use handlebars::template::{HelperTemplate, Parameter, TemplateElement};

use super::{Check, around};
use crate::template::Shared;
use crate::template::folder::Source;
use crate::template::helpers::{self, HELPERS, Helper};
use crate::template::names::{self, Shape, Unknown};
use crate::template::program::Expr;
use crate::template::{TemplateError, cut, limits, values};

type Found = Result<(Expr, Shape), TemplateError>;

/// Checks what stands between braces, by itself; gives what is known of its value, too.
pub(in crate::template) fn expression(shared: &Shared, text: &str, items: &[Shape]) -> Found {
    if text.contains("{{") {
        return Err(no_expression(text, ": its braces are left out"));
    }
    let source = Source::parse(&format!("{{{{{text}}}}}"), None, None)
        .map_err(|error| no_expression(text, &format!(": {}", error.message)))?;
    let [TemplateElement::Expression(tag)] = source.parsed.elements.as_slice() else {
        return Err(no_expression(text, ""));
    };
    let found = Check::new(shared, &source, around(items)).tag(tag);
    // Nobody wrote the braces that it was parsed with.
    found.map_err(|error| TemplateError { line: None, column: None, ..error })
}

fn no_expression(text: &str, why: &str) -> TemplateError {
    TemplateError {
        file: None,
        line: None,
        column: None,
        path: String::new(),
        message: format!("`{}` is no expression{why}", cut(text, 60)),
        hint: Some(
            "write one as it stands between `{{` and `}}`: `said.link`, `not said.report`".into(),
        ),
    }
}

impl Check<'_> {
    /// What stands in `{{…}}`: a helper with values, or a path, or a subexpression.
    pub(super) fn tag(&mut self, tag: &HelperTemplate) -> Found {
        let plain = tag.params.is_empty() && tag.hash.is_empty();
        match &tag.name {
            Parameter::Name(name) => {
                self.helper(name, &tag.params, &tag.hash).map(|expr| (expr, Shape::Open))
            }
            Parameter::Path(_) if !plain => {
                let name = tag.name.as_name().unwrap_or_default().to_owned();
                self.helper(&name, &tag.params, &tag.hash).map(|expr| (expr, Shape::Open))
            }
            value => self.param(value),
        }
    }

    /// One value of a helper or block, and what is known of it.
    pub(super) fn param(&mut self, param: &Parameter) -> Found {
        self.grow(match param {
            Parameter::Literal(value) => values::size(value),
            other => other.as_name().map_or(0, str::len),
        })?;
        match param {
            Parameter::Literal(value) => Ok((Expr::Literal(value.clone()), Shape::Open)),
            Parameter::Path(path) => match self.scopes.path(path, self.shared.known()) {
                Ok(found) => Ok(found),
                Err(unknown) => Err(self.not_a_variable(param, unknown)),
            },
            Parameter::Subexpression(inner) => match inner.as_element() {
                TemplateElement::Expression(tag) => {
                    self.depth += 1;
                    if self.depth > 2 * limits::DEPTH {
                        return self.fail("parentheses nest too deeply".to_owned());
                    }
                    let (expr, _) = self.tag(tag)?;
                    self.depth -= 1;
                    Ok((expr, Shape::Open))
                }
                _ => self.fail("this can't stand in parentheses".to_owned()),
            },
            _ => self.fail("this can't stand here".to_owned()),
        }
    }

    /// A helper's call, with as many values as it takes.
    pub(super) fn helper(
        &mut self,
        name: &str,
        params: &[Parameter],
        hash: &HashMap<String, Parameter>,
    ) -> Result<Expr, TemplateError> {
        let Some(helper) = helpers::find(name) else {
            let known = HELPERS.iter().map(|helper| helper.name);
            return Err(self.error(names::unknown("helper", name, known)));
        };
        let (least, most) = helper.takes;
        if params.len() < least || params.len() > most || !hash.is_empty() {
            return self.refuse(&takes(helper, params.len(), hash.is_empty()), &usage(helper));
        }
        let args: Result<Vec<_>, _> = params.iter().map(|param| self.param(param)).collect();
        let args: Vec<_> = args?.into_iter().map(|(expr, _)| expr).collect();
        if !helper.asks() {
            args.iter().try_for_each(|arg| self.no_inline(arg))?;
        }
        if let Err(message) = (helper.check)(&literals(&args)) {
            return self.refuse(&message, &usage(helper));
        }
        Ok(Expr::Call(helper, args))
    }

    /// The values that a partial is given by name.
    pub(super) fn named(
        &mut self,
        hash: &HashMap<String, Parameter>,
    ) -> Result<Vec<(String, Expr, Shape)>, TemplateError> {
        let mut names: Vec<_> = hash.iter().collect();
        names.sort_by_key(|(name, _)| *name); // so that the first error is always the same
        let mut named = Vec::with_capacity(names.len());
        for (name, param) in names {
            let (expr, shape) = self.param(param)?;
            self.no_inline(&expr)?;
            named.push((name.clone(), expr, shape));
        }
        Ok(named)
    }

    /// What is filled in is no value: it can only be printed, or asked for.
    pub(super) fn no_inline(&self, expr: &Expr) -> Result<(), TemplateError> {
        let Expr::Inline(inline) = expr else { return Ok(()) };
        let name = inline.name();
        let hint = format!("write `{{{{#if {name}}}}}{{{{ {name} }}}}{{{{else}}}}…{{{{/if}}}}`");
        self.refuse(&format!("`{name}` is filled in, and no value for this"), &hint)
    }

    /// A helper's bare name looks like a variable: say that it needs values.
    fn not_a_variable(&self, param: &Parameter, unknown: Unknown) -> TemplateError {
        match param.as_name().and_then(helpers::find) {
            Some(helper) => {
                self.error(Unknown { message: takes(helper, 0, true), hint: Some(usage(helper)) })
            }
            None => self.error(unknown),
        }
    }
}

fn literals(args: &[Expr]) -> Vec<Option<&serde_json::Value>> {
    args.iter()
        .map(|arg| match arg {
            Expr::Literal(value) => Some(value),
            _ => None,
        })
        .collect()
}

fn takes(helper: &Helper, given: usize, unnamed: bool) -> String {
    let name = helper.name;
    if !unnamed {
        return format!("the helper `{name}` takes no named values");
    }
    match helper.takes {
        (1, 1) => format!("the helper `{name}` takes 1 value, not {given}"),
        (least, most) if least == most => {
            format!("the helper `{name}` takes {least} values, not {given}")
        }
        (least, most) => format!("the helper `{name}` takes {least} to {most} values, not {given}"),
    }
}

fn usage(helper: &Helper) -> String {
    format!("write `{{{{{}}}}}`", helper.usage)
}
