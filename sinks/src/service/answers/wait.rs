//! Where an answer says how long to wait: in its JSON or in a header, in one of several units.
//!
//! What is found is handed on as it was said; the caller keeps it within bounds. Junk is nothing.

use std::time::Duration;

use reqwest::header::HeaderName;
use serde_json::Value;

use crate::client::Seen;
use crate::kind::BuildError;
use crate::service::form::{self, Unit};
use crate::service::path::JsonPath;

/// Where the waiting time stands.
pub(super) struct Wait {
    json: Option<JsonPath>,
    header: Option<HeaderName>,
    unit: Unit,
    default: Option<Duration>,
}

impl Wait {
    /// Reads an entry's `wait`, which stands at `place`.
    pub(super) fn compile(place: &str, form: &form::Wait) -> Result<Self, BuildError> {
        let json = form.json.as_deref();
        let json = json.map(|path| JsonPath::read(&format!("{place}.json"), path)).transpose()?;
        let header = form.header.as_deref().map(|name| {
            HeaderName::from_bytes(name.as_bytes()).map_err(|_| {
                let message = format!("`{name}` is no header's name");
                BuildError::new(format!("{place}.header"), message)
            })
        });
        let header = header.transpose()?;
        let default = form.default.map(|span| span.0);
        if json.is_none() && header.is_none() && default.is_none() {
            let message = "nothing says where the waiting time stands";
            let hint = "write `json` with a path, `header` with a name, or a `default`";
            return Err(BuildError::new(place, message).hint(hint));
        }
        Ok(Wait { json, header, unit: form.unit, default })
    }

    /// How long the answer asks to wait.
    pub(super) fn of(&self, seen: &Seen) -> Option<Duration> {
        self.in_json(seen)
            .or_else(|| self.in_header(seen))
            .or_else(|| seen.retry_after())
            .or(self.default)
    }

    fn in_json(&self, seen: &Seen) -> Option<Duration> {
        match self.json.as_ref()?.find(seen.json()?)? {
            Value::Number(number) => self.read(number.as_f64()?, seen),
            Value::String(text) => self.read(plain_number(text)?, seen),
            _ => None,
        }
    }

    fn in_header(&self, seen: &Seen) -> Option<Duration> {
        let text = seen.header(self.header.as_ref()?.as_str()).next()?;
        self.read(plain_number(text)?, seen)
    }

    /// A moment that is over is no wait; what is negative or beyond all time is nothing.
    fn read(&self, number: f64, seen: &Seen) -> Option<Duration> {
        let seconds = match self.unit {
            Unit::S | Unit::Epoch => number,
            Unit::Ms | Unit::EpochMs => number / 1000.0,
        };
        let said = Duration::try_from_secs_f64(seconds).ok()?;
        match self.unit {
            Unit::S | Unit::Ms => Some(said),
            Unit::Epoch | Unit::EpochMs => {
                let now = Duration::try_from(seen.came().as_duration()).ok()?;
                Some(said.saturating_sub(now))
            }
        }
    }
}

/// Digits with at most one dot: neither `1e9` nor `inf` is a number of seconds.
fn plain_number(text: &str) -> Option<f64> {
    let text = text.trim();
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    plain.then(|| text.parse().ok()).flatten()
}
