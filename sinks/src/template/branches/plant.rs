//! Compiling a tree: each text a field, each directive checked.

use serde_json::{Map, Value};

use super::{Branch, Loop};
use crate::template::limit::{Amount, Limit};
use crate::template::limits;
use crate::template::names::{self, Printed, Shape};
use crate::template::service::{Expression, ServiceTemplates};
use crate::template::{Escape, TemplateError};

/// What a map may say of itself.
const DIRECTIVES: [&str; 6] = ["$when", "$each", "$most", "$value", "$plain", "$tree"];

type Planted = Result<Branch, TemplateError>;

/// A tree under way.
struct Planting<'p> {
    templates: &'p ServiceTemplates,
    limits: &'p dyn Fn(&str) -> Option<Limit>,
    paths: Vec<String>,
    /// What the loops around meet, the outermost first.
    items: Vec<Shape>,
    depth: usize,
}

/// A place: its path for people, and the one by which it is limited.
#[derive(Clone, Copy)]
struct Place<'p> {
    path: &'p str,
    plain: &'p str,
}

/// Compiles a tree; gives the paths of its places, too.
pub(super) fn plant(
    templates: &ServiceTemplates,
    tree: &Value,
    limits: &dyn Fn(&str) -> Option<Limit>,
) -> Result<(Branch, Vec<String>), TemplateError> {
    let mut planting =
        Planting { templates, limits, paths: Vec::new(), items: Vec::new(), depth: 0 };
    let root = planting.branch(tree, Place { path: "", plain: "" }, false)?;
    planting.paths.sort_unstable();
    planting.paths.dedup();
    Ok((root, planting.paths))
}

impl Planting<'_> {
    fn branch(&mut self, tree: &Value, place: Place<'_>, in_list: bool) -> Planted {
        self.depth += 1;
        if self.depth > limits::DEPTH {
            return Err(TemplateError::at(
                place.path,
                format!("the tree nests deeper than {}", limits::DEPTH),
            ));
        }
        let branch = match tree {
            Value::String(text) => self.leaf(text, self.templates.escape, place),
            Value::Array(items) => self.list(items, place),
            Value::Object(fields) => self.map(fields, place, in_list),
            fixed => Ok(Branch::Fixed(fixed.clone())),
        };
        self.depth -= 1;
        branch
    }

    fn leaf(&mut self, text: &str, escape: Escape, place: Place<'_>) -> Planted {
        let limit = self.limit(place);
        let field = self.templates.field_within(text, escape, limit, &self.items);
        let field = field.map_err(|error| error_at(place.path, error))?;
        Ok(Branch::Leaf(field, place.path.to_owned()))
    }

    fn list(&mut self, items: &[Value], place: Place<'_>) -> Planted {
        let limit = self.limit(place);
        let mut branches = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let path = format!("{}[{index}]", place.path);
            branches.push(self.branch(item, Place { path: &path, plain: place.plain }, true)?);
        }
        Ok(Branch::List(branches, limit.filter(|limit| limit.of == Amount::Items)))
    }

    /// How long this may be; only what may have a limit is a place with a path.
    fn limit(&mut self, place: Place<'_>) -> Option<Limit> {
        self.paths.push(place.plain.to_owned());
        (self.limits)(place.plain)
    }

    /// A map: its directives around its fields, or around what stands in their place.
    fn map(&mut self, fields: &Map<String, Value>, place: Place<'_>, in_list: bool) -> Planted {
        known(fields, place)?;
        let each =
            fields.get("$each").map(|each| self.items_of(each, place, in_list)).transpose()?;
        let most = most(fields, place)?;
        if let Some((_, shape)) = &each {
            self.items.push(*shape);
        }
        let mut branch = self.inner(fields, place)?;
        if let Some(when) = fields.get("$when") {
            let path = below(place.path, "$when");
            let (condition, _) = self.expression(when, &path)?;
            branch = Branch::When(condition, path, Box::new(branch));
        }
        let Some((items, _)) = each else { return Ok(branch) };
        self.items.pop();
        let path = below(place.path, "$each");
        Ok(Branch::Each(Box::new(Loop { items, path, most, body: branch })))
    }

    /// What `$each` goes through, and the shape of an item.
    fn items_of(
        &self,
        each: &Value,
        place: Place<'_>,
        in_list: bool,
    ) -> Result<(Expression, Shape), TemplateError> {
        let path = below(place.path, "$each");
        if !in_list {
            let message = "`$each` stands in a map that is an item of a list".to_owned();
            return Err(hinted(&path, message, "write `[{$each: …}]`, or `- $each: …`"));
        }
        let (items, shape) = self.expression(each, &path)?;
        match names::item(shape) {
            Some(item) => Ok((items, item)),
            None => Err(TemplateError::at(
                &path,
                "`$each` goes through a list, and this is none".to_owned(),
            )),
        }
    }

    /// The map's own fields, or what stands in their place.
    fn inner(&mut self, fields: &Map<String, Value>, place: Place<'_>) -> Planted {
        if let Some(value) = fields.get("$value") {
            return self.branch(
                value,
                Place { path: &below(place.path, "$value"), ..place },
                false,
            );
        }
        if let Some(plain) = fields.get("$plain") {
            let path = below(place.path, "$plain");
            let Some(text) = plain.as_str() else {
                return Err(TemplateError::at(&path, "`$plain` takes a text".to_owned()));
            };
            return self.leaf(text, Escape::Plain, Place { path: &path, ..place });
        }
        let own = self.own(fields, place)?;
        let Some(tree) = fields.get("$tree") else { return Ok(Branch::Fields(own)) };
        let path = below(place.path, "$tree");
        let name = self.parameter(tree, &path)?;
        Ok(if own.is_empty() { Branch::Tree(name, path) } else { Branch::More(own, name, path) })
    }

    fn own(
        &mut self,
        fields: &Map<String, Value>,
        place: Place<'_>,
    ) -> Result<Vec<(String, Branch)>, TemplateError> {
        let mut branches = Vec::with_capacity(fields.len());
        for (name, field) in fields.iter().filter(|(name, _)| !is_directive(name)) {
            let path = below(place.path, name);
            let name = name.strip_prefix('$').unwrap_or(name);
            let plain = below(place.plain, name);
            if name.contains("{{") {
                return Err(TemplateError::at(
                    &path,
                    "a field's name can't be a template".to_owned(),
                ));
            }
            let branch = self.branch(field, Place { path: &path, plain: &plain }, false)?;
            branches.push((name.to_owned(), branch));
        }
        Ok(branches)
    }

    /// The name of a parameter of type `tree`, written as `options.blocks`.
    fn parameter(&self, named: &Value, path: &str) -> Result<String, TemplateError> {
        let options = self.templates.shared.known().service.map_or(&[][..], |known| &known.options);
        let trees = options.iter().filter(|(_, printed)| *printed == Printed::Tree);
        let name = named.as_str().map(str::trim).and_then(|text| text.strip_prefix("options."));
        match trees.clone().find(|(tree, _)| Some(tree.as_str()) == name) {
            Some((name, _)) => Ok(name.clone()),
            None => {
                let message = format!("`$tree` takes a parameter of type `tree`, not {named}");
                let near = names::nearest(name.unwrap_or_default(), trees.map(|(t, _)| t.as_str()));
                let hint = match near {
                    Some(near) => format!("did you mean `options.{near}`?"),
                    None => "such as `$tree: options.blocks`".to_owned(),
                };
                Err(hinted(path, message, &hint))
            }
        }
    }

    fn expression(
        &self,
        written: &Value,
        path: &str,
    ) -> Result<(Expression, Shape), TemplateError> {
        let Some(text) = written.as_str() else {
            let hint = "such as `said.link` or `not said.report`";
            return Err(hinted(path, "an expression is a text".to_owned(), hint));
        };
        let found = self.templates.expression_within(text, &self.items);
        found.map_err(|error| error_at(path, error))
    }
}

