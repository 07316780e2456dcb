//! Reads an event's body as far as it goes.
//!
//! Whatever a verified body holds is kept, so reading never fails: what is missing, null or of
//! another shape is `None`, and only bytes that are no JSON object at all are `unreadable`. This
//! file knows the sender's shapes (the documented one, and an older one with its figures under
//! `data`) and nothing of rules or of storage.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::event::{Reading, UNGROUPED};
use super::history::Duty;
use super::status::Status;

/// A longer run than this is a mistake in its times.
const LONGEST_RUN: SignedDuration = SignedDuration::from_hours(366 * 24);

/// Epoch numbers below this are seconds, from here on milliseconds (1973 as milliseconds).
const FIRST_MILLIS: f64 = 1e11;

/// So much of a group's name is kept, in bytes.
const LONGEST_NAME: usize = 1024;

/// So much of a status is kept, in bytes.
const LONGEST_STATUS: usize = 200;

impl Reading {
    /// Reads a body. Never fails: see [`Reading::unreadable`].
    ///
    /// A lone surrogate or a byte that is no UTF-8 reads as U+FFFD, a byte order mark is skipped,
    /// and the last of several equal keys wins. Where the body nests deeper than 127 levels or
    /// holds a number that no double can, the top-level fields without such a part are read, and
    /// those with one are null.
    pub fn of(body: &[u8]) -> Reading {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        match serde_json::from_slice(body).or_else(|_| repaired(body)) {
            Ok(value) => from_value(value),
            Err(_) if body.is_empty() => unreadable("the body is empty".to_owned()),
            Err(error) => unreadable(format!("the body is no JSON: {error}")),
        }
    }

    /// How long the run took; `None` where a time is missing, the finish is before the start, or
    /// more than a year lies between them.
    pub fn duration(&self) -> Option<SignedDuration> {
        let took = self.finished_at?.duration_since(self.started_at?);
        (!took.is_negative() && took <= LONGEST_RUN).then_some(took)
    }
}

fn from_value(value: Value) -> Reading {
    let Value::Object(top) = &value else {
        return unreadable(format!("the body is {}, not a JSON object", kind_of(&value)));
    };
    let data = top.get("data").and_then(Value::as_object);
    let text = |key| find(top, data, key, as_text);
    let time = |key| find(top, data, key, as_time);
    Reading {
        unreadable: None,
        event: text("event"),
        execution_id: text("executionId"),
        task_id: text("taskId"),
        status: text("status").map(status),
        summary: text("summary"),
        group: text("groupName").map_or_else(|| UNGROUPED.into(), group),
        started_at: time("startedAt"),
        finished_at: time("finishedAt"),
        link: text("executionUrl"),
        body: Arc::new(value),
    }
}

/// A group by its name. One that nobody would write goes by its beginning and a digest of the whole:
/// names stand in timers, rows and memory, and they come from outside.
fn group(name: String) -> Arc<str> {
    if name.len() <= LONGEST_NAME {
        return name.into();
    }
    let digest = Duty::of(&name, "", &BTreeMap::new()).0;
    format!("{}…{digest:016x}", &name[..name.floor_char_boundary(LONGEST_NAME)]).into()
}

/// A status by its word. What is longer is none that anybody knows.
fn status(word: String) -> Status {
    Status::parse(&word[..word.floor_char_boundary(LONGEST_STATUS)])
}

fn unreadable(why: String) -> Reading {
    Reading { unreadable: Some(why), group: UNGROUPED.into(), ..Reading::default() }
}

/// The first place that holds the key in a shape that `take` can use.
fn find<T>(
    top: &Map<String, Value>,
    data: Option<&Map<String, Value>>,
    key: &str,
    take: fn(&Value) -> Option<T>,
) -> Option<T> {
    let there = top.get(key).and_then(take);
    there.or_else(|| data.and_then(|data| data.get(key)).and_then(take))
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

fn as_time(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        Value::Number(number) => from_epoch(number.as_f64()?),
        _ => None,
    }
}

fn from_epoch(number: f64) -> Option<Timestamp> {
    let millis = if number.abs() < FIRST_MILLIS { number * 1000.0 } else { number };
    Timestamp::from_millisecond(millis as i64).ok()
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Reads what serde_json refuses at first.
fn repaired(body: &[u8]) -> serde_json::Result<Value> {
    let text = String::from_utf8_lossy(body);
    let text = without_lone_surrogates(&text);
    serde_json::from_str(&text).or_else(|_| shallow(&text))
}

/// Reads each top-level field by itself. serde_json skips over a raw value without recursion, so
/// no depth breaks it.
fn shallow(text: &str) -> serde_json::Result<Value> {
    let fields: BTreeMap<String, &RawValue> = serde_json::from_str(text)?;
    let read = |raw: &RawValue| serde_json::from_str(raw.get()).unwrap_or(Value::Null);
    Ok(Value::Object(fields.into_iter().map(|(key, raw)| (key, read(raw))).collect()))
}

/// Replaces each `\uD800`–`\uDFFF` that has no partner by `\ufffd`, which is as long.
fn without_lone_surrogates(text: &str) -> Cow<'_, str> {
    let mut repaired: Option<String> = None;
    let mut at = 0;
    while let Some(found) = text[at..].find('\\') {
        at += found;
        let (length, lone) = escape_at(&text.as_bytes()[at..]);
        if lone {
            repaired.get_or_insert_with(|| text.to_owned()).replace_range(at..at + 6, "\\ufffd");
        }
        at = next_boundary(text, at + length);
    }
    repaired.map_or(Cow::Borrowed(text), Cow::Owned)
}

/// The length of the escape that opens these bytes, and whether it is half a surrogate pair.
fn escape_at(bytes: &[u8]) -> (usize, bool) {
    match surrogate(bytes) {
        Some(0xD800..=0xDBFF) => match surrogate(bytes.get(6..).unwrap_or_default()) {
            Some(0xDC00..=0xDFFF) => (12, false),
            _ => (6, true),
        },
        Some(0xDC00..=0xDFFF) => (6, true),
        _ => (2, false),
    }
}

/// The code unit of a `\uXXXX` that opens these bytes.
fn surrogate(bytes: &[u8]) -> Option<u16> {
    let hex = bytes.strip_prefix(b"\\u")?.get(..4)?;
    let all_hex = hex.iter().all(u8::is_ascii_hexdigit);
    let hex = std::str::from_utf8(hex).ok().filter(|_| all_hex)?;
    u16::from_str_radix(hex, 16).ok()
}

fn next_boundary(text: &str, mut at: usize) -> usize {
    while at < text.len() && !text.is_char_boundary(at) {
        at += 1;
    }
    at.min(text.len())
}

#[cfg(test)]
#[path = "reading_tests.rs"]
mod tests;
