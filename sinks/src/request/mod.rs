//! What every configured request is made of, whoever sends it: its method, its address, the names
//! of its headers, and its login.
//!
//! The `http` sink and the services share it. It compiles and fills in; the templates themselves
//! are its caller's, so it knows no kind of sink and no scene.

mod address;
#[cfg(test)]
mod address_tests;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use reqwest::header::HeaderName;

pub(crate) use self::address::{Address, Empty, Written};
use crate::kind::BuildError;
use crate::secret::Secret;

/// The `Content-Type` of a JSON body.
pub(crate) const JSON: &str = "application/json";
/// The `Content-Type` of a form.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";
/// The `Content-Type` of a text.
pub(crate) const TEXT: &str = "text/plain; charset=utf-8";

/// Headers that follow from the connection and the body.
const OURS: [&str; 5] =
    ["host", "content-length", "transfer-encoding", "connection", "content-encoding"];

/// Reads a method; `POST` where none is written.
pub(crate) fn method(word: Option<&str>, path: &str) -> Result<Method, BuildError> {
    let word = word.unwrap_or("POST").to_ascii_uppercase();
    let wrong = || BuildError::new(path, format!("`{word}` is no HTTP method"));
    let method = Method::from_bytes(word.as_bytes()).map_err(|_| wrong())?;
    if matches!(method, Method::CONNECT | Method::TRACE) {
        return Err(wrong().hint("POST, PUT, PATCH, GET and DELETE are usual"));
    }
    Ok(method)
}

/// Reads a header's name, which must be one that a request may choose, and none of the earlier.
pub(crate) fn header_name<'a>(
    name: &str,
    path: &str,
    earlier: impl IntoIterator<Item = &'a HeaderName>,
) -> Result<HeaderName, BuildError> {
    let wrong = |message: &str| BuildError::new(path, message);
    let parsed = HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| wrong("this is no name that a header can have"))?;
    if OURS.contains(&parsed.as_str()) {
        return Err(wrong("the sink sets this header by itself"));
    }
    if earlier.into_iter().any(|known| *known == parsed) {
        return Err(wrong("this header is here twice, in another case"));
    }
    Ok(parsed)
}

/// The value of `Authorization` for a login with username and password.
pub(crate) fn basic(username: &str, password: &str) -> Secret {
    Secret::new(format!("Basic {}", STANDARD.encode(format!("{username}:{password}"))))
}
