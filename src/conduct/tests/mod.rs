//! The conductor with a real journal and real rules.

mod lines;
mod play;
mod rules;
mod scenarios;
mod troubles;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use agnox_bridge_sinks::catalog::Catalog;
use agnox_bridge_sinks::template::{Names, Templates};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::*;
use crate::journal::{Arrival, Delivery, DeliveryFilter, open};
use crate::model::{DeliveryState, Reading, Status};
use crate::notice::Context;
use crate::route::Ingredients;

const PATIENCE: Duration = Duration::from_secs(40);

fn router(rules: &str) -> Router {
    let rules: Vec<crate::route::RuleConfig> = serde_yaml::from_str(rules).unwrap();
    let console = Catalog::built_in().kind("console").unwrap();
    let ingredients = Ingredients {
        rules: &rules,
        groups: &[],
        failing: &[Status::Failed, Status::Error],
        sinks: &BTreeMap::from([
            ("chat".to_owned(), console.clone()),
            ("mail".to_owned(), console.clone()),
        ]),
        templates: &Templates::new(Names::default(), TimeZone::UTC),
        context: Context { zone: TimeZone::UTC, dashboard: String::new(), labels: vec![] },
        windows: &BTreeMap::new(),
        missed: &[],
        sources: &["main".to_owned()],
    };
    Router::compile(ingredients).ok().unwrap()
}

fn arrival(n: usize, status: &str) -> Arrival {
    let body = serde_json::json!({ "groupName": "a", "executionId": n, "status": status });
    let body: Arc<[u8]> = body.to_string().into_bytes().into();
    let reading = Reading::of(&body);
    Arrival { source: "main".into(), received_at: Timestamp::now(), body, reading }
}

struct Stage {
    journal: Arc<dyn Journal>,
    metrics: Arc<Metrics>,
    folder: tempfile::TempDir,
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let journal = open("sqlite:journal.db", folder.path()).unwrap();
        Stage { journal, metrics: Arc::default(), folder }
    }

    fn start(&self, rules: &str, shadow: bool) -> Conductor {
        let options = ConductOptions { shadow, ..ConductOptions::default() };
        let metrics = self.metrics.clone();
        Conductor::start(self.journal.clone(), Arc::new(router(rules)), options, metrics)
    }

    async fn decided(&self, count: u64) {
        let begun = Instant::now();
        while self.metrics.decided.get() < count {
            assert!(begun.elapsed() < PATIENCE, "{} of {count}", self.metrics.decided.get());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn deliveries(&self) -> Vec<Delivery> {
        let filter = DeliveryFilter { limit: 100_000, ..DeliveryFilter::default() };
        self.journal.deliveries(filter).await.unwrap()
    }
}

const FAILED_TO_CHAT: &str = "[{name: red, when: {status: FAILED}, send: chat}]";

#[tokio::test]
async fn every_event_is_decided_once_and_the_count_says_what_fell_through() {
    let stage = Stage::new();
    for n in 0..50 {
        stage.journal.accept(arrival(n, "FAILED")).await.unwrap();
    }
    let conductor = stage.start(FAILED_TO_CHAT, false);
    let more = (50..150).map(|n| {
        let status = ["FAILED", "ERROR", "PASSED"][n % 3];
        stage.journal.accept(arrival(n, status))
    });
    futures_util::future::try_join_all(more).await.unwrap();
    stage.decided(150).await;
    conductor.shutdown().await;
    assert_eq!(stage.journal.undecided(1).await.unwrap().len(), 0);
    let failed = 50 + (50..150).filter(|n| n % 3 == 0).count();
    assert_eq!(stage.deliveries().await.len(), failed);
    let errors = (50..150).filter(|n| n % 3 == 1).count() as u64;
    assert_eq!(stage.metrics.unmatched.get(), errors, "passing ones don't fall through");
    assert_eq!(stage.metrics.decided.get(), 150);
}

#[tokio::test]
async fn in_shadow_all_is_recorded_and_nothing_is_to_be_sent() {
    let stage = Stage::new();
    let conductor = stage.start(FAILED_TO_CHAT, true);
    stage.journal.accept(arrival(1, "FAILED")).await.unwrap();
    stage.decided(1).await;
    conductor.shutdown().await;
    let deliveries = stage.deliveries().await;
    assert_eq!(deliveries.len(), 1);
    assert_eq!(deliveries[0].state, DeliveryState::Cancelled);
}

#[tokio::test]
async fn another_router_decides_from_the_next_batch_on() {
    let stage = Stage::new();
    let conductor = stage.start(FAILED_TO_CHAT, false);
    stage.journal.accept(arrival(1, "FAILED")).await.unwrap();
    stage.decided(1).await;
    conductor.replace(Arc::new(router("[{name: all, when: always, send: mail}]")));
    stage.journal.accept(arrival(2, "FAILED")).await.unwrap();
    stage.decided(2).await;
    conductor.shutdown().await;
    let sinks: Vec<String> = stage.deliveries().await.into_iter().map(|d| d.sink).collect();
    assert_eq!(sinks, ["mail", "chat"]);
}

#[tokio::test]
async fn a_journal_that_is_gone_ends_it_and_says_so() {
    let stage = Stage::new();
    let conductor = stage.start(FAILED_TO_CHAT, false);
    assert!(conductor.alive());
    stage.journal.close().await;
    stage.journal.signals().events.notify_one();
    let error = tokio::time::timeout(PATIENCE, conductor.failed()).await.unwrap();
    assert!(matches!(error, JournalError::Closed));
    let begun = Instant::now();
    while conductor.alive() {
        assert!(begun.elapsed() < PATIENCE);
        tokio::task::yield_now().await;
    }
}
