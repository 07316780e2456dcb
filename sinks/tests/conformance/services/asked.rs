//! What a service was asked, and what it answers.

use serde_json::Value;
use url::{Url, form_urlencoded};

use crate::server::Received;

/// A request, taken apart.
pub struct Asked {
    pub method: String,
    pub path: String,
    pub query: Vec<(String, String)>,
    received: Received,
}

/// An answer: status, header lines, body.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: &'static str,
    pub body: String,
}

/// What says no.
pub type No = Result<(), Reply>;

impl Asked {
    pub fn of(received: &Received) -> Self {
        let line = received.head.lines().next().unwrap_or_default().to_owned();
        let mut words = line.split(' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let url = Url::parse(&format!("http://service{target}")).expect("a request has an address");
        Asked {
            method: method.to_owned(),
            path: url.path().to_owned(),
            query: url.query_pairs().into_owned().collect(),
            received: received.clone(),
        }
    }

    pub fn header(&self, name: &str) -> &str {
        self.received.header(name).unwrap_or_default()
    }

    pub fn body(&self) -> &[u8] {
        &self.received.body
    }

    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON, if it says that it is.
    pub fn json(&self) -> Result<Value, Reply> {
        let kind = self.header("content-type");
        if !kind.starts_with("application/json") {
            return Err(Reply::of(415, format!("not JSON: {kind}")));
        }
        serde_json::from_slice(self.body()).map_err(|error| Reply::of(400, error.to_string()))
    }

    /// The body's fields, if it says that it is a form.
    pub fn form(&self) -> Result<Vec<(String, String)>, Reply> {
        let kind = self.header("content-type");
        if !kind.starts_with("application/x-www-form-urlencoded") {
            return Err(Reply::of(415, format!("not a form: {kind}")));
        }
        Ok(form_urlencoded::parse(self.body()).into_owned().collect())
    }

    pub fn is(&self, method: &str) -> No {
        demand(self.method == method, || Reply::of(405, format!("{method} is expected")))
    }
}

impl Reply {
    pub fn of(status: u16, body: impl Into<String>) -> Self {
        Reply { status, headers: "", body: body.into() }
    }

    pub fn json(status: u16, body: &Value) -> Self {
        Reply { status, headers: "content-type: application/json\r\n", body: body.to_string() }
    }

    /// Somebody would have been pinged.
    pub fn pinged(text: &str) -> Self {
        Reply::of(418, format!("this pings somebody: {text}"))
    }
}

/// Says no unless something holds.
pub fn demand(holds: bool, no: impl FnOnce() -> Reply) -> No {
    if holds { Ok(()) } else { Err(no()) }
}

/// How long a text is as UTF-16 counts.
pub fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The text at a pointer, empty where there is none.
pub fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// Says no where the text at a pointer is longer than the service takes.
pub fn at_most(value: &Value, pointer: &str, most: usize, status: u16) -> No {
    let length = units(text(value, pointer));
    demand(length <= most, || Reply::of(status, format!("{pointer} has {length}, not {most}")))
}

/// Says no where the text at a pointer is missing or empty.
pub fn there(value: &Value, pointer: &str, status: u16) -> No {
    let there = !text(value, pointer).trim().is_empty();
    demand(there, || Reply::of(status, format!("{pointer} is required")))
}

/// Every text of a tree with the name of its field.
pub fn texts(value: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    gather("", value, &mut found);
    found
}

fn gather(name: &str, value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) => found.push((name.to_owned(), text.clone())),
        Value::Array(items) => items.iter().for_each(|item| gather(name, item, found)),
        Value::Object(fields) => fields.iter().for_each(|(name, item)| gather(name, item, found)),
        _ => {}
    }
}

/// Whether an `@` in the text begins a word that could be somebody's name.
pub fn mentions(text: &str) -> bool {
    let mut before = None;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let begins = c == '@' && !before.is_some_and(|c: char| c.is_alphanumeric() || c == '/');
        if begins && characters.peek().is_some_and(|next| next.is_alphanumeric()) {
            return true;
        }
        before = Some(c);
    }
    false
}
