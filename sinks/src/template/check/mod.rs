//! Checking: from the parsed handlebars of a template to a [`super::program`], or to what is
//! wrong with it and where.
//!
//! Partials are filled in where they are included, so that their names are checked against the
//! scope that they really get. Knows nothing of data: whatever passes here can be run.

mod expr;
mod scope;

use handlebars::template::{
    BlockParam, DecoratorTemplate, HelperTemplate, Parameter, Template as Parsed, TemplateElement,
};

pub(super) use self::expr::expression;
use self::scope::Scopes;
use super::folder::Source;
use super::names::{self, Shape, Unknown};
use super::program::{Expr, Inline, Node};
use super::{Shared, TemplateError, helpers, limits};

/// The blocks that are part of the language.
const BLOCKS: [&str; 4] = ["if", "unless", "each", "with"];

type Nodes = Result<Vec<Node>, TemplateError>;

/// Checks a whole template. `loose` is for a file that nobody uses yet: what its plain names mean
/// is known only where it is included.
pub(super) fn check(shared: &Shared, source: &Source, loose: bool) -> Nodes {
    let root = if loose { Shape::Open } else { Shape::Root };
    run(shared, source, Scopes::new(root, loose))
}

/// Checks a template that stands within loops of a tree; `items` are the shapes of what each meets,
/// the outermost first. Its plain names are the notice's all the same.
pub(super) fn within(shared: &Shared, source: &Source, items: &[Shape]) -> Nodes {
    run(shared, source, around(items))
}

fn run(shared: &Shared, source: &Source, scopes: Scopes) -> Nodes {
    Check::new(shared, source, scopes).nodes(&source.parsed)
}

/// The scopes within loops of a tree.
fn around(items: &[Shape]) -> Scopes {
    let mut scopes = Scopes::new(Shape::Root, false);
    for item in items {
        scopes.push(Shape::Root, true, vec![("item".to_owned(), *item)]);
    }
    scopes
}

/// A check under way.
struct Check<'c> {
    shared: &'c Shared,
    scopes: Scopes,
    /// The template, then the partials that led here.
    within: Vec<&'c Source>,
    /// Line and column of the tag that is looked at.
    place: (usize, usize),
    depth: usize,
    /// How large the template has become with its partials, in about bytes.
    size: usize,
    /// What stands before a partial on its own line: each of its lines gets it.
    indent: String,
}

impl<'c> Check<'c> {
    fn new(shared: &'c Shared, source: &'c Source, scopes: Scopes) -> Self {
        Check {
            shared,
            scopes,
            within: vec![source],
            place: (1, 1),
            depth: 0,
            size: 0,
            indent: String::new(),
        }
    }

    fn nodes(&mut self, parsed: &'c Parsed) -> Nodes {
        self.depth += 1;
        if self.depth > 2 * limits::DEPTH {
            return self.fail(format!("blocks and partials nest deeper than {}", limits::DEPTH));
        }
        let mut nodes = Vec::with_capacity(parsed.elements.len());
        for (index, element) in parsed.elements.iter().enumerate() {
            if let Some(place) = parsed.mapping.get(index) {
                self.place = (place.0, place.1);
            }
            self.grow(0)?;
            self.element(element, &mut nodes)?;
        }
        self.depth -= 1;
        Ok(nodes)
    }

    /// Takes room for one part with so much text.
    fn grow(&mut self, text: usize) -> Result<(), TemplateError> {
        self.size = self.size.saturating_add(limits::PART.saturating_add(text));
        if self.size > limits::FILLED {
            let limit = limits::FILLED;
            return self
                .fail(format!("with its partials filled in it has more than {limit} bytes"));
        }
        Ok(())
    }

