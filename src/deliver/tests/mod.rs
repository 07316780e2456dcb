//! The deliverer with a real journal and sinks that do as they are told.
//!
//! Where time is paused it runs ahead of the journal's threads, which is fine for schedules of
//! minutes and hours: nothing here measures how little time passes.

mod holding;
mod killed;
mod lanes;
mod people;
mod puppet;
mod recording;
mod recoveries;
mod reloads;
mod trouble;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant as RealInstant;

use agnox_bridge_sinks::contract::{Captured, Fault, Holding};
use agnox_bridge_sinks::secret::Redactor;
use agnox_bridge_sinks::template::{Names, Templates};
use jiff::tz::TimeZone;
use uuid::Uuid;

use self::puppet::{Do, Puppet, Try, UNAVAILABLE};
use super::*;
use crate::journal::{Arrival, Delivery, DeliveryFilter, open};
use crate::model::{Brief, Decision, DeliveryState, Patch, Planned, Reading};
use crate::notice::Context;
use crate::route::{Ingredients, Router};

/// A journal in a folder of its own, and what is counted.
pub(super) struct Stage {
    pub journal: Arc<dyn Journal>,
    pub metrics: Arc<Metrics>,
    folder: PathBuf,
    _removed_at_the_end: Option<tempfile::TempDir>,
}

