//! YAML's own traps: characters that mean something to YAML where a person meant a text.
//!
//! `*` is an alias, `!x` a tag, `> 10m` a block, `#payments` a comment, `{{ group }}` a map in a
//! map. The parser's words for these are puzzles, so when it stumbles, the lines around are looked
//! at here first. A trap is only looked for where the parser has failed or a value is missing.

use super::diagnostic::Diagnostic;
use super::files::{FileId, Files, Place};

/// A trap that somebody stepped into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trap {
    line: usize,
    /// The line's first byte in its file.
    start: usize,
    /// The bytes within the line.
    from: usize,
    to: usize,
    column: usize,
    message: String,
    help: String,
}

/// Where in a line a value begins, and whether within brackets.
struct Value<'a> {
    at: usize,
    rest: &'a str,
    in_brackets: bool,
}

/// Looks for a trap on a line (from 1), and on the one before it that isn't empty for those that
/// the parser notices late.
pub fn near(text: &str, line: usize) -> Option<Trap> {
    let lines: Vec<&str> = text.lines().collect();
    let last = line.clamp(1, lines.len().max(1));
    let here = lines.get(last - 1).and_then(|line| on_line(text, line, last, |_| true));
    here.or_else(|| {
        let before = (1..last).rev().find(|at| !lines[at - 1].trim().is_empty())?;
        on_line(text, lines[before - 1], before, |value| value.rest.starts_with(['{', '#', '$']))
    })
}

/// The first tab that indents a line. YAML forbids it, and the parser says so too late.
pub fn tabs(text: &str) -> Option<Trap> {
    let indented_by_tab = |line: &str| {
        let indent = &line[..line.len() - line.trim_start().len()];
        if line.trim().is_empty() { None } else { indent.find('\t') }
    };
    let mut block: Option<usize> = None;
    for (at, line) in text.lines().enumerate() {
        let indent = line.len() - line.trim_start_matches(' ').len();
        // Within a block of text a tab is text.
        if block.is_some_and(|outer| line.trim().is_empty() || indent > outer) {
            continue;
        }
        block = opens_block(line).then_some(indent);
        if let Some(tab) = indented_by_tab(line) {
            let help = "replace the tab by spaces: two for each level";
            return Some(trap(
                text,
                line,
                at + 1,
                tab..tab + 1,
                "YAML allows no tabs for indentation",
                help,
            ));
        }
    }
    None
}

/// What a value that is missing was probably meant to be: `#payments` is a comment.
pub fn comment_instead_of_value(after_colon: &str) -> Option<String> {
    let comment = after_colon.trim_start();
    let text = comment.strip_prefix('#')?;
    let word = text.split_whitespace().next().filter(|_| !text.starts_with(' '))?;
    Some(format!("`#` begins a comment, so nothing is left; put the text in quotes: \"#{word}\""))
}

