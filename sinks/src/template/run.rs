//! Running a checked template on one notice's data: to a text, or to a value.
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
use super::program::{Expr, Node, Origin, Turn};
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
}

/// A scope: the value that plain names are read from, and the way to the scope around it.
struct Scope<'s> {
    value: &'s Value,
    locals: &'s [Cow<'s, Value>],
    turn: Option<Position<'s>>,
    around: Option<&'s Scope<'s>>,
}

/// Where a loop is.
struct Position<'s> {
    index: usize,
    last: bool,
    key: Option<&'s str>,
}

impl Run<'_> {
    /// Renders to a text.
    pub(super) fn text(&self, nodes: &[Node]) -> Result<String, RenderError> {
        let mut out = String::new();
        self.nodes(nodes, &self.root(), &mut out)?;
        Ok(out)
    }

    /// Renders to a value: exactly one expression keeps its type, with its texts escaped.
    pub(super) fn value(&self, nodes: &[Node]) -> Result<Value, RenderError> {
        let [Node::Print(expr)] = nodes else { return self.text(nodes).map(Value::String) };
        let root = self.root();
        let value = self.eval(expr, &root)?;
        self.budget.output(values::size(&value))?;
        let mut value = value.into_owned();
        if self.escape != Escape::None {
            self.escape_all(&mut value);
        }
        Ok(value)
    }

    fn root(&self) -> Scope<'_> {
        Scope { value: self.data, locals: &[], turn: None, around: None }
    }

    fn nodes(
        &self,
        nodes: &[Node],
        scope: &Scope<'_>,
        out: &mut String,
    ) -> Result<(), RenderError> {
        for node in nodes {
            self.budget.steps(1)?;
            match node {
                Node::Text(text) => self.push(text, out)?,
                Node::Print(expr) => {
                    let value = self.eval(expr, scope)?;
                    self.push(&self.escape.apply(&values::text(&value)), out)?;
                }
                Node::If { condition, negated, then, otherwise } => {
                    let truth = values::truth(&*self.eval(condition, scope)?) != *negated;
                    self.nodes(if truth { then } else { otherwise }, scope, out)?;
                }
                Node::Each { items, body, otherwise } => {
                    let items = self.eval(items, scope)?;
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
        out: &mut String,
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
        out: &mut String,
    ) -> Result<(), RenderError> {
        self.budget.steps(1)?;
        let locals = [Cow::Borrowed(item), Cow::Owned(key)];
        let inner = Scope { turn: Some(turn), ..scope.inner(item, &locals) };
        self.nodes(body, &inner, out)
    }

    fn push(&self, text: &str, out: &mut String) -> Result<(), RenderError> {
        self.budget.output(text.len())?;
        out.push_str(text);
        Ok(())
    }

    fn eval<'e>(
        &'e self,
        expr: &'e Expr,
        scope: &'e Scope<'e>,
    ) -> Result<Cow<'e, Value>, RenderError> {
        match expr {
            Expr::Literal(value) => Ok(Cow::Borrowed(value)),
            Expr::Call(helper, args) => self.call(helper, args, scope).map(Cow::Owned),
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
        exprs.iter().map(|expr| self.eval(expr, scope)).collect()
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

    fn escape_all(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.escape.apply(text).into_owned(),
            Value::Array(items) => items.iter_mut().for_each(|item| self.escape_all(item)),
            Value::Object(fields) => {
                let escaped = std::mem::take(fields).into_iter().map(|(name, mut field)| {
                    self.escape_all(&mut field);
                    (self.escape.apply(&name).into_owned(), field)
                });
                *fields = escaped.collect();
            }
            _ => {}
        }
    }
}

impl<'s> Scope<'s> {
    fn inner<'i>(&'i self, value: &'i Value, locals: &'i [Cow<'i, Value>]) -> Scope<'i> {
        Scope { value, locals, turn: None, around: Some(self) }
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
