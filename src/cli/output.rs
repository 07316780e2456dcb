//! How a command speaks: lines and tables for people, JSON for programs, trouble on stderr.

use std::io::Write;

use agnox_bridge_sinks::text::{cut, neutral, neutral_line};
use anstream::{AutoStream, ColorChoice};
use clap::ValueEnum;
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Bytes of a cell; `show` and `--json` have the whole of it.
const CELL: usize = 100;

/// A text from elsewhere as a part of a line: on that line, and not too long.
pub(super) fn shown(text: &str) -> String {
    cut(&neutral_line(text), CELL).into_owned()
}

/// The text on lines of that width, the second and later ones indented.
fn wrap(text: &str, indent: usize, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_inclusive(' ') {
        let taken = line.chars().count() + word.trim_end().chars().count();
        if taken > width && !line.trim().is_empty() {
            lines.push(line.trim_end().to_owned());
            line = " ".repeat(indent);
        }
        line.push_str(word);
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// So many of something whose name takes an `s`.
pub(super) fn counted(count: u64, what: &str) -> String {
    match (count, what.strip_suffix('y')) {
        (1, _) => format!("1 {what}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        (_, None) => format!("{count} {what}s"),
    }
}

/// Where a command's answers go.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    color: Color,
    /// Whether the answer is to be JSON.
    pub json: bool,
}

impl Output {
    /// Speaks with these settings.
    pub fn new(color: Color, json: bool) -> Self {
        Output { color, json }
    }

    /// Whether standard output takes colours.
    pub fn colored(&self) -> bool {
        !matches!(AutoStream::choice(&std::io::stdout()), ColorChoice::Never)
            && self.color != Color::Never
            || self.color == Color::Always
    }

    /// Prints a line of text, in which nothing that a stranger wrote steers the terminal.
    pub fn line(&self, text: impl AsRef<str>) {
        self.styled(neutral(text.as_ref()));
    }

    /// Prints a line that a narrow terminal breaks between words, the rest indented.
    pub fn wrapped(&self, text: &str, indent: usize) {
        let terminal = std::io::stdout();
        let size = terminal_size::terminal_size_of(terminal);
        let width = size.map_or(usize::MAX, |(width, _)| usize::from(width.0));
        wrap(text, indent, width).iter().for_each(|line| self.line(line));
    }

    /// Prints a line as it is: the program's own, with its colours, or for other programs. A reader
    /// that went away is no error: it has seen enough.
    pub fn styled(&self, text: impl AsRef<str>) {
        let mut stdout = AutoStream::new(std::io::stdout(), self.choice()).lock();
        let _ = writeln!(stdout, "{}", text.as_ref());
    }

    /// Prints a value as JSON, indented.
    pub fn value(&self, value: &impl Serialize) -> anyhow::Result<()> {
        self.styled(serde_json::to_string_pretty(value)?);
        Ok(())
    }

    /// Prints a table with a header; a row is a line, however its cells were written.
    pub fn table<const N: usize>(
        &self,
        header: [&str; N],
        rows: impl IntoIterator<Item = [String; N]>,
    ) {
        self.painted_table(header, rows, str::to_owned);
    }

    /// The same, with each finished line painted: what that adds is the program's own.
    pub fn painted_table<const N: usize>(
        &self,
        header: [&str; N],
        rows: impl IntoIterator<Item = [String; N]>,
        paint: impl Fn(&str) -> String,
    ) {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_header(header.map(str::to_uppercase));
        for row in rows {
            table.add_row(row.map(|cell| shown(&cell)));
        }
        for line in table.to_string().lines() {
            self.styled(paint(&neutral(line.trim_end())));
        }
    }

    /// Says on standard error how far something long has come.
    pub fn progress(&self, text: impl AsRef<str>) {
        let mut stderr = AutoStream::new(std::io::stderr(), self.choice()).lock();
        let _ = writeln!(stderr, "{}", text.as_ref());
    }

    /// Says on standard error what went wrong, and what it came from.
    pub fn error(&self, error: &anyhow::Error) {
        let mut text = format!("error: {error}");
        for cause in error.chain().skip(1) {
            text.push_str(&format!("\n  because: {cause}"));
        }
        self.progress(text);
    }

    fn choice(&self) -> ColorChoice {
        match self.color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_broken_between_words_and_loses_none() {
        let text = "  url (web address): the board's address";
        assert_eq!(wrap(text, 6, usize::MAX), [text]);
        let broken =
            ["  url (web", "      address):", "      the", "      board's", "      address"];
        assert_eq!(wrap(text, 6, 15), broken);
        assert_eq!(wrap("a-word-that-is-too-long", 2, 5), ["a-word-that-is-too-long"]);
    }
}
