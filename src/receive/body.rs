//! The raw body: chunk by chunk, to a limit, under one deadline, within the memory for bodies.
//!
//! Nothing is inflated and nothing is parsed: the signature is over these bytes. Memory is asked
//! for as bytes arrive, not as they are announced, so that announcing much takes nothing away.

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
    starved: bool,
}

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
        let filled =
            tokio::time::timeout(limits.deadline, raw.fill(payload, limits.size, memory)).await;
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
        memory: &Arc<Semaphore>,
    ) -> Result<(), Refusal> {
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|error| Refusal::BrokenBody(error.to_string()))?;
            if self.bytes.len() + chunk.len() > limit {
                return Err(Refusal::TooLarge);
            }
            self.set_aside(chunk.len(), memory).await?;
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
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    match declared.and_then(|value| value.parse::<u64>().ok()) {
        Some(length) if length > limit as u64 => Err(Refusal::TooLarge),
        _ => Ok(()),
    }
}
