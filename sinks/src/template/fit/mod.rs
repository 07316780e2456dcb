//! Making a field fit: the ends of the printed values give way, the longest value first.
//!
//! The templates' own text is markup and stays whole. Each value is cut before it is escaped, so
//! that what is left is as harmless as the whole was, and ends in `…`. Where the templates' own
//! text alone is too long (a rule's words may be), the field ends where it is full: [`clip`].

mod clip;

use std::borrow::Cow;

use serde_json::Value;

use super::Escape;
use super::escape::whole;
use super::limit::{Amount, Limit};
use super::out::Out;

/// Where something is missing.
const ELLIPSIS: &str = "…";

/// So few bytes at the end of a value may stand where `…` would.
const NEARLY: usize = 64;

/// A field's parts: each with what is done to it, where it is data.
type Part<'p> = (&'p str, Option<Escape>);

/// The text of a field that may be too long.
pub(super) fn fitted(out: &Out, escape: Escape, limit: Option<Limit>, most: usize) -> String {
    let parts: Vec<Part<'_>> = out.parts().collect();
    let limit = limit.filter(|limit| limit.of != Amount::Items);
    let room = limit.unwrap_or(Limit { most: usize::MAX, of: Amount::Characters });
    let mut share = share(&parts, room).min(most);
    loop {
        let text = written(&parts, share, room.of);
        let over = room.of.length(&text).saturating_sub(room.most);
        match over {
            0 => return text,
            _ if share == 0 => return clip::clipped(&parts, escape, room),
            // A value that gave way altogether may have changed how the next one is escaped.
            _ => share = share.saturating_sub(over),
        }
    }
}

/// The most that each value may take, so that all together fit; the longest where they do.
fn share(parts: &[Part<'_>], room: Limit) -> usize {
    let (mut values, mut scratch) = (Vec::new(), String::new());
    let mut left = room.most;
    for (text, escape) in parts {
        match escape {
            // Beyond the whole room it makes no difference how long it is.
            Some(_) if room.excludes(text.len()) => values.push(room.most),
            Some(escape) => {
                scratch.clear();
                escape.write(text, &mut scratch);
                values.push(room.of.length(&scratch).min(room.most));
            }
            None => left = left.saturating_sub(room.of.length(text)),
        }
    }
    values.sort_unstable();
    for (done, value) in values.iter().enumerate() {
        let each = left / (values.len() - done);
        if *value > each {
            return each;
        }
        left -= value;
    }
    values.last().copied().unwrap_or(0)
}

/// The parts, with no value longer than its share.
fn written(parts: &[Part<'_>], share: usize, of: Amount) -> String {
    let mut text = String::new();
    for (part, escape) in parts {
        match escape {
            None => text.push_str(part),
            Some(escape) => write(part, *escape, share, of, &mut text),
        }
    }
    text
}

/// Adds as much of a value as there is room for.
fn write(value: &str, escape: Escape, most: usize, of: Amount, out: &mut String) {
    if most == usize::MAX {
        return escape.write(value, out);
    }
    let from = out.len();
    let room = most.checked_sub(of.length(ELLIPSIS));
    let filled = escape.fill(value, room.unwrap_or(0), of, out);
    if filled == value.len() || has_room(value, filled, escape, (most, of), (from, out)) {
        return;
    }
    let kept = whole(value, filled);
    if kept < filled {
        out.truncate(from);
        escape.write(&value[..kept], out);
    }
    if room.is_some() {
        out.push_str(ELLIPSIS);
    }
}

/// Whether what is left of a value has room where the `…` would be; then it is written.
fn has_room(
    value: &str,
    filled: usize,
    escape: Escape,
    (most, of): (usize, Amount),
    (from, out): (usize, &mut String),
) -> bool {
    if value.len() - filled >= NEARLY {
        return false;
    }
    let cut = out.split_off(from);
    let has_room = escape.fill(value, most, of, out) == value.len();
    if !has_room {
        out.truncate(from);
        out.push_str(&cut);
    }
    has_room
}

/// A value that keeps its type, with its texts escaped, and texts and lists that fit.
pub(super) fn value(value: &Value, escape: Escape, limit: Option<Limit>, most: usize) -> Value {
    match value {
        Value::String(text) => Value::String(one(text, escape, limit, most)),
        Value::Array(items) => {
            let many = match limit {
                Some(Limit { most, of: Amount::Items }) => most,
                _ => usize::MAX,
            };
            let items = items.iter().take(many);
            items.map(|item| self::value(item, escape, limit, most)).collect()
        }
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, field)| {
                (escape.apply(name).into_owned(), self::value(field, escape, limit, most))
            });
            Value::Object(fields.collect())
        }
        fixed => fixed.clone(),
    }
}

/// One text of a value.
fn one(text: &str, escape: Escape, limit: Option<Limit>, most: usize) -> String {
    let (room, of) = match limit {
        Some(Limit { most: room, of }) if of != Amount::Items => (room.min(most), of),
        _ => (most, Amount::Characters),
    };
    let mut out = String::with_capacity(text.len());
    write(text, escape, room, of, &mut out);
    out
}

/// An address in a field of its own goes out whole or not at all.
pub(super) fn address(value: Cow<'_, Value>, limit: Option<Limit>) -> Value {
    match value.as_str() {
        Some(text) if limit.is_some_and(|limit| !limit.allows(text)) => Value::Null,
        _ => value.into_owned(),
    }
}
