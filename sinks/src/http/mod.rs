//! `http`: a request of any shape to any URL, for services that have no kind of their own.
//!
//! Method, address, headers and body are compiled when the configuration is read; the address keeps
//! its host whatever an event holds, and a JSON body stays valid JSON. What an answer means is the
//! client's to say, except for the codes that the sink itself counts as delivered.

mod body;
mod options;

#[cfg(test)]
mod tests;

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::header::HeaderName;
use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

use self::body::Body;
use self::options::Options;
use crate::client::{Client, Expectation};
use crate::contract::{Attempt, Failure, Notice, Receipt, Sink};
use crate::kind::{BuildError, Built, Native, Pace, Parameters, Surroundings};
use crate::message::{HeaderValue, Message, Request, Step};
use crate::options::url_warnings;
use crate::request::Address;
use crate::secret::Secret;
use crate::template::{RenderError, Template};
use crate::text::neutral_line;

/// What the kind says of itself.
pub const KIND: Native = Native {
    name: "http",
    about: "Sends a request of any shape to any URL.",
    parameters: Parameters::Any,
    words: None,
    pace: Pace::UNKNOWN,
    example: EXAMPLE,
    schema,
    digest: true,
    build,
};

const EXAMPLE: &str = "\
url: https://tickets.example.com/api/items
bearer: s3cret-token
json:
  title: \"{{ group }} is {{ status }}\"
  seconds: \"{{ duration_seconds }}\"
delivered: [200, 201]
";

/// Headers that never carry a secret, so that a shown message may show them.
const HARMLESS: [&str; 4] = ["accept", "accept-language", "content-type", "user-agent"];

/// A sink that sends requests.
struct Http {
    method: String,
    address: Address<Template>,
    headers: Vec<(HeaderName, Template)>,
    authorization: Option<Secret>,
    body: Body,
    expectation: Expectation,
    client: Client,
}

fn schema(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<Options>()
}

fn build(value: Value, surroundings: &Surroundings<'_>) -> Result<Built, BuildError> {
    let options: Options = crate::options::read(value)?;
    let sink = options.compile(surroundings.templates, surroundings.client)?;
    let warnings = url_warnings("url", sink.address.plain());
    Ok(Built { warnings, ..Built::new(sink) })
}

impl Http {
    fn request(&self, url: Secret, headers: Vec<(String, HeaderValue)>, body: Vec<u8>) -> Request {
        let mut all = Vec::with_capacity(headers.len() + 2);
        let typed = headers.iter().any(|(name, _)| name == "content-type");
        if let (false, Some(kind)) = (typed, self.body.content_type()) {
            all.push(("content-type".to_owned(), HeaderValue::Plain(kind.to_owned())));
        }
        if let Some(secret) = &self.authorization {
            all.push(("authorization".to_owned(), HeaderValue::Secret(secret.clone())));
        }
        all.extend(headers);
        Request { method: self.method.clone(), url, headers: all, body }
    }

    fn headers(&self, data: &Value) -> Result<Vec<(String, HeaderValue)>, RenderError> {
        let mut headers = Vec::with_capacity(self.headers.len());
        for (name, template) in &self.headers {
            let text = template
                .text(data)
                .map_err(|RenderError(why)| RenderError(format!("headers.{name}: {why}")))?;
            headers.push(header(name, &text));
        }
        Ok(headers)
    }

    /// The address without any event, for reaching its host.
    fn plain_url(&self) -> Secret {
        Secret::new(self.address.plain().as_str())
    }

    /// The address with nothing where a template fails.
    fn minimal_url(&self, data: &Value) -> Secret {
        let filled = self.address.render(|value| Ok(value.text(data).unwrap_or_default()));
        filled.unwrap_or_else(|_| self.plain_url())
    }

    /// The headers whose templates hold.
    fn minimal_headers(&self, data: &Value) -> Vec<(String, HeaderValue)> {
        let texts = self.headers.iter().map(|(name, template)| (name, template.text(data)));
        texts.filter_map(|(name, text)| Some(header(name, &text.ok()?))).collect()
    }
}

/// A header on one line, without characters that would end it.
fn header(name: &HeaderName, text: &str) -> (String, HeaderValue) {
    let text = neutral_line(text);
    let value = match HARMLESS.contains(&name.as_str()) {
        true => HeaderValue::Plain(text),
        false => HeaderValue::Secret(Secret::new(text)),
    };
    (name.as_str().to_owned(), value)
}

impl Sink for Http {
    fn render(&self, notice: &Notice, _words: Option<&Template>) -> Result<Message, RenderError> {
        let data = notice.data();
        let url = self.address.render(|value| value.text(&data))?;
        let request = self.request(url, self.headers(&data)?, self.body.render(&data)?);
        Ok(Message::one(Step::Http(request)))
    }

    fn minimal(&self, notice: &Notice, why: &str) -> Message {
        let data = notice.data();
        let body = self.body.minimal(notice, why);
        let request = self.request(self.minimal_url(&data), self.minimal_headers(&data), body);
        Message { fallback: Some(why.to_owned()), ..Message::one(Step::Http(request)) }
    }

    fn send<'a>(
        &'a self,
        message: &'a Message,
        attempt: &'a Attempt,
    ) -> BoxFuture<'a, Result<Receipt, Failure>> {
        self.client.send_message(message, attempt, &self.expectation).boxed()
    }

    fn reach<'a>(&'a self, deadline: Duration) -> BoxFuture<'a, Result<String, Failure>> {
        async move { self.client.reach(&self.plain_url(), deadline).await }.boxed()
    }
}
