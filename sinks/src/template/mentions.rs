//! Which variables a template asks for, wherever in it they stand.

use super::Template;
use super::program::{Expr, Node, Origin};

impl Template {
    /// Whether it asks for one of these variables of a notice, to print it or to choose by it.
    pub fn mentions(&self, names: &[&str]) -> bool {
        Search { names, depth: 0 }.any(&self.0.nodes)
    }
}

/// A look at some parts, so many scopes below the notice.
#[derive(Clone, Copy)]
struct Search<'a> {
    names: &'a [&'a str],
    depth: usize,
}

impl Search<'_> {
    fn any(self, nodes: &[Node]) -> bool {
        nodes.iter().any(|node| self.node(node))
    }

    fn node(self, node: &Node) -> bool {
        let below = Search { depth: self.depth + 1, ..self };
        match node {
            Node::Text(_) => false,
            Node::Print(value) => self.value(value),
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

    fn value(self, value: &Expr) -> bool {
        match value {
            Expr::Path(origin, path) => {
                let of_notice = match origin {
                    Origin::Root => true,
                    Origin::Scope(up) => *up == self.depth,
                    Origin::Local(..) | Origin::Turn(..) => false,
                };
                of_notice && path.first().is_some_and(|first| self.names.contains(&&**first))
            }
            Expr::Call(_, values) => values.iter().any(|value| self.value(value)),
            Expr::Literal(_) => false,
        }
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
