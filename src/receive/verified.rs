//! The proof that a body comes from its source.
//!
//! Only [`VerifiedBody::check`] makes a [`VerifiedBody`], and only one of those goes on to the
//! journal. The check is over the bytes as they came, whatever is inside them.

use std::sync::Arc;

use actix_web::http::header::HeaderMap;
use agnox_bridge_sinks::signature::{self, HEADER};
use jiff::Timestamp;
use tokio::sync::OwnedSemaphorePermit;

use super::body::RawBody;
use super::source::{Source, Trust};
use crate::journal::Arrival;
use crate::model::Reading;

/// A body whose signature holds, or whose source was told to go without.
pub struct VerifiedBody {
    source: Arc<str>,
    received_at: Timestamp,
    body: RawBody,
}

impl VerifiedBody {
    /// Checks the request's one signature over exactly these bytes.
    ///
    /// # Errors
    /// With the check that failed, for the log alone.
    pub fn check(
        source: &Source,
        headers: &HeaderMap,
        body: RawBody,
        received_at: Timestamp,
    ) -> Result<Self, signature::Refusal> {
        if let Trust::Signed(keys) = &source.trust {
            signature::verify_any(keys, claim(headers)?, body.bytes())?;
        }
        Ok(VerifiedBody { source: source.name.clone(), received_at, body })
    }

    /// What the journal keeps: the bytes as they came, and what could be read from them; beside
    /// it the memory to hold until they are kept.
    pub fn into_arrival(self) -> (Arrival, Option<OwnedSemaphorePermit>) {
        let (body, memory) = self.body.into_parts();
        let reading = Reading::of(&body);
        let VerifiedBody { source, received_at, .. } = self;
        (Arrival { source, received_at, body, reading }, memory)
    }
}

/// Refuses, before its body is read, a request whose signature can't hold whatever the body is:
/// whoever doesn't even try gets no memory.
pub(super) fn refuse_by_head(
    source: &Source,
    headers: &HeaderMap,
) -> Result<(), signature::Refusal> {
    match source.trust {
        Trust::Signed(_) => claim(headers).map(|_| ()),
        Trust::Unsigned => Ok(()),
    }
}

/// The signature header's value, if there is exactly one.
fn claim(headers: &HeaderMap) -> Result<&[u8], signature::Refusal> {
    signature::single(headers.get_all(HEADER).map(|value| value.as_bytes()))
}
