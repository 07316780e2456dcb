//! The Standard Webhooks form: id, time and body signed together, so that a replay can be told.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use jiff::Timestamp;
use sha2::Sha256;

use super::keyed;
use crate::secret::Secret;

/// What a key begins with.
const PREFIX: &str = "whsec_";

/// The specification asks for 24 to 64 bytes.
const BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// A symmetric Standard Webhooks key.
#[derive(Clone)]
pub struct StandardWebhooksKey(Hmac<Sha256>);

/// A text that is no Standard Webhooks key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// It doesn't begin with `whsec_`.
    #[error("a Standard Webhooks secret begins with `{PREFIX}`")]
    Prefix,
    /// What follows is not base64.
    #[error("what follows `{PREFIX}` is not base64")]
    Base64,
    /// The key is too short to be safe, or too long to be one.
    #[error("the key has {0} bytes, and Standard Webhooks asks for 24 to 64")]
    Length(usize),
}

impl StandardWebhooksKey {
    /// Reads `whsec_<base64>`.
    ///
    /// # Errors
    /// If it isn't one.
    pub fn parse(secret: &Secret) -> Result<Self, BadKey> {
        let encoded = secret.expose().strip_prefix(PREFIX).ok_or(BadKey::Prefix)?;
        let key = STANDARD.decode(encoded).map_err(|_| BadKey::Base64)?;
        if !BYTES.contains(&key.len()) {
            return Err(BadKey::Length(key.len()));
        }
        Ok(StandardWebhooksKey(keyed(&key)))
    }

    /// The three headers for one attempt. The id stays over retries, the time is the attempt's.
    pub fn headers(&self, id: &str, at: Timestamp, body: &[u8]) -> [(&'static str, String); 3] {
        let seconds = at.as_second().to_string();
        let mac = self.0.clone().chain_update(format!("{id}.{seconds}.")).chain_update(body);
        let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        [
            ("webhook-id", id.to_owned()),
            ("webhook-timestamp", seconds),
            ("webhook-signature", signature),
        ]
    }
}

impl fmt::Debug for StandardWebhooksKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StandardWebhooksKey(***)")
    }
}
