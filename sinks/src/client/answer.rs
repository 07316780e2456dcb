//! What an answer means for all services: the one place that looks at status codes.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{HeaderMap, LOCATION, RETRY_AFTER};
use url::Url;

use super::seen::Seen;
use crate::contract::{Failure, Fault, Receipt};

/// What a sink expects of its endpoint, where that differs from the usual.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expectation {
    /// The status codes that mean "delivered"; any 2xx where this is empty.
    pub delivered: Vec<u16>,
}

impl Seen {
    /// What the answer means for all services.
    ///
    /// # Errors
    /// With whose trouble it is.
    pub fn usual(&self) -> Result<Receipt, Failure> {
        self.expected(&Expectation::default())
    }

    /// The same for a sink that expects something else.
    ///
    /// # Errors
    /// As [`Seen::usual`].
    pub fn expected(&self, expectation: &Expectation) -> Result<Receipt, Failure> {
        match self.is_delivered(expectation) {
            true => Ok(self.receipt()),
            false => Err(self.failure(self.fault(), &self.meaning())),
        }
    }

    /// How long it asks to wait, by `Retry-After`.
    pub fn retry_after(&self) -> Option<Duration> {
        retry_after(self.headers(), self.came())
    }

    fn is_delivered(&self, expectation: &Expectation) -> bool {
        match expectation.delivered.as_slice() {
            [] => (200..300).contains(&self.status()),
            codes => codes.contains(&self.status()),
        }
    }

    /// A success that the sink doesn't count as one may turn into one by itself; it must neither
    /// be lost nor stop the others.
    fn fault(&self) -> Fault {
        match self.status() {
            200..=299 => Fault::Deferred,
            300..=399 | 401 | 403 | 404 | 410 => Fault::Suspended,
            408 | 429 => Fault::Unavailable { retry_after: self.retry_after() },
            400..=499 => Fault::Refused,
            _ => Fault::Unavailable { retry_after: self.retry_after() },
        }
    }

    /// What its code tells a person.
    pub fn meaning(&self) -> String {
        let text = match self.status() {
            200..=299 => "that is no code that this sink counts as delivered (see `delivered`)",
            300..=399 => return self.redirect(),
            400 | 422 => "it can't make sense of this message",
            401 => "it doesn't accept the credentials; check the token or password",
            403 => "it refuses this sender; check the URL, the token and its permissions",
            404 => "there is nothing at this address; check the URL",
            408 => "it waited too long for the request",
            410 => "the endpoint is gone for good; it needs a new URL",
            413 => "the message is too large for it",
            429 => "it asks for fewer messages",
            400..=499 => "it will not take this message",
            500..=599 => "it has trouble of its own",
            _ => "that is no code that HTTP knows",
        };
        text.to_owned()
    }

    /// Where a redirect leads, without the path, which may be a secret.
    fn redirect(&self) -> String {
        let location = self.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let to = location
            .and_then(|text| Url::parse(text).ok())
            .and_then(|url| url.host_str().map(|host| format!(" to {}://{host}", url.scheme())));
        let to = to.unwrap_or_default();
        format!("it redirects{to}, and redirects are not followed; set the URL where it ends")
    }
}

