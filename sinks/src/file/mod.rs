//! `file`: a line of JSON for each message at the end of a file, for log shippers and for whoever
//! reads with `tail` and `jq`.
//!
//! A line is whole or not there: it is written at once, and delivered when it is on disk. The file
//! is opened for each line, so that nothing is held on to: whoever renames or removes it, by
//! logrotate or by hand, finds the next line in a new one. A lock keeps other writers of the bridge
//! away meanwhile: the sink of the configuration before a reload, or a command.

mod append;
mod options;
mod rotate;
mod trouble;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout_at};

use self::append::Log;
use self::options::Options;
use crate::contract::{Attempt, Failure, Fault, Notice, Receipt, Sink};
use crate::kind::{BuildError, Built, Claims, Native, Pace, Parameters, Surroundings};
use crate::message::{Append, Message, Step};
use crate::summary;
use crate::template::{RenderError, Template, Tree};

/// What the kind says of itself.
pub const KIND: Native = Native {
    name: "file",
    about: "Appends a line of JSON to a file.",
    parameters: Parameters::Any,
    words: None,
    pace: Pace::UNKNOWN,
    example: EXAMPLE,
    schema,
    digest: true,
    build,
};

const EXAMPLE: &str = "\
path: messages.jsonl
rotate: 64MiB
keep: 5
";

/// A sink that appends to a file.
struct File {
    log: Arc<Log>,
    json: Option<Arc<Tree>>,
    /// Whose turn it is: a message that waits for a slow disk takes no thread.
    turn: Arc<Mutex<()>>,
}

fn schema(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<Options>()
}

fn build(value: Value, surroundings: &Surroundings<'_>) -> Result<Built, BuildError> {
    let options: Options = crate::options::read(value)?;
    let (log, json) = options.compile(surroundings)?;
    let claims = Some(Claims { option: "path", files: log.files() });
    let warnings = options::warnings(&log);
    let sink = File { log: Arc::new(log), json, turn: Arc::default() };
    Ok(Built { warnings, claims, ..Built::new(sink) })
}

impl File {
    fn message(&self, line: &Value) -> Message {
        let path: PathBuf = self.log.path.clone();
        Message::one(Step::Append(Append { path, line: line.to_string() }))
    }

    /// Writes a line within the deadline, in its turn.
    async fn append(&self, line: String, deadline: Duration) -> Result<Receipt, Failure> {
        let until = Instant::now() + deadline;
        let Ok(turn) = timeout_at(until, Arc::clone(&self.turn).lock_owned()).await else {
            return Err(trouble::too_late(&self.log.path, false));
        };
        let log = Arc::clone(&self.log);
        let writing = spawn_blocking(move || {
            let written = log.append(&line, until.into_std())?;
            drop(turn);
            log.sync(&written)
        });
        match timeout_at(until, writing).await {
            Ok(Ok(synced)) => synced.map(|()| Receipt::default()),
            Ok(Err(panic)) => Err(Failure::new(Fault::Deferred, panic.to_string())),
            Err(_) => Err(trouble::too_late(&self.log.path, true)),
        }
    }
}

impl Sink for File {
    fn render(&self, notice: &Notice, _words: Option<&Template>) -> Result<Message, RenderError> {
        let data = notice.data();
        match &self.json {
            None => Ok(self.message(&data)),
            Some(tree) => {
                let wrong = |RenderError(why)| RenderError(format!("json: {why}"));
                Ok(self.message(&tree.render(&data).map_err(wrong)?))
            }
        }
    }

    fn minimal(&self, notice: &Notice, why: &str) -> Message {
        let mut data = notice.data();
        if let Value::Object(fields) = &mut data {
            fields.insert("text".to_owned(), json!(summary::minimal(notice, why)));
            fields.insert("fallback".to_owned(), json!(why));
        }
        Message { fallback: Some(why.to_owned()), ..self.message(&data) }
    }

    fn send<'a>(
        &'a self,
        message: &'a Message,
        attempt: &'a Attempt,
    ) -> BoxFuture<'a, Result<Receipt, Failure>> {
        async move {
            match message.steps.as_slice() {
                [Step::Append(append)] => self.append(append.line.clone(), attempt.deadline).await,
                _ => Err(Failure::new(Fault::Refused, "a message is one line of the file")),
            }
        }
        .boxed()
    }

    fn reach<'a>(&'a self, _deadline: Duration) -> BoxFuture<'a, Result<String, Failure>> {
        async move { self.log.reach() }.boxed()
    }
}
