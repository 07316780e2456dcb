//! Debian's Alertmanager: an alert fires, changes and is resolved, and what it refuses is understood.

use std::process::Command;
use std::sync::Arc;

use agnox_bridge_sinks::contract::{Captured, Fault, Holding, Notice, Sink};
use serde_json::{Value, json};

use crate::corpus::{hostile, notices_of};
use crate::parts::Part;
use crate::process::{Process, folder, number_after, write};
use crate::telling::{fails, now, of_now, opened, sink, suspends, tell};
use crate::web;

const CONFIGURATION: &str = "{route: {receiver: nobody}, receivers: [{name: nobody}]}";

/// Who may enter: `bridge` with `s3cret-password`.
const LOGINS: &str =
    "{basic_auth_users: {bridge: $2b$04$u0.Z6h9U1oJ6H6esxUFqbuWjDxyxqSuRuR/bk//yLzeOrdmW5a.jW}}";

struct Alertmanager {
    origin: String,
    _process: Process,
}

impl Alertmanager {
    async fn start(logins: &str) -> Option<Self> {
        let mut command = Command::new(Part::Alertmanager.found()?);
        let folder = folder();
        write(folder.path(), "configuration.yml", CONFIGURATION);
        write(folder.path(), "web.yml", logins);
        command.args(["--config.file=configuration.yml", "--web.config.file=web.yml"]);
        command.args(["--storage.path=data", "--web.listen-address=127.0.0.1:0"]);
        command.args(["--cluster.listen-address=", "--log.format=json"]);
        let mut process = Process::start(command, folder);
        let port = process
            .says(|log| {
                let line = log.lines().find(|line| line.contains("Listening on"))?;
                number_after(line, "127.0.0.1:")
            })
            .await;
        Some(Alertmanager { origin: format!("http://127.0.0.1:{port}"), _process: process })
    }

    fn sink(&self, more: Value) -> Arc<dyn Sink> {
        let mut options = json!({"url": self.origin});
        options.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        sink("alertmanager", options)
    }

    /// What fires.
    async fn alerts(&self) -> Vec<Value> {
        let alerts = web::get(&format!("{}/api/v2/alerts", self.origin)).await;
        alerts.as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn an_alert_fires_is_brought_up_to_date_and_vanishes_when_it_is_resolved() {
    let Some(alertmanager) = Alertmanager::start("{}").await else { return };
    let sink = alertmanager.sink(json!({"labels": {"team": "payments"}}));
    let held = opened(tell(&sink, &now("failed")).await);
    let [first] = &alertmanager.alerts().await[..] else { panic!("one alert fires") };
    assert_eq!(first["status"]["state"], "active");
    let identity = json!({"alertname": "AgnoxRunFailed", "severity": "error", "source": "main",
        "group": "checkout-eu", "team": "payments"});
    assert_eq!(first["labels"], identity);
    assert_eq!(first["annotations"]["summary"], "🔴 checkout-eu · FAILED");
    assert_eq!(first["generatorURL"], "https://agnox.dev/dashboard?drawerId=task_abc123");

    let later = Notice { held: Some(held.clone()), ..now("still_failing") };
    tell(&sink, &later).await.unwrap();
    let [second] = &alertmanager.alerts().await[..] else { panic!("it is the same alert") };
    assert_eq!(second["fingerprint"], first["fingerprint"]);
    let description = second["annotations"]["description"].as_str().unwrap();
    assert!(description.starts_with("Still failing: 4 in a row"), "{description}");

    let end = Notice { held: Some(held), ..now("recovered") };
    let receipt = tell(&sink, &end).await.unwrap();
    assert_eq!(receipt.holding, Some(Holding::Closed));
    assert_eq!(alertmanager.alerts().await, [] as [Value; 0]);
}

/// A recovery of a run that finished before the failure was told closes the alert as well.
#[tokio::test]
async fn a_recovery_closes_what_was_opened_late() {
    let Some(alertmanager) = Alertmanager::start("{}").await else { return };
    let sink = alertmanager.sink(json!({}));
    let end = now("recovered");
    let held = opened(tell(&sink, &Notice { failing_since: None, ..now("failed") }).await);
    tell(&sink, &Notice { held: Some(held), ..end }).await.unwrap();
    assert_eq!(alertmanager.alerts().await, [] as [Value; 0]);
}

#[tokio::test]
async fn every_hostile_text_fires_and_is_resolved() {
    let Some(alertmanager) = Alertmanager::start("{}").await else { return };
    let sink = alertmanager.sink(json!({}));
    for text in hostile() {
        let [notice, ..] = notices_of(&text).map(of_now);
        let held = opened(tell(&sink, &notice).await);
        let [alert] = &alertmanager.alerts().await[..] else { panic!("{text:.40?}") };
        assert_eq!(alert["labels"]["alertname"], "AgnoxRunFailed", "{text:.40?}");
        let end = Notice { recovery: true, failing: Some(false), held: Some(held), ..notice };
        let end = Notice { transition: Some("recovered".to_owned()), ..of_now(end) };
        tell(&sink, &end).await.unwrap_or_else(|failure| panic!("{text:.40?}: {failure:?}"));
        assert_eq!(alertmanager.alerts().await, [] as [Value; 0], "{text:.40?}");
    }
}

#[tokio::test]
async fn what_it_refuses_is_refused_with_its_own_words() {
    let Some(alertmanager) = Alertmanager::start("{}").await else { return };
    let sink = alertmanager.sink(json!({"labels": {"on-call": "x"}}));
    let failure = fails(&sink, &now("failed")).await;
    assert_eq!((failure.fault, failure.status), (Fault::Refused, Some(400)));
    assert!(failure.excerpt.unwrap().contains("invalid label set"));
    assert_eq!(failure.holding, None);
    let url = format!("{}/somewhere", alertmanager.origin);
    let elsewhere = fails(&sink_at(url), &now("failed")).await;
    assert!(suspends(&elsewhere), "{elsewhere:?}");
}

fn sink_at(url: String) -> Arc<dyn Sink> {
    sink("alertmanager", json!({"url": url}))
}

#[tokio::test]
async fn a_login_is_asked_for_and_given() {
    let Some(alertmanager) = Alertmanager::start(LOGINS).await else { return };
    let wrong = json!({"username": "bridge", "password": "another"});
    for options in [json!({}), wrong] {
        let failure = fails(&alertmanager.sink(options), &now("failed")).await;
        assert!(suspends(&failure), "{failure:?}");
        assert_eq!(failure.status, Some(401));
    }
    let right = json!({"username": "bridge", "password": "s3cret-password"});
    let held: Captured = opened(tell(&alertmanager.sink(right), &now("failed")).await);
    assert!(held.is_empty());
}