/// How long the endpoint asked to wait, in seconds or as a date; the past is zero, junk nothing.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return Duration::try_from_secs_f64(text.parse().ok()?).ok();
    }
    let at = DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(at.duration_since(now).try_into().unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::seen::EXCERPT;

    fn judge(code: u16, headers: &[(&'static str, &str)], body: &[u8]) -> Result<Receipt, Failure> {
        judge_by(&Expectation::default(), code, headers, body)
    }

    fn judge_by(
        expectation: &Expectation,
        code: u16,
        headers: &[(&'static str, &str)],
        body: &[u8],
    ) -> Result<Receipt, Failure> {
        let headers = headers.iter().copied();
        let seen = Seen::new("chat.example.com", code, headers, body.to_vec().into());
        seen.at("2026-03-14T12:00:00Z".parse().unwrap()).expected(expectation)
    }

    fn wait(value: &str) -> Option<Duration> {
        match judge(429, &[("retry-after", value)], b"").unwrap_err().fault {
            Fault::Unavailable { retry_after } => retry_after,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_code_names_whose_trouble_it_is() {
        for code in [200, 201, 202, 204, 299] {
            assert_eq!(judge(code, &[], b"").unwrap().status, Some(code));
        }
        for (codes, name) in [
            (&[408, 429, 500, 502, 503, 504, 599, 700][..], "unavailable"),
            (&[400, 402, 405, 409, 413, 415, 422, 451], "refused"),
            (&[301, 302, 304, 307, 308, 401, 403, 404, 410], "suspended"),
        ] {
            for code in codes {
                let failure = judge(*code, &[], b"").unwrap_err();
                assert_eq!(failure.fault.name(), name, "{code}");
                assert_eq!(failure.status, Some(*code));
                assert!(!failure.maybe_arrived);
                let start = format!("chat.example.com answered {code}");
                assert!(failure.reason.starts_with(&start), "{failure}");
            }
        }
    }

    #[test]
    fn a_sink_may_name_the_codes_that_it_counts_as_delivered() {
        let expectation = Expectation { delivered: vec![200, 409] };
        assert!(judge_by(&expectation, 409, &[], b"").is_ok());
        assert!(judge_by(&expectation, 200, &[], b"").is_ok());
        assert_eq!(judge_by(&expectation, 202, &[], b"").unwrap_err().fault, Fault::Deferred);
        assert_eq!(judge_by(&expectation, 404, &[], b"").unwrap_err().fault, Fault::Suspended);
    }

    #[test]
    fn retry_after_is_read_in_seconds_and_as_a_date_and_junk_is_nothing() {
        assert_eq!(wait("0"), Some(Duration::ZERO));
        assert_eq!(wait("3600"), Some(Duration::from_secs(3600)));
        assert_eq!(wait("0.5"), Some(Duration::from_millis(500)));
        assert_eq!(wait("1000000000"), Some(Duration::from_secs(1_000_000_000)));
        assert_eq!(wait("Sat, 14 Mar 2026 12:01:40 GMT"), Some(Duration::from_secs(100)));
        assert_eq!(wait("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        for junk in ["", "soon", "-5", "1e9", "inf", "NaN", "1.2.3", "99999999999999999999999"] {
            assert_eq!(wait(junk), None, "{junk}");
        }
    }

    #[test]
    fn a_redirect_names_the_host_and_never_the_path() {
        let to = [("location", "https://login.example.net/secret/path?token=canary")];
        let failure = judge(302, &to, b"").unwrap_err();
        assert!(failure.reason.contains("redirects to https://login.example.net,"), "{failure}");
        assert!(!failure.reason.contains("secret") && !failure.reason.contains("canary"));
        assert!(
            judge(302, &[("location", "/canary")], b"").unwrap_err().reason.contains("redirects,")
        );
    }

    #[test]
    fn an_excerpt_is_short_whole_and_harmless() {
        let long = "é".repeat(5000);
        let excerpt = judge(500, &[], long.as_bytes()).unwrap_err().excerpt.unwrap();
        assert!(excerpt.len() <= EXCERPT && excerpt.ends_with("é…"), "{}", excerpt.len());
        let escape = judge(500, &[], b"\x1b[2Jgone\xff").unwrap_err().excerpt.unwrap();
        assert_eq!(escape, "\u{fffd}[2Jgone\u{fffd}");
        assert_eq!(judge(500, &[], b" \n ").unwrap_err().excerpt, None);
        let zipped = judge(500, &[("content-encoding", "gzip")], b"\x1f\x8b").unwrap_err();
        assert_eq!(zipped.excerpt.unwrap(), "(an answer encoded as gzip)");
    }
}
