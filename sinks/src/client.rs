//! The HTTP client that every sink uses: deadlines, caps, the dial guard.

/// One client, shared by all sinks with the same dial policy.
#[derive(Clone)]
pub struct Client;

/// Which addresses may be dialled. Metadata and link-local ones never are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DialPolicy {
    /// Private and loopback addresses too.
    pub private: bool,
}

impl Client {
    /// A client that dials by this policy.
    pub fn new(_policy: DialPolicy) -> Self {
        Client
    }
}
