//! The options of an `email` sink, as a person writes them, and what is checked of each.
//!
//! Reading gives [`Options`]; [`Options::check`] turns the addresses into types and collects
//! warnings. Nothing here talks to a server.

use lettre::message::Mailbox;
use schemars::JsonSchema;
use serde::Deserialize;

use super::address::mailbox;
use crate::kind::BuildError;
use crate::secret::Secret;

/// Mail over SMTP.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// The mail server's name or address. Its certificate must be valid for it.
    pub host: String,
    /// The server's port: 465 for `tls: implicit`, 587 for `starttls`, 25 for `none` if left out.
    pub port: Option<u16>,
    /// How the connection is encrypted. Never less than asked for: with `starttls`, a server that
    /// doesn't offer it gets no mail.
    #[serde(default)]
    pub tls: Tls,
    /// The login's name; no login if left out.
    pub username: Option<String>,
    /// The login's password.
    pub password: Option<Secret>,
    /// The sender: `Agnox <agnox@example.com>`.
    pub from: String,
    /// Who gets the mail: one address or a list. A rule's `with: {to: …}` replaces it.
    pub to: OneOrMany,
    /// Who gets a copy: one address or a list.
    #[serde(default)]
    pub cc: OneOrMany,
    /// Where answers go, if not to the sender.
    pub reply_to: Option<String>,
    /// The subject line, a template. `[Agnox] <group>` if left out: mail programs keep a group's
    /// mails in one conversation only while the subject stays the same, so the status stands in
    /// the mail's first line instead.
    pub subject: Option<String>,
    /// The plain-text part, a template.
    pub text: Option<String>,
    /// The HTML part, a template whose data is escaped for HTML.
    pub html: Option<String>,
}

/// How the connection is encrypted.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// From the first byte (port 465).
    #[default]
    Implicit,
    /// After a greeting in the clear (port 587); required, not merely tried.
    Starttls,
    /// Not at all: for a server on this machine or a trusted network.
    None,
}

/// One text or a list of them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OneOrMany {
    /// A single one.
    One(String),
    /// A list.
    Many(Vec<String>),
}

impl Default for OneOrMany {
    fn default() -> Self {
        OneOrMany::Many(Vec::new())
    }
}

/// The addresses of an `email` sink, checked.
#[derive(Clone, Debug)]
pub(super) struct Addresses {
    pub from: Mailbox,
    pub to: Vec<Mailbox>,
    pub cc: Vec<Mailbox>,
    pub reply_to: Option<Mailbox>,
}

impl Tls {
    /// The port that is customary for it.
    pub(super) fn port(self) -> u16 {
        match self {
            Tls::Implicit => 465,
            Tls::Starttls => 587,
            Tls::None => 25,
        }
    }
}

impl Options {
    /// The addresses, or the first option that can't be used.
    pub(super) fn check(&self) -> Result<Addresses, BuildError> {
        if self.host.trim().is_empty() {
            return Err(wrong("host", "the mail server's name is empty"));
        }
        match (&self.username, &self.password) {
            (Some(_), None) => {
                return Err(wrong("username", "there is a username without password"));
            }
            (None, Some(_)) => {
                return Err(wrong("password", "there is a password without username"));
            }
            _ => {}
        }
        let to = list("to", &self.to)?;
        if to.is_empty() {
            return Err(wrong("to", "nobody would get the mail: the list is empty"));
        }
        Ok(Addresses {
            from: one("from", &self.from)?,
            to,
            cc: list("cc", &self.cc)?,
            reply_to: self.reply_to.as_deref().map(|text| one("reply_to", text)).transpose()?,
        })
    }

    /// What works but is probably not meant.
    pub(super) fn warnings(&self) -> Vec<BuildError> {
        let mut warnings = Vec::new();
        if self.tls == Tls::None && !is_loopback(&self.host) {
            let what = match self.password {
                Some(_) => "the password and every mail cross the network unencrypted",
                None => "every mail crosses the network unencrypted",
            };
            let hint = Some("use `tls: implicit` or `tls: starttls`".to_owned());
            warnings.push(BuildError { hint, ..wrong("tls", what) });
        }
        warnings
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

fn list(option: &str, texts: &OneOrMany) -> Result<Vec<Mailbox>, BuildError> {
    match texts {
        OneOrMany::One(text) => Ok(vec![one(option, text)?]),
        OneOrMany::Many(texts) => {
            let indexed = texts.iter().enumerate();
            indexed.map(|(index, text)| one(&format!("{option}[{index}]"), text)).collect()
        }
    }
}

fn one(path: &str, text: &str) -> Result<Mailbox, BuildError> {
    mailbox(text).map_err(|message| BuildError {
        hint: Some("write `qa@example.com` or `QA <qa@example.com>`".to_owned()),
        ..wrong(path, &message)
    })
}

fn wrong(path: &str, message: &str) -> BuildError {
    BuildError::new(path, message)
}
