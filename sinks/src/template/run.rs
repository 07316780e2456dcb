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
use super::out::Out;
use super::program::{Expr, Inline, Node, Origin, Turn};
use super::service::Filling;
use super::{RenderError, Template, Tree, names, values};

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
    /// Renders to a text.
    pub(super) fn text(&self, nodes: &[Node]) -> Result<String, RenderError> {
        let mut out = Out::finished();
        self.nodes(nodes, &self.root(), &mut out)?;
        Ok(out.into_text())
    }

    /// Renders to a value: exactly one expression keeps its type, with its texts escaped.
    pub(super) fn value(&self, nodes: &[Node]) -> Result<Value, RenderError> {
        let [Node::Print(expr)] = nodes else { return self.text(nodes).map(Value::String) };
        let root = self.root();
        let mut value = self.own(expr, &root)?;
        if self.escape != Escape::None {
            self.escape_all(&mut value);
        }
        Ok(value)
    }

    /// What an expression gives, to keep and not escaped.
    pub(super) fn own(&self, expr: &Expr, scope: &Scope<'_>) -> Result<Value, RenderError> {
        let value = self.shown(self.eval(expr, scope)?);
        self.budget.output(values::size(&value))?;
        Ok(value.into_owned())
    }

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

    fn print(&self, expr: &Expr, scope: &Scope<'_>, out: &mut Out) -> Result<(), RenderError> {
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

    /// Fills in what a rule or a sink brings, which sees the notice alone. Where the service
    /// interprets nothing, its own escape would only be seen.
    fn fill(&self, inline: &Inline, out: &mut Out) -> Result<(), RenderError> {
        let Some(Template(program)) = self.brought(inline) else { return Ok(()) };
        let no_markup = matches!(self.escape, Escape::None | Escape::Plain);
        let escape = if no_markup { self.escape } else { program.escape };
        let run = Run { zone: &program.zone, escape, ..*self };
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

    fn is_brought(&self, inline: &Inline) -> bool {
        match inline {
            Inline::Tree(name) => self.tree(name).is_some(),
            inline => self.brought(inline).is_some(),
        }
    }

    /// A value as it may be shown: the data as a whole without what a service knows beside, since
    /// that holds the sink's options.
    fn shown<'v>(&self, value: Cow<'v, Value>) -> Cow<'v, Value> {
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

    /// Escapes every text in a value, and every field's name.
    pub(super) fn escape_all(&self, value: &mut Value) {
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
