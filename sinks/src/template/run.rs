//! Running a checked template on one notice's data.
//!
//! Everything that a name could get wrong was found when the template was read, so that what isn't
//! in the data is null here. What is left to fail are values of the wrong shape for their helper,
//! and the budget.

use std::borrow::Cow;

use jiff::tz::TimeZone;
use serde_json::Value;

use super::escape::Escape;
use super::helpers::Helper;
use super::limits::Budget;
use super::out::Out;
use super::program::{Expr, Node, Origin, Turn};
use super::service::Filling;
use super::{RenderError, values};

/// One rendering: what stays the same from the first part to the last.
pub(super) struct Run<'r> {
    /// The notice's data.
    pub(super) data: &'r Value,
    /// The zone of `date` where it is given none.
    pub(super) zone: &'r TimeZone,
    /// What is done to each printed value.
    pub(super) escape: Escape,
    /// What may still be spent.
    pub(super) budget: &'r Budget,
    /// What is filled in, in a service's templates.
    pub(super) filling: Option<&'r Filling<'r>>,
}

/// A scope: the value that plain names are read from, and the way to the scope around it.
pub(super) struct Scope<'s> {
    value: &'s Value,
    locals: &'s [Cow<'s, Value>],
    turn: Option<Position<'s>>,
    around: Option<&'s Scope<'s>>,
}

/// Where a loop is.
pub(super) struct Position<'s> {
    index: usize,
    last: bool,
    key: Option<&'s str>,
}

