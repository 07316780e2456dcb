//! Fields: texts that have a limit.
//!
//! A field is written in one go, and only where that is too long it is written again in pieces, so
//! that data can give way.

use std::sync::Arc;

use serde_json::Value;

use super::limit::Limit;
use super::limits::Budget;
use super::mentions::Search;
use super::out::Out;
use super::program::{Expr, Node};
use super::run::{Run, Scope};
use super::service::Filling;
use super::{Escape, RenderError, Shared, fit, values};

/// A text with its escape and how long it may be.
pub struct Field {
    nodes: Vec<Node>,
    escape: Escape,
    limit: Option<Limit>,
    shared: Arc<Shared>,
}

impl Field {
    /// A field of a service.
    pub(super) fn new(
        nodes: Vec<Node>,
        escape: Escape,
        limit: Option<Limit>,
        shared: Arc<Shared>,
    ) -> Self {
        Field { nodes, escape, limit, shared }
    }

    /// Renders to a text.
    ///
    /// # Errors
    /// If a value has the wrong shape for its helper, or the output grows too large.
    pub fn text(&self, filling: &Filling<'_>) -> Result<String, RenderError> {
        let budget = Budget::new();
        let run = self.shared.run(filling, self.escape, &budget);
        text(&self.nodes, self.limit, &run, &run.root())
    }

    /// Renders to a value: one that is exactly one expression keeps its type.
    ///
    /// # Errors
    /// As [`Field::text`].
    pub fn value(&self, filling: &Filling<'_>) -> Result<Value, RenderError> {
        let budget = Budget::new();
        let run = self.shared.run(filling, self.escape, &budget);
        value(&self.nodes, self.limit, &run, &run.root())
    }

    /// Whether it asks for one of these names: variables, or paths such as `options.channel`.
    pub fn mentions(&self, names: &[&str]) -> bool {
        Search::of(names).any(&self.nodes)
    }

    /// Renders as a part of a tree, within its loops.
    pub(super) fn value_within(
        &self,
        run: &Run<'_>,
        scope: &Scope<'_>,
    ) -> Result<Value, RenderError> {
        let run = Run { escape: self.escape, ..*run };
        value(&self.nodes, self.limit, &run, scope)
    }
}

/// Renders to a value that fits: exactly one expression keeps its type.
pub(super) fn value(
    nodes: &[Node],
    limit: Option<Limit>,
    run: &Run<'_>,
    scope: &Scope<'_>,
) -> Result<Value, RenderError> {
    let [Node::Print(expr)] = nodes else {
        return text(nodes, limit, run, scope).map(Value::String);
    };
    let value = run.shown(run.eval(expr, scope)?);
    run.budget.output(values::size(&value))?;
    Ok(match expr {
        Expr::Call(helper, _) if helper.is_address() => fit::address(value, limit),
        _ => fit::value(&value, run.escape, limit, run.most()),
    })
}

/// Renders to a text that fits.
pub(super) fn text(
    nodes: &[Node],
    limit: Option<Limit>,
    run: &Run<'_>,
    scope: &Scope<'_>,
) -> Result<String, RenderError> {
    if run.most() == usize::MAX {
        let before = run.budget.left();
        let mut out = Out::finished(limit);
        run.nodes(nodes, scope, &mut out)?;
        if out.fits() {
            return Ok(tidy(nodes, out.into_text()));
        }
        run.budget.restore(before);
    }
    let mut out = Out::pieces();
    run.nodes(nodes, scope, &mut out)?;
    Ok(tidy(nodes, fit::fitted(&out, run.escape, limit, run.most())))
}

/// The text without empty lines at its ends, and with one empty line where there are several: what
/// a part that is left out leaves behind. One expression alone has no parts: it stays as it is.
fn tidy(nodes: &[Node], text: String) -> String {
    let trimmed = text.trim_matches('\n');
    let is_tidy = trimmed.len() == text.len() && !text.contains("\n\n\n");
    if is_tidy || matches!(nodes, [Node::Print(_)]) {
        return text;
    }
    let mut tidied = String::with_capacity(trimmed.len());
    let mut breaks = 0;
    for c in trimmed.chars() {
        breaks = if c == '\n' { breaks + 1 } else { 0 };
        if breaks <= 2 {
            tidied.push(c);
        }
    }
    tidied
}