/// Whether a field's name is a directive's; `$$name` is a field called `$name`.
fn is_directive(name: &str) -> bool {
    name.starts_with('$') && !name.starts_with("$$")
}

/// Refuses directives that aren't there, and those that don't go together.
fn known(fields: &Map<String, Value>, place: Place<'_>) -> Result<(), TemplateError> {
    for name in fields.keys().filter(|name| is_directive(name)) {
        if !DIRECTIVES.contains(&name.as_str()) {
            let hint = match names::nearest(name, DIRECTIVES.into_iter()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("a field of that name is written `${name}`"),
            };
            let message = format!("there is no directive `{name}`");
            return Err(hinted(&below(place.path, name), message, &hint));
        }
    }
    let instead: Vec<_> = ["$value", "$plain", "$tree"]
        .into_iter()
        .filter(|name| fields.contains_key(*name))
        .collect();
    let own = fields.keys().find(|name| !is_directive(name));
    match (instead.as_slice(), own) {
        ([one, other, ..], _) => {
            let message = format!("`{one}` and `{other}` both stand in place of the map");
            Err(TemplateError::at(&below(place.path, other), message))
        }
        ([one], Some(own)) if *one != "$tree" => {
            let message = format!("`{one}` stands in place of the map's own fields");
            Err(hinted(&below(place.path, own), message, "leave one of them out"))
        }
        _ => Ok(()),
    }
}

fn most(fields: &Map<String, Value>, place: Place<'_>) -> Result<usize, TemplateError> {
    let Some(most) = fields.get("$most") else { return Ok(usize::MAX) };
    let path = below(place.path, "$most");
    if !fields.contains_key("$each") {
        return Err(TemplateError::at(&path, "`$most` stands beside `$each`".to_owned()));
    }
    let number = most.as_u64().and_then(|most| usize::try_from(most).ok());
    number.ok_or_else(|| TemplateError::at(&path, format!("`$most` takes a number, not {most}")))
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn error_at(path: &str, error: TemplateError) -> TemplateError {
    TemplateError { path: path.to_owned(), ..error }
}

fn hinted(path: &str, message: String, hint: &str) -> TemplateError {
    TemplateError { hint: Some(hint.to_owned()), ..TemplateError::at(path, message) }
}