impl Run<'_> {
    /// Whether an expression is a yes.
    pub(super) fn holds(&self, expr: &Expr, scope: &Scope<'_>) -> Result<bool, RenderError> {
        Ok(values::truth(&*self.eval(expr, scope)?))
    }

    /// The outermost scope.
    pub(super) fn root(&self) -> Scope<'_> {
        Scope { value: self.data, locals: &[], turn: None, around: None }
    }

    /// Renders some parts within a scope.
    pub(super) fn nodes(
        &self,
        nodes: &[Node],
        scope: &Scope<'_>,
        out: &mut Out,
    ) -> Result<(), RenderError> {
        for node in nodes {
            self.budget.steps(1)?;
            match node {
                Node::Text(text) => {
                    self.budget.output(text.len())?;
                    out.literal(text);
                }
                Node::Print(expr) => self.print(expr, scope, out)?,
                Node::Fill(inline) => self.fill(inline, out)?,
                Node::If { condition, negated, then, otherwise } => {
                    let truth = self.holds(condition, scope)? != *negated;
                    self.nodes(if truth { then } else { otherwise }, scope, out)?;
                }
                Node::Each { items, body, otherwise } => {
                    let items = self.shown(self.eval(items, scope)?);
                    self.each(&items, (body, otherwise), scope, out)?;
                }
                Node::With { value, body, otherwise } => {
                    let value = self.eval(value, scope)?;
                    if values::truth(&value) {
                        let locals = [Cow::Borrowed(&*value)];
                        self.nodes(body, &scope.inner(&value, &locals), out)?;
                    } else {
                        self.nodes(otherwise, scope, out)?;
                    }
                }
                Node::Scope { value, locals, body } => {
                    let value = match value {
                        Some(expr) => self.eval(expr, scope)?,
                        None => Cow::Borrowed(scope.value),
                    };
                    let locals = self.all(locals, scope)?;
                    self.nodes(body, &scope.inner(&value, &locals), out)?;
                }
            }
        }
        Ok(())
    }

    fn each(
        &self,
        items: &Value,
        (body, otherwise): (&[Node], &[Node]),
        scope: &Scope<'_>,
        out: &mut Out,
    ) -> Result<(), RenderError> {
        match items {
            Value::Array(items) if !items.is_empty() => {
                for (index, item) in items.iter().enumerate() {
                    let turn = Position { index, last: index + 1 == items.len(), key: None };
                    self.turn(item, Value::from(index), turn, body, scope, out)?;
                }
            }
            Value::Object(fields) if !fields.is_empty() => {
                for (index, (key, item)) in fields.iter().enumerate() {
                    let last = index + 1 == fields.len();
                    let turn = Position { index, last, key: Some(key) };
                    self.turn(item, Value::from(key.as_str()), turn, body, scope, out)?;
                }
            }
            _ => self.nodes(otherwise, scope, out)?,
        }
        Ok(())
    }

    fn turn(
        &self,
        item: &Value,
        key: Value,
        turn: Position<'_>,
        body: &[Node],
        scope: &Scope<'_>,
        out: &mut Out,
    ) -> Result<(), RenderError> {
        self.budget.steps(1)?;
        let locals = [Cow::Borrowed(item), Cow::Owned(key)];
        let inner = Scope { turn: Some(turn), ..scope.inner(item, &locals) };
        self.nodes(body, &inner, out)
    }

    /// What an expression gives.
    pub(super) fn eval<'e>(
        &'e self,
        expr: &'e Expr,
        scope: &'e Scope<'e>,
    ) -> Result<Cow<'e, Value>, RenderError> {
        match expr {
            Expr::Literal(value) => Ok(Cow::Borrowed(value)),
            Expr::Call(helper, args) => self.call(helper, args, scope).map(Cow::Owned),
            Expr::Inline(inline) => Ok(Cow::Owned(self.is_brought(inline).into())),
            Expr::Path(origin, names) => Ok(match self.origin(*origin, scope) {
                Cow::Borrowed(value) => Cow::Borrowed(
                    names.iter().fold(value, |value, name| values::child(value, name)),
                ),
                owned => owned,
            }),
        }
    }

    fn call(
        &self,
        helper: &Helper,
        args: &[Expr],
        scope: &Scope<'_>,
    ) -> Result<Value, RenderError> {
        let args = self.all(args, scope)?;
        let answer = (helper.call)(&args, self.zone).map_err(RenderError)?;
        let work: usize = args.iter().map(|arg| values::work(arg)).sum();
        self.budget.steps(1 + work + values::work(&answer))?;
        Ok(answer)
    }

    fn all<'e>(
        &'e self,
        exprs: &'e [Expr],
        scope: &'e Scope<'e>,
    ) -> Result<Vec<Cow<'e, Value>>, RenderError> {
        exprs.iter().map(|expr| self.eval(expr, scope).map(|value| self.shown(value))).collect()
    }

    fn origin<'e>(&'e self, origin: Origin, scope: &'e Scope<'e>) -> Cow<'e, Value> {
        match origin {
            Origin::Root => Cow::Borrowed(self.data),
            Origin::Scope(up) => Cow::Borrowed(scope.up(up).value),
            Origin::Local(up, slot) => {
                Cow::Borrowed(scope.up(up).locals.get(slot).map_or(&Value::Null, |local| &**local))
            }
            Origin::Turn(up, what) => Cow::Owned(scope.up(up).turn(what)),
        }
    }
}

impl<'s> Scope<'s> {
    /// A scope within this one.
    pub(super) fn inner<'i>(&'i self, value: &'i Value, locals: &'i [Cow<'i, Value>]) -> Scope<'i> {
        Scope { value, locals, turn: None, around: Some(self) }
    }

    /// The scope of one turn of a tree's loop, where plain names stay what they are.
    pub(super) fn turned<'i>(
        &'i self,
        item: &'i [Cow<'i, Value>],
        index: usize,
        last: bool,
    ) -> Scope<'i> {
        let turn = Some(Position { index, last, key: None });
        Scope { turn, ..self.inner(self.value, item) }
    }

    /// The scope so many levels up; the outermost one where there are not so many.
    fn up(&self, levels: usize) -> &Scope<'s> {
        let mut scope = self;
        for _ in 0..levels {
            scope = scope.around.unwrap_or(scope);
        }
        scope
    }

    fn turn(&self, what: Turn) -> Value {
        let Some(turn) = &self.turn else { return Value::Null };
        match what {
            Turn::Index => turn.index.into(),
            Turn::Key => turn.key.map_or_else(|| turn.index.into(), Value::from),
            Turn::First => (turn.index == 0).into(),
            Turn::Last => turn.last.into(),
        }
    }
}
