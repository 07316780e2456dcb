//! An answer as it came: status, headers, and the body as far as it was read.
//!
//! Nothing is judged here: [`Seen::usual`] asks [`super::answer`] what it means for all services,
//! and a service's own file may see it otherwise. Every text that leaves here for a person has the
//! request's secrets covered. This file knows no service.

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

use jiff::Timestamp;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_ENCODING, HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use super::echo;
use crate::contract::{Failure, Fault, Receipt};
use crate::message::Request;
use crate::secret::Redactor;
use crate::text::{cut, neutral, neutral_line};

/// How much of an answer is kept, in bytes.
pub(super) const EXCERPT: usize = 1024;

/// An answer, not judged yet.
pub struct Seen {
    host: String,
    status: u16,
    headers: HeaderMap,
    body: Content,
    at: Timestamp,
    secrets: Vec<String>,
    redactor: OnceLock<Redactor>,
    json: OnceLock<Option<Value>>,
}

/// A body, as far as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// What was read.
    pub bytes: Vec<u8>,
    /// How it ended.
    pub end: End,
}

/// How the reading of a body ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum End {
    /// With its last byte.
    #[default]
    Whole,
    /// At the cap: there was more.
    Capped,
    /// The connection broke, or the time was over.
    Broken,
}

impl Seen {
    /// An answer of this host. What can't be a header is left out.
    pub fn new<'a>(
        host: &str,
        status: u16,
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
        body: Content,
    ) -> Self {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes());
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
                map.append(name, value);
            }
        }
        Seen::of(host.to_owned(), status, map, body)
    }

    /// The same from the headers as they came.
    pub(super) fn of(host: String, status: u16, headers: HeaderMap, body: Content) -> Self {
        Seen {
            host,
            status,
            headers,
            body,
            at: Timestamp::now(),
            secrets: Vec::new(),
            redactor: OnceLock::new(),
            json: OnceLock::new(),
        }
    }

    /// The answer to this request, whose secrets are covered from now on.
    #[must_use]
    pub fn to(self, request: &Request) -> Self {
        Seen { secrets: echo::secrets(request), ..self }
    }

    /// The same, as if it had come at another time.
    #[must_use]
    pub fn at(self, at: Timestamp) -> Self {
        Seen { at, ..self }
    }

    /// Its status code.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// When it came.
    pub fn came(&self) -> Timestamp {
        self.at
    }

    /// The values of a header, as far as they are text; names know no case.
    pub fn header(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).map(str::trim)
    }

    /// The headers as they came.
    pub(super) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Its body as JSON, where it is that and was read to its end.
    pub fn json(&self) -> Option<&Value> {
        let read = || serde_json::from_slice(&self.body.bytes).ok();
        self.json.get_or_init(|| self.is_readable().then(read).flatten()).as_ref()
    }

    /// Its body as a text, as far as it was read; empty where it is packed.
    pub fn text(&self) -> Cow<'_, str> {
        match self.encoding() {
            None => String::from_utf8_lossy(&self.body.bytes),
            Some(_) => Cow::Borrowed(""),
        }
    }

    /// Why its body isn't JSON, for a person.
    pub fn no_json(&self) -> String {
        match (self.encoding(), self.body.end) {
            (Some(encoding), _) => format!("the answer is encoded as {encoding}"),
            (_, End::Capped) => format!("the answer is longer than {} KiB", super::ANSWER / 1024),
            (_, End::Broken) => "the answer broke off".to_owned(),
            (_, End::Whole) if self.body.bytes.is_empty() => "the answer is empty".to_owned(),
            (_, End::Whole) => "the answer is no JSON".to_owned(),
        }
    }

    /// That the message was taken.
    pub fn receipt(&self) -> Receipt {
        Receipt { status: Some(self.status), excerpt: self.excerpt(), holding: None }
    }

    /// That it was not, with what a person should know.
    pub fn failure(&self, fault: Fault, why: &str) -> Failure {
        let reason = format!("{} answered {}: {why}", self.host, self.said());
        Failure {
            status: Some(self.status),
            excerpt: self.excerpt(),
            ..Failure::new(fault, reason)
        }
    }

    /// A text of the answer as it may be shown: on one line, at most so many bytes, harmless.
    pub fn quoted(&self, text: &str, bytes: usize) -> String {
        cut(&neutral_line(&self.covered(text)), bytes).into_owned()
    }

    /// The code with its usual name; what the server calls it is its own text.
    fn said(&self) -> String {
        let known = StatusCode::from_u16(self.status).ok();
        match known.and_then(|status| status.canonical_reason()) {
            Some(name) => format!("{} {name}", self.status),
            None => self.status.to_string(),
        }
    }

    /// The beginning of the answer, as a text that is safe to show. Secrets are covered before it
    /// is cut, so that no part of one stays at the end.
    fn excerpt(&self) -> Option<String> {
        if let Some(encoding) = self.encoding() {
            return Some(format!("(an answer encoded as {encoding})"));
        }
        if self.body.bytes.is_empty() {
            return None;
        }
        let text = self.covered(&self.text());
        let text = neutral(text.trim());
        (!text.is_empty()).then(|| cut(&text, EXCERPT).into_owned())
    }

    fn covered(&self, text: &str) -> String {
        let redactor = || Redactor::new(self.secrets.iter().map(String::as_str));
        self.redactor.get_or_init(redactor).cover(text)
    }

    fn is_readable(&self) -> bool {
        self.body.end == End::Whole && self.encoding().is_none()
    }

    /// How the body is packed, where it is.
    fn encoding(&self) -> Option<String> {
        let encoding = self.headers.get(CONTENT_ENCODING).filter(|value| *value != "identity")?;
        let encoding = String::from_utf8_lossy(encoding.as_bytes());
        Some(cut(&neutral(&encoding), 40).into_owned())
    }
}

impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seen")
            .field("host", &self.host)
            .field("status", &self.status)
            .field("excerpt", &self.excerpt())
            .finish_non_exhaustive()
    }
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Self {
        Content { bytes, end: End::Whole }
    }
}
