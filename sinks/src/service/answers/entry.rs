//! One entry of `answers`: the conditions that an answer must meet, checked when the file is read.

use std::time::Duration;

use reqwest::header::HeaderName;
use serde_json::Value;

use super::wait::Wait;
use crate::client::Seen;
use crate::kind::BuildError;
use crate::options::template_error;
use crate::service::form::{self, Meaning};
use crate::service::path::JsonPath;
use crate::template::{Expression, Filling, ServiceTemplates};

/// What stands for anything.
const ANY: &str = "*";

/// One entry.
pub(super) struct Entry {
    /// What it means.
    pub means: Meaning,
    /// What a person should know or do.
    pub say: Option<String>,
    statuses: Vec<Statuses>,
    texts: Vec<String>,
    headers: Vec<(HeaderName, Option<String>)>,
    json: Vec<(JsonPath, Expected)>,
    when: Option<Expression>,
    wait: Option<Wait>,
}

/// One code, or a whole class of them.
#[derive(Clone, Copy)]
enum Statuses {
    Code(u16),
    Class(u16),
}

/// What must stand at a path.
enum Expected {
    /// Anything but null.
    Any,
    /// One of these.
    OneOf(Vec<Value>),
}

impl Entry {
    /// Reads one entry, which stands at `place`.
    pub(super) fn compile(
        place: &str,
        form: &form::Answer,
        templates: &ServiceTemplates,
    ) -> Result<Self, BuildError> {
        let at = |key: &str| format!("{place}.{key}");
        let when = form.when.as_deref().map(|text| templates.expression(text)).transpose();
        let entry = Entry {
            means: form.means,
            say: form.say.clone(),
            statuses: statuses(&at("status"), form.status.as_ref())?,
            texts: texts(&at("text"), form.text.as_ref())?,
            headers: headers(&at("header"), form)?,
            json: json(&at("json"), form)?,
            when: when.map_err(|error| template_error(&at("when"), error))?,
            wait: form.wait.as_ref().map(|wait| Wait::compile(&at("wait"), wait)).transpose()?,
        };
        if entry.wait.is_some() && entry.means != Meaning::Unavailable {
            let message = "`wait` belongs to `means: unavailable`";
            return Err(BuildError::new(at("wait"), message));
        }
        if entry.is_about_every_answer() {
            let message = "this entry would fit every answer";
            let hint = "say which ones by `status`, `json`, `text` or `header`";
            return Err(BuildError::new(place, message).hint(hint));
        }
        Ok(entry)
    }

    /// Whether an answer meets all conditions. An expression that fails on this message is no yes.
    pub(super) fn fits(&self, seen: &Seen, filling: &Filling<'_>) -> bool {
        (self.statuses.is_empty() || self.statuses.iter().any(|one| one.holds(seen.status())))
            && self.headers.iter().all(|(name, value)| has_header(seen, name, value.as_deref()))
            && (self.texts.is_empty() || self.word(seen).is_some())
            && self.has_json(seen)
            && self.when.as_ref().is_none_or(|when| when.holds(filling).unwrap_or(false))
    }

    /// The word that the answer's body contains.
    pub(super) fn word(&self, seen: &Seen) -> Option<&str> {
        let body = seen.text();
        self.texts.iter().map(String::as_str).find(|text| body.contains(text))
    }

    /// How long the answer asks to wait.
    pub(super) fn wait(&self, seen: &Seen) -> Option<Duration> {
        match &self.wait {
            Some(wait) => wait.of(seen),
            None => seen.retry_after(),
        }
    }

    fn has_json(&self, seen: &Seen) -> bool {
        if self.json.is_empty() {
            return true;
        }
        let Some(answer) = seen.json() else { return false };
        self.json.iter().all(|(path, expected)| expected.holds(path.find(answer)))
    }

    fn is_about_every_answer(&self) -> bool {
        self.statuses.is_empty()
            && self.texts.is_empty()
            && self.headers.is_empty()
            && self.json.is_empty()
    }
}

impl Statuses {
    fn holds(self, status: u16) -> bool {
        match self {
            Statuses::Code(code) => status == code,
            Statuses::Class(class) => status / 100 == class,
        }
    }

