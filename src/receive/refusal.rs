//! Every way a request can fail to get a 2xx, by name.
//!
//! The sender never retries, so each of these may be a lost event: it is counted by its cause. The
//! answer says no more than its status, and for a signature nothing at all beyond 401.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use agnox_bridge_sinks::signature;

use crate::journal::JournalError;

/// Why a request gets no 2xx.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Nothing is served under this path.
    #[error("nothing is served under this path")]
    Path,
    /// There is no source of this name.
    #[error("there is no source of this name")]
    Source,
    /// The path takes another method.
    #[error("the path takes another method")]
    Method,
    /// The body is encoded; the signature is over the bytes as they are.
    #[error("the body has a Content-Encoding; the signature must be over the bytes as they come")]
    Encoding,
    /// The signature doesn't hold. Whoever posted learns only that.
    #[error("{0}")]
    Signature(#[from] signature::Refusal),
    /// The body is larger than the limit.
    #[error("the body is larger than `server.body_limit`")]
    TooLarge,
    /// The body took longer than its deadline.
    #[error("the body did not arrive within its deadline")]
    SlowBody,
    /// The body ended before its declared length, or its chunks are malformed.
    #[error("the body broke off: {0}")]
    BrokenBody(String),
    /// The memory for bodies stayed full until the deadline.
    #[error("the memory for bodies is full")]
    Memory,
    /// The journal can't take it.
    #[error("{0}")]
    Journal(#[from] JournalError),
    /// A probe asked, and the bridge is not ready.
    #[error("the bridge is not ready")]
    NotReady,
}

impl Refusal {
    /// The causes that lose an event of a sender who did all right.
    pub const LOSSES: [&str; 5] = ["memory", "disk_full", "overloaded", "stopping", "journal"];

    /// Its name in metrics and logs.
    pub fn cause(&self) -> &'static str {
        match self {
            Refusal::Path => "path",
            Refusal::Source => "unknown_source",
            Refusal::Method => "method",
            Refusal::Encoding => "content_encoding",
            Refusal::Signature(_) => "signature",
            Refusal::TooLarge => "too_large",
            Refusal::SlowBody => "slow_body",
            Refusal::BrokenBody(_) => "broken_body",
            Refusal::Memory => "memory",
            Refusal::Journal(JournalError::Full(_)) => "disk_full",
            Refusal::Journal(JournalError::Overloaded) => "overloaded",
            Refusal::Journal(JournalError::Closed) => "stopping",
            Refusal::Journal(_) => "journal",
            Refusal::NotReady => "not_ready",
        }
    }

    /// The status that it is answered with.
    pub fn status(&self) -> StatusCode {
        match self {
            Refusal::Path | Refusal::Source => StatusCode::NOT_FOUND,
            Refusal::Method => StatusCode::METHOD_NOT_ALLOWED,
            Refusal::Encoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Refusal::Signature(_) => StatusCode::UNAUTHORIZED,
            Refusal::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Refusal::SlowBody => StatusCode::REQUEST_TIMEOUT,
            Refusal::BrokenBody(_) => StatusCode::BAD_REQUEST,
            Refusal::Memory | Refusal::Journal(_) | Refusal::NotReady => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }

    /// The answer. It closes the connection: actix times only the first head on one, so that a
    /// connection may stay open only for those whose requests are good.
    pub fn answer(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status());
        answer.force_close().insert_header((header::CONTENT_TYPE, "application/json"));
        if self.status() == StatusCode::SERVICE_UNAVAILABLE {
            answer.insert_header((header::RETRY_AFTER, "1"));
        }
        answer.body(format!("{{\"error\":\"{}\"}}\n", self.said()))
    }

    /// What whoever posted may know.
    fn said(&self) -> &'static str {
        match self {
            Refusal::Path => "nothing is served under this path",
            Refusal::Source => "there is no such source",
            Refusal::Method => "this path takes another method",
            Refusal::Encoding => "send the body without a Content-Encoding",
            Refusal::Signature(_) => "the signature does not hold",
            Refusal::TooLarge => "the body is too large",
            Refusal::SlowBody => "the body took too long",
            Refusal::BrokenBody(_) => "the body broke off",
            Refusal::Memory | Refusal::Journal(_) => "the event cannot be kept now",
            Refusal::NotReady => "not ready",
        }
    }
}
