//! The trees of a service: bodies whose texts are templates, with directives that leave a part
//! out, repeat it, or put something else in its place.
//!
//! | directive | meaning |
//! |---|---|
//! | `$when` | the map is left out unless this is true |
//! | `$each`, `$most` | in a list: the map once for each item, at most so many |
//! | `$value`, `$plain`, `$tree` | in place of the map's own fields |
//!
//! [`plant`] makes them; here they are rendered.

mod plant;

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::field::Field;
use super::limit::{Amount, Limit};
use super::limits::Budget;
use super::run::{Run, Scope};
use super::service::{Expression, Filling, ServiceTemplates};
use super::{Escape, RenderError, Shared, TemplateError, tree};

/// A tree of a service.
pub struct ServiceTree {
    root: Branch,
    paths: Vec<String>,
    shared: std::sync::Arc<Shared>,
}

/// One place of a tree.
enum Branch {
    /// Neither a text nor a holder of one.
    Fixed(Value),
    /// A text, with its path.
    Leaf(Field, String),
    List(Vec<Branch>, Option<Limit>),
    Fields(Vec<(String, Branch)>),
    /// Left out unless the expression, which stands at the path, is true.
    When(Expression, String, Box<Branch>),
    Each(Box<Loop>),
    /// A parameter that is a tree, filled in at a path.
    Tree(String, String),
    /// Fields, and those that a parameter at a path adds to them.
    More(Vec<(String, Branch)>, String, String),
}

/// A part of a list that is there once for each item.
struct Loop {
    items: Expression,
    path: String,
    most: usize,
    body: Branch,
}

impl ServiceTemplates {
    /// Compiles a tree. `limits` says how long the field at a path may be; a path has no indexes.
    ///
    /// # Errors
    /// For the first text or directive that can't be used, with its path.
    pub fn tree(
        &self,
        tree: &Value,
        limits: &dyn Fn(&str) -> Option<Limit>,
    ) -> Result<ServiceTree, TemplateError> {
        let (root, paths) = plant::plant(self, tree, limits)?;
        Ok(ServiceTree { root, paths, shared: std::sync::Arc::clone(&self.shared) })
    }
}

impl ServiceTree {
    /// Renders all of it, on one budget. What is left out at the top is null.
    ///
    /// # Errors
    /// If a value has the wrong shape, or the output grows too large; with the path.
    pub fn render(&self, filling: &Filling<'_>) -> Result<Value, RenderError> {
        let budget = Budget::new();
        let run = self.shared.run(filling, Escape::None, &budget);
        Ok(self.root.render(&run, &run.root())?.unwrap_or(Value::Null))
    }

    /// The paths of its texts and lists, without the indexes of lists: what may have a limit.
    pub fn paths(&self) -> Vec<String> {
        self.paths.clone()
    }

    /// Whether it asks for one of these names: variables, or paths such as `options.channel`.
    pub fn mentions(&self, names: &[&str]) -> bool {
        self.root.mentions(names)
    }
}

impl Branch {
    /// What it gives, or `None` where it is left out.
    fn render(&self, run: &Run<'_>, scope: &Scope<'_>) -> Result<Option<Value>, RenderError> {
        match self {
            Branch::Fixed(value) => Ok(Some(value.clone())),
            Branch::Leaf(field, path) => {
                let value = field.value_within(run, scope);
                Ok(Some(value.map_err(|why| at(path, why))?).filter(|value| !value.is_null()))
            }
            Branch::List(branches, limit) => list(branches, *limit, run, scope).map(Some),
            Branch::Fields(branches) => fields(branches, run, scope).map(|all| Some(all.into())),
            Branch::More(branches, name, path) => {
                let mut fields = fields(branches, run, scope)?;
                fields.extend(added(name, path, run)?);
                Ok(Some(fields.into()))
            }
            Branch::When(condition, path, branch) => {
                let holds = run.holds(&condition.expr, scope).map_err(|why| at(path, why))?;
                if holds { branch.render(run, scope) } else { Ok(None) }
            }
            // Only a list holds one, and it goes through it itself.
            Branch::Each(each) => each.body.render(run, scope),
            Branch::Tree(name, path) => tree_of(name, path, run),
        }
    }

