//! From a configured server to a session that is ready for mail: dial, greet, TLS, login.
//!
//! Each step that fails says whose trouble it is: what may pass by itself is the endpoint's, what
//! somebody must put right suspends the sink. TLS is never less than the configuration asks for.

use std::sync::Arc;

use lettre::transport::smtp::commands::{Ehlo, Quit, Starttls};
use lettre::transport::smtp::extension::ClientId;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;

use super::login::{Login, Method};
use super::options::Tls;
use super::wire::{Broken, Reply, Wire};
use crate::client::Guard;
use crate::contract::{Failure, Fault};

/// A mail server and how to talk to it.
pub(super) struct Server {
    pub host: String,
    pub port: u16,
    pub tls: Tls,
    pub name: ServerName<'static>,
    pub config: Arc<ClientConfig>,
    pub login: Option<Login>,
    pub guard: Guard,
}

/// A session that is ready for mail.
pub(super) struct Session {
    pub wire: Wire,
    /// What the server can do, in upper case, as its answer to EHLO lists it.
    pub skills: Vec<String>,
}

/// What is being done, for the reason of a time-out.
pub(super) type Doing = &'static str;

impl Server {
    /// Opens a session. `doing` always says what is being waited for.
    pub(super) async fn open(&self, doing: &mut Doing) -> Result<Session, Failure> {
        *doing = "connecting";
        let stream = super::dial::dial(self.guard, &self.host, self.port).await?;
        let mut wire = Wire::over(stream);
        if self.tls == Tls::Implicit {
            *doing = "agreeing on TLS";
            wire = self.secure(wire).await?;
        }
        *doing = "waiting for the greeting";
        let greeting = wire.reply().await.map_err(|e| self.broken("greeting", &e))?;
        self.expect("the greeting", &greeting)?;
        *doing = "waiting for the answer to EHLO";
        let mut session = self.greet(wire).await?;
        if self.tls == Tls::Starttls {
            *doing = "agreeing on TLS";
            session = self.starttls(session).await?;
        }
        if let Some(login) = &self.login {
            *doing = "logging in";
            self.log_in(&mut session, login).await?;
        }
        Ok(session)
    }

    /// `host:port`, for texts.
    pub(super) fn address(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// What a session reaches, for a person.
    pub(super) fn reached(&self) -> String {
        let tls = match self.tls {
            Tls::None => "without TLS",
            Tls::Implicit | Tls::Starttls => "over TLS",
        };
        match &self.login {
            Some(login) => format!("{}, {tls}, logged in as {}", self.address(), login.username),
            None => format!("{}, {tls}, without a login", self.address()),
        }
    }

    /// The endpoint's trouble, at this step.
    pub(super) fn broken(&self, step: &str, why: &Broken) -> Failure {
        let hint = match why {
            Broken::Tls(_) => "; check the server's certificate, and that `tls` fits the port",
            Broken::Nonsense(_) if step == "greeting" => "; check that `tls` fits the port",
            _ => "",
        };
        let reason = format!("{} at {step}: {why}{hint}", self.address());
        Failure::new(Fault::Unavailable { retry_after: None }, reason)
    }

    /// An answer that isn't the hoped-for one: 4xx passes by itself, 5xx needs somebody.
    pub(super) fn unhappy(&self, step: &str, reply: &Reply) -> Failure {
        let fault = match reply.is_for_ever() {
            true => Fault::Suspended,
            false => Fault::Unavailable { retry_after: None },
        };
        let words = self.covered(reply);
        let reason = format!("{} answered {step} with: {words}", self.address());
        Failure { status: Some(reply.code), excerpt: Some(words), ..Failure::new(fault, reason) }
    }

    /// The reply's words without any form of the password.
    pub(super) fn covered(&self, reply: &Reply) -> String {
        match &self.login {
            Some(login) => login.cover.cover(&reply.words()),
            None => reply.words(),
        }
    }

    fn expect(&self, step: &str, reply: &Reply) -> Result<(), Failure> {
        if reply.is_done() { Ok(()) } else { Err(self.unhappy(step, reply)) }
    }

    async fn greet(&self, mut wire: Wire) -> Result<Session, Failure> {
        let hello = Ehlo::new(ClientId::default());
        let reply = wire.ask(hello).await.map_err(|e| self.broken("EHLO", &e))?;
        self.expect("EHLO", &reply)?;
        let skills = reply.lines.iter().skip(1).map(|line| line.to_ascii_uppercase()).collect();
        Ok(Session { wire, skills })
    }

    async fn starttls(&self, mut session: Session) -> Result<Session, Failure> {
        if !session.can("STARTTLS") {
            return Err(Failure::new(
                Fault::Suspended,
                format!(
                    "{} doesn't offer STARTTLS, and mail is not sent in the clear instead; set \
                     `tls` to what the server speaks, or find out who strips STARTTLS on the way",
                    self.address()
                ),
            ));
        }
        let reply = session.wire.ask(Starttls).await.map_err(|e| self.broken("STARTTLS", &e))?;
        self.expect("STARTTLS", &reply)?;
        // What the server said before counts for nothing: anyone could have changed it.
        self.greet(self.secure(session.wire).await?).await
    }

    async fn secure(&self, wire: Wire) -> Result<Wire, Failure> {
        let secured = wire.secure(self.config.clone(), self.name.clone()).await;
        secured.map_err(|e| self.broken("the TLS handshake", &e))
    }

    async fn log_in(&self, session: &mut Session, login: &Login) -> Result<(), Failure> {
        let Some(method) = session.method() else {
            let reason = format!(
                "{} offers no login that the bridge knows (PLAIN, LOGIN); set `username` only \
                 where the server wants one, and `tls` to what it speaks",
                self.address()
            );
            return Err(Failure::new(Fault::Suspended, reason));
        };
        let mut reply = self.say(session, &login.opening(method)).await?;
        for answer in login.answers(method) {
            if reply.code != 334 {
                break;
            }
            reply = self.say(session, &answer).await?;
        }
        let step = format!("the login of {:?}", login.username);
        self.expect(&step, &reply)
    }

    async fn say(&self, session: &mut Session, line: &str) -> Result<Reply, Failure> {
        let reply = session.wire.ask(format!("{line}\r\n")).await;
        reply.map_err(|e| self.broken("the login", &e))
    }
}

impl Session {
    /// Whether the server offers this.
    pub(super) fn can(&self, skill: &str) -> bool {
        self.skills.iter().any(|line| line.split([' ', '=']).next() == Some(skill))
    }

    /// Says goodbye; whatever comes back changes nothing.
    pub(super) async fn close(mut self) {
        let _ = self.wire.ask(Quit).await;
    }

    fn method(&self) -> Option<Method> {
        let offered = |name: &str| {
            let mut lists = self.skills.iter().map(|line| line.split([' ', '=']));
            lists.any(|mut words| words.next() == Some("AUTH") && words.any(|word| word == name))
        };
        match (offered("PLAIN"), offered("LOGIN")) {
            (true, _) => Some(Method::Plain),
            (false, true) => Some(Method::Login),
            (false, false) => None,
        }
    }
}
