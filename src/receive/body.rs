//! The raw body: chunk by chunk, to a limit, under one deadline, within the memory for bodies.
//!
//! Nothing is inflated and nothing is parsed: the signature is over these bytes. Memory for the
//! beginning of a body is asked for as its bytes arrive, so that announcing much takes nothing
//! away; then for the whole rest at once, in turn. Else many large bodies would each hold a part,
//! and none could be finished.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::{self, HeaderMap};
use actix_web::web;
use futures_util::StreamExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::refusal::Refusal;

/// The bytes as they came, and the memory that was set aside for them.
#[derive(Default)]
pub struct RawBody {
    bytes: Vec<u8>,
    memory: Option<OwnedSemaphorePermit>,
    held: usize,
    starved: bool,
}

/// So much of a body is asked for as it arrives; Agnox's are a few hundred bytes in all.
const PIECEMEAL: usize = 64 << 10;

/// How a body may be.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimits {
    /// At most so many bytes.
    pub size: usize,
    /// From the head's end to the body's.
    pub deadline: Duration,
}

impl RawBody {
    /// Reads a request's body.
    ///
    /// # Errors
    /// If it is encoded, too large, too slow or broken off, or if there is no memory for it.
    pub async fn read(
        headers: &HeaderMap,
        payload: web::Payload,
        limits: BodyLimits,
        memory: &Arc<Semaphore>,
    ) -> Result<Self, Refusal> {
        refuse_by_head(headers, limits.size)?;
        let mut raw = RawBody::default();
        let whole = declared(headers).unwrap_or(limits.size);
        let filling = raw.fill(payload, limits.size, whole, memory);
        let filled = tokio::time::timeout(limits.deadline, filling).await;
        match filled {
            Ok(done) => done.map(|()| raw),
            Err(_) if raw.starved => Err(Refusal::Memory),
            Err(_) => Err(Refusal::SlowBody),
        }
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes to keep, and the memory to hold until they are kept.
    pub fn into_parts(self) -> (Arc<[u8]>, Option<OwnedSemaphorePermit>) {
        (self.bytes.into(), self.memory)
    }

    async fn fill(
        &mut self,
        mut payload: web::Payload,
        limit: usize,
        whole: usize,
        memory: &Arc<Semaphore>,
    ) -> Result<(), Refusal> {
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|error| Refusal::BrokenBody(error.to_string()))?;
            let needed = self.bytes.len() + chunk.len();
            if needed > limit {
                return Err(Refusal::TooLarge);
            }
            if needed > self.held {
                let ahead = if needed > PIECEMEAL { whole.max(needed) } else { needed };
                self.set_aside(ahead - self.held, memory).await?;
                self.held = ahead;
            }
            self.bytes.extend_from_slice(&chunk);
        }
        Ok(())
    }

    async fn set_aside(&mut self, bytes: usize, memory: &Arc<Semaphore>) -> Result<(), Refusal> {
        let bytes = u32::try_from(bytes).map_err(|_| Refusal::TooLarge)?;
        self.starved = true;
        let permit = memory.clone().acquire_many_owned(bytes).await;
        self.starved = false;
        let permit = permit.map_err(|_| Refusal::Memory)?;
        match &mut self.memory {
            Some(held) => held.merge(permit),
            none => *none = Some(permit),
        }
        Ok(())
    }
}

/// What can be refused before a byte of the body is read.
fn refuse_by_head(headers: &HeaderMap, limit: usize) -> Result<(), Refusal> {
    if headers.contains_key(header::CONTENT_ENCODING) {
        return Err(Refusal::Encoding);
    }
    match declared(headers) {
        Some(length) if length > limit => Err(Refusal::TooLarge),
        _ => Ok(()),
    }
}

/// How long the body is to be, where its head says so.
fn declared(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
