//! `forward`: passes the event on, byte for byte, signed anew for whoever gets it.
//!
//! Receivers written for Agnox keep working behind the bridge: the body is the one that Agnox sent,
//! and the signature has Agnox's form, made with a secret that only the bridge and the target share.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::Value;

use crate::client::{Client, Expectation, sign};
use crate::contract::{Attempt, Failure, Notice, Receipt, Sink};
use crate::kind::{BuildError, Built, Native, Pace, Parameters, Surroundings};
use crate::message::{HeaderValue, Message, Request, Step};
use crate::options;
use crate::secret::Secret;
use crate::signature::{AgnoxKey, HEADER, StandardWebhooksKey};
use crate::template::{RenderError, Template};

/// What the kind says of itself.
pub const KIND: Native = Native {
    name: "forward",
    about: "Passes the event on, byte for byte, signed with the target's own secret.",
    parameters: Parameters::Named(&[]),
    words: None,
    pace: Pace::UNKNOWN,
    example: EXAMPLE,
    schema,
    digest: false,
    build,
};

const EXAMPLE: &str = "\
url: https://internal.example.com/agnox
secret: a-secret-of-at-least-thirty-two-characters
signature: prefixed
standard_webhooks:
  secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
";

/// Passes the event on, byte for byte, signed with the target's own secret.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Options {
    /// Where the event goes.
    url: Secret,
    /// The secret that the target verifies the signature with; without one nothing is signed in
    /// Agnox's form.
    secret: Option<Secret>,
    /// How the signature is written: `prefixed` (`sha256=<hex>`, as Agnox sends it) or `bare` (only
    /// the hex, as verifiers copied from Agnox's documents compare it).
    #[serde(default)]
    signature: Form,
    /// Adds the headers of Standard Webhooks.
    standard_webhooks: Option<StandardWebhooks>,
}

/// How the signature is written.
#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Form {
    /// `sha256=<hex>`, as Agnox sends it.
    #[default]
    Prefixed,
    /// Only the hex, as verifiers copied from Agnox's documents compare it.
    Bare,
}

/// Adds the headers of Standard Webhooks.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct StandardWebhooks {
    /// The key, written `whsec_<base64>`.
    secret: Secret,
}

struct Forward {
    url: Secret,
    key: Option<(AgnoxKey, Form)>,
    standard: Option<StandardWebhooksKey>,
    client: Client,
}

fn schema(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<Options>()
}

fn build(value: Value, surroundings: &Surroundings<'_>) -> Result<Built, BuildError> {
    let options: Options = options::read(value)?;
    let url = options::web_url("url", &options.url)?;
    let mut warnings = options::url_warnings("url", &url);
    let key = options.secret.as_ref().map(AgnoxKey::new).transpose();
    let key = key.map_err(|blank| BuildError::new("secret", blank.to_string()))?;
    let standard = options.standard_webhooks.as_ref();
    let standard = standard.map(|o| StandardWebhooksKey::parse(&o.secret)).transpose();
    let standard =
        standard.map_err(|bad| BuildError::new("standard_webhooks.secret", bad.to_string()))?;
    warnings.extend(signing_warning(key.as_ref(), standard.is_some()));
    let sink = Forward {
        url: Secret::new(url.as_str()),
        key: key.map(|key| (key, options.signature)),
        standard,
        client: surroundings.client.clone(),
    };
    Ok(Built { warnings, ..Built::new(sink) })
}

fn signing_warning(key: Option<&AgnoxKey>, standard: bool) -> Option<BuildError> {
    match key {
        Some(key) if key.is_weak() => {
            let warning = BuildError::new("secret", "the secret has fewer than 32 characters");
            Some(warning.hint("`openssl rand -hex 32` makes a good one"))
        }
        None if !standard => {
            let message = "nothing is signed: the target can't tell who sent it";
            Some(BuildError::new("", message).hint("set `secret` to one that the target shares"))
        }
        _ => None,
    }
}

