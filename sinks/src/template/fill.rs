//! What templates print, and what is filled in where they say so: a rule's own words, and a sink's
//! parameters that are templates themselves.

use std::borrow::Cow;

use serde_json::Value;

use super::out::Out;
use super::program::{Expr, Inline};
use super::run::{Run, Scope};
use super::{RenderError, Template, Tree, names, values};

impl Run<'_> {
    /// Prints what an expression gives.
    pub(super) fn print(
        &self,
        expr: &Expr,
        scope: &Scope<'_>,
        out: &mut Out,
    ) -> Result<(), RenderError> {
        let value = self.shown(self.eval(expr, scope)?);
        let before = out.len();
        let text = values::text(&value);
        match expr {
            Expr::Call(helper, _) if helper.is_address() => {
                out.literal(&self.escape.address(&text));
            }
            _ => out.data(&text, self.escape),
        }
        self.budget.output(out.len() - before)
    }

    /// Fills in what a rule or a sink brings. It is compiled to see the notice alone, and its data
    /// is escaped as this field needs it.
    pub(super) fn fill(&self, inline: &Inline, out: &mut Out) -> Result<(), RenderError> {
        let Some(Template(program)) = self.brought(inline) else { return Ok(()) };
        let run = Run { zone: &program.zone, ..*self };
        run.nodes(&program.nodes, &run.root(), out)
    }

    fn brought(&self, inline: &Inline) -> Option<&Template> {
        let filling = self.filling?;
        match inline {
            Inline::Words => filling.words,
            Inline::Template(name) => filling.templates.get(name),
            Inline::Tree(_) => None,
        }
    }

    /// A sink's parameter that is a tree.
    pub(super) fn tree(&self, name: &str) -> Option<&Tree> {
        self.filling?.trees.get(name).map(|tree| &**tree)
    }

    /// The most that any printed value may take.
    pub(super) fn most(&self) -> usize {
        self.filling.map_or(usize::MAX, |filling| filling.most)
    }

    /// Whether there is something to fill in.
    pub(super) fn is_brought(&self, inline: &Inline) -> bool {
        match inline {
            Inline::Tree(name) => self.tree(name).is_some(),
            inline => self.brought(inline).is_some(),
        }
    }

    /// A value as it may be shown: the data as a whole without what a service knows beside, since
    /// that holds the sink's options.
    pub(super) fn shown<'v>(&self, value: Cow<'v, Value>) -> Cow<'v, Value> {
        match &value {
            Cow::Borrowed(all) if self.filling.is_some() && std::ptr::eq(*all, self.data) => {
                let mut shown = self.data.clone();
                if let Value::Object(fields) = &mut shown {
                    names::SERVICE.iter().for_each(|name| drop(fields.remove(*name)));
                }
                Cow::Owned(shown)
            }
            _ => value,
        }
    }
}
