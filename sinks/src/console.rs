//! `console`: prints each message to standard output. For a first look, and for trying rules out.
//!
//! What is rendered is plain text; only the moment of printing knows whether somebody watches on a
//! terminal. Nothing in an event can move the cursor there.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::Value;
use tokio::time::timeout;

use crate::contract::{Attempt, Failure, Fault, Notice, Receipt, Sink};
use crate::kind::{BuildError, Built, Native, Pace, Parameters, Surroundings};
use crate::message::{Message, Step};
use crate::options;
use crate::summary;
use crate::template::{Escape, RenderError, Template};
use crate::text::neutral;

/// What the kind says of itself.
pub const KIND: Native = Native {
    name: "console",
    about: "Prints each message to standard output.",
    parameters: Parameters::Any,
    words: Some(Escape::None),
    pace: Pace::UNKNOWN,
    example: "{}",
    schema,
    digest: true,
    build,
};

/// Prints each message to standard output.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Options {
    /// The text, as a template or as the name of a file such as `short.hbs`. If left out: a few
    /// lines with status, group, summary, duration, link and rule.
    template: Option<String>,
}

struct Console {
    template: Option<Template>,
}

fn schema(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<Options>()
}

fn build(value: Value, surroundings: &Surroundings<'_>) -> Result<Built, BuildError> {
    let options: Options = options::read(value)?;
    let compile = |text: String| surroundings.templates.compile(&text, Escape::None);
    let template = options.template.map(compile).transpose();
    let template = template.map_err(|error| options::template_error("template", error))?;
    Ok(Built::new(Console { template }))
}

impl Sink for Console {
    fn render(&self, notice: &Notice, words: Option<&Template>) -> Result<Message, RenderError> {
        let text = match words.or(self.template.as_ref()) {
            Some(template) => neutral(&template.text(&notice.data())?).into_owned(),
            None => summary::block(notice),
        };
        Ok(Message::one(Step::Print(text)))
    }

    fn minimal(&self, notice: &Notice, why: &str) -> Message {
        let mut message = Message::one(Step::Print(summary::minimal(notice, why)));
        message.fallback = Some(why.to_owned());
        message
    }

    fn send<'a>(
        &'a self,
        message: &'a Message,
        attempt: &'a Attempt,
    ) -> BoxFuture<'a, Result<Receipt, Failure>> {
        print_within(message, attempt.deadline).boxed()
    }

    fn reach<'a>(&'a self, _deadline: Duration) -> BoxFuture<'a, Result<String, Failure>> {
        async { Ok("standard output is always there".to_owned()) }.boxed()
    }
}

/// Prints on a thread of its own, since whoever reads our output may be slow.
async fn print_within(message: &Message, deadline: Duration) -> Result<Receipt, Failure> {
    let texts: Vec<String> = message.steps.iter().filter_map(text_of).collect();
    let printing = tokio::task::spawn_blocking(move || texts.iter().try_for_each(|t| print(t)));
    let unavailable = |why: String| {
        let reason = format!("can't write to standard output: {why}");
        Err(Failure::new(Fault::Unavailable { retry_after: None }, reason))
    };
    match timeout(deadline, printing).await {
        Ok(Ok(Ok(()))) => Ok(Receipt::default()),
        Ok(Ok(Err(error))) => unavailable(error.to_string()),
        Ok(Err(error)) => unavailable(error.to_string()),
        Err(_) => unavailable(format!("nobody read it within {deadline:?}")),
    }
}

fn text_of(step: &Step) -> Option<String> {
    match step {
        Step::Print(text) => Some(text.clone()),
        _ => None,
    }
}

/// Prints a text and an empty line in one write, so that no log line comes between; its first line
/// is bold where a person watches.
fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let block = match (out.is_terminal(), text.split_once('\n')) {
        (true, Some((first, rest))) => format!("\x1b[1m{first}\x1b[0m\n{rest}\n\n"),
        _ => format!("{text}\n\n"),
    };
    out.write_all(block.as_bytes())?;
    out.flush()
}
