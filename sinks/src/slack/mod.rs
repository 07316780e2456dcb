//! The `slack` sink: a webhook in Slack's format, which Mattermost and Rocket.Chat take as well.
//!
//! ```text
//! options ─► Slack ─ render ─► look (or own blocks) ─► JSON ─► Request
//!                  ─ send ───► client ─► answer: Slack's words explained
//! ```
//! Knows nothing of rules; what an HTTP status means is the client's to say.

mod answer;
mod digest;
mod look;
mod markup;
pub mod options;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use self::options::{Format, Options};
use crate::client::{Client, Expectation};
use crate::contract::{Attempt, Failure, Notice, Receipt, Sink};
use crate::kind::{BuildError, Built, Native, Pace, Parameters, Surroundings};
use crate::message::{HeaderValue, Message, Request, Step};
use crate::options::{read, template_error, web_url};
use crate::secret::Secret;
use crate::template::{Escape, RenderError, Template, Tree};

/// What the kind says of itself.
pub const KIND: Native = Native {
    name: "slack",
    about: "Posts to a webhook in Slack's format: Slack, Mattermost, Rocket.Chat.",
    parameters: Parameters::Named(&[
        ("channel", "the channel, where the server lets a webhook choose one"),
        ("username", "the name that the message appears under, where the server allows it"),
        ("icon_emoji", "the emoji beside the name, where the server allows it"),
    ]),
    words: Some(Escape::Slack),
    example: "url: https://hooks.slack.com/services/T0000/B0000/s3cret-key\n",
    schema: |generator| generator.subschema_for::<Options>(),
    pace: Pace { rate: Some((1, Duration::from_secs(1))), ..Pace::UNKNOWN },
    digest: true,
    build,
};

/// The options that a rule may set instead, as the payload names them too.
const CHOICES: [&str; 3] = ["channel", "username", "icon_emoji"];

struct Slack {
    url: Secret,
    format: Format,
    text: Option<Template>,
    blocks: Option<Arc<Tree>>,
    /// In the order of [`CHOICES`].
    choices: [Option<String>; 3],
    client: Client,
}

fn build(value: Value, surroundings: &Surroundings<'_>) -> Result<Built, BuildError> {
    let options: Options = read(value)?;
    options.check()?;
    let url = web_url("url", &options.url)?;
    let templates = surroundings.templates;
    let text = options.text.as_deref().map(|text| templates.compile(text, Escape::Slack));
    let blocks = options.blocks.as_ref().map(|blocks| templates.tree(blocks, Escape::Slack));
    let sink = Slack {
        url: Secret::new(url.as_str()),
        format: options.format.unwrap_or_default(),
        text: text.transpose().map_err(|e| template_error("text", e))?,
        blocks: blocks.transpose().map_err(|e| template_error("blocks", e))?,
        choices: [options.channel, options.username, options.icon_emoji],
        client: surroundings.client.clone(),
    };
    Ok(Built { warnings: options::warnings(&url), ..Built::new(sink) })
}

impl Slack {
    fn payload(&self, notice: &Notice, words: Option<&Template>) -> Result<Value, RenderError> {
        let data = notice.data();
        if let Some(words) = words {
            return Ok(look::message(self.format, notice, Some(&words.text(&data)?)));
        }
        let text = self.text.as_ref().map(|text| text.text(&data)).transpose()?;
        match &self.blocks {
            Some(tree) => {
                let blocks = tree.render(&data)?;
                let text = text.unwrap_or_else(|| look::headline(notice));
                Ok(json!({ "text": text, "blocks": blocks }))
            }
            None => Ok(look::message(self.format, notice, text.as_deref())),
        }
    }

    fn message(&self, mut payload: Value, notice: &Notice) -> Message {
        for (name, own) in CHOICES.iter().zip(&self.choices) {
            let rules = notice.with.get(*name).filter(|text| !text.trim().is_empty());
            if let Some(choice) = rules.or(own.as_ref()) {
                payload[*name] = crate::facts::line(choice, 100).into();
            }
        }
        let kind = HeaderValue::Plain("application/json".to_owned());
        Message::one(Step::Http(Request {
            method: "POST".to_owned(),
            url: self.url.clone(),
            headers: vec![("content-type".to_owned(), kind)],
            body: payload.to_string().into_bytes(),
        }))
    }

    /// Whether a rule chose another channel than the sink's own.
    fn chose(&self, message: &Message) -> bool {
        let [Step::Http(request)] = &message.steps[..] else { return false };
        let payload: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let channel = payload["channel"].as_str();
        channel.is_some() && channel != self.choices[0].as_deref()
    }
}

impl Sink for Slack {
    fn render(&self, notice: &Notice, words: Option<&Template>) -> Result<Message, RenderError> {
        Ok(self.message(self.payload(notice, words)?, notice))
    }

    fn minimal(&self, notice: &Notice, why: &str) -> Message {
        let text = markup::fitted(&crate::summary::minimal(notice, why), 3_000);
        let message = self.message(json!({ "text": text }), notice);
        Message { fallback: Some(why.to_owned()), ..message }
    }

    fn send<'a>(
        &'a self,
        message: &'a Message,
        attempt: &'a Attempt,
    ) -> BoxFuture<'a, Result<Receipt, Failure>> {
        async move {
            let any = Expectation::default();
            match self.client.send_message(message, attempt, &any).await {
                Ok(receipt) => answer::honest(receipt),
                Err(failure) => Err(failure),
            }
            .map_err(|failure| answer::explained(failure, self.chose(message)))
        }
        .boxed()
    }

    fn reach<'a>(&'a self, deadline: Duration) -> BoxFuture<'a, Result<String, Failure>> {
        self.client.reach(&self.url, deadline).boxed()
    }
}
