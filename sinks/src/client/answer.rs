//! What an answer means: the one place that looks at status codes.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_ENCODING, HeaderMap, LOCATION, RETRY_AFTER};
use url::Url;

use crate::contract::{Failure, Fault, Receipt};
use crate::text::{cut, neutral};

/// How much of an answer is kept, in bytes.
const EXCERPT: usize = 1024;

/// What a sink expects of its endpoint, where that differs from the usual.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expectation {
    /// The status codes that mean "delivered"; any 2xx where this is empty.
    pub delivered: Vec<u16>,
}

/// An answer as far as it was read.
pub(super) struct Answer<'a> {
    pub host: &'a str,
    pub status: StatusCode,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
}

impl Answer<'_> {
    /// Judges the answer.
    pub fn judge(&self, expectation: &Expectation, now: Timestamp) -> Result<Receipt, Failure> {
        let status = Some(self.status.as_u16());
        if self.is_delivered(expectation) {
            return Ok(Receipt { status, excerpt: self.excerpt(), holding: None });
        }
        let fault = self.fault(now);
        let reason = format!("{} answered {}: {}", self.host, self.said(), self.meaning());
        Err(Failure { status, excerpt: self.excerpt(), ..Failure::new(fault, reason) })
    }

    fn is_delivered(&self, expectation: &Expectation) -> bool {
        match expectation.delivered.as_slice() {
            [] => self.status.is_success(),
            codes => codes.contains(&self.status.as_u16()),
        }
    }

    /// A success that the sink doesn't count as one may turn into one by itself; it must neither
    /// be lost nor stop the others.
    fn fault(&self, now: Timestamp) -> Fault {
        match self.status.as_u16() {
            200..=299 => Fault::Deferred,
            300..=399 | 401 | 403 | 404 | 410 => Fault::Suspended,
            408 | 429 => Fault::Unavailable { retry_after: retry_after(self.headers, now) },
            400..=499 => Fault::Refused,
            _ => Fault::Unavailable { retry_after: retry_after(self.headers, now) },
        }
    }

    /// The code with its usual name; what the server calls it is its own text.
    fn said(&self) -> String {
        match self.status.canonical_reason() {
            Some(name) => format!("{} {name}", self.status.as_u16()),
            None => self.status.as_u16().to_string(),
        }
    }

    fn meaning(&self) -> String {
        let text = match self.status.as_u16() {
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
        let location = self.headers.get(LOCATION).and_then(|value| value.to_str().ok());
        let to = location
            .and_then(|text| Url::parse(text).ok())
            .and_then(|url| url.host_str().map(|host| format!(" to {}://{host}", url.scheme())));
        let to = to.unwrap_or_default();
        format!("it redirects{to}, and redirects are not followed; set the URL where it ends")
    }

    fn excerpt(&self) -> Option<String> {
        if let Some(encoding) = self.headers.get(CONTENT_ENCODING)
            && encoding != "identity"
        {
            let encoding = String::from_utf8_lossy(encoding.as_bytes());
            return Some(format!("(an answer encoded as {})", cut(&neutral(&encoding), 40)));
        }
        excerpt(self.body)
    }
}

/// The beginning of an answer, as a text that is safe to show.
pub(crate) fn excerpt(body: &[u8]) -> Option<String> {
    let beginning = &body[..body.len().min(EXCERPT + 4)];
    let text = String::from_utf8_lossy(beginning);
    let text = neutral(text.trim());
    (!text.is_empty()).then(|| cut(&text, EXCERPT).into_owned())
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

    fn judge(code: u16, headers: &[(&'static str, &str)], body: &[u8]) -> Result<Receipt, Failure> {
        judge_by(&Expectation::default(), code, headers, body)
    }

    fn judge_by(
        expectation: &Expectation,
        code: u16,
        headers: &[(&'static str, &str)],
        body: &[u8],
    ) -> Result<Receipt, Failure> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        let status = StatusCode::from_u16(code).unwrap();
        let now: Timestamp = "2026-03-14T12:00:00Z".parse().unwrap();
        Answer { host: "chat.example.com", status, headers: &map, body }.judge(expectation, now)
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
