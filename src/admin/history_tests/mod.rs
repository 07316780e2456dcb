//! Groups, incidents, silences and accounts, over runs that real rules decided and a real journal
//! keeps.

mod accounts;
mod api;
mod groups;
mod silences;

use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use uuid::Uuid;

use super::shapes::NewSilence;
use super::{Desk, Rules};
use crate::config::{self, LoadOptions};
use crate::journal::{self, Arrival, DeliveryFilter, Journal};
use crate::model::memory::group_name;
use crate::model::{
    AttemptRecord, DeliveryState, Event, GroupKey, Outcome, Reading, Settlement, Then,
};
use crate::route::{Router, State};

const CONFIG: &str = r#"
journal: {url: "sqlite:journal.db"}
sources: {main: {secret: whsec_c2VjcmV0LW9mLXRoZS1oaXN0b3J5LXRlc3Rz}}
groups:
  - {match: "checkout*", labels: {team: payments}}
  - {match: "*", failing: [FAILED, ERROR]}
sinks: {chat: {console: {}}, mail: {console: {}}}
rules:
  - {name: red, when: {status: [FAILED, ERROR]}, send: chat, once_per: incident, send_recovery: true}
  - {name: all of checkout, when: {group: "checkout*", status: [FAILED, ERROR]}, send: mail}
  - {name: third, when: {failures_in_a_row: ">= 3"}, send: mail}
  - {name: report, when: {group: "report-*"}, send: mail, digest: {every: 1h}}
"#;

/// A journal, the rules, and a desk over both.
struct Past {
    journal: Arc<dyn Journal>,
    router: Arc<Router>,
    desk: Arc<Desk>,
    began: Timestamp,
    _folder: tempfile::TempDir,
}

impl Past {
    fn begin() -> Past {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bridge.yaml");
        std::fs::write(&file, CONFIG).unwrap();
        let loaded = config::load(&file, &LoadOptions::default()).map_err(|e| e.to_string());
        let router = Arc::new(loaded.unwrap().router.versioned("v1"));
        let journal = journal::open("sqlite:journal.db", folder.path()).unwrap();
        let rules = Rules { router: Some(router.clone()), ..Rules::default() };
        let rules = Arc::new(ArcSwap::from_pointee(rules));
        let desk = Arc::new(Desk::new(journal.clone(), rules, None));
        let began = Timestamp::now() - SignedDuration::from_hours(10);
        Past { journal, router, desk, began, _folder: folder }
    }

    /// A run that finishes so many minutes after the beginning, decided.
    async fn run(&self, group: &str, status: &str, minute: i64) -> Uuid {
        let at = self.began + SignedDuration::from_mins(minute);
        let body = json!({
            "event": "execution.finished", "executionId": format!("exec_{minute}"),
            "status": status, "groupName": group, "finishedAt": at.to_string(),
        });
        let body: Arc<[u8]> = body.to_string().into_bytes().into();
        let reading = Reading::of(&body);
        let arrival = Arrival { source: "main".into(), received_at: at, body, reading };
        let id = self.journal.accept(arrival).await.unwrap().id;
        self.decide().await;
        id
    }

    async fn decide(&self) {
        for event in self.journal.undecided(100).await.unwrap() {
            let mut state = State::default();
            state.set_silences(self.journal.silences().await.unwrap());
            let key = key(&event);
            let memos = self.journal.recall(vec![group_name(&key)]).await.unwrap();
            state.learn(key, memos.first()).unwrap();
            let decision = self.router.decide(&event, &mut state);
            self.journal.decide(vec![decision], state.take_patch()).await.unwrap();
        }
    }

    /// Delivers all that waits.
    async fn deliver(&self) {
        let filter = DeliveryFilter {
            state: Some(DeliveryState::Waiting),
            limit: 1000,
            ..Default::default()
        };
        for delivery in self.journal.deliveries(filter).await.unwrap() {
            let attempt = AttemptRecord {
                number: 1,
                at: delivery.created_at,
                latency_ms: 3,
                outcome: Outcome::Delivered,
                status: Some(200),
                reason: None,
                excerpt: Some("ok".into()),
                maybe_arrived: false,
            };
            let then = Then::Delivered;
            let settlement = Settlement::new(delivery.seq, Some(attempt), then);
            self.journal.settle(vec![settlement]).await.unwrap();
        }
    }
}

fn key(event: &Event) -> GroupKey {
    GroupKey { source: event.source.clone(), group: event.reading.group.clone() }
}

fn checkout() -> NewSilence {
    NewSilence {
        group: Some("checkout*".into()),
        end: Some(Timestamp::now() + SignedDuration::from_hours(1)),
        author: "anna".into(),
        ..NewSilence::default()
    }
}
