//! What deciding remembers from one event to the next, as the journal keeps it: rows with a unique
//! name, and a due time where they are timers too.
//!
//! The journal knows no meaning: `route` writes and reads the values. A group's memory has the name
//! that [`group_name`] gives; all other names begin with another word and are few.

use jiff::Timestamp;

use super::history::{GroupKey, Incident};

/// One row of memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memo {
    /// Its name, unique.
    pub name: String,
    /// When it is due, if it is a timer.
    pub due: Option<Timestamp>,
    /// What is remembered, as JSON.
    pub value: String,
}

/// How memory changes with a decision or a timer; committed whole, together with it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Patch {
    /// Rows that are new or have another value or due time now.
    pub put: Vec<Memo>,
    /// Names that are forgotten.
    pub forget: Vec<String>,
    /// Incidents that ended.
    pub ended: Vec<Incident>,
    /// Events of the bridge's own, to be stored and decided like others.
    pub events: Vec<OwnEvent>,
}

/// An event that the bridge makes itself: a run that is missing, a digest that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnEvent {
    /// The source that it counts to: the group's, or [`OWN_SOURCE`].
    pub source: String,
    /// When it was made: the timer's due time, or now if that is long past.
    pub at: Timestamp,
    /// Its body, JSON; no two are equal.
    pub body: Vec<u8>,
}

/// The source of messages that the bridge makes itself (digests and the like). No configured source
/// can have this name, so nobody can post one.
pub const OWN_SOURCE: &str = "(bridge)";

/// What separates the parts of a name; names of groups and rules can't make two names equal.
pub const SEPARATOR: char = '\u{1f}';

/// What names of groups' memories begin with.
pub const GROUPS: &str = "group\u{1f}";

/// The name of a group's memory.
pub fn group_name(key: &GroupKey) -> String {
    name(&["group", &key.source, &key.group])
}

/// The group that a name of a group's memory names.
pub fn group_of(name: &str) -> Option<GroupKey> {
    let rest = name.strip_prefix(GROUPS)?;
    let (source, group) = rest.split_once(SEPARATOR)?;
    Some(GroupKey { source: source.into(), group: unescaped(group).into() })
}

/// A name made of parts, which can hold any text.
pub fn name(parts: &[&str]) -> String {
    let mut name = String::with_capacity(parts.iter().map(|part| part.len() + 1).sum());
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            name.push(SEPARATOR);
        }
        match part.contains([SEPARATOR, '\u{1e}']) {
            true => name.push_str(&escaped(part)),
            false => name.push_str(part),
        }
    }
    name
}

fn escaped(part: &str) -> String {
    part.replace('\u{1e}', "\u{1e}e").replace(SEPARATOR, "\u{1e}s")
}

fn unescaped(part: &str) -> String {
    part.replace("\u{1e}s", "\u{1f}").replace("\u{1e}e", "\u{1e}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_in_a_name_makes_two_names_equal() {
        assert_ne!(name(&["a\u{1f}b", "c"]), name(&["a", "b\u{1f}c"]));
        assert_ne!(name(&["a\u{1e}s", "c"]), name(&["a\u{1f}", "c"]));
    }

    #[test]
    fn a_group_is_read_back_from_its_name() {
        for group in ["checkout", "", "a\u{1f}b\u{1e}s\u{1e}", "ü ✓"] {
            let key = GroupKey { source: "main".into(), group: group.into() };
            assert_eq!(group_of(&group_name(&key)), Some(key));
        }
        assert_eq!(group_of("throttle\u{1f}x\u{1f}y"), None);
    }
}
