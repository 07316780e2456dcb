//! JSON trees: a body whose string leaves are templates, each rendered for itself, so that no
//! quote and no line end in the data can break the JSON around it.

use serde_json::{Map, Value};

use super::limits::{self, Budget};
use super::run::Run;
use super::{Escape, RenderError, Template, TemplateError, Templates, Tree, field};

/// One place of a tree.
pub(super) enum Node {
    /// Neither a text nor a holder of one.
    Fixed(Value),
    /// A text, with its path.
    Leaf(Template, String),
    List(Vec<Node>),
    Fields(Vec<(String, Node)>),
}

/// Compiles every string leaf.
pub(super) fn compile(
    templates: &Templates,
    tree: &Value,
    escape: Escape,
    path: &str,
    depth: usize,
) -> Result<Node, TemplateError> {
    if depth > limits::DEPTH {
        return Err(TemplateError::at(
            path,
            format!("the tree nests deeper than {}", limits::DEPTH),
        ));
    }
    match tree {
        Value::String(text) => templates
            .compile(text, escape)
            .map(|template| Node::Leaf(template, path.to_owned()))
            .map_err(|error| TemplateError { path: path.to_owned(), ..error }),
        Value::Array(items) => {
            let mut nodes = Vec::with_capacity(items.len());
            for (index, item) in items.iter().enumerate() {
                let below = format!("{path}[{index}]");
                nodes.push(compile(templates, item, escape, &below, depth + 1)?);
            }
            Ok(Node::List(nodes))
        }
        Value::Object(fields) => {
            let mut nodes = Vec::with_capacity(fields.len());
            for (name, field) in fields {
                let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                if name.contains("{{") {
                    return Err(TemplateError::at(
                        &below,
                        "a field's name can't be a template".to_owned(),
                    ));
                }
                nodes.push((name.clone(), compile(templates, field, escape, &below, depth + 1)?));
            }
            Ok(Node::Fields(nodes))
        }
        fixed => Ok(Node::Fixed(fixed.clone())),
    }
}

/// Renders every leaf, all on one budget.
pub(super) fn render(node: &Node, data: &Value, budget: &Budget) -> Result<Value, RenderError> {
    leaves(node, &|leaf| {
        leaf.run(data, budget, |run, nodes| field::value(nodes, None, run, &run.root()))
    })
}

/// Renders every leaf as a part of a service's tree, where all values may have to give way.
pub(super) fn filled(tree: &Tree, run: &Run<'_>) -> Result<Value, RenderError> {
    leaves(&tree.0, &|Template(program)| {
        let run = Run { zone: &program.zone, escape: program.escape, ..*run };
        field::value(&program.nodes, None, &run, &run.root())
    })
}

fn leaves(
    node: &Node,
    leaf: &dyn Fn(&Template) -> Result<Value, RenderError>,
) -> Result<Value, RenderError> {
    match node {
        Node::Fixed(value) => Ok(value.clone()),
        Node::Leaf(template, path) => leaf(template).map_err(|RenderError(why)| {
            RenderError(if path.is_empty() { why } else { format!("{path}: {why}") })
        }),
        Node::List(nodes) => {
            let items: Result<Vec<_>, _> = nodes.iter().map(|node| leaves(node, leaf)).collect();
            items.map(Value::Array)
        }
        Node::Fields(nodes) => {
            let mut fields = Map::with_capacity(nodes.len());
            for (name, node) in nodes {
                fields.insert(name.clone(), leaves(node, leaf)?);
            }
            Ok(Value::Object(fields))
        }
    }
}
