//! The login of a mail server, and every form in which its password could come back.
//!
//! Servers echo lines that they don't understand; the cover made here finds the password in such
//! an answer in each form it was sent. Nothing here talks to a server.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::secret::{Redactor, Secret};

/// How a login is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// Name and password in one line.
    Plain,
    /// The older one: the server asks for the name, then for the password.
    Login,
}

/// Who logs in, and the cover for what must not be seen.
pub(super) struct Login {
    pub username: String,
    pub cover: Redactor,
    password: Secret,
}

impl Login {
    pub(super) fn new(username: &str, password: &Secret) -> Self {
        let plain = format!("\0{username}\0{}", password.expose());
        let forms = [password.expose().to_owned(), encoded(password.expose()), encoded(&plain)];
        Login {
            username: username.to_owned(),
            cover: Redactor::new(forms.iter().map(String::as_str)),
            password: password.clone(),
        }
    }

    /// The command that begins the login.
    pub(super) fn opening(&self, method: Method) -> String {
        match method {
            Method::Plain => format!("AUTH PLAIN {}", encoded(&self.plain())),
            Method::Login => "AUTH LOGIN".to_owned(),
        }
    }

    /// What is answered to the server's questions, in order.
    pub(super) fn answers(&self, method: Method) -> Vec<String> {
        match method {
            Method::Plain => Vec::new(),
            Method::Login => vec![encoded(&self.username), encoded(self.password.expose())],
        }
    }

    fn plain(&self) -> String {
        format!("\0{}\0{}", self.username, self.password.expose())
    }
}

fn encoded(text: &str) -> String {
    STANDARD.encode(text)
}