    fn element(
        &mut self,
        element: &'c TemplateElement,
        nodes: &mut Vec<Node>,
    ) -> Result<(), TemplateError> {
        match element {
            TemplateElement::RawString(text) => nodes.push(self.text(text)?),
            TemplateElement::Expression(tag) => nodes.push(match self.tag(tag)?.0 {
                Expr::Inline(Inline::Tree(name)) => {
                    let hint = format!("fill it in with `$tree: options.{name}`");
                    return self.refuse(&format!("`options.{name}` is a tree"), &hint);
                }
                Expr::Inline(inline) => Node::Fill(inline),
                value => Node::Print(value),
            }),
            TemplateElement::HelperBlock(block) => nodes.push(self.block(block)?),
            TemplateElement::PartialExpression(include) => self.include(include, nodes)?,
            TemplateElement::Comment(_) => {}
            TemplateElement::HtmlExpression(_) => {
                return self
                    .refuse("`{{&…}}` would print a value without its escape", "write `{{…}}`");
            }
            _ => {
                return self.refuse(
                    "decorators, inline partials and partial blocks are not supported",
                    "put the partial into a file and include it with `{{> name}}`",
                );
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<Node, TemplateError> {
        let lines = if self.indent.is_empty() { 0 } else { text.matches('\n').count() };
        self.grow(text.len().saturating_add(lines.saturating_mul(self.indent.len())))?;
        if lines == 0 {
            return Ok(Node::Text(text.to_owned()));
        }
        Ok(Node::Text(text.replace('\n', &format!("\n{}", self.indent))))
    }

    fn block(&mut self, block: &'c HelperTemplate) -> Result<Node, TemplateError> {
        let place = self.place;
        let Some(name) = block.name.as_name() else {
            return self.refuse("a block begins with a name", "such as `{{#if …}}`");
        };
        if !BLOCKS.contains(&name) {
            let condition = self.question(name, block)?;
            return self.choice(condition, false, block);
        }
        let [value] = block.params.as_slice() else {
            return self.fail(format!("`#{name}` takes one value"));
        };
        if !block.hash.is_empty() {
            return self.fail(format!("`#{name}` takes no named values"));
        }
        let (value, shape) = self.param(value)?;
        match name {
            "if" | "unless" => self.choice(value, name == "unless", block),
            "with" => {
                self.no_inline(&value)?;
                let body = self.inner(block, shape, false)?;
                self.place = place;
                let otherwise = self.branch(block.inverse.as_ref())?;
                Ok(Node::With { value, body, otherwise })
            }
            _ => {
                let Some(item) = names::item(shape) else {
                    return self.refuse(
                        "`#each` goes through a list",
                        "print a single value with `{{…}}`",
                    );
                };
                let body = self.inner(block, item, true)?;
                self.place = place;
                let otherwise = self.branch(block.inverse.as_ref())?;
                Ok(Node::Each { items: value, body, otherwise })
            }
        }
    }

    /// A helper as a block asks whether its answer is a yes.
    fn question(&mut self, name: &str, block: &HelperTemplate) -> Result<Expr, TemplateError> {
        if helpers::find(name).is_some() {
            return self.helper(name, &block.params, &block.hash);
        }
        let known = BLOCKS.into_iter().chain(helpers::HELPERS.iter().map(|helper| helper.name));
        let mut unknown = names::unknown("block", name, known);
        if names::child(Shape::Root, name, self.shared.known()).is_ok() {
            unknown.hint = Some(format!("write `{{{{#if {name}}}}}` or `{{{{#each {name}}}}}`"));
        }
        Err(self.error(unknown))
    }

    fn choice(
        &mut self,
        condition: Expr,
        negated: bool,
        block: &'c HelperTemplate,
    ) -> Result<Node, TemplateError> {
        let then = self.branch(block.template.as_ref())?;
        let otherwise = self.branch(block.inverse.as_ref())?;
        Ok(Node::If { condition, negated, then, otherwise })
    }

    fn branch(&mut self, parsed: Option<&'c Parsed>) -> Nodes {
        parsed.map_or(Ok(Vec::new()), |parsed| self.nodes(parsed))
    }

    /// The body of a block with a scope of its own.
    fn inner(&mut self, block: &'c HelperTemplate, shape: Shape, turns: bool) -> Nodes {
        let mut locals = Vec::new();
        match &block.block_param {
            Some(BlockParam::Single(value)) => locals.push((local(value), shape)),
            Some(BlockParam::Pair((value, key))) => {
                locals.push((local(value), shape));
                locals.push((local(key), Shape::Leaf));
            }
            _ => {}
        }
        self.scopes.push(shape, turns, locals);
        let body = self.branch(block.template.as_ref());
        self.scopes.pop();
        body
    }

    fn include(
        &mut self,
        include: &'c DecoratorTemplate,
        nodes: &mut Vec<Node>,
    ) -> Result<(), TemplateError> {
        let name = self.partial_name(include)?;
        let files = &self.shared.files;
        let Some(file) = files.get(name.trim_end_matches(".hbs")) else {
            return Err(self.error(names::unknown(
                "partial",
                &name,
                files.keys().map(String::as_str),
            )));
        };
        if self.within.iter().any(|source| std::ptr::eq(*source, file)) {
            return self.fail(format!("the partial `{name}` includes itself{}", self.trail()));
        }
        let indent = include.indent.clone().unwrap_or_default();
        let alone = self.within.last().and_then(|source| source.alone(self.place));
        let value = include.params.first().map(|value| self.param(value)).transpose()?;
        if let Some((value, _)) = &value {
            self.no_inline(value)?;
        }
        let locals = self.named(&include.hash)?;

        let around = (self.place, self.indent.len());
        if alone.is_some() {
            nodes.push(self.text(&indent)?);
            self.indent.push_str(&indent);
        }
        self.within.push(file);
        nodes.extend(self.filled(&file.parsed, value, locals)?);
        self.within.pop();
        self.place = around.0;
        self.indent.truncate(around.1);
        if alone == Some(true) {
            nodes.push(self.text("\n")?);
        }
        Ok(())
    }

    /// A partial's parts, in a scope of their own if it was given values.
    fn filled(
        &mut self,
        parsed: &'c Parsed,
        value: Option<(Expr, Shape)>,
        locals: Vec<(String, Expr, Shape)>,
    ) -> Nodes {
        if value.is_none() && locals.is_empty() {
            return self.nodes(parsed);
        }
        let shape = value.as_ref().map_or(self.scopes.shape(), |(_, shape)| *shape);
        let known = locals.iter().map(|(name, _, shape)| (name.clone(), *shape)).collect();
        self.scopes.push(shape, false, known);
        let body = self.nodes(parsed);
        self.scopes.pop();
        let locals = locals.into_iter().map(|(_, expr, _)| expr).collect();
        Ok(vec![Node::Scope { value: value.map(|(expr, _)| expr), locals, body: body? }])
    }

    fn partial_name(&self, include: &DecoratorTemplate) -> Result<String, TemplateError> {
        if include.params.len() > 1 {
            return self.fail("a partial takes one value, and named ones".to_owned());
        }
        match include.name.as_name() {
            Some(name) => Ok(name.to_owned()),
            None => self.refuse("a partial's name is written out", "such as `{{> header}}`"),
        }
    }

    fn trail(&self) -> String {
        let names: Vec<_> =
            self.within.iter().filter_map(|source| source.name.as_deref()).collect();
        if names.len() < 2 { String::new() } else { format!(" (by way of {})", names.join(", ")) }
    }

    fn refuse<T>(&self, message: &str, hint: &str) -> Result<T, TemplateError> {
        Err(self.error(Unknown { message: message.to_owned(), hint: Some(hint.to_owned()) }))
    }

    fn fail<T>(&self, message: String) -> Result<T, TemplateError> {
        Err(self.error(Unknown { message, hint: None }))
    }

    fn error(&self, unknown: Unknown) -> TemplateError {
        TemplateError {
            file: self.within.last().and_then(|source| source.path.clone()),
            line: Some(self.place.0),
            column: Some(self.place.1),
            path: String::new(),
            message: unknown.message,
            hint: unknown.hint,
        }
    }
}

fn local(name: &Parameter) -> String {
    name.as_name().unwrap_or_default().to_owned()
}