impl Stage {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stage = Stage::within(folder.path());
        Stage { _removed_at_the_end: Some(folder), ..stage }
    }

    /// The same in a folder that stays.
    pub(super) fn within(folder: &Path) -> Self {
        let (journal, folder) = (opened(folder), folder.to_owned());
        Stage { journal, metrics: Arc::default(), folder, _removed_at_the_end: None }
    }

    /// Closes the journal and opens it again, as a restart does.
    pub(super) async fn restart(&mut self) {
        self.journal.close().await;
        self.journal = opened(&self.folder);
    }

    /// Events come in and are decided: each is a group, a text, and the sinks it goes to.
    pub(super) async fn decided(&self, events: &[(&str, String, &[&str])]) {
        let texts: Vec<(&str, &str)> =
            events.iter().map(|(group, text, _)| (*group, text.as_str())).collect();
        self.accepted(&texts).await;
        let all = events.iter().map(|(_, _, sinks)| sinks.iter().map(|sink| planned(sink)));
        self.plan(all.map(Iterator::collect).collect()).await;
    }

    /// Events come in: each is a group and a text.
    pub(super) async fn accepted(&self, events: &[(&str, &str)]) {
        for (group, text) in events {
            let body = serde_json::json!({
                "groupName": group, "summary": text, "executionId": Uuid::new_v4()
            });
            let body = body.to_string();
            let body: Arc<[u8]> = body.into_bytes().into();
            let arrival = Arrival {
                source: "main".into(),
                received_at: Timestamp::now(),
                reading: Reading::of(&body),
                body,
            };
            self.journal.accept(arrival).await.unwrap();
        }
    }

    /// Decides what is undecided: each of the oldest gets these deliveries.
    pub(super) async fn plan(&self, all: Vec<Vec<Planned>>) {
        let undecided = self.journal.undecided(all.len()).await.unwrap();
        let decisions = undecided.iter().zip(all).map(|(event, planned)| Decision {
            event: event.seq,
            planned,
            unmatched: false,
            parked: None,
            account: None,
        });
        self.journal.decide(decisions.collect(), Patch::default()).await.unwrap();
    }

    /// The same for one sink: `count` events for each group, the groups taking turns.
    pub(super) async fn for_sink(&self, sink: &str, groups: &[&str], count: usize) {
        let sinks = [sink];
        let mut events: Vec<(&str, String, &[&str])> = Vec::new();
        for n in 0..count {
            events.extend(groups.iter().map(|group| (*group, format!("{group} {n}"), &sinks[..])));
        }
        self.decided(&events).await;
    }

    /// The journal's file.
    pub(super) fn file(&self) -> std::path::PathBuf {
        self.folder.join("journal.db")
    }

    pub(super) fn start(&self, plan: Arc<Plan>) -> Deliverer {
        Deliverer::start(self.journal.clone(), plan, self.metrics.clone())
    }

    pub(super) async fn all(&self) -> Vec<Delivery> {
        let filter = DeliveryFilter { limit: 100_000, ..DeliveryFilter::default() };
        let mut all = self.journal.deliveries(filter).await.unwrap();
        all.reverse();
        all
    }

    pub(super) async fn count(&self, state: DeliveryState) -> usize {
        let filter =
            DeliveryFilter { state: Some(state), limit: 10_000, ..DeliveryFilter::default() };
        self.journal.deliveries(filter).await.unwrap().len()
    }

    /// Waits until so many deliveries are in a state.
    pub(super) async fn until(&self, state: DeliveryState, count: usize) {
        let begun = RealInstant::now();
        while self.count(state).await != count {
            assert!(begun.elapsed() < PATIENCE, "{state:?}: {:#?}", self.all().await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

const PATIENCE: Duration = Duration::from_secs(40);

/// Waits until something holds.
pub(super) async fn eventually(what: &str, holds: impl Fn() -> bool) {
    let begun = RealInstant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn opened(folder: &Path) -> Arc<dyn Journal> {
    open("sqlite:journal.db", folder).unwrap()
}

pub(super) fn planned(sink: &str) -> Planned {
    Planned::new(sink, Brief::default())
}

pub(super) fn outlet(name: &str, sink: Arc<Puppet>, options: SinkOptions) -> Arc<Outlet> {
    Arc::new(Outlet {
        name: name.to_owned(),
        kind: "puppet".to_owned(),
        pace: agnox_bridge_sinks::kind::Pace::UNKNOWN,
        sink,
        options,
    })
}

pub(super) fn options(text: &str) -> SinkOptions {
    serde_yaml::from_str(text).unwrap()
}

pub(super) fn plan(outlets: impl IntoIterator<Item = Arc<Outlet>>) -> Arc<Plan> {
    telling(None, outlets)
}

pub(super) fn telling(
    on_dead: Option<&str>,
    outlets: impl IntoIterator<Item = Arc<Outlet>>,
) -> Arc<Plan> {
    let outlets = outlets.into_iter().map(|outlet| (outlet.name.clone(), outlet)).collect();
    Arc::new(Plan {
        outlets,
        router: router(),
        on_dead: on_dead.map(str::to_owned),
        redactor: Redactor::new(["s3cret-token"]),
        version: "1".to_owned(),
    })
}

fn router() -> Arc<Router> {
    let context =
        Context { zone: TimeZone::UTC, dashboard: "https://agnox.dev".to_owned(), labels: vec![] };
    let ingredients = Ingredients {
        rules: &[],
        groups: &[],
        failing: &[],
        sinks: &BTreeMap::new(),
        templates: &Templates::new(Names::default(), TimeZone::UTC),
        context,
        windows: &BTreeMap::new(),
        missed: &[],
        sources: &["main".to_owned()],
    };
    Arc::new(Router::compile(ingredients).ok().unwrap())
}

/// The state of the one sink of this name.
pub(super) fn state(deliverer: &Deliverer, name: &str) -> SinkState {
    deliverer.states().into_iter().find(|state| state.name == name).unwrap()
}

/// Checks that the texts `group n` of each group come in the order of their numbers.
pub(super) fn assert_in_order(texts: &[String]) {
    let mut last: BTreeMap<&str, i64> = BTreeMap::new();
    for text in texts {
        let (group, n) = text.rsplit_once(' ').unwrap();
        let n = n.parse().unwrap();
        assert!(last.insert(group, n).unwrap_or(-1) <= n, "{text} came late in {texts:?}");
    }
}
