//! What only the moment of sending can add to a request: a signature with a time.

use crate::contract::Attempt;
use crate::message::{HeaderValue, Request};
use crate::secret::Secret;
use crate::signature::StandardWebhooksKey;

/// Adds the three headers of Standard Webhooks for this attempt.
pub fn sign(request: &mut Request, key: &StandardWebhooksKey, attempt: &Attempt) {
    for (name, value) in key.headers(&attempt.delivery_id, attempt.at, &request.body) {
        request.headers.push((name.to_owned(), HeaderValue::Secret(Secret::new(value))));
    }
}
