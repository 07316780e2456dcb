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

/// An attempt's outcome as a number.
pub(super) fn outcome_code(outcome: Outcome) -> i64 {
    match outcome {
        Outcome::Delivered => 0,
        Outcome::Unavailable => 1,
        Outcome::Deferred => 2,
        Outcome::Refused => 3,
        Outcome::Suspended => 4,
    }
}

fn outcome(row: &Row<'_>, column: usize) -> rusqlite::Result<Outcome> {
    match row.get(column)? {
        0 => Ok(Outcome::Delivered),
        1 => Ok(Outcome::Unavailable),
        2 => Ok(Outcome::Deferred),
        3 => Ok(Outcome::Refused),
        4 => Ok(Outcome::Suspended),
        code => Err(odd(column, format!("{code} is no outcome of an attempt"))),
    }
}

/// An attempt whose six columns (at, latency, outcome, status, reason, excerpt) begin here; `None`
/// where they are null.
pub(super) fn attempt(
    row: &Row<'_>,
    column: usize,
    number: u32,
) -> rusqlite::Result<Option<AttemptRecord>> {
    let Some(at) = maybe_time(row, column)? else { return Ok(None) };
    Ok(Some(AttemptRecord {
        number,
        at,
        latency_ms: row.get(column + 1)?,
        outcome: outcome(row, column + 2)?,
        status: row.get(column + 3)?,
        reason: row.get(column + 4)?,
        excerpt: row.get(column + 5)?,
        maybe_arrived: false,
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
