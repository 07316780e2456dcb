//! Compiles what a person wrote as conditions, and collects all that is wrong with it.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::body_path::BodyPath;
use super::comparison::Comparison;
use super::condition::{Condition, FieldTest, Statuses, Subject, Test};
use super::config::{Conditions, FieldConfig, TextConfig};
use super::findings::Findings;
use super::pattern::Pattern;
use super::shapes::OneOrMany;
use crate::model::{Status, UNGROUPED};

/// Conditions may nest this deep.
const DEEPEST: usize = 16;

/// Compiles the conditions of one rule; its findings stand at paths below the rule.
pub(super) struct Compiler<'a, 'f> {
    pub(super) findings: &'a mut Findings<'f>,
    /// Every label that any group has.
    pub(super) labels: &'a [String],
    /// The zone that dates are meant in.
    pub(super) zone: &'a TimeZone,
}

impl Compiler<'_, '_> {
    /// All conditions of a map, as one. Where something is wrong it is said, and left out.
    pub(super) fn conditions(
        &mut self,
        config: &Conditions,
        path: &str,
        depth: usize,
    ) -> Condition {
        if depth > DEEPEST {
            self.findings.problem(path, format!("conditions nest deeper than {DEEPEST}"));
            return Condition { path: path.to_owned(), test: Test::All(Vec::new()) };
        }
        if *config == Conditions::default() {
            self.findings.problem(path, "there are no conditions").hint(
                "write at least one, such as {status: FAILED}; for every event, `when: always`",
            );
        }
        let mut tests = self.plain(config, path);
        tests.extend(self.past(config, path));
        tests.extend(self.labels(config.labels.as_ref(), &format!("{path}.labels")));
        tests.extend(self.fields(config.fields.as_ref(), &format!("{path}.fields")));
        self.nested(config, path, depth, &mut tests);
        match tests.len() {
            1 => tests.remove(0),
            _ => Condition { path: path.to_owned(), test: Test::All(tests) },
        }
    }

    /// The conditions that stand for themselves, the cheap ones first.
    fn plain(&mut self, config: &Conditions, path: &str) -> Vec<Condition> {
        let below = |key: &str| format!("{path}.{key}");
        let tests = [
            ("status", self.statuses(config.status.as_ref(), &below("status"))),
            ("unmatched", config.unmatched.map(Test::Unmatched)),
            ("source", self.text(Subject::Source, config.source.as_ref(), &below("source"))),
            ("group", self.text(Subject::Group, config.group.as_ref(), &below("group"))),
            ("event", self.text(Subject::Event, config.event.as_ref(), &below("event"))),
            ("duration", self.duration(config.duration.as_ref(), &below("duration"))),
            ("summary", self.text(Subject::Summary, config.summary.as_ref(), &below("summary"))),
        ];
        let given = tests.into_iter().filter_map(|(key, test)| Some((below(key), test?)));
        given.map(|(path, test)| Condition { path, test }).collect()
    }

    fn nested(&mut self, config: &Conditions, path: &str, depth: usize, into: &mut Vec<Condition>) {
        if let Some(all) = &config.all {
            let path = format!("{path}.all");
            let test = Test::All(self.list(all, &path, depth));
            into.push(Condition { path, test });
        }
        if let Some(any) = &config.any {
            let path = format!("{path}.any");
            let test = Test::Any(self.list(any, &path, depth));
            into.push(Condition { path, test });
        }
        if let Some(not) = &config.not {
            let path = format!("{path}.not");
            let test = Test::Not(Box::new(self.conditions(not, &path, depth + 1)));
            into.push(Condition { path, test });
        }
    }

    fn list(&mut self, list: &[Conditions], path: &str, depth: usize) -> Vec<Condition> {
        if list.is_empty() {
            self.findings.problem(path, "the list is empty");
        }
        let each = list.iter().enumerate();
        each.map(|(i, c)| self.conditions(c, &format!("{path}[{i}]"), depth + 1)).collect()
    }

    fn statuses(&mut self, config: Option<&OneOrMany<String>>, path: &str) -> Option<Test> {
        let mut list = Vec::new();
        for (path, word) in self.items(config?, path) {
            list.push(self.findings.status(word, &path));
        }
        Some(Test::Status(Statuses::new(list)))
    }

    fn text(
        &mut self,
        subject: Subject,
        config: Option<&OneOrMany<TextConfig>>,
        path: &str,
    ) -> Option<Test> {
        let mut patterns = Vec::new();
        for (path, text) in self.items(config?, path) {
            let pattern = self.findings.pattern(text, &path);
            if pattern.as_ref().and_then(Pattern::only_text) == Some("") {
                self.findings.problem(&path, "an empty text never matches").hint(absent(&subject));
            }
            patterns.extend(pattern);
        }
        Some(Test::Text(subject, patterns))
    }

