//! Tells an uptime monitor that the bridge lives, for as long as it can accept and deliver.
//!
//! At each beat it asks the journal to prove that a write reaches the disk, and asks whatever
//! other signs of life it was given; if all are well it requests the monitor's URL. The monitor
//! raises the alarm when that stops. A sink in trouble doesn't stop it: the bridge itself is well,
//! and says so of the sink by other means. The URL is a secret; it is in no text.

use std::sync::Arc;
use std::time::Duration;

use agnox_bridge_sinks::client::{Client, DialPolicy, Expectation};
use agnox_bridge_sinks::contract::Attempt;
use agnox_bridge_sinks::message::Request;
use agnox_bridge_sinks::secret::Secret;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::time::MissedTickBehavior;
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use crate::journal::Journal;
use crate::model::units::Span;

/// A beat that is not proven within this time is none.
const PROOF: Duration = Duration::from_secs(10);

/// The monitor has this long to answer.
const ANSWER: Duration = Duration::from_secs(10);

/// Which uptime monitor is told, and how often.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HeartbeatConfig {
    /// The monitor's push URL; it gets a GET request as long as the bridge can accept and
    /// deliver.
    pub url: Secret,
    /// How often, such as `60s`. The monitor should wait for two or three of them.
    pub every: Span,
}

/// A sign of life: `Err` says what is wrong.
pub type Sign = Box<dyn Fn() -> Result<(), String> + Send + Sync>;

/// Beats until it is dropped.
pub struct Heartbeat {
    _task: AbortOnDropHandle<()>,
}

struct Beating {
    config: HeartbeatConfig,
    journal: Arc<dyn Journal>,
    signs: Vec<Sign>,
    client: Client,
    /// What was wrong at the last beat.
    trouble: Option<String>,
}

impl Heartbeat {
    /// Starts to beat, at once and then regularly.
    pub fn start(
        config: HeartbeatConfig,
        journal: Arc<dyn Journal>,
        signs: Vec<Sign>,
    ) -> Heartbeat {
        let client = Client::new(DialPolicy { private: true });
        let beating = Beating { config, journal, signs, client, trouble: None };
        Heartbeat { _task: AbortOnDropHandle::new(tokio::spawn(beating.run())) }
    }
}

impl Beating {
    async fn run(mut self) {
        let every = self.config.every.0.max(Duration::from_secs(1));
        let mut tick = tokio::time::interval(every);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            let end = self.beat().await;
            self.note(end);
        }
    }

    async fn beat(&self) -> Result<(), String> {
        self.signs.iter().try_for_each(|sign| sign())?;
        match tokio::time::timeout(PROOF, self.journal.beat()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(error.to_string()),
            Err(_) => return Err(format!("the journal wrote nothing within {}", Span(PROOF))),
        }
        self.tell().await
    }

    async fn tell(&self) -> Result<(), String> {
        let request = Request {
            method: "GET".to_owned(),
            url: self.config.url.clone(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        let attempt = Attempt {
            delivery_id: Uuid::new_v4().to_string(),
            number: 1,
            at: Timestamp::now(),
            deadline: ANSWER,
            progress: None,
        };
        let told = self.client.send(&request, &attempt, &Expectation::default()).await;
        told.map(drop).map_err(|failure| failure.reason)
    }

    /// Says once that the heart stopped, and once that it beats again.
    fn note(&mut self, end: Result<(), String>) {
        match (&self.trouble, end) {
            (Some(_), Ok(())) => {
                tracing::info!("the heartbeat reaches its monitor again");
                self.trouble = None;
            }
            (before, Err(reason)) if before.as_ref() != Some(&reason) => {
                tracing::warn!(reason, "no heartbeat goes out");
                self.trouble = Some(reason);
            }
            (_, _) => {}
        }
    }
}

#[cfg(test)]
#[path = "heartbeat_tests.rs"]
mod tests;
