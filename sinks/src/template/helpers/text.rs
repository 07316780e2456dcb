//! Helpers that give texts. A null stays null, so that `default` can still see it.

use std::fmt::Write as _;

use jiff::tz::TimeZone;
use serde_json::Value;

use super::Values;
use crate::template::escape::cut;
use crate::template::limits::{OUTPUT, too_large};
use crate::template::values;

type Answer = Result<Value, String>;

pub(super) fn json(values: Values<'_, '_>, _: &TimeZone) -> Answer {
    Ok(Value::String(values[0].to_string()))
}

pub(super) fn upper(values: Values<'_, '_>, _: &TimeZone) -> Answer {
    mapped(&values[0], str::to_uppercase)
}

pub(super) fn lower(values: Values<'_, '_>, _: &TimeZone) -> Answer {
    mapped(&values[0], str::to_lowercase)
}

pub(super) fn title(values: Values<'_, '_>, _: &TimeZone) -> Answer {
    mapped(&values[0], |text| {
        let mut out = String::with_capacity(text.len());
        let mut within = false;
        for c in text.chars() {
            if within {
                out.extend(c.to_lowercase())
            } else {
                out.extend(c.to_uppercase())
            }
            within = c.is_alphanumeric() || (within && c == '\'');
        }
        out
    })
}

pub(super) fn truncate(values: Values<'_, '_>, _: &TimeZone) -> Answer {
    let length = length(&values[1])?;
    mapped(&values[0], |text| cut(text, length).into_owned())
}

pub(super) fn check_truncate(literals: &[Option<&Value>]) -> Result<(), String> {
    literals[1].map_or(Ok(()), |literal| length(literal).map(drop))
}

fn length(value: &Value) -> Result<usize, String> {
    let whole = value.as_u64().and_then(|length| usize::try_from(length).ok());
    whole.ok_or_else(|| format!("`truncate` takes a number of characters, not {value}"))
}

pub(super) fn pluralize(values: Values<'_, '_>, _: &TimeZone) -> Answer {
    let one = values::text(&values[1]);
    let word = match values.get(2) {
        _ if values::number(&values[0]) == Some(1.0) => one.into_owned(),
        Some(many) => values::text(many).into_owned(),
        None => format!("{one}s"),
    };
    Ok(Value::String(word))
}

pub(super) fn url_encode(values: Values<'_, '_>, _: &TimeZone) -> Answer {
    mapped(&values[0], |text| {
        let mut out = String::with_capacity(text.len());
        for byte in text.bytes() {
            if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
                out.push(char::from(byte));
            } else {
                let _ = write!(out, "%{byte:02X}"); // writing to a String can't fail
            }
        }
        out
    })
}

pub(super) fn replace(values: Values<'_, '_>, _: &TimeZone) -> Answer {
    let (from, to) = (values::text(&values[1]), values::text(&values[2]));
    if from.is_empty() {
        return Ok(values[0].clone().into_owned());
    }
    let text = values::text(&values[0]);
    if to.len() > from.len() && text.len() + text.matches(&*from).count() * to.len() > OUTPUT {
        return Err(too_large());
    }
    mapped(&values[0], |text| text.replace(&*from, &to))
}

pub(super) fn slug(values: Values<'_, '_>, _: &TimeZone) -> Answer {
    mapped(&values[0], |text| {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(str::to_lowercase).collect::<Vec<_>>().join("-")
    })
}

fn mapped(value: &Value, change: impl FnOnce(&str) -> String) -> Answer {
    Ok(match value {
        Value::Null => Value::Null,
        value => Value::String(change(&values::text(value))),
    })
}
