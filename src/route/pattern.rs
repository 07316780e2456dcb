//! A text to compare with: a glob, a regular expression, or letter by letter. Always whole.

use regex::{Regex, RegexBuilder};
use regex_syntax::hir::Hir;
use regex_syntax::hir::literal::{ExtractKind, Extractor};

use super::config::TextConfig;
use super::glob::Glob;
use super::literal::{Literal, Place};

/// A compiled regular expression may take this much memory.
const REGEX_BYTES: usize = 1 << 20;

/// More literals than this don't narrow anything down.
const MOST_LITERALS: usize = 64;

/// What a text is compared with.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    shown: String,
    test: Test,
    literals: Vec<Literal>,
}

#[derive(Clone, Debug)]
enum Test {
    Exact(String),
    Glob(Glob),
    Regex(Regex),
}

/// Why a pattern can't be used, and what to do.
pub(super) struct PatternError {
    pub(super) message: String,
    pub(super) hint: String,
}

/// The test that a text stands for where people select by one, as in rules: a glob, or `/regex/`.
///
/// # Errors
/// With what is wrong with the text.
pub fn text_test(text: &str) -> Result<impl Fn(&str) -> bool, String> {
    let pattern = Pattern::parse(&TextConfig::Pattern(text.to_owned()))
        .map_err(|error| format!("`{text}` can't be used: {}", error.message))?;
    Ok(move |other: &str| pattern.matches(other))
}

impl Pattern {
    pub(super) fn parse(config: &TextConfig) -> Result<Pattern, PatternError> {
        match config {
            TextConfig::Exact(text) => Ok(Pattern::exact(text)),
            TextConfig::Pattern(text) => match text.strip_prefix('/') {
                Some(rest) => Pattern::regex(text, rest),
                None => Pattern::glob(text),
            },
        }
    }

    /// Whether the whole text matches.
    pub(super) fn matches(&self, text: &str) -> bool {
        match &self.test {
            Test::Exact(own) => own == text,
            Test::Glob(glob) => glob.matches(text),
            Test::Regex(regex) => regex.is_match(text),
        }
    }

    /// Literals of which every matching text holds one; empty where there are none to go by.
    pub(super) fn literals(&self) -> &[Literal] {
        &self.literals
    }

    /// The pattern as it was written.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// The one text that matches, where there is only one.
    pub(super) fn only_text(&self) -> Option<&str> {
        match &self.test {
            Test::Exact(text) => Some(text),
            _ => None,
        }
    }

    /// Whether every text matches, as far as is easily seen.
    pub(super) fn matches_all(&self) -> bool {
        self.only_text().is_none() && self.shown == "*"
    }

    /// Whether everything that `other` matches is matched here too, as far as is easily seen.
    pub(super) fn covers(&self, other: &Pattern) -> bool {
        if self.matches_all() {
            return true;
        }
        match other.only_text() {
            Some(text) => self.matches(text),
            None => self.only_text().is_none() && self.shown == other.shown,
        }
    }

    fn exact(text: &str) -> Pattern {
        let literals = vec![Literal::new(Place::Whole, text)];
        Pattern { shown: text.to_owned(), test: Test::Exact(text.to_owned()), literals }
    }

    fn glob(text: &str) -> Result<Pattern, PatternError> {
        if !text.contains(['*', '?', '[']) {
            return Ok(Pattern::exact(text));
        }
        let glob = Glob::parse(text).map_err(|message| PatternError {
            message,
            hint: format!("if the text is meant letter by letter, write {{exact: \"{text}\"}}"),
        })?;
        let literals = glob.literal().into_iter().collect();
        Ok(Pattern { shown: text.to_owned(), test: Test::Glob(glob), literals })
    }

    /// `rest` is what follows the first slash.
    fn regex(text: &str, rest: &str) -> Result<Pattern, PatternError> {
        let Some(expression) = rest.strip_suffix('/') else {
            return Err(PatternError {
                message: "a regular expression opens with `/` and has no `/` at its end".into(),
                hint: format!("write `{text}/`, or {{exact: \"{text}\"}} for the text itself"),
            });
        };
        let refused = |message: String| PatternError {
            message: format!("this is no regular expression: {message}"),
            hint: "it is compared with the whole text; see https://docs.rs/regex for what it may \
                   hold"
                .into(),
        };
        let hir = regex_syntax::Parser::new().parse(expression).map_err(|e| refused(reason(&e)))?;
        let regex = RegexBuilder::new(&format!(r"\A(?:{expression})\z"))
            .size_limit(REGEX_BYTES)
            .dot_matches_new_line(true)
            .build()
            .map_err(|e| refused(last_line(&e.to_string())))?;
        let literals = literals_of(&hir);
        Ok(Pattern { shown: text.to_owned(), test: Test::Regex(regex), literals })
    }
}

fn literals_of(hir: &Hir) -> Vec<Literal> {
    let starts = extract(hir, ExtractKind::Prefix, Place::Start);
    if starts.is_empty() { extract(hir, ExtractKind::Suffix, Place::End) } else { starts }
}

fn extract(hir: &Hir, kind: ExtractKind, place: Place) -> Vec<Literal> {
    let found = Extractor::new().kind(kind).limit_total(MOST_LITERALS).extract(hir);
    let literals = found.literals().unwrap_or_default();
    if literals.iter().any(|literal| literal.is_empty()) {
        return Vec::new();
    }
    literals.iter().map(|literal| Literal::new(place, literal.as_bytes())).collect()
}

/// What is wrong with an expression, without the drawing of it.
fn reason(error: &regex_syntax::Error) -> String {
    match error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        _ => last_line(&error.to_string()),
    }
}

fn last_line(text: &str) -> String {
    text.lines().last().unwrap_or(text).trim().trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern::parse(&TextConfig::Pattern(text.into())).ok().unwrap()
    }

    #[test]
    fn a_regular_expression_is_compared_with_the_whole_text() {
        assert!(pattern("/prod-\\d+/").matches("prod-12"));
        assert!(!pattern("/prod-\\d+/").matches("prod-12-eu"));
        assert!(!pattern("/a|b/").matches("ab"));
        assert!(pattern("/(?i)Prod.*/").matches("PROD\n1"));
    }

    #[test]
    fn an_exact_text_has_no_special_characters() {
        let exact = Pattern::parse(&TextConfig::Exact("a*[/".into())).ok().unwrap();
        assert!(exact.matches("a*[/"));
        assert!(!exact.matches("ab[/"));
    }

    #[test]
    fn what_can_not_be_read_says_why() {
        for (text, why) in [
            ("/abc", "no `/` at its end"),
            ("/a)|(b/", "unopened group"),
            ("/(a/", "unclosed group"),
            ("/(?x)a # b/", "unclosed group"),
            ("/\\p{Nope}/", "property"),
            ("/(a{1000}){1000}/", "size limit"),
            ("[a", "no `]`"),
        ] {
            let error = Pattern::parse(&TextConfig::Pattern(text.into())).err().unwrap();
            assert!(error.message.contains(why), "{text}: {}", error.message);
        }
    }

    #[test]
    fn a_regular_expression_is_known_by_its_first_or_last_letters() {
        let starts = pattern("/(api|web)-.*/");
        let expected = [Literal::new(Place::Start, "api-"), Literal::new(Place::Start, "web-")];
        assert_eq!(starts.literals(), expected);
        let ends = pattern("/.*-smoke/");
        assert_eq!(ends.literals(), [Literal::new(Place::End, "-smoke")]);
        assert!(pattern("/.*/").literals().is_empty());
        assert!(pattern("/x?/").literals().is_empty());
    }
}
