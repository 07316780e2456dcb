//! A worker's dealings with its sink's health: learned from attempts, kept, shown, told.

use super::READ_AGAIN;
use super::Worker;
use crate::deliver::clock::Clock;
use crate::deliver::health::{Health, Setback};
use crate::deliver::herald::News;
use crate::deliver::state::Condition;
use crate::deliver::verdict::Sign;
use crate::journal::JournalError;
use crate::model::EventSeq;
use crate::telemetry::SinkLabel;

impl Worker {
    /// Learns what trouble the sink had before the start.
    pub(super) async fn recall(&mut self) {
        let troubles = loop {
            match self.journal.sink_troubles().await {
                Ok(troubles) => break troubles,
                Err(JournalError::Closed | JournalError::Failed(_) | JournalError::Corrupt(_)) => {
                    break Vec::new();
                }
                Err(error) => {
                    tracing::warn!(sink = self.name, %error, "could not read the sink's state yet");
                    tokio::time::sleep(READ_AGAIN).await;
                }
            }
        };
        let mine = troubles.into_iter().find(|(sink, _)| *sink == self.name);
        self.health = Health::restored(mine.map(|(_, trouble)| trouble), Clock::now());
    }

    /// Takes what an attempt says of the endpoint into the sink's health.
    pub(super) async fn learn(
        &mut self,
        setback: Setback<'_>,
        sign: Sign,
        event: EventSeq,
        clock: Clock,
    ) {
        let before = self.health.condition();
        let changed = match sign {
            Sign::Nothing => false,
            Sign::Reached => self.health.reached(),
            Sign::Unavailable(asked) => self.health.unavailable(setback, asked, clock),
            Sign::Suspended => self.health.suspend(setback, clock),
        };
        if !changed {
            return;
        }
        self.show();
        self.remember().await;
        let after = self.health.condition();
        if before != after {
            self.announce(after, setback.reason);
        }
        if before != after && after == Condition::Suspended {
            let reason = format!("the sink is suspended until somebody acts: {}", setback.reason);
            self.herald.hear(&self.name, News { event, reason }).await;
        }
    }

    fn announce(&self, condition: Condition, reason: &str) {
        let sink = &self.name;
        match condition {
            Condition::Suspended => tracing::error!(
                sink,
                reason,
                "the sink is suspended: its deliveries are kept, one probes it every hour; \
                 resume it once it is mended"
            ),
            Condition::BackingOff => {
                tracing::warn!(sink, reason, "the sink is unavailable: its deliveries wait");
            }
            Condition::Healthy | Condition::Gone => {
                tracing::info!(sink, "the sink takes messages again");
            }
        }
    }

    /// Keeps the sink's health over a restart. Where that fails, the next change does it.
    async fn remember(&self) {
        let trouble = self.health.trouble().cloned();
        if let Err(error) = self.journal.set_sink_trouble(&self.name, trouble).await {
            tracing::warn!(sink = self.name, %error, "could not record the sink's state");
        }
    }

    pub(super) fn show(&self) {
        let condition = self.health.condition();
        let sink = SinkLabel { sink: self.name.clone() };
        self.metrics.sink_state.get_or_create(&sink).set(condition.number());
        self.mailbox.show(|view| {
            view.condition = condition;
            view.trouble = self.health.trouble().cloned();
        });
    }
}
