//! Helpers that choose and compare.

use std::cmp::Ordering;

use jiff::tz::TimeZone;
use serde_json::Value;

use super::Values;
use crate::template::values;

type Answer = Result<Value, String>;

pub(super) fn default(given: Values<'_, '_>, _: &TimeZone) -> Answer {
    let missing = given[0].is_null() || given[0].as_str() == Some("");
    Ok(given[usize::from(missing)].clone().into_owned())
}

pub(super) fn lookup(given: Values<'_, '_>, _: &TimeZone) -> Answer {
    if given[1].is_null() {
        return Ok(Value::Null);
    }
    Ok(values::child(&given[0], &values::text(&given[1])).clone())
}

pub(super) fn eq(given: Values<'_, '_>, _: &TimeZone) -> Answer {
    Ok(values::same(&given[0], &given[1]).into())
}

pub(super) fn ne(given: Values<'_, '_>, _: &TimeZone) -> Answer {
    Ok((!values::same(&given[0], &given[1])).into())
}

pub(super) fn gt(given: Values<'_, '_>, _: &TimeZone) -> Answer {
    Ok((order(given) == Some(Ordering::Greater)).into())
}

pub(super) fn gte(given: Values<'_, '_>, _: &TimeZone) -> Answer {
    Ok(order(given).is_some_and(Ordering::is_ge).into())
}

pub(super) fn lt(given: Values<'_, '_>, _: &TimeZone) -> Answer {
    Ok((order(given) == Some(Ordering::Less)).into())
}

pub(super) fn lte(given: Values<'_, '_>, _: &TimeZone) -> Answer {
    Ok(order(given).is_some_and(Ordering::is_le).into())
}

pub(super) fn and(given: Values<'_, '_>, _: &TimeZone) -> Answer {
    Ok(given.iter().all(|value| values::truth(value)).into())
}

pub(super) fn or(given: Values<'_, '_>, _: &TimeZone) -> Answer {
    Ok(given.iter().any(|value| values::truth(value)).into())
}

pub(super) fn not(given: Values<'_, '_>, _: &TimeZone) -> Answer {
    Ok((!values::truth(&given[0])).into())
}

pub(super) fn contains(given: Values<'_, '_>, _: &TimeZone) -> Answer {
    let part = &given[1];
    let found = match &*given[0] {
        Value::Array(items) => items.iter().any(|item| values::same(item, part)),
        Value::Object(fields) => part.as_str().is_some_and(|name| fields.contains_key(name)),
        _ => both(given, |text, part| text.contains(part)),
    };
    Ok(found.into())
}

pub(super) fn starts_with(given: Values<'_, '_>, _: &TimeZone) -> Answer {
    Ok(both(given, |text, part| text.starts_with(part)).into())
}

pub(super) fn ends_with(given: Values<'_, '_>, _: &TimeZone) -> Answer {
    Ok(both(given, |text, part| text.ends_with(part)).into())
}

/// Compares numbers as numbers (also where one is a text that says one), else texts; nothing else
/// has an order.
fn order(given: Values<'_, '_>) -> Option<Ordering> {
    match (values::number(&given[0]), values::number(&given[1])) {
        (Some(a), Some(b)) => a.partial_cmp(&b),
        _ => Some(given[0].as_str()?.cmp(given[1].as_str()?)),
    }
}

/// Asks of two texts; false where one is null.
fn both(given: Values<'_, '_>, ask: impl FnOnce(&str, &str) -> bool) -> bool {
    let missing = given[0].is_null() || given[1].is_null();
    !missing && ask(&values::text(&given[0]), &values::text(&given[1]))
}
