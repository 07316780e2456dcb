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
/// The most parts of one template with all of its partials filled in.
pub(super) const PARTS: usize = 50_000;
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
    let mut at = 0;
    while let Some(start) = text[at..].find("{{").map(|found| at + found) {
        at = start + 2;
        if !is_escaped(text, start) {
            at = tag(text, start, &mut open)?;
        }
    }
    Ok(())
}

/// A single backslash takes the braces' meaning away; two are a backslash.
fn is_escaped(text: &str, start: usize) -> bool {
    text[..start].bytes().rev().take_while(|byte| *byte == b'\\').take(2).count() == 1
}

/// Reads one tag, keeps the stack of open blocks (with their else-branches), and gives its end.
fn tag(text: &str, start: usize, open: &mut Vec<usize>) -> Result<usize, Refusal> {
    if text[start..].starts_with("{{{{") {
        return Err((start, "raw blocks (`{{{{`) are not supported".into()));
    }
    if text[start..].starts_with("{{!") {
        return Ok(comment_end(text, start));
    }
    let inner = text[start..].trim_start_matches(|c: char| "{~".contains(c) || c.is_whitespace());
    match inner.as_bytes().first() {
        Some(b'#') => open.push(1),
        Some(b'/') => drop(open.pop()),
        Some(b'^') => open.iter_mut().next_back().into_iter().for_each(|branches| *branches += 1),
        _ if inner.starts_with("else") => {
            open.iter_mut().next_back().into_iter().for_each(|branches| *branches += 1);
        }
        _ => {}
    }
    if open.iter().sum::<usize>() > 2 * DEPTH || open.len() > DEPTH {
        return Err((start, format!("blocks nest deeper than {DEPTH}")));
    }
    tag_end(text, start)
}

fn comment_end(text: &str, start: usize) -> usize {
    let end = if text[start..].starts_with("{{!--") { "--}}" } else { "}}" };
    text[start..].find(end).map_or(text.len(), |found| start + found + end.len())
}

/// The end of a tag; what looks like one inside quotes is none.
fn tag_end(text: &str, start: usize) -> Result<usize, Refusal> {
    let mut nested = 0;
    let mut quote = None;
    let mut bytes = text.bytes().enumerate().skip(start + 2);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' if quote.is_some() => drop(bytes.next()),
            b'(' | b'[' | b'{' => nested += 1,
            _ if quote == Some(byte) => quote = None,
            b'"' | b'\'' if quote.is_none() => quote = Some(byte),
            b'}' if quote.is_none() && text[at..].starts_with("}}") => return Ok(at + 2),
            _ => {}
        }
        if nested > DEPTH {
            return Err((start, format!("more than {DEPTH} parentheses and brackets in one tag")));
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

    /// Takes so many bytes of output.
    pub(super) fn output(&self, bytes: usize) -> Result<(), RenderError> {
        let left = self.output.get().checked_sub(bytes);
        self.output.set(left.ok_or_else(|| RenderError(too_large()))?);
        Ok(())
    }

    /// Takes one step.
    pub(super) fn step(&self) -> Result<(), RenderError> {
        let left = self.steps.get().checked_sub(1);
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
