//! Which names somebody's templates ask for, so that a scene holds these and no others.

use std::collections::BTreeSet;

use super::said::{FIELDS, ROW_FIELDS};
use crate::variables::VARIABLES;

/// The names that are asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Asked {
    variables: BTreeSet<&'static str>,
    said: BTreeSet<&'static str>,
}

impl Asked {
    /// Those that something mentions.
    pub fn of(mentions: &dyn Fn(&[&str]) -> bool) -> Self {
        let said: Vec<String> =
            FIELDS.iter().chain(&ROW_FIELDS).map(|name| format!("said.{name}")).collect();
        let mut names: Vec<&str> = variables().collect();
        names.extend(said.iter().map(String::as_str));
        let mut found = BTreeSet::new();
        search(&names, mentions, &mut found);
        let all = FIELDS.iter().chain(&ROW_FIELDS);
        let is_said = |name: &str| found.iter().any(|one| one.strip_prefix("said.") == Some(name));
        Asked {
            variables: variables().filter(|name| found.iter().any(|one| one == name)).collect(),
            said: all.copied().filter(|name| is_said(name)).collect(),
        }
    }

    /// Every variable of a notice.
    pub fn all_variables() -> Self {
        Asked { variables: variables().collect(), said: BTreeSet::new() }
    }

    /// These and the others.
    pub fn and(&self, other: &Asked) -> Self {
        Asked { variables: &self.variables | &other.variables, said: &self.said | &other.said }
    }

    /// Whether a variable is asked for.
    pub fn variable(&self, name: &str) -> bool {
        self.variables.contains(name)
    }

    /// Whether a name below `said` is asked for.
    pub fn said(&self, name: &str) -> bool {
        self.said.contains(name)
    }
}

/// The variables of a notice, without what is below them.
fn variables() -> impl Iterator<Item = &'static str> {
    VARIABLES.iter().map(|variable| variable.name).filter(|name| !name.contains('.'))
}

/// Finds the few that are mentioned among the many: by halves, since most halves have none.
fn search<'n>(
    names: &[&'n str],
    mentions: &dyn Fn(&[&str]) -> bool,
    found: &mut BTreeSet<&'n str>,
) {
    if names.is_empty() || !mentions(names) {
        return;
    }
    if let [name] = names {
        found.insert(name);
        return;
    }
    let (one, other) = names.split_at(names.len() / 2);
    search(one, mentions, found);
    search(other, mentions, found);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_mentioned_is_asked_for_and_nothing_else() {
        let mentions =
            |names: &[&str]| names.contains(&"group") || names.contains(&"said.rows.line");
        let asked = Asked::of(&mentions);
        assert!(asked.variable("group") && asked.said("rows.line"));
        assert!(!asked.variable("body") && !asked.said("text"));
        assert!(Asked::of(&|_| false).and(&Asked::all_variables()).variable("body"));
    }
}
