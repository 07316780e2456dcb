//! The `email` sink: a mail over SMTP to one or many recipients.
//!
//! ```text
//! options ─► Email ─ render ─► compose (plain, html) ─► Mail
//!                  ─ send ───► send ─► session (dial, login) ─► wire
//!                                 ├──► mime: the mail as bytes
//!                                 └──► tally: who has it
//! ```
//! lettre reads addresses and builds the mail; the connection is our own (see [`wire`]). This room
//! knows nothing of rules, of other sinks or of the journal.

mod address;
mod compose;
mod dial;
mod html;
mod login;
mod mime;
pub mod options;
mod plain;
mod send;
mod session;
mod tally;
#[cfg(test)]
mod tests;
mod thread;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use serde_json::Value;

use self::compose::Composer;
use self::login::Login;
use self::options::Options;
use self::session::Server;
use crate::contract::{Attempt, Failure, Fault, Notice, Receipt, Sink};
use crate::kind::{BuildError, Built, Native, Pace, Parameters, Surroundings};
use crate::message::{Message, Step};
use crate::template::{Escape, RenderError, Template};

/// The kind for the list of kinds.
pub const KIND: Native = Native {
    name: "email",
    about: "Sends a mail over SMTP, as text and HTML; an incident's mails form one conversation.",
    parameters: Parameters::Named(&[
        ("to", "who gets the mail instead of the sink's own `to`, separated by commas"),
        ("cc", "who gets a copy instead of the sink's own `cc`, separated by commas"),
        ("reply_to", "where answers go"),
        ("subject", "the subject line"),
    ]),
    words: Some(Escape::None),
    example: "\
host: mail.example.com
tls: implicit
username: bridge
password: ${SMTP_PASSWORD}
from: Agnox <agnox@example.com>
to: [qa@example.com, lead@example.com]
",
    schema: |generator| generator.subschema_for::<Options>(),
    pace: Pace::UNKNOWN,
    digest: true,
    build,
};

struct Email {
    composer: Composer,
    server: Server,
}

/// Reads the options and builds the sink.
fn build(options: Value, surroundings: &Surroundings<'_>) -> Result<Built, BuildError> {
    let options: Options = crate::options::read(options)?;
    let warnings = options.warnings();
    let mut tls = crate::client::tls::config();
    tls.alpn_protocols.clear();
    let sink = Email::new(&options, surroundings, tls)?;
    Ok(Built { warnings, ..Built::new(sink) })
}

impl Email {
    fn new(
        options: &Options,
        surroundings: &Surroundings<'_>,
        tls: ClientConfig,
    ) -> Result<Self, BuildError> {
        let template = |path: &str, text: &Option<String>, escape| match text {
            None => Ok(None),
            Some(text) => match surroundings.templates.compile(text, escape) {
                Ok(template) => Ok(Some(template)),
                Err(e) => Err(crate::options::template_error(path, e)),
            },
        };
        let composer = Composer {
            addresses: options.check()?,
            subject: template("subject", &options.subject, Escape::None)?,
            text: template("text", &options.text, Escape::None)?,
            html: template("html", &options.html, Escape::Html)?,
        };
        Ok(Email { composer, server: server(options, surroundings, tls)? })
    }
}

fn server(
    options: &Options,
    surroundings: &Surroundings<'_>,
    tls: ClientConfig,
) -> Result<Server, BuildError> {
    let host = options.host.trim().trim_matches(['[', ']']).to_owned();
    let name = ServerName::try_from(host.clone()).map_err(|_| {
        BuildError::new("host", format!("{host:?} is not a server's name or address"))
    })?;
    let login = options.username.as_ref().zip(options.password.as_ref());
    Ok(Server {
        port: options.port.unwrap_or_else(|| options.tls.port()),
        tls: options.tls,
        login: login.map(|(username, password)| Login::new(username, password)),
        guard: surroundings.client.guard(),
        config: Arc::new(tls),
        name,
        host,
    })
}

impl Sink for Email {
    fn render(&self, notice: &Notice, words: Option<&Template>) -> Result<Message, RenderError> {
        self.composer.mail(notice, words).map(|mail| Message::one(Step::Mail(mail)))
    }

    fn minimal(&self, notice: &Notice, why: &str) -> Message {
        let mail = self.composer.minimal(notice, why);
        Message { fallback: Some(why.to_owned()), ..Message::one(Step::Mail(mail)) }
    }

    fn send<'a>(
        &'a self,
        message: &'a Message,
        attempt: &'a Attempt,
    ) -> BoxFuture<'a, Result<Receipt, Failure>> {
        Box::pin(async move {
            match &message.steps[..] {
                [Step::Mail(mail)] => send::send(&self.server, mail, attempt).await,
                _ => Err(Failure::new(Fault::Refused, "this message is not one mail")),
            }
        })
    }

    fn reach<'a>(&'a self, deadline: Duration) -> BoxFuture<'a, Result<String, Failure>> {
        Box::pin(send::reach(&self.server, deadline))
    }
}
