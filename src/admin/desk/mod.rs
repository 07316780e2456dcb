//! The operations that people ask for, on a running gateway or on the file of a stopped one.
//!
//! A desk works on any journal. What only a running gateway can do (reload, resume at once) is
//! behind [`Running`]; without it the desk does what the file allows and refuses the rest. Here are
//! status, events, deliveries, sinks and the journal's upkeep; `groups`, `incidents`, `silences`
//! and `account` (one event, with the account of its decision) have a file each.

mod account;
mod groups;
mod ids;
mod incidents;
mod silences;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use agnox_bridge_sinks::secret::Redactor;
use arc_swap::ArcSwap;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use uuid::Uuid;

use super::shapes::{
    Changed, Checked, DeliveryDetail, DeliveryView, EventView, Reloaded, Replayed, RunningStatus,
    Status,
};
use crate::deliver::{Condition, SinkState};
use crate::journal::{DeliveryFilter, EventFilter, Journal, JournalError};
use crate::model::Event;
use crate::route::Router;

/// What only a running gateway can do.
pub trait Running: Send + Sync + 'static {
    /// How it stands.
    fn status(&self) -> RunningStatus;

    /// Its sinks.
    fn sinks(&self) -> Vec<SinkState>;

    /// Ends a sink's suspension or back-off now; false if it has no such sink.
    fn resume(&self, sink: &str) -> bool;

    /// Takes up the configuration as it is on disk, or keeps the old one and says why.
    fn reload(&self) -> BoxFuture<'_, Result<Reloaded, String>>;

    /// Everything that is counted, in Prometheus' text format.
    fn metrics(&self) -> String;
}

/// What of the configuration in force is needed to show things.
#[derive(Default)]
pub struct Rules {
    /// Says why rules match or not; `None` where no configuration could be loaded.
    pub router: Option<Arc<Router>>,
    /// Covers secrets in what is shown.
    pub redactor: Redactor,
    /// The configured sinks with their kinds, where only the file of a stopped gateway is there.
    pub sinks: BTreeMap<String, String>,
}

/// The operations.
pub struct Desk {
    journal: Arc<dyn Journal>,
    rules: Arc<ArcSwap<Rules>>,
    running: Option<Arc<dyn Running>>,
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// There is no such thing.
    #[error("{0}")]
    NotFound(String),
    /// The request makes no sense as it stands.
    #[error("{0}")]
    Invalid(String),
    /// The state of things forbids it.
    #[error("{0}")]
    Conflict(String),
    /// The journal could not.
    #[error("{0}")]
    Journal(#[from] JournalError),
}

impl Desk {
    /// A desk over a journal. `running` is there where this process is the gateway.
    pub fn new(
        journal: Arc<dyn Journal>,
        rules: Arc<ArcSwap<Rules>>,
        running: Option<Arc<dyn Running>>,
    ) -> Self {
        Desk { journal, rules, running }
    }

    /// How things stand.
    ///
    /// # Errors
    /// If the journal can't be read.
    pub async fn status(&self) -> Result<Status, DeskError> {
        Ok(Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            running: self.running.as_ref().map(|running| running.status()),
            journal: self.journal.figures().await?,
        })
    }

    /// Events, newest first.
    ///
    /// # Errors
    /// If the journal can't be read.
    pub async fn events(&self, filter: EventFilter) -> Result<Vec<EventView>, DeskError> {
        Ok(self.journal.events(filter).await?.iter().map(EventView::from).collect())
    }

    /// One event as the journal has it, with its deliveries.
    ///
    /// # Errors
    /// If there is no such event, or the journal can't be read.
    pub async fn stored(&self, id: Uuid) -> Result<(Event, Vec<DeliveryView>), DeskError> {
        let found = self.journal.event(id).await?;
        let (event, deliveries) =
            found.ok_or_else(|| DeskError::NotFound(format!("there is no event {id}")))?;
        Ok((event, deliveries.into_iter().map(DeliveryView::from).collect()))
    }

    /// Decides an event anew, as a new event, under the rules in force.
    ///
    /// # Errors
    /// If there is no such event, or the journal can't take it.
    pub async fn replay(&self, id: Uuid) -> Result<Replayed, DeskError> {
        let new = self.journal.replay(id, Timestamp::now()).await?;
        let id = new.ok_or_else(|| DeskError::NotFound(format!("there is no event {id}")))?;
        Ok(Replayed { id })
    }

    /// Deliveries, newest first.
    ///
    /// # Errors
    /// If the journal can't be read.
    pub async fn deliveries(&self, filter: DeliveryFilter) -> Result<Vec<DeliveryView>, DeskError> {
        let found = self.journal.deliveries(filter).await?;
        Ok(found.into_iter().map(DeliveryView::from).collect())
    }