    fn read(place: &str, value: &Value) -> Result<Self, BuildError> {
        let code = value.as_u64().and_then(|code| u16::try_from(code).ok());
        if let Some(code) = code.filter(|code| (100..=599).contains(code)) {
            return Ok(Statuses::Code(code));
        }
        let class = value.as_str().and_then(|text| text.strip_suffix("xx")?.parse().ok());
        if let Some(class) = class.filter(|class| (1..=5).contains(class)) {
            return Ok(Statuses::Class(class));
        }
        let message = format!("{value} is no status code");
        let hint = "write a code (404), a class (4xx), or a list of them";
        Err(BuildError::new(place, message).hint(hint))
    }
}

impl Expected {
    fn holds(&self, there: Option<&Value>) -> bool {
        let there = there.unwrap_or(&Value::Null);
        match self {
            Expected::Any => !there.is_null(),
            Expected::OneOf(values) => values.iter().any(|value| same(value, there)),
        }
    }

    fn read(place: &str, value: &Value) -> Result<Self, BuildError> {
        let values = match value {
            Value::String(text) if text == ANY => return Ok(Expected::Any),
            Value::Array(values) => values.clone(),
            one => vec![one.clone()],
        };
        let odd = |value: &Value| value.is_array() || value.is_object() || *value == ANY;
        if values.is_empty() || values.iter().any(odd) {
            let message = "what stands here is no value that an answer could have";
            let hint = "write a value, a list of values, or \"*\" for anything but null";
            return Err(BuildError::new(place, message).hint(hint));
        }
        Ok(Expected::OneOf(values))
    }
}

/// Numbers are compared by their value: `1` is `1.0`.
fn same(one: &Value, other: &Value) -> bool {
    let whole = |value: &Value| value.is_i64() || value.is_u64();
    match (one, other) {
        (Value::Number(a), Value::Number(b)) if !(whole(one) && whole(other)) => {
            a.as_f64() == b.as_f64()
        }
        _ => one == other,
    }
}

fn has_header(seen: &Seen, name: &HeaderName, value: Option<&str>) -> bool {
    let mut values = seen.header(name.as_str());
    match value {
        None => values.next().is_some(),
        Some(value) => values.any(|there| there == value),
    }
}

fn statuses(place: &str, value: Option<&Value>) -> Result<Vec<Statuses>, BuildError> {
    several(place, value, Statuses::read)
}

fn texts(place: &str, value: Option<&Value>) -> Result<Vec<String>, BuildError> {
    several(place, value, |place, value| match value.as_str().filter(|text| !text.is_empty()) {
        Some(text) => Ok(text.to_owned()),
        None => {
            let message = format!("{value} is no text that a body could contain");
            Err(BuildError::new(place, message).hint("write a text, in quotes, or a list of texts"))
        }
    })
}

fn headers(
    place: &str,
    form: &form::Answer,
) -> Result<Vec<(HeaderName, Option<String>)>, BuildError> {
    let mut headers = Vec::new();
    for (name, value) in form.header.iter() {
        let read = HeaderName::from_bytes(name.as_bytes()).map_err(|_| {
            BuildError::new(format!("{place}.{name}"), format!("`{name}` is no header's name"))
        })?;
        headers.push((read, Some(value.clone()).filter(|value| value != ANY)));
    }
    Ok(headers)
}

fn json(place: &str, form: &form::Answer) -> Result<Vec<(JsonPath, Expected)>, BuildError> {
    let mut conditions = Vec::new();
    for (path, value) in form.json.iter() {
        let expected = Expected::read(&format!("{place}.{path}"), value)?;
        conditions.push((JsonPath::read(place, path)?, expected));
    }
    Ok(conditions)
}

/// One value, or each of a list of them, which isn't empty.
fn several<T>(
    place: &str,
    value: Option<&Value>,
    read: impl Fn(&str, &Value) -> Result<T, BuildError>,
) -> Result<Vec<T>, BuildError> {
    match value {
        None => Ok(Vec::new()),
        Some(Value::Array(values)) if values.is_empty() => {
            Err(BuildError::new(place, "the list is empty"))
        }
        Some(Value::Array(values)) => {
            let each = values.iter().enumerate();
            each.map(|(index, value)| read(&format!("{place}[{index}]"), value)).collect()
        }
        Some(value) => Ok(vec![read(place, value)?]),
    }
}
