//! How JSON values read where a template needs a text, a number or a yes or no.

use std::borrow::Cow;

use serde_json::Value;

/// The text that a value prints as: nothing for null, a list's items with commas, an object as
/// JSON, and a whole number without `.0`.
pub(super) fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => Cow::Borrowed(""),
        Value::String(text) => Cow::Borrowed(text),
        Value::Bool(truth) => Cow::Borrowed(if *truth { "true" } else { "false" }),
        Value::Number(number) => {
            let shown = number.to_string();
            Cow::Owned(shown.strip_suffix(".0").map_or(shown.clone(), str::to_owned))
        }
        Value::Array(items) => Cow::Owned(items.iter().map(text).collect::<Vec<_>>().join(", ")),
        Value::Object(_) => Cow::Owned(value.to_string()),
    }
}

/// The number that a value is, or that its text says.
pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
        _ => None,
    }
}

/// Whether `{{#if}}` takes a value for a yes: not null, false, zero or anything empty.
pub(super) fn truth(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}

/// Whether two values are the same; numbers by what they count, not by how they are written.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => x == y || x.as_f64() == y.as_f64(),
        _ => a == b,
    }
}

/// About how many bytes a value takes when it is written.
pub(super) fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 2,
        Value::Array(items) => items.iter().map(|item| size(item) + 1).sum::<usize>() + 2,
        Value::Object(fields) => {
            fields.iter().map(|(name, field)| name.len() + size(field) + 4).sum::<usize>() + 2
        }
        _ => 8,
    }
}

/// How much a helper may have to do with a value, in steps.
pub(super) fn work(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() / 256,
        Value::Array(items) => items.len() / 16,
        Value::Object(fields) => fields.len() / 16,
        _ => 0,
    }
}

/// A child by field name or list index; null where there is none.
pub(super) fn child<'a>(value: &'a Value, name: &str) -> &'a Value {
    let found = match value {
        Value::Object(fields) => fields.get(name),
        Value::Array(items) => name.parse::<usize>().ok().and_then(|index| items.get(index)),
        _ => None,
    };
    found.unwrap_or(&Value::Null)
}
