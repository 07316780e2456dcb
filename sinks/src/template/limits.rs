//! Limits: what a template may ask of the machine, when it is read and when it is rendered.
//!
//! The parser descends one stack frame for each nested block or parenthesis, and a template that
//! is nested deep enough would end the whole process. So the nesting is counted on the text,
//! before the parser sees it. Rendering has a budget of output and of steps.

use std::cell::Cell;

use super::RenderError;

/// The largest template, in bytes.
pub(super) const SIZE: usize = 256 * 1024;
/// How deep blocks, else-branches, parentheses, partials and JSON trees may nest.
pub(super) const DEPTH: usize = 50;
/// The most tags in one template: finding each one's line costs time.
const TAGS: usize = 5_000;
/// The largest template with all of its partials filled in, in about bytes.
pub(super) const FILLED: usize = 1024 * 1024;
/// What one part of it takes beside its text.
pub(super) const PART: usize = 20;
/// The most that one rendering may give, in bytes.
pub(super) const OUTPUT: usize = 1024 * 1024;
/// The most steps that one rendering may take.
const STEPS: usize = 1_000_000;

/// What is wrong with a text before it is parsed, and at which byte.
pub(super) type Refusal = (usize, String);

/// Refuses what the parser should not see.
pub(super) fn scan(text: &str) -> Result<(), Refusal> {
    if text.len() > SIZE {
        return Err((0, format!("the template has {} bytes, the limit is {SIZE}", text.len())));
    }
    let mut open = Vec::new();
    let mut tags = 0;
    let mut at = 0;
    while let Some(start) = text[at..].find("{{").map(|found| at + found) {
        at = start + 2;
        if !is_escaped(text, start) {
            at = tag(text, start, &mut open)?;
            tags += 1;
        }
        if tags > TAGS {
            return Err((start, format!("the template has more than {TAGS} tags")));
        }
    }
    Ok(())
}

/// A single backslash takes the braces' meaning away; two are a backslash.
fn is_escaped(text: &str, start: usize) -> bool {
    text[..start].bytes().rev().take_while(|byte| *byte == b'\\').take(2).count() == 1
}

/// Reads one tag, keeps the stack of open blocks (each with its branches), and gives its end.
fn tag(text: &str, start: usize, open: &mut Vec<usize>) -> Result<usize, Refusal> {
    if let Some(comment) = text[start..].strip_prefix("{{!") {
        return Ok(comment_end(text, comment));
    }
    let inner = text[start + 2..].trim_start_matches(|c: char| c == '~' || c.is_whitespace());
    match inner.as_bytes().first() {
        Some(b'#') => open.push(1),
        Some(b'/') => drop(open.pop()),
        _ if inner.starts_with('^') || inner.starts_with("else") => {
            if let Some(branches) = open.last_mut() {
                *branches += 1;
            }
        }
        _ => {}
    }
    if open.len() > DEPTH || open.iter().sum::<usize>() > 2 * DEPTH {
        return Err((start, format!("blocks nest deeper than {DEPTH}")));
    }
    let name = inner.trim_start_matches(|c: char| "#>~".contains(c) || c.is_whitespace());
    if name.starts_with(['"', '\'']) {
        return Err((start, "a tag begins with a name, without quotes".to_owned()));
    }
    tag_end(text, start)
}

/// The end of a comment, read as the parser does.
fn comment_end(text: &str, comment: &str) -> usize {
    let long = comment.trim_start().starts_with("--").then(|| comment.find("--}}")).flatten();
    let end = long.map(|at| at + 4).or_else(|| comment.find("}}").map(|at| at + 2));
    text.len() - comment.len() + end.unwrap_or(comment.len())
}

/// The end of a tag; what looks like one inside quotes is none. Brackets and braces outside of
/// quotes are refused: they are rare ways of writing names and constants, and with them nobody but
/// the parser could tell where a tag ends.
fn tag_end(text: &str, start: usize) -> Result<usize, Refusal> {
    let mut nested = 0;
    let mut quote = None;
    let mut bytes = text.bytes().enumerate().skip(start + 2);
    while let Some((at, byte)) = bytes.next() {
        match (quote, byte) {
            (Some(_), b'\\') => drop(bytes.next()),
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'(') => nested += 1,
            (None, b'}') if text[at..].starts_with("}}") => return Ok(at + 2),
            (None, b'{') => {
                let message = "`{{{…}}}` would print a value without its escape; write `{{…}}`";
                return Err((start, message.to_owned()));
            }
            (None, b'[' | b']') => {
                let message = "brackets can't stand in a tag; use `lookup` for odd names";
                return Err((start, message.to_owned()));
            }
            _ => {}
        }
        if nested > DEPTH {
            return Err((start, format!("more than {DEPTH} parentheses in one tag")));
        }
    }
    Ok(text.len())
}

/// What is left of a rendering's output and steps.
pub(super) struct Budget {
    output: Cell<usize>,
    steps: Cell<usize>,
}

impl Budget {
    /// A whole budget.
    pub(super) fn new() -> Self {
        Budget { output: Cell::new(OUTPUT), steps: Cell::new(STEPS) }
    }

    /// What is left, to be given back to [`Budget::restore`].
    pub(super) fn left(&self) -> (usize, usize) {
        (self.output.get(), self.steps.get())
    }

    /// Takes back what was spent since: the same is written once more.
    pub(super) fn restore(&self, (output, steps): (usize, usize)) {
        self.output.set(output);
        self.steps.set(steps);
    }

    /// Takes so many bytes of output.
    pub(super) fn output(&self, bytes: usize) -> Result<(), RenderError> {
        let left = self.output.get().checked_sub(bytes);
        self.output.set(left.ok_or_else(|| RenderError(too_large()))?);
        Ok(())
    }

    /// Takes so many steps.
    pub(super) fn steps(&self, steps: usize) -> Result<(), RenderError> {
        let left = self.steps.get().checked_sub(steps);
        self.steps.set(left.ok_or_else(|| {
            RenderError(format!("the template takes more than {STEPS} steps on this event"))
        })?);
        Ok(())
    }
}

/// Says that the output limit was reached.
pub(super) fn too_large() -> String {
    format!("the template gives more than {OUTPUT} bytes on this event")
}
