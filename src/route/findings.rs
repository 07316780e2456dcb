//! What is wrong with the rules, and what is probably not meant, collected while they are read.

use crate::model::{Problem, nearest};

/// Everything found so far.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// What can't work.
    pub(super) problems: Vec<Problem>,
    /// What works, but is probably not meant.
    pub(super) warnings: Vec<Problem>,
}

/// Collects below one item, such as `rules[3]`.
pub(super) struct Findings<'f> {
    pub(super) item: String,
    pub(super) found: &'f mut Found,
}

/// A finding that has just been noted, and may get a hint.
pub(super) struct Noted<'f>(&'f mut Problem);

impl Findings<'_> {
    /// Notes what can't work, at a path below the item.
    pub(super) fn problem(&mut self, path: &str, message: impl Into<String>) -> Noted<'_> {
        let problem = Problem::new(self.path(path), message);
        Noted(pushed(&mut self.found.problems, problem))
    }

    /// Notes what is probably not meant, at a path below the item.
    pub(super) fn warning(&mut self, path: &str, message: impl Into<String>) -> Noted<'_> {
        let warning = Problem::new(self.path(path), message);
        Noted(pushed(&mut self.found.warnings, warning))
    }

    fn path(&self, below: &str) -> String {
        if below.is_empty() { self.item.clone() } else { format!("{}.{below}", self.item) }
    }
}

impl Noted<'_> {
    pub(super) fn hint(self, hint: impl Into<String>) {
        self.0.hint = Some(hint.into());
    }

    /// Hints at the nearest known name, or at all of them where they are few.
    pub(super) fn nearest<'n>(self, name: &str, known: impl Iterator<Item = &'n str> + Clone) {
        self.0.hint = nearest(name, known);
    }

    /// The same for the name of a label, of which there may be none.
    pub(super) fn nearest_label(self, name: &str, known: &[String]) {
        match known.is_empty() {
            true => self.hint("no group has labels; give them some under `groups:`"),
            false => self.nearest(name, known.iter().map(String::as_str)),
        }
    }
}

fn pushed(list: &mut Vec<Problem>, item: Problem) -> &mut Problem {
    let last = list.len();
    list.push(item);
    &mut list[last]
}
