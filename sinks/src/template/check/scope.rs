//! The scopes around a tag while it is checked, and the place that a path means in them.
//!
//! One entry here for each scope that [`crate::template::run`] will have, in the same order.

use handlebars::{Path, PathSeg};

use crate::template::names::{self, Known, Shape, Unknown};
use crate::template::program::{Expr, Origin, Turn};

/// The scopes, the innermost last.
pub(super) struct Scopes {
    stack: Vec<Scope>,
    /// Whether scopes may be missing, since the file is checked outside of its use.
    loose: bool,
}

struct Scope {
    shape: Shape,
    turns: bool,
    locals: Vec<(String, Shape)>,
}

impl Scopes {
    /// The outermost scope alone.
    pub(super) fn new(root: Shape, loose: bool) -> Self {
        Scopes { stack: vec![Scope { shape: root, turns: loose, locals: Vec::new() }], loose }
    }

    pub(super) fn push(&mut self, shape: Shape, turns: bool, locals: Vec<(String, Shape)>) {
        self.stack.push(Scope { shape, turns, locals });
    }

    pub(super) fn pop(&mut self) {
        self.stack.pop();
    }

    /// What plain names are asked of.
    pub(super) fn shape(&self) -> Shape {
        self.stack.last().map_or(Shape::Open, |scope| scope.shape)
    }

    /// What a path means here.
    pub(super) fn path(&self, path: &Path, known: Known<'_>) -> Result<(Expr, Shape), Unknown> {
        match path {
            Path::Local((_, name, _)) if name == "root" => {
                Ok((Expr::Path(Origin::Root, Vec::new()), Shape::Root))
            }
            Path::Local((level, name, _)) => self.turn(*level, name),
            Path::Relative((segments, _)) => self.relative(segments, known),
        }
    }

    fn relative(&self, segments: &[PathSeg], known: Known<'_>) -> Result<(Expr, Shape), Unknown> {
        let mut at_root = false;
        let mut up = 0;
        let mut children = Vec::new();
        for segment in segments {
            match segment {
                PathSeg::Named(name) => children.push(name.clone()),
                // The parser keeps the type of these marks to itself; their names are its grammar's.
                mark => match format!("{mark:?}").as_str() {
                    "Ruled(path_root)" => at_root = true,
                    "Ruled(path_up)" => up += 1,
                    _ => {}
                },
            }
        }
        let (origin, mut shape) = match children.first() {
            _ if at_root => (Origin::Root, Shape::Root),
            Some(name) if up == 0 && self.local(name).is_some() => {
                let found = self.local(&children.remove(0));
                found.unwrap_or((Origin::Root, Shape::Open))
            }
            _ => self.up(up)?,
        };
        let mut inline = None;
        for name in &children {
            inline = names::inline(shape, name, known);
            shape = names::child(shape, name, known)?;
        }
        Ok((inline.map_or(Expr::Path(origin, children), Expr::Inline), shape))
    }

    fn local(&self, name: &str) -> Option<(Origin, Shape)> {
        self.stack.iter().rev().enumerate().find_map(|(up, scope)| {
            let slot = scope.locals.iter().position(|(local, _)| local == name)?;
            Some((Origin::Local(up, slot), scope.locals[slot].1))
        })
    }

    fn up(&self, levels: usize) -> Result<(Origin, Shape), Unknown> {
        match self.stack.iter().rev().nth(levels) {
            Some(scope) => Ok((Origin::Scope(levels), scope.shape)),
            None if self.loose => Ok((Origin::Root, Shape::Open)),
            None => Err(Unknown {
                message: "`../` leads out of the template".to_owned(),
                hint: Some(
                    "only `#each`, `#with` and partials with values have a scope".to_owned(),
                ),
            }),
        }
    }

    fn turn(&self, level: usize, name: &str) -> Result<(Expr, Shape), Unknown> {
        let what = match name {
            "index" => Turn::Index,
            "key" => Turn::Key,
            "first" => Turn::First,
            "last" => Turn::Last,
            _ => {
                let known = ["index", "key", "first", "last", "root"];
                let mut unknown = names::unknown("loop variable", name, known.into_iter());
                unknown.message = format!("there is no loop variable `@{name}`");
                return Err(unknown);
            }
        };
        let mut loops = self.stack.iter().rev().enumerate().filter(|(_, scope)| scope.turns);
        match loops.nth(level) {
            Some((up, _)) => Ok((Expr::Path(Origin::Turn(up, what), Vec::new()), Shape::Leaf)),
            None if self.loose => Ok((Expr::Path(Origin::Root, Vec::new()), Shape::Leaf)),
            None => Err(Unknown {
                message: format!("`@{name}` stands outside of a loop"),
                hint: Some("it is known within `{{#each …}}`".to_owned()),
            }),
        }
    }
}
