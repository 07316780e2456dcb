//! A message, ready to be sent: what `render` shows and snapshots hold.
//!
//! Building it is pure, sending it is not; so everything that a person may want to see before it
//! goes out stands here, with secrets kept in [`Secret`] so that showing it covers them.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;
use url::Url;

use crate::contract::Holding;
use crate::laid_out;
use crate::secret::Secret;
use crate::service::Course;

/// One or more steps, done in order, that tell one destination of one notice.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// What is done, in order.
    pub steps: Vec<Step>,
    /// Why this is the built-in minimal message, if it is.
    pub fallback: Option<String>,
    /// What a service needs to go through its steps: later ones may hang on the answers to
    /// earlier ones. Other sinks have none.
    pub course: Option<Arc<Course>>,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Print a text.
    Print(String),
    /// One HTTP request.
    Http(Request),
    /// One mail.
    Mail(Mail),
    /// One run of a program.
    Run(Run),
    /// One line of a file.
    Append(Append),
}

/// An HTTP request, except for what only the moment of sending can add (signatures with a time).
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// `POST`, `PUT`, …
    pub method: String,
    /// Where it goes. The whole URL is a secret for services whose URL is the password.
    pub url: Secret,
    /// Header names and values, in order.
    pub headers: Vec<(String, HeaderValue)>,
    /// The exact bytes of the body.
    pub body: Vec<u8>,
}

/// A header's value, covered when shown if it is a secret.
#[derive(Clone, Debug, PartialEq)]
pub enum HeaderValue {
    /// May be shown.
    Plain(String),
    /// Is covered when shown.
    Secret(Secret),
}

/// A mail, except for what only the moment of sending can add (`Date`).
#[derive(Clone, Debug, PartialEq)]
pub struct Mail {
    /// The sender.
    pub from: String,
    /// Recipients in `To`.
    pub to: Vec<String>,
    /// Recipients in `Cc`.
    pub cc: Vec<String>,
    /// Where an answer goes.
    pub reply_to: Option<String>,
    /// The subject line.
    pub subject: String,
    /// The plain-text part.
    pub text: String,
    /// The HTML part.
    pub html: Option<String>,
    /// `Message-ID`, with its angle brackets.
    pub message_id: String,
    /// `In-Reply-To`, with its angle brackets.
    pub in_reply_to: Option<String>,
    /// `References`: the conversation's root first, each with its angle brackets.
    pub references: Vec<String>,
}

/// A run of a program: what it is given, and nothing that a shell would read.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// The program, by its absolute path.
    pub program: PathBuf,
    /// Its arguments, each one whatever it holds.
    pub arguments: Vec<String>,
    /// Its environment; it gets no other variables than these and the secret ones.
    pub environment: Vec<(String, String)>,
    /// The rest of its environment, covered when shown.
    pub secrets: Vec<(String, Secret)>,
    /// The folder that it runs in.
    pub directory: PathBuf,
    /// What it reads from standard input.
    pub input: Vec<u8>,
}

/// A line at the end of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Append {
    /// The file.
    pub path: PathBuf,
    /// The line, without its end.
    pub line: String,
}

impl Message {
    /// A message of one step.
    pub fn one(step: Step) -> Self {
        Message { steps: vec![step], fallback: None, course: None }
    }

    /// What the sink would hold after it, where all goes well; what only an answer could say is
    /// named: `‹number›`. For those who play what would be sent, and send nothing.
    pub fn supposed(&self) -> Option<Holding> {
        self.course.as_ref()?.supposed()
    }
}

impl Request {
    /// Scheme and host, which are no secret: the reasons of failures name them too.
    fn host(&self) -> Option<String> {
        let url = Url::parse(self.url.expose()).ok()?;
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        Some(format!("{}://{}{port}", url.scheme(), url.host_str()?))
    }
}

/// `{:#}` is for a person's eyes: JSON laid out closely, the host of each URL, and of a mail its
/// text alone.
impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(why) = &self.fallback {
            writeln!(f, "(the built-in minimal message: {why})")?;
        }
        match &self.course {
            None => self.steps.iter().try_for_each(|step| step.fmt(f)),
            Some(course) => {
                let close = f.alternate();
                let step = |step: &Step| if close { format!("{step:#}") } else { step.to_string() };
                let steps: String = self.steps.iter().map(step).collect();
                f.write_str(&course.shown(&steps))
            }
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Print(text) => writeln!(f, "{text}"),
            Step::Http(request) => request.fmt(f),
            Step::Mail(mail) => mail.fmt(f),
            Step::Run(run) => run.fmt(f),
            Step::Append(append) => append.fmt(f),
        }
    }
}

/// Arguments and variables are shown in quotes, so that each can be seen to be one.
impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "run {}", self.program.display())?;
        writeln!(f, "in {}", self.directory.display())?;
        for argument in &self.arguments {
            writeln!(f, "argument: {}", Value::from(argument.as_str()))?;
        }
        for (name, value) in &self.environment {
            writeln!(f, "{name}={}", Value::from(value.as_str()))?;
        }
        for (name, secret) in &self.secrets {
            writeln!(f, "{name}={secret}")?;
        }
        body(&self.input, f)
    }
}

/// A body as JSON, where it is some.
fn body(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match serde_json::from_slice::<Value>(bytes) {
        Ok(value) if f.alternate() => writeln!(f, "\n{}", laid_out::json(&value)),
        Ok(value) => writeln!(f, "\n{value:#}"),
        Err(_) => writeln!(f, "\n{}", String::from_utf8_lossy(bytes)),
    }
}

impl fmt::Display for Append {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "append to {}\n\n{}", self.path.display(), self.line)
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host().filter(|_| f.alternate()) {
            Some(host) => writeln!(f, "{} {host}/{}", self.method, self.url)?,
            None => writeln!(f, "{} {}", self.method, self.url)?,
        }
        for (name, value) in &self.headers {
            match value {
                HeaderValue::Plain(text) => writeln!(f, "{name}: {text}")?,
                HeaderValue::Secret(secret) => writeln!(f, "{name}: {secret}")?,
            }
        }
        body(&self.body, f)
    }
}

impl fmt::Display for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "From: {}\nTo: {}", self.from, self.to.join(", "))?;
        if !self.cc.is_empty() {
            writeln!(f, "Cc: {}", self.cc.join(", "))?;
        }
        if let Some(reply_to) = &self.reply_to {
            writeln!(f, "Reply-To: {reply_to}")?;
        }
        writeln!(f, "Subject: {}\nMessage-ID: {}", self.subject, self.message_id)?;
        if let Some(answered) = &self.in_reply_to {
            writeln!(f, "In-Reply-To: {answered}")?;
        }
        if !self.references.is_empty() {
            writeln!(f, "References: {}", self.references.join(" "))?;
        }
        writeln!(f, "\n{}", self.text)?;
        match &self.html {
            Some(html) if f.alternate() => {
                writeln!(f, "\n(and the same as HTML, {} lines)", html.lines().count())
            }
            Some(html) => writeln!(f, "\n--- HTML ---\n{html}"),
            None => Ok(()),
        }
    }
}
