//! Says in words that a person can read aloud why a condition does not hold.

use agnox_bridge_sinks::template::{cut, humanize};

use super::condition::{Condition, FieldTest, Statuses, Subject, Test};
use super::facts::Facts;
use super::pattern::Pattern;
use super::verdict::Miss;

/// Longer texts from an event are cut in a sentence.
const LONGEST: usize = 80;

impl Condition {
    /// The part of the condition that does not hold, or `None` where all of it does.
    pub(super) fn miss(&self, facts: &Facts<'_>) -> Option<Miss> {
        match &self.test {
            Test::All(conditions) => conditions.iter().find_map(|condition| condition.miss(facts)),
            _ if self.holds(facts) => None,
            _ => Some(Miss { condition: self.path.clone(), why: self.why(facts) }),
        }
    }

    /// The sentence for a condition that does not hold.
    fn why(&self, facts: &Facts<'_>) -> String {
        match &self.test {
            Test::Status(statuses) => {
                let found = facts.event.reading.status.as_ref().map(|s| s.as_str());
                found_and_wanted("status", found, &listed(statuses.shown()))
            }
            Test::Text(subject, patterns) => {
                let wanted = listed(patterns.iter().map(Pattern::shown));
                found_and_wanted(&subject.name(), facts.text(subject), &wanted)
            }
            Test::Duration(comparisons) => {
                let found = facts.seconds.map(humanize);
                let wanted = listed(comparisons.iter().map(|c| c.shown()));
                found_and_wanted("duration", found.as_deref(), &wanted)
            }
            Test::Field { shown, path, tests } => {
                let found = path.get(&facts.event.reading.body).map(|value| match value.as_str() {
                    Some(text) => text.to_owned(),
                    None => value.to_string(),
                });
                let wanted = listed(tests.iter().map(FieldTest::shown));
                found_and_wanted(&format!("field `{shown}`"), found.as_deref(), &wanted)
            }
            Test::Past(past) => {
                let found = past.found(facts.standing);
                found_and_wanted(past.name(), found.as_deref(), &listed(past.wanted().iter()))
            }
            Test::Unmatched(_) => match facts.matched_by {
                Some(rule) => format!("the earlier rule \"{rule}\" matched, wanted none"),
                None => "no earlier rule with conditions matched, wanted one".to_owned(),
            },
            Test::All(conditions) | Test::Any(conditions) => {
                let each = conditions.iter().filter_map(|condition| condition.miss(facts));
                let each: Vec<String> = each.map(|miss| miss.why).collect();
                format!("none of these holds: {}", each.join("; "))
            }
            Test::Not(condition) => format!("`not` excludes this: {}", condition.claim()),
        }
    }

    /// What the condition says of an event.
    fn claim(&self) -> String {
        match &self.test {
            Test::Status(statuses) => format!("status is {}", listed(statuses.shown())),
            Test::Text(subject, patterns) => {
                format!("{} is {}", subject.name(), listed(patterns.iter().map(Pattern::shown)))
            }
            Test::Duration(comparisons) => {
                format!("duration is {}", listed(comparisons.iter().map(|c| c.shown())))
            }
            Test::Field { shown, tests, .. } => {
                format!("field `{shown}` is {}", listed(tests.iter().map(FieldTest::shown)))
            }
            Test::Past(past) => format!("{} is {}", past.name(), listed(past.wanted().iter())),
            Test::Unmatched(true) => "no earlier rule with conditions matched".to_owned(),
            Test::Unmatched(false) => "an earlier rule with conditions matched".to_owned(),
            Test::All(conditions) => claims(conditions, " and "),
            Test::Any(conditions) => claims(conditions, " or "),
            Test::Not(condition) => format!("not ({})", condition.claim()),
        }
    }
}

fn claims(conditions: &[Condition], word: &str) -> String {
    let each: Vec<String> = conditions.iter().map(Condition::claim).collect();
    format!("({})", each.join(word))
}

impl Statuses {
    fn shown(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(|status| status.as_str())
    }
}

impl Subject {
    fn name(&self) -> String {
        match self {
            Subject::Group => "group".to_owned(),
            Subject::Source => "source".to_owned(),
            Subject::Event => "event".to_owned(),
            Subject::Summary => "summary".to_owned(),
            Subject::Label(name) => format!("label `{name}`"),
        }
    }
}

impl FieldTest {
    fn shown(&self) -> String {
        match self {
            FieldTest::Null => "null".to_owned(),
            FieldTest::Bool(value) => value.to_string(),
            FieldTest::Number(number) => number.to_string(),
            FieldTest::Text(pattern) => pattern.shown().to_owned(),
            FieldTest::Compare(comparison) => comparison.shown().to_owned(),
        }
    }
}

fn found_and_wanted(what: &str, found: Option<&str>, wanted: &str) -> String {
    match found {
        Some(found) => format!("{what} is `{}`, wanted {wanted}", cut(found, LONGEST)),
        None => format!("there is no {what}, wanted {wanted}"),
    }
}

/// `a`, `a` or `b`, `a`, `b` or `c`.
fn listed<T: AsRef<str>>(items: impl Iterator<Item = T>) -> String {
    let items: Vec<String> = items.map(|item| format!("`{}`", item.as_ref())).collect();
    match items.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}
