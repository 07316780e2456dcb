//! By what a rule can be found: literals of which an event must hold one for the rule to match.

use super::condition::{Condition, Subject, Test};
use super::literal::Literal;
use super::pattern::Pattern;

/// A literal in one of an event's texts.
pub(super) type Anchor = (Subject, Literal);

/// The anchors of which every event that matches holds one; `None` where there are none to go by.
pub(super) fn anchors(condition: &Condition) -> Option<Vec<Anchor>> {
    match &condition.test {
        Test::Text(subject, patterns) => of_patterns(subject, patterns),
        Test::All(conditions) => conditions.iter().filter_map(anchors).max_by_key(|a| strength(a)),
        Test::Any(conditions) => {
            let each: Option<Vec<Vec<Anchor>>> = conditions.iter().map(anchors).collect();
            each.map(|each| each.concat())
        }
        _ => None,
    }
}

fn of_patterns(subject: &Subject, patterns: &[Pattern]) -> Option<Vec<Anchor>> {
    let mut anchors = Vec::new();
    for pattern in patterns {
        if pattern.literals().is_empty() {
            return None;
        }
        let literals = pattern.literals().iter().cloned();
        anchors.extend(literals.map(|literal| (subject.clone(), literal)));
    }
    Some(anchors)
}

/// How well anchors tell events apart: as well as the weakest of them.
fn strength(anchors: &[Anchor]) -> i32 {
    let each = anchors.iter().map(|(subject, literal)| literal.strength() - commonness(subject));
    each.min().unwrap_or(i32::MIN)
}

/// Many events share a source or a kind; fewer a label; few a group.
fn commonness(subject: &Subject) -> i32 {
    match subject {
        Subject::Group | Subject::Summary => 0,
        Subject::Label(_) => 90,
        Subject::Event | Subject::Source => 98,
    }
}
