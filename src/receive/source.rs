//! The sources: whose hooks there are, and what a body must prove to come from each.
//!
//! A source carries its counters, so that an event costs no look-up by name after the first one.
//! The whole table is swapped at a reload; a request keeps the source it began with.

use std::collections::HashMap;
use std::sync::Arc;

use agnox_bridge_sinks::signature::AgnoxKey;
use jiff::Timestamp;
use prometheus_client::metrics::counter::Counter;

use crate::telemetry::{FloatGauge, Metrics, SourceLabel};

/// One Agnox organisation that posts to us.
pub struct Source {
    /// Its name in the configuration and in the hook's path.
    pub name: Arc<str>,
    /// What its bodies must prove.
    pub trust: Trust,
    accepted: Counter,
    repeats: Counter,
    last_event: FloatGauge,
}

/// What a body must prove.
pub enum Trust {
    /// It is signed with one of these keys: several while one is rotated.
    Signed(Vec<AgnoxKey>),
    /// Nothing: `allow_unsigned: true`.
    Unsigned,
}

/// All sources by name.
#[derive(Default)]
pub struct Sources(HashMap<Arc<str>, Arc<Source>>);

impl Sources {
    /// The table of these sources.
    pub fn new(sources: impl IntoIterator<Item = (String, Trust)>, metrics: &Metrics) -> Self {
        let sources = sources.into_iter().map(|(name, trust)| Source::new(name, trust, metrics));
        Sources(sources.map(|source| (source.name.clone(), Arc::new(source))).collect())
    }

    /// The source of this name.
    pub fn get(&self, name: &str) -> Option<Arc<Source>> {
        self.0.get(name).cloned()
    }
}

impl Source {
    fn new(name: String, trust: Trust, metrics: &Metrics) -> Self {
        let label = SourceLabel { source: name.clone() };
        Source {
            name: name.into(),
            trust,
            accepted: metrics.accepted.get_or_create(&label).clone(),
            repeats: metrics.repeats.get_or_create(&label).clone(),
            last_event: metrics.last_event.get_or_create(&label).clone(),
        }
    }

    /// Counts a body that is on disk.
    pub(super) fn count(&self, duplicate: bool, received_at: Timestamp) {
        if duplicate {
            self.repeats.inc();
        } else {
            self.accepted.inc();
            self.last_event.set(received_at.as_millisecond() as f64 / 1000.0);
        }
    }
}
