//! What the bridge says of itself while it runs: logs and metrics.
//!
//! Every room may import this one. Metrics live in one explicit registry, made by the composition
//! root and handed down, so that a test reads exactly what the program under it counted.

pub mod logs;

use std::sync::Mutex;
use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// A gauge that holds a fraction.
pub type FloatGauge = Gauge<f64, AtomicU64>;

/// `source`
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct SourceLabel {
    /// The source's name.
    pub source: String,
}

/// `cause`
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct CauseLabel {
    /// Why the request was refused, such as `signature` or `too_large`.
    pub cause: String,
}

/// `reason`
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct ReasonLabel {
    /// Why a message was not sent at once, such as `repeat` or `throttled`.
    pub reason: String,
}

/// `sink`
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct SinkLabel {
    /// The sink's name.
    pub sink: String,
}

/// `sink` and `outcome`
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct OutcomeLabel {
    /// The sink's name.
    pub sink: String,
    /// How it ended, such as `delivered` or `dead`.
    pub outcome: String,
}

/// `outcome`
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct ResultLabel {
    /// `success` or `failure`.
    pub outcome: String,
}

/// Everything that is counted.
pub struct Metrics {
    registry: Mutex<Registry>,
    /// Events on disk and acknowledged, repeats not among them.
    pub accepted: Family<SourceLabel, Counter>,
    /// Requests that got no 2xx, by cause.
    pub refused: Family<CauseLabel, Counter>,
    /// The same bytes again.
    pub repeats: Family<SourceLabel, Counter>,
    /// From the request's last byte to its answer, in seconds.
    pub acknowledgement: Histogram,
    /// When the last event of a source came (Unix seconds).
    pub last_event: Family<SourceLabel, FloatGauge>,
    /// Events decided.
    pub decided: Counter,
    /// Failing events that no rule with conditions matched.
    pub unmatched: Counter,
    /// Events that could not be decided and were put aside.
    pub parked: Counter,
    /// Messages that a rule matched and that were not sent at once, by reason.
    pub held_back: Family<ReasonLabel, Counter>,
    /// Timers that fired.
    pub timers_fired: Counter,
    /// Events that the bridge made itself: digests that were due, runs that are missing.
    pub own_events: Counter,
    /// Deliveries by how they ended.
    pub deliveries: Family<OutcomeLabel, Counter>,
    /// Attempts by how they ended.
    pub attempts: Family<OutcomeLabel, Counter>,
    /// Deliveries waiting, by sink.
    pub waiting: Family<SinkLabel, Gauge>,
    /// Age of the oldest waiting delivery, in seconds, by sink.
    pub oldest_waiting: Family<SinkLabel, FloatGauge>,
    /// 0 healthy, 1 backing off, 2 suspended, by sink.
    pub sink_state: Family<SinkLabel, Gauge>,
    /// When the configuration was last loaded (Unix seconds).
    pub last_reload: FloatGauge,
    /// Reloads by how they ended.
    pub reloads: Family<ResultLabel, Counter>,
    /// The journal's size in bytes.
    pub journal_bytes: Gauge,
    /// Bytes free on the journal's disk.
    pub disk_free: Gauge,
    /// How long a commit takes, fsync included, in seconds: the mean since the last look.
    pub commit_seconds: FloatGauge,
}

/// From a tenth of a millisecond to eight seconds: the sender gives up at ten.
const ACKNOWLEDGEMENT_BUCKETS: [f64; 12] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.0, 8.0];

impl Default for Metrics {
    fn default() -> Self {
        let metrics = Metrics {
            registry: Mutex::default(),
            accepted: Family::default(),
            refused: Family::default(),
            repeats: Family::default(),
            acknowledgement: Histogram::new(ACKNOWLEDGEMENT_BUCKETS),
            last_event: Family::default(),
            decided: Counter::default(),
            unmatched: Counter::default(),
            parked: Counter::default(),
            held_back: Family::default(),
            timers_fired: Counter::default(),
            own_events: Counter::default(),
            deliveries: Family::default(),
            attempts: Family::default(),
            waiting: Family::default(),
            oldest_waiting: Family::default(),
            sink_state: Family::default(),
            last_reload: FloatGauge::default(),
            reloads: Family::default(),
            journal_bytes: Gauge::default(),
            disk_free: Gauge::default(),
            commit_seconds: FloatGauge::default(),
        };
        metrics.register();
        // An alarm sees a counter grow, but not its first count if it began there.
        drop(metrics.reloads.get_or_create(&ResultLabel { outcome: "failure".to_owned() }));
        metrics
    }
}

impl Metrics {
    /// Everything in Prometheus' text format (OpenMetrics).
    pub fn text(&self) -> String {
        let mut text = String::new();
        let registry = self.registry.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        encode(&mut text, &registry).expect("writing to a String cannot fail");
        text
    }

    fn register(&self) {
        let mut registry = self.registry.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let into = registry.sub_registry_with_prefix("agnox_bridge");
        into.register("events_accepted", "Events on disk and acknowledged", self.accepted.clone());
        into.register("requests_refused", "Requests that got no 2xx", self.refused.clone());
        into.register("events_repeated", "The same bytes again", self.repeats.clone());
        into.register(
            "acknowledgement_seconds",
            "From a request's last byte to its answer",
            self.acknowledgement.clone(),
        );
        into.register(
            "last_event_time_seconds",
            "When the last event came",
            self.last_event.clone(),
        );
        into.register("events_decided", "Events decided", self.decided.clone());
        into.register(
            "events_unmatched",
            "Failing events that no rule with conditions matched",
            self.unmatched.clone(),
        );
        into.register("events_parked", "Events that could not be decided", self.parked.clone());
        into.register(
            "messages_held_back",
            "Messages that a rule matched and that were not sent at once",
            self.held_back.clone(),
        );
        into.register("timers_fired", "Timers that fired", self.timers_fired.clone());
        into.register(
            "events_own",
            "Events that the bridge made itself: digests, missing runs",
            self.own_events.clone(),
        );
        into.register("deliveries", "Deliveries by how they ended", self.deliveries.clone());
        into.register("attempts", "Attempts by how they ended", self.attempts.clone());
        into.register("deliveries_waiting", "Deliveries waiting", self.waiting.clone());
        into.register(
            "oldest_waiting_seconds",
            "Age of the oldest waiting delivery",
            self.oldest_waiting.clone(),
        );
        into.register(
            "sink_state",
            "0 healthy, 1 backing off, 2 suspended",
            self.sink_state.clone(),
        );
        into.register(
            "last_reload_time_seconds",
            "When the configuration was last loaded",
            self.last_reload.clone(),
        );
        into.register("reloads", "Reloads by how they ended", self.reloads.clone());
        into.register("journal_bytes", "The journal's size", self.journal_bytes.clone());
        into.register(
            "disk_free_bytes",
            "Bytes free on the journal's disk",
            self.disk_free.clone(),
        );
        into.register(
            "commit_seconds",
            "Mean time of a commit, fsync included, since the last look",
            self.commit_seconds.clone(),
        );
    }
}
