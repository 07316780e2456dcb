//! Which variables a template asks for, wherever in it they stand.

use super::Template;
use super::program::{Expr, Node, Origin};

impl Template {
    /// Whether it asks for one of these variables of a notice, to print it or to choose by it.
    pub fn mentions(&self, names: &[&str]) -> bool {
        Search::of(names).any(&self.0.nodes)
    }
}

/// A look at some parts, so many scopes below the notice.
#[derive(Clone, Copy)]
pub(super) struct Search<'a> {
    names: &'a [&'a str],
    depth: usize,
}

impl<'a> Search<'a> {
    /// For these names; one may be a path, such as `options.channel`.
    pub(super) fn of(names: &'a [&'a str]) -> Self {
        Search { names, depth: 0 }
    }

    /// Whether any of these parts asks for one.
    pub(super) fn any(self, nodes: &[Node]) -> bool {
        nodes.iter().any(|node| self.node(node))
    }

    fn node(self, node: &Node) -> bool {
        let below = Search { depth: self.depth + 1, ..self };
        match node {
            Node::Text(_) => false,
            Node::Print(value) => self.value(value),
            Node::Fill(inline) => self.named(&inline.name()),
            Node::If { condition, then, otherwise, .. } => {
                self.value(condition) || self.any(then) || self.any(otherwise)
            }
            Node::Each { items, body, otherwise } => {
                self.value(items) || below.any(body) || self.any(otherwise)
            }
            Node::With { value, body, otherwise } => {
                self.value(value) || below.any(body) || self.any(otherwise)
            }
            Node::Scope { value, locals, body } => {
                value.iter().chain(locals).any(|value| self.value(value)) || below.any(body)
            }
        }
    }

    /// Whether an expression asks for one.
    pub(super) fn value(self, value: &Expr) -> bool {
        match value {
            Expr::Path(origin, path) => {
                let of_notice = match origin {
                    Origin::Root => true,
                    // Loops of a tree leave the notice where it is, so that it may be further up.
                    Origin::Scope(up) => *up >= self.depth,
                    Origin::Local(..) | Origin::Turn(..) => false,
                };
                of_notice && self.named(&path.join("."))
            }
            Expr::Call(_, values) => values.iter().any(|value| self.value(value)),
            Expr::Inline(inline) => self.named(&inline.name()),
            Expr::Literal(_) => false,
        }
    }

    /// Whether a path is one of the names, leads below it, or gives the whole that it is part of.
    fn named(self, path: &str) -> bool {
        let within = |path: &str, name: &str| {
            path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.names.iter().any(|name| within(path, name) || within(name, path))
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use crate::template::{Escape, Names, Templates};

    fn mentions(text: &str, name: &str) -> bool {
        let templates = Templates::new(Names::default(), TimeZone::UTC);
        templates.compile(text, Escape::None).unwrap().mentions(&[name])
    }

    #[test]
    fn a_variable_is_found_wherever_it_stands() {
        for text in [
            "{{ status }}",
            "{{#if failing}}a{{else if status}}b{{/if}}",
            "{{#each rules}}{{ @root.status }}{{/each}}",
            "{{#each rules}}{{ ../status }}{{/each}}",
            "{{ upper status }}",
        ] {
            assert!(mentions(text, "status"), "{text}");
        }
        for text in ["status: {{ body.status }}", "{{#each digest.rows}}{{ status }}{{/each}}"] {
            assert!(!mentions(text, "status"), "{text}");
        }
    }
}
