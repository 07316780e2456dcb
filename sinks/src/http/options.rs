//! The options of an `http` sink, as a person writes them, and what they compile to.

use std::collections::BTreeMap;

use reqwest::header::{HeaderName, HeaderValue};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::Http;
use super::body::Body;
use crate::client::{Client, Expectation};
use crate::kind::BuildError;
use crate::options::template_error;
use crate::request::{self, Address, Empty, Written};
use crate::secret::Secret;
use crate::template::{Escape, Template, Templates};

/// Sends a request of any shape to any URL.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Options {
    /// Where the request goes. Path and query may hold expressions such as `{{ group }}`; each
    /// value is percent-encoded, so it can't change the address around it.
    pub url: Secret,
    /// The method, such as `PUT`; `POST` if left out.
    pub method: Option<String>,
    /// Headers by name. Values are templates.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Parameters that are added to the URL's query. Values are templates.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// The body as a JSON tree whose texts are templates; one that is a single expression keeps its
    /// type. At most one of `json`, `form` and `text`; with none, the body is a JSON object with
    /// every documented variable.
    pub json: Option<Value>,
    /// The body as a form (`application/x-www-form-urlencoded`). Values are templates.
    pub form: Option<BTreeMap<String, String>>,
    /// The body as a text template (`text/plain; charset=utf-8` unless `headers` says otherwise).
    pub text: Option<String>,
    /// A login with username and password.
    pub basic: Option<Basic>,
    /// A token that goes out as `Authorization: Bearer …`.
    pub bearer: Option<Secret>,
    /// The status codes that mean "delivered"; any 2xx if left out.
    #[serde(default)]
    pub delivered: Vec<u16>,
}

/// A login with username and password.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Basic {
    /// The login's name.
    pub username: String,
    /// The login's password.
    pub password: Secret,
}

impl Options {
    /// Compiles the options to a sink that sends through this client.
    pub fn compile(self, templates: &Templates, client: &Client) -> Result<Http, BuildError> {
        let method = request::method(self.method.as_deref(), "method")?;
        let authorization = self.authorization()?;
        let expectation = self.expectation()?;
        let address = self.address(templates)?;
        let headers = compile_headers(&self.headers, authorization.is_some(), templates)?;
        let body = Body::compile(&method, self.json, self.form, self.text, templates)?;
        Ok(Http {
            method: method.as_str().to_owned(),
            address,
            headers,
            authorization,
            body,
            expectation,
            client: client.clone(),
        })
    }

    fn address(&self, templates: &Templates) -> Result<Address<Template>, BuildError> {
        let query = self.query.iter();
        let written = Written {
            url: self.url.expose(),
            path: "url",
            query: query.map(|(name, text)| (&**name, &**text, format!("query.{name}"))).collect(),
            empty: Empty::Kept,
        };
        Address::compile(
            &written,
            |_| false,
            |text, path| {
                templates.compile(text, Escape::None).map_err(|error| template_error(path, error))
            },
        )
    }

    fn authorization(&self) -> Result<Option<Secret>, BuildError> {
        let (option, value) = match (&self.basic, &self.bearer) {
            (None, None) => return Ok(None),
            (Some(_), Some(_)) => {
                let message = "`basic` and `bearer` can't both be the login";
                return Err(BuildError::new("bearer", message).hint("leave one of them out"));
            }
            (Some(basic), None) => ("basic", basic.header()?),
            (None, Some(bearer)) => ("bearer", Secret::new(format!("Bearer {}", bearer.expose()))),
        };
        let wrong = || BuildError::new(option, "it has characters that no header can carry");
        HeaderValue::from_str(value.expose()).map_err(|_| wrong())?;
        Ok(Some(value))
    }

    fn expectation(&self) -> Result<Expectation, BuildError> {
        for (index, code) in self.delivered.iter().enumerate() {
            if !(200..=599).contains(code) {
                let message = format!("{code} is no status code that an answer can have");
                return Err(BuildError::new(format!("delivered[{index}]"), message));
            }
        }
        Ok(Expectation { delivered: self.delivered.clone() })
    }
}

impl Basic {
    fn header(&self) -> Result<Secret, BuildError> {
        if self.username.contains(':') {
            return Err(BuildError::new("basic.username", "a username can't contain a colon"));
        }
        Ok(request::basic(&self.username, self.password.expose()))
    }
}

fn compile_headers(
    headers: &BTreeMap<String, String>,
    authorized: bool,
    templates: &Templates,
) -> Result<Vec<(HeaderName, Template)>, BuildError> {
    let mut compiled: Vec<(HeaderName, Template)> = Vec::with_capacity(headers.len());
    for (name, text) in headers {
        let path = format!("headers.{name}");
        let parsed = request::header_name(name, &path, compiled.iter().map(|(name, _)| name))?;
        if parsed.as_str() == "authorization" && authorized {
            let error = BuildError::new(path, "`basic` or `bearer` sets this header");
            return Err(error.hint("leave one of them out"));
        }
        let template = templates.compile(text, Escape::None);
        compiled.push((parsed, template.map_err(|error| template_error(&path, error))?));
    }
    Ok(compiled)
}