    /// Whether a parameter stands here; in a list, a list's items stand in its place.
    fn is_tree(&self) -> bool {
        match self {
            Branch::Tree(..) => true,
            Branch::When(_, _, branch) => branch.is_tree(),
            _ => false,
        }
    }

    fn mentions(&self, names: &[&str]) -> bool {
        match self {
            Branch::Fixed(_) => false,
            Branch::Leaf(field, _) => field.mentions(names),
            Branch::List(branches, _) => branches.iter().any(|branch| branch.mentions(names)),
            Branch::Fields(branches) => branches.iter().any(|(_, branch)| branch.mentions(names)),
            Branch::More(branches, name, _) => {
                is_named(name, names) || branches.iter().any(|(_, branch)| branch.mentions(names))
            }
            Branch::When(condition, _, branch) => {
                condition.mentions(names) || branch.mentions(names)
            }
            Branch::Each(each) => each.items.mentions(names) || each.body.mentions(names),
            Branch::Tree(name, _) => is_named(name, names),
        }
    }
}

/// Whether one of the names is a parameter, or all of them.
fn is_named(parameter: &str, names: &[&str]) -> bool {
    let path = format!("options.{parameter}");
    names.iter().any(|name| *name == path || *name == "options")
}

fn fields(
    branches: &[(String, Branch)],
    run: &Run<'_>,
    scope: &Scope<'_>,
) -> Result<Map<String, Value>, RenderError> {
    let mut fields = Map::new();
    for (name, branch) in branches {
        if let Some(value) = branch.render(run, scope)? {
            fields.insert(name.clone(), value);
        }
    }
    Ok(fields)
}

/// A person's own tree, filled in; `None` where the sink has none.
fn tree_of(name: &str, path: &str, run: &Run<'_>) -> Result<Option<Value>, RenderError> {
    let filled = run.tree(name).map(|tree| tree::filled(tree, run)).transpose();
    filled.map_err(|why| at(path, why))
}

/// The fields that a person's own tree adds.
fn added(name: &str, path: &str, run: &Run<'_>) -> Result<Map<String, Value>, RenderError> {
    match tree_of(name, path, run)? {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(fields)) => Ok(fields),
        Some(_) => {
            let why = format!("`options.{name}` adds fields to others, so it has to be a map");
            Err(at(path, RenderError(why)))
        }
    }
}

fn list(
    branches: &[Branch],
    limit: Option<Limit>,
    run: &Run<'_>,
    scope: &Scope<'_>,
) -> Result<Value, RenderError> {
    let mut items = Vec::with_capacity(branches.len());
    for branch in branches {
        match branch {
            Branch::Each(each) => each.render(run, scope, &mut items)?,
            branch => match branch.render(run, scope)? {
                Some(Value::Array(own)) if branch.is_tree() => items.extend(own),
                item => items.extend(item),
            },
        }
    }
    if let Some(Limit { most, of: Amount::Items }) = limit {
        items.truncate(most);
    }
    Ok(Value::Array(items))
}

impl Loop {
    fn render(
        &self,
        run: &Run<'_>,
        scope: &Scope<'_>,
        into: &mut Vec<Value>,
    ) -> Result<(), RenderError> {
        let items = run.eval(&self.items.expr, scope).map_err(|why| at(&self.path, why))?;
        let Value::Array(items) = &*items else { return Ok(()) };
        let from = into.len();
        for (index, item) in items.iter().enumerate() {
            if into.len() - from == self.most {
                break;
            }
            run.budget.steps(1)?;
            let item = [Cow::Borrowed(item)];
            let turn = scope.turned(&item, index, index + 1 == items.len());
            into.extend(self.body.render(run, &turn)?);
        }
        Ok(())
    }
}

/// A failure with the path where it happened.
fn at(path: &str, RenderError(why): RenderError) -> RenderError {
    RenderError(if path.is_empty() { why } else { format!("{path}: {why}") })
}
