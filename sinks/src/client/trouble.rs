//! What went wrong on the way: the useful one of an error's many causes, in words.
//!
//! reqwest's own texts name the URL, which may be the password, and stop before the cause that
//! helps. So nothing of them is shown but the innermost cause, beside the host's name.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::time::Duration;

use rustls::{AlertDescription, CertificateError, InvalidMessage};

use super::dial::DialError;
use crate::contract::{Failure, Fault};
use crate::text::neutral_line;

/// A failure before there was an answer. `written` says whether the request had been handed to a
/// connection by then.
pub(super) fn failure(error: &(dyn Error + 'static), host: &str, written: bool) -> Failure {
    let causes = causes(error);
    if let Some(dial) = causes.iter().find_map(|cause| cause.downcast_ref::<DialError>()) {
        return dial.failure();
    }
    let connecting = error.downcast_ref::<reqwest::Error>().is_some_and(reqwest::Error::is_connect);
    let reason = match causes.iter().find_map(|cause| cause.downcast_ref::<rustls::Error>()) {
        Some(tls) => format!("no secure connection to {host}: {}", tls_reason(tls)),
        None => plain_reason(&causes, host, connecting),
    };
    Failure { maybe_arrived: written && !connecting, ..unavailable(reason) }
}

/// The deadline passed.
pub(super) fn late(host: &str, deadline: Duration, written: bool) -> Failure {
    let within = format!("within {deadline:?}");
    let reason = match written {
        true => format!("{host} took the request and did not answer {within}"),
        false => format!("no connection to {host} {within}"),
    };
    Failure { maybe_arrived: written, ..unavailable(reason) }
}

fn unavailable(reason: String) -> Failure {
    Failure::new(Fault::Unavailable { retry_after: None }, reason)
}

/// The error and all that it came from, outermost first. An `io::Error` hides what it wraps from
/// `source`, so it is asked for it by name.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> Vec<&'a (dyn Error + 'static)> {
    let mut causes = Vec::new();
    let mut next = Some(error);
    while let Some(cause) = next {
        causes.push(cause);
        let wrapped = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match wrapped {
            Some(inner) => Some(inner),
            None => cause.source(),
        };
    }
    causes
}

fn plain_reason(causes: &[&(dyn Error + 'static)], host: &str, connecting: bool) -> String {
    let kinds = || causes.iter().filter_map(|cause| cause.downcast_ref::<io::Error>());
    match kinds().map(io::Error::kind).find(|kind| *kind != ErrorKind::Other) {
        Some(ErrorKind::ConnectionRefused) => {
            format!("nothing listens at {host} (connection refused)")
        }
        Some(ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable) => {
            format!("there is no way to {host} (network or host unreachable)")
        }
        Some(ErrorKind::UnexpectedEof) if connecting => {
            format!("{host} closed the connection instead of shaking hands")
        }
        Some(ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe) => {
            format!("{host} broke the connection off before it answered")
        }
        Some(ErrorKind::TimedOut) => format!("no connection to {host} in time"),
        _ if connecting && innermost(causes).contains("timed out") => {
            format!("no connection to {host} in time")
        }
        _ => match innermost(causes).as_str() {
            "connection closed before message completed" => {
                format!("{host} closed the connection before it answered")
            }
            other => format!("no answer from {host}: {other}"),
        },
    }
}

fn innermost(causes: &[&(dyn Error + 'static)]) -> String {
    causes.last().map(|cause| neutral_line(&cause.to_string())).unwrap_or_default()
}

fn tls_reason(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(certificate) => certificate_reason(certificate),
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
            "it doesn't speak TLS on this port; is its URL http:// rather than https://?".to_owned()
        }
        rustls::Error::AlertReceived(AlertDescription::HandshakeFailure) => {
            "it speaks no version or cipher that is safe".to_owned()
        }
        other => neutral_line(&other.to_string()),
    }
}

fn certificate_reason(error: &CertificateError) -> String {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "its certificate has expired".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet; is this machine's clock right?".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "its certificate is for another name".to_owned()
        }
        CertificateError::UnknownIssuer => "its certificate comes from an authority that this \
             machine doesn't know; add it to the system's certificates if you trust it"
            .to_owned(),
        CertificateError::Revoked => "its certificate has been revoked".to_owned(),
        other => format!("its certificate doesn't hold: {}", neutral_line(&other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason_of(error: rustls::Error) -> String {
        let wrapped = io::Error::new(ErrorKind::InvalidData, error);
        failure(&wrapped, "chat.example.com", false).reason
    }

    #[test]
    fn each_flaw_of_a_certificate_has_its_own_reason() {
        let reasons: Vec<String> = [
            CertificateError::Expired,
            CertificateError::NotValidYet,
            CertificateError::NotValidForName,
            CertificateError::UnknownIssuer,
            CertificateError::Revoked,
            CertificateError::BadSignature,
        ]
        .map(|flaw| reason_of(rustls::Error::InvalidCertificate(flaw)))
        .into();
        for (index, reason) in reasons.iter().enumerate() {
            assert!(
                reason.starts_with("no secure connection to chat.example.com: its certificate")
            );
            assert!(!reasons[..index].contains(reason), "{reason}");
        }
        assert!(reasons[0].ends_with("has expired"));
    }

    #[test]
    fn a_plain_server_behind_an_https_url_is_named_as_that() {
        let reason = reason_of(rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType));
        assert!(reason.contains("is its URL http:// rather"), "{reason}");
    }

    #[test]
    fn only_what_was_written_may_have_arrived() {
        let second = Duration::from_secs(1);
        assert!(late("host", second, true).maybe_arrived);
        assert!(!late("host", second, false).maybe_arrived);
        assert_eq!(late("host", second, false).reason, "no connection to host within 1s");
    }
}