    /// One delivery with its attempts.
    ///
    /// # Errors
    /// If there is no such delivery, or the journal can't be read.
    pub async fn delivery(&self, id: Uuid) -> Result<DeliveryDetail, DeskError> {
        let found = self.journal.delivery(id).await?;
        let (delivery, history) =
            found.ok_or_else(|| DeskError::NotFound(format!("there is no delivery {id}")))?;
        let answered = match delivery.answers {
            Some(duty) => self.journal.of_duties(vec![duty]).await?,
            None => Vec::new(),
        };
        let answered = answered.into_iter().filter(|other| other.duty == delivery.answers);
        let answered = answered.map(|other| other.id).collect();
        Ok(DeliveryDetail { delivery: delivery.into(), history, answered })
    }

    /// Puts the dead deliveries that match back to waiting.
    ///
    /// # Errors
    /// If the journal can't take it.
    pub async fn retry(&self, filter: DeliveryFilter) -> Result<Changed, DeskError> {
        Ok(Changed { changed: self.journal.retry(filter).await? })
    }

    /// Marks the dead deliveries that match as seen.
    ///
    /// # Errors
    /// If the journal can't take it.
    pub async fn acknowledge(&self, filter: DeliveryFilter) -> Result<Changed, DeskError> {
        Ok(Changed { changed: self.journal.acknowledge(filter).await? })
    }

    /// The sinks: as the running gateway knows them, or those that the journal remembers.
    ///
    /// # Errors
    /// If the journal can't be read.
    pub async fn sinks(&self) -> Result<Vec<SinkState>, DeskError> {
        match &self.running {
            Some(running) => Ok(running.sinks()),
            None => self.remembered_sinks().await,
        }
    }

    /// Ends a sink's trouble: it is tried at once, or when the gateway starts.
    ///
    /// # Errors
    /// If there is no such sink, or the journal can't take it.
    pub async fn resume(&self, sink: &str) -> Result<(), DeskError> {
        let known = match &self.running {
            Some(running) => running.resume(sink),
            None => {
                let troubles = self.journal.sink_troubles().await?;
                let troubled = troubles.iter().any(|(name, _)| name == sink);
                if troubled {
                    self.journal.set_sink_trouble(sink, None).await?;
                }
                troubled || self.rules.load().sinks.contains_key(sink)
            }
        };
        let missing = || DeskError::NotFound(format!("there is no sink `{sink}` to resume"));
        known.then_some(()).ok_or_else(missing)
    }

    /// Takes up the configuration as it is on disk.
    ///
    /// # Errors
    /// If it can't be used (the old one stays), or the gateway is stopped.
    pub async fn reload(&self) -> Result<Reloaded, DeskError> {
        let stopped = || DeskError::Conflict("a stopped gateway has nothing to reload".to_owned());
        let running = self.running.as_ref().ok_or_else(stopped)?;
        running.reload().await.map_err(DeskError::Conflict)
    }

    /// Copies the journal to a new file.
    ///
    /// # Errors
    /// If the path is not absolute or is there already, or the copy fails.
    pub async fn backup(&self, file: PathBuf) -> Result<(), DeskError> {
        if !file.is_absolute() {
            let text = format!("{} is no absolute path on the gateway's machine", file.display());
            return Err(DeskError::Invalid(text));
        }
        if file.symlink_metadata().is_ok() {
            let text = format!("{} is there already; name a new file", file.display());
            return Err(DeskError::Conflict(text));
        }
        Ok(self.journal.backup(file).await?)
    }

    /// Reads the whole journal and says what is damaged.
    ///
    /// # Errors
    /// If the journal can't be read at all.
    pub async fn check(&self) -> Result<Checked, DeskError> {
        Ok(Checked { damage: self.journal.verify().await? })
    }

    /// Everything that is counted; empty where the gateway is stopped.
    pub fn metrics(&self) -> String {
        self.running.as_ref().map_or_else(String::new, |running| running.metrics())
    }

    async fn remembered_sinks(&self) -> Result<Vec<SinkState>, DeskError> {
        let mut sinks: Vec<SinkState> = Vec::new();
        for backlog in self.journal.backlog().await? {
            sinks.push(SinkState {
                waiting: backlog.waiting,
                dead: backlog.dead,
                oldest_waiting: backlog.oldest,
                ..SinkState::idle(backlog.sink)
            });
        }
        for (name, trouble) in self.journal.sink_troubles().await? {
            let place = sinks.iter().position(|sink| sink.name == name).unwrap_or(sinks.len());
            if place == sinks.len() {
                sinks.push(SinkState::idle(name));
            }
            let sink = &mut sinks[place];
            sink.state =
                if trouble.suspended { Condition::Suspended } else { Condition::BackingOff };
            sink.since = Some(trouble.since);
            sink.reason = Some(trouble.reason);
            sink.next_probe = Some(trouble.next_probe);
        }
        for (name, kind) in &self.rules.load().sinks {
            match sinks.iter_mut().find(|sink| sink.name == *name) {
                Some(sink) => sink.kind = Some((*kind).to_owned()),
                None => sinks.push(SinkState {
                    kind: Some((*kind).to_owned()),
                    ..SinkState::idle(name.clone())
                }),
            }
        }
        sinks.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(sinks)
    }
}
