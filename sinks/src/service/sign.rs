//! How a service's request is signed when it is sent: with a key that is one of its options.
//!
//! The key is filled in for each attempt; where nothing comes out, nothing is signed. What is
//! signed stands in [`crate::signature`], how it goes out in [`crate::client`].

use super::form;
use crate::client::sign;
use crate::contract::{Attempt, Failure, Fault};
use crate::kind::BuildError;
use crate::message::Request;
use crate::options::template_error;
use crate::secret::Secret;
use crate::signature::StandardWebhooksKey;
use crate::template::{Escape, Field, Filling, ServiceTemplates};

/// How a step's requests are signed.
pub struct Signing(Field);

impl Signing {
    /// Compiles a step's `sign`.
    ///
    /// # Errors
    /// If its template doesn't compile.
    pub fn compile(form: &form::Sign, templates: &ServiceTemplates) -> Result<Self, BuildError> {
        let place = "sign.standard_webhooks";
        let field = templates.field(&form.standard_webhooks, Escape::None, None);
        field.map(Signing).map_err(|error| template_error(place, error))
    }

    /// The key, if there is one.
    ///
    /// # Errors
    /// If what comes out is no key, in words for a person that don't show it.
    pub fn key(&self, filling: &Filling<'_>) -> Result<Option<StandardWebhooksKey>, String> {
        let text = self.0.text(filling).map_err(|error| error.to_string())?;
        match text.trim() {
            "" => Ok(None),
            key => StandardWebhooksKey::parse(&Secret::new(key))
                .map(Some)
                .map_err(|bad| bad.to_string()),
        }
    }

    /// Signs a request for this attempt.
    ///
    /// # Errors
    /// If what comes out is no key.
    pub fn sign(
        &self,
        request: &mut Request,
        filling: &Filling<'_>,
        attempt: &Attempt,
    ) -> Result<(), Failure> {
        match self.key(filling) {
            Ok(Some(key)) => sign(request, &key, attempt),
            Ok(None) => {}
            Err(why) => {
                let reason = format!("nothing can be signed: {why}");
                return Err(Failure::new(Fault::Suspended, reason));
            }
        }
        Ok(())
    }
}
