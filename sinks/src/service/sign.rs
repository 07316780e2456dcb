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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use jiff::Timestamp;
    use jiff::tz::TimeZone;
    use serde_json::{Value, json};

    use super::*;
    use crate::message::HeaderValue;
    use crate::template::{Extras, Names, Printed, Templates};

    const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    fn signed(secret: Value) -> Result<Request, Failure> {
        let options = vec![("secret".to_owned(), Printed::Value)];
        let extras = Extras { options, ..Extras::default() };
        let templates = Templates::new(Names::default(), TimeZone::UTC);
        let templates = templates.of_service(&extras, Escape::Markdown).unwrap();
        let form = form::Sign { standard_webhooks: "{{ options.secret }}".to_owned() };
        let data = json!({ "options": { "secret": secret } });
        let (words, filled, trees) = (None, BTreeMap::new(), BTreeMap::new());
        let filling =
            Filling { data: &data, words, templates: &filled, trees: &trees, most: usize::MAX };
        let mut request = Request {
            method: "POST".to_owned(),
            url: Secret::new("https://target.example/hook"),
            headers: Vec::new(),
            body: br#"{"test": 2432232314}"#.to_vec(),
        };
        let attempt = Attempt {
            delivery_id: "msg_p5jXN8AQM9LWM0D4loKWxJek".to_owned(),
            number: 1,
            at: Timestamp::from_second(1_614_265_330).unwrap(),
            deadline: Duration::from_secs(1),
            progress: None,
        };
        Signing::compile(&form, &templates).unwrap().sign(&mut request, &filling, &attempt)?;
        Ok(request)
    }

    #[test]
    fn a_request_is_signed_with_the_options_key_at_the_attempts_time() {
        let request = signed(json!(KEY)).unwrap();
        let header = |name: &str| {
            let (_, value) = request.headers.iter().find(|(known, _)| known == name)?;
            match value {
                HeaderValue::Secret(secret) => Some(secret.expose()),
                HeaderValue::Plain(_) => None,
            }
        };
        assert_eq!(header("webhook-id"), Some("msg_p5jXN8AQM9LWM0D4loKWxJek"));
        assert_eq!(header("webhook-timestamp"), Some("1614265330"));
        let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(header("webhook-signature"), Some(signature));
    }

    #[test]
    fn without_a_key_nothing_is_signed_and_with_a_wrong_one_nothing_is_sent() {
        for nothing in [json!(null), json!(""), json!("  ")] {
            assert_eq!(signed(nothing).unwrap().headers, []);
        }
        let failure = signed(json!("CANARY")).unwrap_err();
        assert_eq!(failure.fault, Fault::Suspended);
        assert_eq!(
            failure.reason,
            "nothing can be signed: a Standard Webhooks secret begins with `whsec_`"
        );
    }
}
