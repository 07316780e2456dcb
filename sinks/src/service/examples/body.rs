//! Bodies: what kind one is, and how it reads.

use serde_json::Value;

use crate::message::{HeaderValue, Request};

/// A request's body, read.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Body {
    Nothing,
    Json(Value),
    Form(Vec<(String, String)>),
    Text(String),
}

impl Body {
    /// The body as its `Content-Type` says; a text where it isn't that.
    pub(super) fn of(request: &Request) -> Body {
        if request.body.is_empty() {
            return Body::Nothing;
        }
        let text = || Body::Text(String::from_utf8_lossy(&request.body).into_owned());
        match content_type(request) {
            kind if kind.contains("json") => {
                serde_json::from_slice(&request.body).map_or_else(|_| text(), Body::Json)
            }
            kind if kind.starts_with("application/x-www-form-urlencoded") => {
                Body::Form(url::form_urlencoded::parse(&request.body).into_owned().collect())
            }
            _ => text(),
        }
    }

    /// The key in an example.
    pub(super) fn key(&self) -> Option<&'static str> {
        match self {
            Body::Nothing => None,
            Body::Json(_) => Some("json"),
            Body::Form(_) => Some("form"),
            Body::Text(_) => Some("text"),
        }
    }

    /// The body as a value: what an example writes after its key.
    pub(super) fn value(&self) -> Value {
        match self {
            Body::Nothing => Value::Null,
            Body::Json(json) => json.clone(),
            Body::Form(fields) => fields
                .iter()
                .map(|(name, text)| (name.clone(), Value::from(text.as_str())))
                .collect(),
            Body::Text(text) => text.as_str().into(),
        }
    }
}

/// What a request says its body is.
pub(super) fn content_type(request: &Request) -> &str {
    headers(request).find(|(name, _)| name.eq_ignore_ascii_case("content-type")).map_or("", |h| h.1)
}

/// A request's headers as they go out.
pub(super) fn headers(request: &Request) -> impl Iterator<Item = (&str, &str)> {
    request.headers.iter().map(|(name, value)| match value {
        HeaderValue::Plain(text) => (name.as_str(), text.as_str()),
        HeaderValue::Secret(secret) => (name.as_str(), secret.expose()),
    })
}

/// An answer's bytes.
pub(super) fn written(json: Option<&Value>, text: Option<&str>) -> Vec<u8> {
    match (json, text) {
        (Some(json), _) => json.to_string().into_bytes(),
        (None, text) => text.unwrap_or_default().as_bytes().to_vec(),
    }
}
