//! Agnox's own form: `x-agnox-signature: sha256=<hex>` over the raw body.

use std::fmt;

use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

use super::keyed;
use crate::secret::Secret;

/// The header that carries the signature.
pub const HEADER: &str = "x-agnox-signature";

/// What stands before the digits, in this case and no other.
const PREFIX: &str = "sha256=";

/// Hex digits of a SHA-256.
const DIGITS: usize = 64;

/// A secret of fewer characters can be guessed by someone who has one signed body.
const WEAK_BELOW: usize = 32;

/// A secret shared with Agnox, or with a receiver that was written for Agnox.
#[derive(Clone)]
pub struct AgnoxKey {
    mac: Hmac<Sha256>,
    weak: bool,
}

/// A secret without a single visible character, which would sign for everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the secret is empty or blank")]
pub struct BlankSecret;

/// Which check a signature failed. For a person who looks into it; whoever posted learns only that
/// it was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// The header is missing, as it is when no secret is set in Agnox.
    #[error("there is no {HEADER} header")]
    NoHeader,
    /// The header is there more than once, or carries a list.
    #[error("there is more than one {HEADER}")]
    Several,
    /// The value has bytes that are no printable ASCII, or a space.
    #[error("the signature has characters that don't belong in one")]
    Characters,
    /// The value doesn't begin with `sha256=`.
    #[error("the signature doesn't begin with `{PREFIX}`")]
    Prefix,
    /// There are not 64 digits after the prefix.
    #[error("the signature has {0} characters after `{PREFIX}` where {DIGITS} belong")]
    Length(usize),
    /// What follows the prefix is not hexadecimal.
    #[error("the signature is not hexadecimal")]
    Digits,
    /// It is the signature of other bytes, or made with another secret.
    #[error("the signature is well formed, but not of these bytes with this secret")]
    Mismatch,
}

impl AgnoxKey {
    /// Takes a shared secret.
    ///
    /// # Errors
    /// If it is empty or blank.
    pub fn new(secret: &Secret) -> Result<Self, BlankSecret> {
        let text = secret.expose();
        if text.trim().is_empty() {
            return Err(BlankSecret);
        }
        Ok(AgnoxKey { mac: keyed(text.as_bytes()), weak: text.chars().count() < WEAK_BELOW })
    }

    /// Whether the secret is short enough to deserve a warning.
    pub fn is_weak(&self) -> bool {
        self.weak
    }

    /// The header's value for these bytes: `sha256=<lower-case hex>`.
    pub fn sign(&self, body: &[u8]) -> String {
        format!("{PREFIX}{}", self.sign_bare(body))
    }

    /// The signature without its prefix, as Agnox's sample verifiers compare it.
    pub fn sign_bare(&self, body: &[u8]) -> String {
        hex::encode(self.digest(body))
    }

    /// Checks the header's value against these bytes, in constant time over the 32 decoded bytes.
    /// The prefix is taken in one case only; the digits in either.
    ///
    /// # Errors
    /// With the check that failed.
    pub fn verify(&self, header: &[u8], body: &[u8]) -> Result<(), Refusal> {
        verify_any(std::slice::from_ref(self), header, body)
    }

    fn digest(&self, body: &[u8]) -> [u8; 32] {
        self.mac.clone().chain_update(body).finalize().into_bytes().into()
    }
}

/// Checks the header's value with several keys, as while a secret is rotated. All are tried,
/// whichever holds, so that the time doesn't tell which it was.
///
/// # Errors
/// With the check that failed.
pub fn verify_any(keys: &[AgnoxKey], header: &[u8], body: &[u8]) -> Result<(), Refusal> {
    let claimed = decode(header)?;
    let mut holds = Choice::from(0);
    for key in keys {
        holds |= key.digest(body).ct_eq(&claimed);
    }
    if bool::from(holds) { Ok(()) } else { Err(Refusal::Mismatch) }
}

/// The one value of all the request's signature headers.
///
/// # Errors
/// If there is none, or more than one.
pub fn single<'a>(mut values: impl Iterator<Item = &'a [u8]>) -> Result<&'a [u8], Refusal> {
    let value = values.next().ok_or(Refusal::NoHeader)?;
    if values.next().is_some() { Err(Refusal::Several) } else { Ok(value) }
}

/// Reads the exact form. Nothing here depends on a secret, so it may stop at the first flaw.
fn decode(header: &[u8]) -> Result<[u8; 32], Refusal> {
    if header.contains(&b',') {
        return Err(Refusal::Several);
    }
    if !header.iter().all(u8::is_ascii_graphic) {
        return Err(Refusal::Characters);
    }
    let digits = header.strip_prefix(PREFIX.as_bytes()).ok_or(Refusal::Prefix)?;
    if digits.len() != DIGITS {
        return Err(Refusal::Length(digits.len()));
    }
    let mut claimed = [0; 32];
    hex::decode_to_slice(digits, &mut claimed).map_err(|_| Refusal::Digits)?;
    Ok(claimed)
}

impl fmt::Debug for AgnoxKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AgnoxKey(***)")
    }
}
