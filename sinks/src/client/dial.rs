//! The dial guard: which addresses may be dialled, asked again at every dial.
//!
//! A name is judged by the addresses that it resolves to at that moment, and only those that
//! passed are dialled, so a name that changes its address between check and use gains nothing.
//! Every sink goes through here, the mail sink too. This file knows no request and no answer.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;
use tokio::time::timeout;

use super::address::{Reach, reach};
use crate::contract::{Failure, Fault};

/// A resolver that says nothing for this long is down.
const LOOKUP: Duration = Duration::from_secs(5);

/// Which addresses may be dialled. Metadata and link-local ones never are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DialPolicy {
    /// Private and loopback addresses too.
    pub private: bool,
}

/// Resolves names and lets pass what the policy allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guard {
    policy: DialPolicy,
}

/// Why a host can't be dialled.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// The policy forbids every address that the name has.
    #[error(transparent)]
    Blocked(#[from] Blocked),
    /// The name has no address, or the resolver failed.
    #[error("the name {host} can't be resolved: {why}")]
    Lookup {
        /// The name.
        host: String,
        /// What the resolver said.
        why: std::io::Error,
    },
    /// The resolver didn't answer.
    #[error("the name {host} can't be resolved: the resolver didn't answer in time")]
    Silent {
        /// The name.
        host: String,
    },
}

/// An address that must not be dialled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct Blocked {
    /// The host as it was configured.
    pub host: String,
    /// The address that it has.
    pub address: IpAddr,
    /// What is there, such as `a link-local address`.
    pub what: &'static str,
    /// Whether `private_addresses: true` would allow it.
    pub allowable: bool,
}

impl Guard {
    /// A guard with this policy.
    pub fn new(policy: DialPolicy) -> Self {
        Guard { policy }
    }

    /// The addresses of a host (a name, or an address as text) that may be dialled.
    ///
    /// # Errors
    /// If it has none, or none that may be dialled.
    pub async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, DialError> {
        let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
        let found: Vec<SocketAddr> = match timeout(LOOKUP, lookup_host((bare, port))).await {
            Ok(Ok(found)) => found.collect(),
            Ok(Err(why)) => return Err(DialError::Lookup { host: host.to_owned(), why }),
            Err(_) => return Err(DialError::Silent { host: host.to_owned() }),
        };
        let judged = found.iter().map(|address| self.check(host, address.ip()));
        let blocked = judged.into_iter().find_map(Result::err);
        let open: Vec<SocketAddr> =
            found.into_iter().filter(|a| self.check(host, a.ip()).is_ok()).collect();
        match (open.is_empty(), blocked) {
            (false, _) => Ok(open),
            (true, Some(blocked)) => Err(blocked.into()),
            (true, None) => Err(DialError::Lookup {
                host: host.to_owned(),
                why: std::io::Error::other("it has no address"),
            }),
        }
    }

    /// Judges one address of a host.
    ///
    /// # Errors
    /// If it must not be dialled.
    pub fn check(&self, host: &str, address: IpAddr) -> Result<(), Blocked> {
        let blocked = |what, allowable| Blocked { host: host.to_owned(), address, what, allowable };
        match reach(address) {
            Reach::Public => Ok(()),
            Reach::Private(_) if self.policy.private => Ok(()),
            Reach::Private(what) => Err(blocked(what, true)),
            Reach::Never(what) => Err(blocked(what, false)),
        }
    }
}

/// For reqwest, which asks before each dial of a name. Addresses written into a URL never come
/// here: the client checks those itself.
impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = *self;
        Box::pin(async move {
            let found = Guard::resolve(&guard, name.as_str(), 0).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

impl Blocked {
    fn sentence(&self) -> String {
        let Blocked { host, address, what, allowable } = self;
        let at = match host.trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(_) => format!("{host} is {what}"),
            Err(_) => format!("{host} is at {address}, {what}"),
        };
        match allowable {
            true => {
                format!("{at}, which this sink may not reach; `private_addresses: true` allows it")
            }
            false => format!("{at}, which no sink may reach"),
        }
    }
}

/// A forbidden address is the configuration's trouble, a name that doesn't resolve the endpoint's.
impl DialError {
    /// The failure of an attempt that this ended.
    pub fn failure(&self) -> Failure {
        let fault = match self {
            DialError::Blocked(_) => Fault::Suspended,
            DialError::Lookup { .. } | DialError::Silent { .. } => {
                Fault::Unavailable { retry_after: None }
            }
        };
        Failure::new(fault, self.to_string())
    }
}

impl From<DialError> for Failure {
    fn from(error: DialError) -> Self {
        error.failure()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: Guard = Guard { policy: DialPolicy { private: true } };
    const CLOSED: Guard = Guard { policy: DialPolicy { private: false } };

    fn passes(guard: Guard, address: &str) -> bool {
        guard.check("host", address.parse().unwrap()).is_ok()
    }

    #[test]
    fn metadata_link_local_and_nonsense_are_never_dialled_in_any_spelling() {
        for address in [
            "169.254.169.254",
            "169.254.0.1",
            "100.100.100.200",
            "168.63.129.16",
            "192.0.0.192",
            "0.0.0.0",
            "0.1.2.3",
            "224.0.0.1",
            "239.1.1.1",
            "255.255.255.255",
            "240.0.0.1",
            "fd00:ec2::254",
            "fd20:ce::254",
            "fe80::1",
            "febf::1",
            "ff02::1",
            "::",
            "::ffff:169.254.169.254",
            "::169.254.169.254",
            "::ffff:0:169.254.169.254",
            "64:ff9b::169.254.169.254",
            "64:ff9b:1::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        ] {
            assert!(!passes(OPEN, address), "{address}");
            assert!(!passes(CLOSED, address), "{address}");
        }
    }

    #[test]
    fn private_addresses_are_dialled_only_where_they_are_allowed() {
        for address in [
            "127.0.0.1",
            "127.255.255.254",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "198.18.0.1",
            "::1",
            "fc00::1",
            "fd12:3456::1",
            "fec0::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::10.0.0.1",
            "2002:c0a8:0101::1",
        ] {
            assert!(passes(OPEN, address), "{address}");
            assert!(!passes(CLOSED, address), "{address}");
        }
    }

    #[test]
    fn public_addresses_are_always_dialled() {
        for address in [
            "8.8.8.8",
            "172.32.0.1",
            "172.15.0.1",
            "100.128.0.1",
            "169.253.0.1",
            "192.0.1.1",
            "2606:4700::1111",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2002:808:808::1",
        ] {
            assert!(passes(OPEN, address), "{address}");
            assert!(passes(CLOSED, address), "{address}");
        }
    }

    #[tokio::test]
    async fn a_name_is_judged_by_the_addresses_that_it_has() {
        assert!(OPEN.resolve("localhost", 80).await.is_ok());
        let error = CLOSED.resolve("localhost", 80).await.unwrap_err();
        let failure = Failure::from(error);
        assert_eq!(failure.fault, Fault::Suspended);
        assert!(failure.reason.contains("a loopback address"), "{failure}");
        assert!(failure.reason.contains("`private_addresses: true` allows it"), "{failure}");
        assert!(OPEN.resolve("[::ffff:169.254.169.254]", 80).await.is_err());
    }

    #[tokio::test]
    async fn a_name_that_nobody_has_is_the_endpoints_trouble() {
        let failure = Failure::from(OPEN.resolve("nobody.invalid", 80).await.unwrap_err());
        assert_eq!(failure.fault, Fault::Unavailable { retry_after: None });
        assert!(failure.reason.contains("nobody.invalid can't be resolved"), "{failure}");
    }
}