fn on_line(
    text: &str,
    line: &str,
    at: usize,
    suspect: impl Fn(&Value<'_>) -> bool,
) -> Option<Trap> {
    values(line).into_iter().filter(suspect).find_map(|value| {
        let (len, message, help) = judge(&value)?;
        Some(trap(text, line, at, value.at..value.at + len, &message, &help))
    })
}

fn judge(value: &Value<'_>) -> Option<(usize, String, String)> {
    let rest = value.rest;
    let word = scalar(value);
    let quote =
        |why: &str| Some((word.len(), why.to_owned(), format!("put it in quotes: \"{word}\"")));
    if rest.starts_with("{{") {
        let end = rest.rfind("}}").map_or(rest.len(), |end| end + 2);
        let help = format!("put the whole text in quotes: \"{}\"", &rest[..end].replace('"', "'"));
        return Some((end, "a text that begins with `{{` is a map to YAML".to_owned(), help));
    }
    match rest.chars().next()? {
        '*' => quote("`*` at the beginning is an alias to YAML, not a text"),
        '!' => quote("`!` at the beginning is a tag to YAML, not a text"),
        '@' | '`' => quote("`@` and a backtick are reserved by YAML at the beginning of a text"),
        '%' => quote("`%` is reserved by YAML at the beginning of a text"),
        '>' | '|' if !is_block_header(rest) => {
            quote("`>` and `|` at the beginning open a block of text to YAML")
        }
        '#' if value.in_brackets => quote("`#` begins a comment, so the rest of the line is gone"),
        '$' if value.in_brackets && rest.starts_with("${") => {
            let end = rest.find('}').map_or(rest.len(), |end| end + 1);
            let help = format!("put it in quotes: \"{}\"", &rest[..end]);
            let why = "within `{…}` and `[…]` YAML takes the braces of `${…}` for a map";
            Some((end, why.to_owned(), help))
        }
        _ => None,
    }
}

/// The text as it was probably meant: to the end of the line, or of its place in brackets.
fn scalar<'a>(value: &Value<'a>) -> &'a str {
    let rest = value.rest.split(" #").next().unwrap_or(value.rest);
    let end = if value.in_brackets {
        rest.find([',', '}', ']']).unwrap_or(rest.len())
    } else {
        rest.len()
    };
    rest[..end].trim_end()
}

/// Every place in a line where a value may begin, outside quotes and comments.
fn values(line: &str) -> Vec<Value<'_>> {
    let mut values = Vec::new();
    let mut quote = None;
    let mut depth = 0_usize;
    // A value may begin here, if this is no space.
    let mut fresh = true;
    let mut previous = ' ';
    for (at, letter) in line.char_indices() {
        let alone = line[at + letter.len_utf8()..].chars().next().is_none_or(char::is_whitespace);
        if let Some(open) = quote {
            if letter == open {
                quote = None;
            }
        } else if fresh && !letter.is_whitespace() && !(letter == '-' && alone) {
            values.push(Value { at, rest: &line[at..], in_brackets: depth > 0 });
        }
        if quote.is_none() {
            match letter {
                '"' | '\'' if fresh => quote = Some(letter),
                '#' if previous.is_whitespace() => break,
                '{' | '[' => depth += 1,
                '}' | ']' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        let separates = (letter == ':' && alone)
            || (letter == '-' && alone && fresh)
            || (depth > 0 && matches!(letter, ',' | '{' | '['));
        fresh = quote.is_none() && (separates || (fresh && letter.is_whitespace()));
        previous = letter;
    }
    values
}

fn opens_block(line: &str) -> bool {
    let line = line.split(" #").next().unwrap_or(line).trim_end();
    let header = line.rsplit(' ').next().unwrap_or("");
    header.starts_with(['|', '>']) && is_block_header(header)
}

/// Whether this is what YAML wants to see after `key:` to open a block: `|`, `>-`, `|2+ # why`.
fn is_block_header(rest: &str) -> bool {
    let header = rest.split(" #").next().unwrap_or(rest).trim_end();
    let marks = &header[1..];
    marks.len() <= 2 && marks.chars().all(|mark| matches!(mark, '+' | '-' | '1'..='9'))
}

fn trap(
    text: &str,
    line: &str,
    at: usize,
    bytes: std::ops::Range<usize>,
    message: &str,
    help: &str,
) -> Trap {
    let start = line.as_ptr() as usize - text.as_ptr() as usize;
    let column = line[..bytes.start].chars().count() + 1;
    let (message, help) = (message.to_owned(), help.to_owned());
    Trap { line: at, start, from: bytes.start, to: bytes.end, column, message, help }
}

impl Trap {
    /// The same as a diagnostic of a file.
    pub fn diagnostic(self, files: &Files, file: FileId) -> Diagnostic {
        let place = Place {
            file,
            line: self.line,
            column: self.column,
            offset: self.start + self.from,
            len: self.to - self.from,
        };
        Diagnostic::error(files, place, self.message).hint(self.help)
    }
}
