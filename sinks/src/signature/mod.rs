//! HMAC-SHA256: verify and sign, in one place.
//!
//! Receiving verifies what Agnox sent with an [`AgnoxKey`]; `forward` signs what it passes on with
//! an [`AgnoxKey`] of the target's own, and with a [`StandardWebhooksKey`] where it is asked to.
//! This room knows bytes and secrets; it knows neither HTTP nor whose they are.

mod agnox;
mod standard;

#[cfg(test)]
mod tests;

pub use agnox::{AgnoxKey, BlankSecret, HEADER, Refusal, single, verify_any};
pub use standard::{BadKey, StandardWebhooksKey};

use hmac::{Hmac, KeyInit};
use sha2::Sha256;

/// A keyed MAC, ready to be cloned for each body.
fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
}
