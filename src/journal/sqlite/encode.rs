//! How the model's values stand in columns, and back.

use jiff::Timestamp;
use rusqlite::Row;
use rusqlite::types::Type;
use serde::de::DeserializeOwned;

use crate::model::{AttemptRecord, DeliveryState, Outcome};

/// A time as microseconds.
pub(super) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// Microseconds as a time.
pub(super) fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    let micros: i64 = row.get(column)?;
    Timestamp::from_microsecond(micros).map_err(|error| odd(column, error.to_string()))
}

/// Microseconds as a time, or null.
pub(super) fn maybe_time(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    match row.get::<_, Option<i64>>(column)? {
        None => Ok(None),
        Some(_) => time(row, column).map(Some),
    }
}

/// A delivery's state as a number; the partial indexes of the schema name them.
pub(super) fn state_code(state: DeliveryState) -> i64 {
    match state {
        DeliveryState::Waiting => 0,
        DeliveryState::Delivered => 1,
        DeliveryState::Dead => 2,
        DeliveryState::Cancelled => 3,
        DeliveryState::Held => 4,
    }
}

/// A number as a delivery's state.
pub(super) fn state(row: &Row<'_>, column: usize) -> rusqlite::Result<DeliveryState> {
    match row.get(column)? {
        0 => Ok(DeliveryState::Waiting),
        1 => Ok(DeliveryState::Delivered),
        2 => Ok(DeliveryState::Dead),
        3 => Ok(DeliveryState::Cancelled),
        4 => Ok(DeliveryState::Held),
        code => Err(odd(column, format!("{code} is no state of a delivery"))),
    }
}

/// Set in an outcome's number where the message may have arrived all the same.
const MAYBE_ARRIVED: i64 = 16;

/// An attempt's outcome as a number.
pub(super) fn outcome_code(attempt: &AttemptRecord) -> i64 {
    let code = match attempt.outcome {
        Outcome::Delivered => 0,
        Outcome::Unavailable => 1,
        Outcome::Deferred => 2,
        Outcome::Refused => 3,
        Outcome::Suspended => 4,
    };
    if attempt.maybe_arrived { code | MAYBE_ARRIVED } else { code }
}

/// An outcome, and whether the message may have arrived all the same.
fn outcome(row: &Row<'_>, column: usize) -> rusqlite::Result<(Outcome, bool)> {
    let code: i64 = row.get(column)?;
    let outcome = match code & !MAYBE_ARRIVED {
        0 => Outcome::Delivered,
        1 => Outcome::Unavailable,
        2 => Outcome::Deferred,
        3 => Outcome::Refused,
        4 => Outcome::Suspended,
        _ => return Err(odd(column, format!("{code} is no outcome of an attempt"))),
    };
    Ok((outcome, code & MAYBE_ARRIVED != 0))
}

/// An attempt whose six columns (at, latency, outcome, status, reason, excerpt) begin here; `None`
/// where they are null.
pub(super) fn attempt(
    row: &Row<'_>,
    column: usize,
    number: u32,
) -> rusqlite::Result<Option<AttemptRecord>> {
    let Some(at) = maybe_time(row, column)? else { return Ok(None) };
    let (outcome, maybe_arrived) = outcome(row, column + 2)?;
    Ok(Some(AttemptRecord {
        number,
        at,
        latency_ms: row.get(column + 1)?,
        outcome,
        status: row.get(column + 3)?,
        reason: row.get(column + 4)?,
        excerpt: row.get(column + 5)?,
        maybe_arrived,
    }))
}

/// A value from its JSON.
pub(super) fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let value = serde_json::from_str(row.get_ref(column)?.as_str()?);
    value.map_err(|error| odd(column, error.to_string()))
}

/// A value from its JSON, or null.
pub(super) fn maybe_json<T: DeserializeOwned>(
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<Option<T>> {
    match row.get_ref(column)?.data_type() {
        Type::Null => Ok(None),
        _ => json(row, column).map(Some),
    }
}

/// A value that this program never writes.
pub(super) fn odd(column: usize, message: String) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Null, message.into())
}
