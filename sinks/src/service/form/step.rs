//! One step of a service: a request, as its file writes it.

use serde::Deserialize;
use serde_json::Value;

use super::answer::Answer;
use super::named::Named;

/// A request.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// `POST` where it is left out.
    pub method: Option<String>,
    /// Where it goes.
    pub url: String,
    /// The expression that must be true for the step to be done.
    pub when: Option<String>,
    /// Headers by name.
    #[serde(default)]
    pub headers: Named<String>,
    /// Parameters of the URL's query by name.
    #[serde(default)]
    pub query: Named<String>,
    /// A login with username and password.
    pub basic: Option<Basic>,
    /// The body as a tree.
    pub json: Option<Value>,
    /// The body as a form.
    pub form: Option<Value>,
    /// The body as a text.
    pub text: Option<String>,
    /// What to keep of the answer: names, and paths in its JSON.
    #[serde(default)]
    pub capture: Named<String>,
    /// How it is signed.
    pub sign: Option<Sign>,
    /// Where its answers differ from the service's others.
    #[serde(default)]
    pub answers: Vec<Answer>,
}

/// A login with username and password, both templates.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basic {
    /// The login's name.
    pub username: String,
    /// The login's password.
    pub password: String,
}

/// How a request is signed.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sign {
    /// With the headers of Standard Webhooks: the secret, a template.
    pub standard_webhooks: String,
}

impl Step {
    /// Every text in it that is a template.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let mut texts: Vec<&str> = vec![&self.url];
        texts.extend(self.headers.iter().chain(self.query.iter()).map(|(_, text)| text.as_str()));
        texts.extend(self.text.as_deref());
        for body in [&self.json, &self.form].into_iter().flatten() {
            leaves(body, &mut texts);
        }
        texts.into_iter()
    }
}

fn leaves<'a>(value: &'a Value, texts: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(items) => items.iter().for_each(|item| leaves(item, texts)),
        Value::Object(fields) => fields.values().for_each(|field| leaves(field, texts)),
        _ => {}
    }
}
