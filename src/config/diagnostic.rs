//! What is wrong with the configuration, shown as a person needs it: file, line, column, the line
//! itself with a caret, what is wrong and what to do.
//!
//! A [`Diagnostic`] is plain data (programs get it as JSON); its rendering is left to
//! annotate-snippets. It knows no option; who finds something says what and where.

use std::fmt;

use annotate_snippets::{AnnotationKind, Element, Group, Level, Renderer, Snippet};
use serde::Serialize;

use super::files::{Files, Place};

/// A secret as short as this may be a part of an ordinary word.
const SHORT: usize = 8;

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The configuration can't be used.
    Error,
    /// It can, and is probably not what is meant.
    Warning,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// Where.
    #[serde(flatten)]
    pub spot: Spot,
    /// What to do about it.
    pub help: Option<String>,
    /// Another place that belongs to it, and what it has to do with it.
    pub also: Option<(Spot, String)>,
}

/// A place as a person sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Spot {
    /// The file, as it was named.
    pub file: String,
    /// The line, from 1; 0 where only the file is known.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// How many characters it is long, within its line.
    pub length: usize,
    /// The line itself, secrets covered.
    pub text: String,
}

/// Everything that is wrong, found in one run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Errors and warnings, in the order of the files.
    pub diagnostics: Vec<Diagnostic>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(files: &Files, place: Place, message: impl Into<String>) -> Self {
        let spot = Spot::of(files, place);
        Diagnostic {
            severity: Severity::Error,
            message: message.into(),
            spot,
            help: None,
            also: None,
        }
    }

    /// A warning at a place.
    pub fn warning(files: &Files, place: Place, message: impl Into<String>) -> Self {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(files, place, message) }
    }

    /// The same with advice.
    #[must_use]
    pub fn hint(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with advice, if there is any.
    #[must_use]
    pub fn maybe_hint(mut self, help: Option<String>) -> Self {
        self.help = help.or(self.help);
        self
    }

    /// The same with another place that belongs to it.
    #[must_use]
    pub fn also(mut self, files: &Files, place: Place, label: impl Into<String>) -> Self {
        self.also = Some((Spot::of(files, place), label.into()));
        self
    }

    /// Covers secrets in everything that is shown; the caret moves with what it points at.
    pub fn cover(&mut self, secrets: &[String]) {
        let spots = [Some(&mut self.spot), self.also.as_mut().map(|(spot, _)| spot)];
        for spot in spots.into_iter().flatten() {
            secrets.iter().for_each(|secret| spot.cover(secret));
        }
        for text in [Some(&mut self.message), self.help.as_mut()].into_iter().flatten() {
            for secret in secrets {
                *text = without(text, secret);
            }
        }
    }

    /// The whole as a person reads it, in colour or not.
    pub fn render(&self, coloured: bool) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut group = level.primary_title(self.message.as_str()).element(self.spot.element(None));
        if let Some((spot, label)) = &self.also {
            group = group.element(spot.element(Some(label)));
        }
        let mut groups = vec![group];
        if let Some(help) = &self.help {
            groups.push(Group::with_title(Level::HELP.secondary_title(help.as_str())));
        }
        let renderer = if coloured { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&groups)
    }
}

/// What stands in place of a secret.
const COVER: &str = "***";

/// A text without a secret. One that is a part of a longer word is that word's.
fn without(text: &str, secret: &str) -> String {
    let mut covered = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(secret) {
        let (before, after) = (&rest[..at], &rest[at + secret.len()..]);
        let inside =
            before.ends_with(char::is_alphanumeric) || after.starts_with(char::is_alphanumeric);
        covered.push_str(before);
        covered.push_str(if inside && secret.len() < SHORT { secret } else { "***" });
        rest = after;
    }
    covered + rest
}

impl Spot {
    /// What makes a place the same place.
    pub fn key(&self) -> (String, usize, usize) {
        (self.file.clone(), self.line, self.column)
    }

    /// Covers a secret in the line. Not even its length shows.
    fn cover(&mut self, secret: &str) {
        while let Some(at) = self.text.find(secret).filter(|_| secret != COVER) {
            let (before, long) = (self.text[..at].chars().count(), secret.chars().count());
            self.text.replace_range(at..at + secret.len(), COVER);
            let (start, end) = (self.column - 1, self.column - 1 + self.length);
            if start >= before + long {
                self.column = self.column + COVER.len() - long;
            } else if start >= before {
                (self.column, self.length) = (before + 1, COVER.len());
            } else if end >= before + long {
                self.length = self.length + COVER.len() - long;
            }
        }
    }

    fn of(files: &Files, place: Place) -> Self {
        let file = files.get(place.file).path.display().to_string();
        let text = if place.line == 0 { "" } else { files.line(place) }.to_owned();
        let width =
            files.slice(place).lines().next().map_or(0, |first| first.trim_end().chars().count());
        let rest = text.chars().count().saturating_sub(place.column.saturating_sub(1));
        let length = width.min(rest).max(1);
        Spot { file, line: place.line, column: place.column, length, text }
    }

    fn element<'a>(&'a self, label: Option<&'a str>) -> Element<'a> {
        if self.line == 0 {
            return annotate_snippets::Origin::path(self.file.as_str()).into();
        }
        let kind = if label.is_none() { AnnotationKind::Primary } else { AnnotationKind::Context };
        let start = self.byte(self.column.saturating_sub(1));
        let end = self.byte(self.column.saturating_sub(1) + self.length).max(start);
        let snippet = Snippet::source(self.text.as_str())
            .line_start(self.line)
            .path(self.file.as_str())
            .annotation(kind.span(start..end).label(label));
        snippet.into()
    }

    /// The byte at which a character of the line begins.
    fn byte(&self, character: usize) -> usize {
        self.text.char_indices().nth(character).map_or(self.text.len(), |(byte, _)| byte)
    }
}

impl Report {
    /// A report of these.
    pub fn new(diagnostics: Vec<Diagnostic>) -> Self {
        Report { diagnostics }
    }

    /// How many errors there are.
    pub fn errors(&self) -> usize {
        self.diagnostics.iter().filter(|one| one.severity == Severity::Error).count()
    }

    /// The whole as a person reads it, in colour or not.
    pub fn render(&self, coloured: bool) -> String {
        let rendered: Vec<String> =
            self.diagnostics.iter().map(|one| one.render(coloured)).collect();
        rendered.join("\n\n")
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Report {}