impl Forward {
    fn message(&self, notice: &Notice) -> Message {
        let json = HeaderValue::Plain("application/json".to_owned());
        let mut headers = vec![("content-type".to_owned(), json)];
        if let Some((key, form)) = &self.key {
            let signature = match form {
                Form::Prefixed => key.sign(&notice.raw),
                Form::Bare => key.sign_bare(&notice.raw),
            };
            headers.push((HEADER.to_owned(), HeaderValue::Secret(Secret::new(signature))));
        }
        Message::one(Step::Http(Request {
            method: "POST".to_owned(),
            url: self.url.clone(),
            headers,
            body: notice.raw.clone(),
        }))
    }

    /// The message with the headers that carry the attempt's own time.
    fn stamped(&self, message: &Message, attempt: &Attempt) -> Message {
        let mut message = message.clone();
        let Some(key) = &self.standard else { return message };
        for step in &mut message.steps {
            if let Step::Http(request) = step {
                sign(request, key, attempt);
            }
        }
        message
    }
}

impl Sink for Forward {
    fn render(&self, notice: &Notice, _words: Option<&Template>) -> Result<Message, RenderError> {
        Ok(self.message(notice))
    }

    /// There is no template that could have failed, and the bytes must stay as they are.
    fn minimal(&self, notice: &Notice, why: &str) -> Message {
        Message { fallback: Some(why.to_owned()), ..self.message(notice) }
    }

    fn send<'a>(
        &'a self,
        message: &'a Message,
        attempt: &'a Attempt,
    ) -> BoxFuture<'a, Result<Receipt, Failure>> {
        async move {
            let message = self.stamped(message, attempt);
            self.client.send_message(&message, attempt, &Expectation::default()).await
        }
        .boxed()
    }

    fn reach<'a>(&'a self, deadline: Duration) -> BoxFuture<'a, Result<String, Failure>> {
        self.client.reach(&self.url, deadline).boxed()
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use serde_json::json;

    use super::*;
    use crate::client::DialPolicy;
    use crate::template::{Names, Templates};

    const URL: &str = "https://internal.example.com/agnox";

    fn built(options: Value) -> Result<Built, BuildError> {
        let templates = Templates::new(Names::default(), TimeZone::UTC);
        let client = Client::new(DialPolicy { private: true });
        build(
            options,
            &Surroundings::new("mirror", &templates, &client, &crate::service::Compiled::default()),
        )
    }

    #[test]
    fn a_forward_that_nobody_can_verify_is_warned_about() {
        let warned = |options: Value| -> Vec<String> {
            built(options).unwrap().warnings.into_iter().map(|warning| warning.path).collect()
        };
        let whsec = json!({"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"});
        assert_eq!(warned(json!({"url": URL})), [""]);
        assert_eq!(warned(json!({"url": URL, "secret": "short"})), ["secret"]);
        assert!(warned(json!({"url": URL, "secret": "x".repeat(32)})).is_empty());
        assert!(warned(json!({"url": URL, "standard_webhooks": whsec})).is_empty());
    }

    #[test]
    fn what_can_not_work_is_refused_at_its_option_without_showing_it() {
        for (options, path) in [
            (json!({"url": "CANARY"}), "url"),
            (json!({"url": URL, "secret": "  "}), "secret"),
            (json!({"url": URL, "signature": "CANARY"}), "signature"),
            (json!({"url": URL, "standard_webhooks": {}}), "standard_webhooks"),
            (
                json!({"url": URL, "standard_webhooks": {"secret": "CANARY"}}),
                "standard_webhooks.secret",
            ),
        ] {
            let error = built(options).map(drop).unwrap_err();
            assert_eq!(error.path, path, "{error}");
            assert!(path == "signature" || !format!("{error:?}").contains("CANARY"), "{error:?}");
        }
    }
}
