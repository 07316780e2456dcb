//! Who may ask: the Host, the Origin and the token of a request.
//!
//! A browser on the same machine can be made to post to loopback, and a name can be made to
//! resolve there (DNS rebinding). So the Host must be ours, a changing request's Origin must be the
//! page's own, and beyond loopback there is a token, which the configuration insists on.

use std::net::IpAddr;

use actix_web::HttpResponse;
use actix_web::dev::ServiceRequest;
use actix_web::http::{Method, StatusCode, header};
use agnox_bridge_sinks::secret::Secret;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::shapes::Refused;

/// Decides who may ask.
#[derive(Clone)]
pub struct Guard {
    /// The host that the listener is configured with. `None` where it listens on every address:
    /// then any name may lead here, and the token alone decides.
    host: Option<String>,
    token: Option<[u8; 32]>,
}

/// Why a request may not ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// The Host is not ours.
    Host,
    /// A page of another origin asks for a change.
    Origin,
    /// The token is missing or another.
    Token,
}

impl Guard {
    /// A guard for a listener configured with this host (a name or an address, without the port)
    /// and this token.
    pub fn new(listen_host: &str, token: Option<&Secret>) -> Self {
        let bare = listen_host.trim_start_matches('[').trim_end_matches(']').to_lowercase();
        let everywhere = bare.parse().is_ok_and(|address: IpAddr| address.is_unspecified());
        Guard {
            host: (!everywhere || token.is_none()).then_some(bare),
            token: token.map(|secret| Sha256::digest(secret.expose()).into()),
        }
    }

    /// Looks at a request's head.
    ///
    /// # Errors
    /// With what is wrong with it.
    pub fn check(&self, request: &ServiceRequest) -> Result<(), Denied> {
        let host = single(request, header::HOST).ok_or(Denied::Host)?;
        if !self.is_ours(host) {
            return Err(Denied::Host);
        }
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        if !reads && request.headers().contains_key(header::ORIGIN) {
            let origin = single(request, header::ORIGIN).ok_or(Denied::Origin)?;
            if !is_same_origin(origin, host) {
                return Err(Denied::Origin);
            }
        }
        if self.token.is_none_or(|token| bears(request, &token)) {
            Ok(())
        } else {
            Err(Denied::Token)
        }
    }

    fn is_ours(&self, host: &str) -> bool {
        let Some(ours) = &self.host else { return true };
        let name = without_port(host).to_lowercase();
        let loopback = name.parse().is_ok_and(|address: IpAddr| address.is_loopback());
        name == "localhost" || loopback || name == *ours
    }
}

impl Denied {
    /// The answer.
    pub fn answer(self) -> HttpResponse {
        let (status, error) = match self {
            Denied::Host => (
                StatusCode::MISDIRECTED_REQUEST,
                "the Host is not one of this listener; use the address in `server.admin`",
            ),
            Denied::Origin => (StatusCode::FORBIDDEN, "another page's requests are not taken"),
            Denied::Token => (
                StatusCode::UNAUTHORIZED,
                "send `Authorization: Bearer` with the token in `server.admin_token`",
            ),
        };
        let mut answer = HttpResponse::build(status);
        if self == Denied::Token {
            answer.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        answer.force_close().json(Refused { error: error.to_owned() })
    }
}

/// Both sides are hashed, so that the comparison's time depends on neither's length.
fn bears(request: &ServiceRequest, token: &[u8; 32]) -> bool {
    let claimed = single(request, header::AUTHORIZATION).and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token)
    });
    claimed.is_some_and(|claimed| Sha256::digest(claimed).as_slice().ct_eq(token).into())
}

fn single(request: &ServiceRequest, name: header::HeaderName) -> Option<&str> {
    let mut values = request.headers().get_all(name);
    let value = values.next()?;
    if values.next().is_some() { None } else { value.to_str().ok() }
}

fn is_same_origin(origin: &str, host: &str) -> bool {
    let rest = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    rest.is_some_and(|rest| rest.eq_ignore_ascii_case(host))
}

/// The host of `name:port`, `1.2.3.4:port`, `[::1]:port`, with or without the port.
fn without_port(host: &str) -> &str {
    if let Some((address, _)) = host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return address;
    }
    host.rsplit_once(':').map_or(host, |(name, _)| name)
}