    fn duration(&mut self, config: Option<&OneOrMany<String>>, path: &str) -> Option<Test> {
        let mut comparisons = Vec::new();
        for (path, text) in self.items(config?, path) {
            match Comparison::of_duration(text) {
                Ok(comparison) => comparisons.push(comparison),
                Err(message) => drop(self.findings.problem(&path, message)),
            }
        }
        Some(Test::Duration(comparisons))
    }

    fn labels(
        &mut self,
        config: Option<&BTreeMap<String, OneOrMany<TextConfig>>>,
        path: &str,
    ) -> Vec<Condition> {
        let mut conditions = Vec::new();
        for (name, texts) in self.entries(config, path) {
            let path = format!("{path}.{name}");
            if !self.labels.contains(name) {
                self.findings
                    .warning(&path, format!("no group has a label `{name}`, so this never holds"))
                    .nearest_label(name, self.labels);
            }
            let test = self.text(Subject::Label(name.clone()), Some(texts), &path);
            conditions.extend(test.map(|test| Condition { path, test }));
        }
        conditions
    }

    fn fields(
        &mut self,
        config: Option<&BTreeMap<String, OneOrMany<FieldConfig>>>,
        path: &str,
    ) -> Vec<Condition> {
        let mut conditions = Vec::new();
        for (field, values) in self.entries(config, path) {
            let at = format!("{path}.{field}");
            let tests = self.field_tests(values, &at);
            match BodyPath::parse(field) {
                Ok(path) => conditions.push(Condition {
                    path: at,
                    test: Test::Field { shown: field.clone(), path, tests },
                }),
                Err(message) => self
                    .findings
                    .problem(&at, format!("`{field}` is no path into the body: {message}"))
                    .hint("write it like stats.failed, tags[0] or [\"a.b\"].c"),
            }
        }
        conditions
    }

    fn field_tests(&mut self, config: &OneOrMany<FieldConfig>, path: &str) -> Vec<FieldTest> {
        let mut tests = Vec::new();
        for (path, value) in self.items(config, path) {
            tests.extend(self.field_test(value, &path));
        }
        tests
    }

    fn field_test(&mut self, config: &FieldConfig, path: &str) -> Option<FieldTest> {
        let text = match config {
            FieldConfig::Null => return Some(FieldTest::Null),
            FieldConfig::Bool(value) => return Some(FieldTest::Bool(*value)),
            FieldConfig::Number(number) => return Some(FieldTest::Number(number.clone())),
            FieldConfig::Text(text) => text,
        };
        if let TextConfig::Pattern(text) = text
            && let Some(comparison) = Comparison::of_number(text)
        {
            return match comparison {
                Ok(comparison) => Some(FieldTest::Compare(comparison)),
                Err(message) => {
                    let hint = format!("for the text itself write {{exact: \"{text}\"}}");
                    self.findings.problem(path, message).hint(hint);
                    None
                }
            };
        }
        self.findings.pattern(text, path).map(FieldTest::Text)
    }

    /// The items of an option, which must have some.
    pub(super) fn items<'c, T>(
        &mut self,
        config: &'c OneOrMany<T>,
        path: &str,
    ) -> Vec<(String, &'c T)> {
        let items = config.items(path);
        if items.is_empty() {
            self.findings.problem(path, "the list is empty");
        }
        items
    }

    /// The entries of a map, which must have some.
    fn entries<'c, T>(
        &mut self,
        config: Option<&'c BTreeMap<String, T>>,
        path: &str,
    ) -> impl Iterator<Item = (&'c String, &'c T)> + use<'c, T> {
        if config.is_some_and(BTreeMap::is_empty) {
            self.findings.problem(path, "there is nothing in it");
        }
        config.into_iter().flatten()
    }
}

fn absent(subject: &Subject) -> String {
    match subject {
        Subject::Group => format!("events without a group have `{UNGROUPED}`"),
        _ => "to ask for what isn't there, write `not` with `\"*\"`".to_owned(),
    }
}

impl super::findings::Findings<'_> {
    /// Reads a status; an unknown word works, but is probably not meant.
    pub(super) fn status(&mut self, word: &str, path: &str) -> Status {
        let status = Status::parse(word);
        if !status.is_known() {
            let known = Status::KNOWN.map(|status| status.to_string());
            self.warning(path, format!("`{word}` is no status that Agnox documents"))
                .nearest(&word.to_uppercase(), known.iter().map(String::as_str));
        }
        status
    }

    /// Reads a text to compare with.
    pub(super) fn pattern(&mut self, text: &TextConfig, path: &str) -> Option<Pattern> {
        match Pattern::parse(text) {
            Ok(pattern) => Some(pattern),
            Err(error) => {
                self.problem(path, error.message).hint(error.hint);
                None
            }
        }
    }
}
