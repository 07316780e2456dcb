//! The examples of a service: a notice in, exact requests out, and answers with their meaning.

use serde::Deserialize;
use serde_json::Value;

use super::answer::Meaning;
use super::named::Named;
use crate::units::Span;

/// One example.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What it shows.
    pub name: String,
    /// A moment's name, or a map with `like` and variables set over it.
    pub notice: Value,
    /// The parameters.
    #[serde(default)]
    pub options: Value,
    /// A rule's `with:`.
    #[serde(default)]
    pub with: Named<String>,
    /// A rule's `template`.
    pub words: Option<String>,
    /// What was captured when the thing was opened; its being there says that it is open.
    pub captured: Option<Named<Value>>,
    /// Exactly what goes out.
    #[serde(default)]
    pub requests: Vec<Exchange>,
    /// Answers to the last request, with their meaning.
    #[serde(default)]
    pub answers: Vec<Answered>,
    /// What is captured at the end.
    pub captures: Option<Named<Value>>,
}

/// A request of an example, and what it is answered.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// `POST`, …
    pub method: String,
    /// The whole address, with its query.
    pub url: String,
    /// Every header that the service sets.
    #[serde(default)]
    pub headers: Named<String>,
    /// The body, where it is JSON.
    pub json: Option<Value>,
    /// The body's fields, where it is a form.
    pub form: Option<Named<String>>,
    /// The body, where it is a text.
    pub text: Option<String>,
    /// What it is answered, where a later step needs it.
    pub answer: Option<Reply>,
}

/// An answer of a service.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// Its code; 200 where it is left out.
    pub status: Option<u16>,
    /// Its headers.
    #[serde(default)]
    pub headers: Named<String>,
    /// Its body, where it is JSON.
    pub json: Option<Value>,
    /// Its body, where it is a text.
    pub text: Option<String>,
}

/// An answer, and what it means.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    /// Its code; 200 where it is left out.
    pub status: Option<u16>,
    /// Its headers.
    #[serde(default)]
    pub headers: Named<String>,
    /// Its body, where it is JSON.
    pub json: Option<Value>,
    /// Its body, where it is a text.
    pub text: Option<String>,
    /// What it means.
    pub means: Meaning,
    /// How long it asks to wait.
    pub wait: Option<Span>,
}
