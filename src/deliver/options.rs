//! What stands beside a kind's word in `sinks:`: how fast, how many at once, how long.
//!
//! The options are the same for every kind. Each is documented here once; the schema and the
//! reference page derive from these comments. The kind's own options are the sinks' business.

use std::num::NonZeroU16;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::model::units::{Rate, Span};

/// How long one attempt may take where nothing else is said. Most services answer within ten
/// seconds or not at all, a mail server that greets slowly needs more; and once a hanging endpoint
/// answers again, the probe that hung must be over within the 30 s in which messages shall flow.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(25);

/// How long a delivery is tried where nothing else is said, counted from its first attempt.
pub const DEFAULT_GIVE_UP: Duration = Duration::from_secs(24 * 60 * 60);

/// How many messages are under way at once where nothing else is said.
const DEFAULT_CONCURRENCY: u16 = 8;

/// How many are under way at once to a sink that is paced: more would only wait.
const PACED_CONCURRENCY: u16 = 2;

/// How a sink is delivered to, whatever its kind.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
pub struct SinkOptions {
    /// At most so many messages in a length of time: `1/s`, `20/m`. Kinds whose service has a
    /// known limit keep to it by themselves; otherwise there is none.
    pub rate: Option<Rate>,
    /// How many messages may be under way at once. If left out, as many as the kind's service is
    /// known to take, or 8 (2 where there is a rate). Messages of one group never overtake each
    /// other, whatever stands here.
    pub concurrency: Option<NonZeroU16>,
    /// How long a message is tried, counted from its first attempt; then it is listed as dead.
    /// 24h if left out.
    pub give_up: Option<Span>,
    /// How long one attempt may take, from the connect to the answer's last byte. 25s if left
    /// out.
    pub timeout: Option<Span>,
    /// Whether the sink may be at a private or loopback address. True if left out; addresses that
    /// only a cloud's own services use are never dialled.
    pub private_addresses: Option<bool>,
}

impl SinkOptions {
    /// How many messages may be under way at once, to a service that is known to take so many, with
    /// or without a rate.
    pub(super) fn concurrency(&self, known: Option<u16>, paced: bool) -> usize {
        let usual = if paced { PACED_CONCURRENCY } else { DEFAULT_CONCURRENCY };
        let default = known.unwrap_or(usual).max(1);
        self.concurrency.map_or(default, NonZeroU16::get).into()
    }

    /// How long a message is tried from its first attempt on.
    pub(super) fn give_up(&self) -> Duration {
        self.give_up.map_or(DEFAULT_GIVE_UP, |span| span.0)
    }

    /// How long one attempt may take.
    pub fn timeout(&self) -> Duration {
        self.timeout.map_or(DEFAULT_TIMEOUT, |span| span.0)
    }
}
