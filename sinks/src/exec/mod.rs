//! `exec`: runs a program with an argument list, for what no service does: a lamp, a modem, a script
//! that a team has had for years.
//!
//! There is no shell anywhere: each argument stays one, whatever an event holds. The notice goes to
//! the program's standard input as JSON and, in part, into its environment. A program runs only if
//! the main configuration file lists it, and never longer than an attempt may take.

mod ending;
mod environment;
mod fit;
mod group;
mod options;
mod place;
mod run;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Value, json};

pub use self::environment::{ENVIRONMENT, Given};

use self::fit::Variables;
use self::options::Options;
use crate::contract::{Attempt, Failure, Fault, Notice, Receipt, Sink};
use crate::kind::{BuildError, Built, Native, Pace, Parameters, Surroundings};
use crate::message::{Message, Run, Step};
use crate::secret::Secret;
use crate::summary;
use crate::template::{RenderError, Template};

/// What the kind says of itself.
pub const KIND: Native = Native {
    name: "exec",
    about: "Runs a program with the message as arguments, environment and standard input.",
    parameters: Parameters::Any,
    words: None,
    pace: Pace { concurrency: Some(AT_ONCE), ..Pace::UNKNOWN },
    example: EXAMPLE,
    schema,
    digest: true,
    build,
};

const EXAMPLE: &str = "\
program: /usr/bin/logger
args: [-t, agnox, --, \"{{ group }} is {{ status }}\"]
";

/// A program is dearer than a request: so many at once, unless the sink says otherwise.
const AT_ONCE: u16 = 4;

/// A sink that runs a program.
struct Exec {
    program: PathBuf,
    arguments: Vec<Template>,
    environment: Vec<(String, Template)>,
    directory: PathBuf,
}

fn schema(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<Options>()
}

fn build(value: Value, surroundings: &Surroundings<'_>) -> Result<Built, BuildError> {
    let options: Options = crate::options::read(value)?;
    let mut warnings = options.warnings();
    let sink = options.compile(surroundings)?;
    warnings.extend(place::warnings(&sink.program, &sink.directory));
    Ok(Built { warnings, ..Built::new(sink) })
}

impl Exec {
    fn message(
        &self,
        environment: Variables,
        arguments: Vec<String>,
        own: Variables,
        input: &Value,
    ) -> Message {
        let covered = |(name, value)| (name, Secret::new(value));
        let mut texts = fit::Texts { arguments, environment, own };
        texts.fit();
        Message::one(Step::Run(Run {
            program: self.program.clone(),
            arguments: texts.arguments,
            environment: texts.environment,
            secrets: texts.own.into_iter().map(covered).collect(),
            directory: self.directory.clone(),
            input: format!("{input}\n").into_bytes(),
        }))
    }

    /// What the configuration gives, with what becomes of each template.
    fn own(
        &self,
        value: impl Fn(&str, &Template) -> Result<String, RenderError>,
    ) -> Result<(Vec<String>, Variables), RenderError> {
        let mut arguments = Vec::with_capacity(self.arguments.len());
        for (index, template) in self.arguments.iter().enumerate() {
            arguments.push(value(&format!("args[{index}]"), template)?);
        }
        let mut own = Vec::with_capacity(self.environment.len());
        for (name, template) in &self.environment {
            own.push((name.clone(), value(&format!("env.{name}"), template)?));
        }
        Ok((arguments, own))
    }
}

impl Sink for Exec {
    fn render(&self, notice: &Notice, _words: Option<&Template>) -> Result<Message, RenderError> {
        let data = notice.data();
        let (arguments, own) = self.own(|option, template| {
            template.text(&data).map_err(|RenderError(why)| RenderError(format!("{option}: {why}")))
        })?;
        let environment = environment::of_notice(notice, &summary::block(notice));
        Ok(self.message(environment, arguments, own, &data))
    }

    fn minimal(&self, notice: &Notice, why: &str) -> Message {
        let mut data = notice.data();
        let filled = self.own(|_, template| Ok(template.text(&data).unwrap_or_default()));
        let (arguments, own) = filled.unwrap_or_default();
        let text = summary::minimal(notice, why);
        if let Value::Object(fields) = &mut data {
            fields.insert("text".to_owned(), json!(text));
            fields.insert("fallback".to_owned(), json!(why));
        }
        let environment = environment::of_notice(notice, &text);
        let message = self.message(environment, arguments, own, &data);
        Message { fallback: Some(why.to_owned()), ..message }
    }

    fn send<'a>(
        &'a self,
        message: &'a Message,
        attempt: &'a Attempt,
    ) -> BoxFuture<'a, Result<Receipt, Failure>> {
        async move {
            match message.steps.as_slice() {
                [Step::Run(run)] => run::run(run, attempt.deadline).await,
                _ => Err(Failure::new(Fault::Refused, "a program is run once for a message")),
            }
        }
        .boxed()
    }

    fn reach<'a>(&'a self, _deadline: Duration) -> BoxFuture<'a, Result<String, Failure>> {
        async move { place::reach(&self.program, &self.directory) }.boxed()
    }
}
