//! Which names somebody's templates ask for, so that a scene holds these and no others.

use std::collections::BTreeSet;

use super::said::{FIELDS, ROW_FIELDS};
use crate::picked::Variables;
use crate::template::Template;

/// The variables that may be large.
const LARGE: [&str; 4] = ["body", "digest", "labels", "with"];

/// The names that are asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Asked {
    /// Variables of the notice.
    pub variables: Variables,
    said: BTreeSet<&'static str>,
}

impl Asked {
    /// Those that a service's templates mention.
    pub fn of(mentions: &dyn Fn(&[&str]) -> bool) -> Self {
        let said = FIELDS.iter().chain(&ROW_FIELDS);
        let said = said.filter(|name| mentions(&[&format!("said.{name}")])).copied().collect();
        Asked { said, ..Asked::of_notice(mentions) }
    }

    /// Those that a template of a person's own mentions, which knows the notice alone.
    pub fn of_notice(mentions: &dyn Fn(&[&str]) -> bool) -> Self {
        let names: Vec<&'static str> = Variables::names().collect();
        let mut found = BTreeSet::new();
        search(&names, mentions, &mut found);
        let variables = Variables::of(|name| found.contains(name));
        Asked { variables, said: BTreeSet::new() }
    }

    /// The same in a hurry, for a template that comes with its message: what is small is taken
    /// unasked.
    pub fn of_words(words: &Template) -> Self {
        let asked = |name: &str| !LARGE.contains(&name) || words.mentions(&[name]);
        Asked { variables: Variables::of(asked), said: BTreeSet::new() }
    }

    /// Every variable of a notice.
    pub fn all_variables() -> Self {
        Asked { variables: Variables::of(|_| true), said: BTreeSet::new() }
    }

    /// These and the others.
    pub fn and(&self, other: &Asked) -> Self {
        Asked { variables: self.variables.and(other.variables), said: &self.said | &other.said }
    }

    /// Whether a name below `said` is asked for.
    pub fn said(&self, name: &str) -> bool {
        self.said.contains(name)
    }
}

/// Finds the few that are mentioned among the many: by halves, since most halves have none.
fn search(
    names: &[&'static str],
    mentions: &dyn Fn(&[&str]) -> bool,
    found: &mut BTreeSet<&'static str>,
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
    use jiff::tz::TimeZone;

    use super::*;
    use crate::template::{Escape, Names, Templates};

    #[test]
    fn what_is_mentioned_is_asked_for_and_nothing_else() {
        let mentions =
            |names: &[&str]| names.contains(&"group") || names.contains(&"said.rows.line");
        let asked = Asked::of(&mentions);
        let is = |asked: &Asked, name: &str| {
            let one = Variables::of(|known| known == name);
            one != Variables::default() && asked.variables.and(one) == asked.variables
        };
        assert!(is(&asked, "group") && asked.said("rows.line"));
        assert!(!is(&asked, "body") && !asked.said("text"));
        let templates = Templates::new(Names::default(), TimeZone::UTC);
        let words = templates.compile("{{ body.x }}", Escape::None).unwrap();
        let asked = Asked::of_words(&words);
        assert!(is(&asked, "group") && is(&asked, "body") && !is(&asked, "digest"));
        assert!(is(&Asked::of(&|_| false).and(&Asked::all_variables()), "body"));
    }
}
