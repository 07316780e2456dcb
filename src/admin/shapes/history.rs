//! Groups and incidents, as the admin API shows them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{DeliveryView, EventView};
use crate::model::{Captured, GroupKey, GroupMemory, Incident, Run, Thing, ThingState, Told};

/// The query of `GET /api/v1/groups`. An unknown key is refused.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GroupQuery {
    /// Of this source.
    pub source: Option<String>,
    /// Whose name matches this text, as in rules: a glob, or `/regex/`.
    pub filter: Option<String>,
    /// Only those that fail.
    pub failing: bool,
}

/// The query of `GET /api/v1/group`. An unknown key is refused.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneGroup {
    /// The group's name, exactly.
    pub group: String,
    /// Its source; may be left out where only one source has such a group.
    #[serde(default)]
    pub source: Option<String>,
}

/// A group in a list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GroupView {
    /// Its source.
    pub source: String,
    /// Its name.
    pub group: String,
    /// Whether its newest run counted as failing; null before the first run of a known status.
    pub failing: Option<bool>,
    /// The newest run's status.
    pub status: Option<String>,
    /// So many runs in a row did as the newest did.
    pub in_a_row: u32,
    /// When the first of those finished.
    pub since: Option<Timestamp>,
    /// When the newest run finished.
    pub last_run: Option<Timestamp>,
    /// When the newest event arrived.
    pub last_seen: Option<Timestamp>,
    /// The newest runs, oldest first; at most twenty.
    pub runs: Vec<RunView>,
    /// The incident that is open.
    pub incident: Option<Uuid>,
}

/// A run, as a group's memory keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunView {
    /// When it finished.
    pub finished_at: Timestamp,
    /// Its status.
    pub status: String,
    /// Whether that counted as failing.
    pub failing: bool,
    /// How long it took, in seconds.
    pub seconds: Option<u32>,
}

/// `GET /api/v1/group`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GroupDetail {
    /// The group.
    #[serde(flatten)]
    pub group: GroupView,
    /// When the run that recovered it last arrived.
    pub recovered_at: Option<Timestamp>,
    /// The incident that is open, with whom it was told.
    pub open_incident: Option<IncidentDetail>,
    /// Its labels; null where no rules could be loaded.
    pub labels: Option<BTreeMap<String, String>>,
    /// Which of the known statuses count as failing; null where no rules could be loaded.
    pub failing_statuses: Option<Vec<String>>,
    /// Its newest events, newest first.
    pub events: Vec<EventView>,
}

/// The query of `GET /api/v1/incidents`. An unknown key is refused.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IncidentQuery {
    /// Only those that are open.
    pub open: bool,
    /// Of this source.
    pub source: Option<String>,
    /// Of this group, exactly.
    pub group: Option<String>,
    /// Open, or ended at or after this time.
    pub since: Option<Timestamp>,
    /// At most so many; 50 where zero.
    pub limit: usize,
}

/// An incident.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct IncidentView {
    /// Its id: that of its first event.
    pub id: Uuid,
    /// Its group's source.
    pub source: String,
    /// Its group.
    pub group: String,
    /// Whether it is open.
    pub open: bool,
    /// The newest failing run's status.
    pub status: String,
    /// When its first failing run finished.
    pub opened_at: Timestamp,
    /// When its newest failing run finished.
    pub last_at: Timestamp,
    /// The newest failing run's event.
    pub last_event: Uuid,
    /// How many failing runs.
    pub count: u32,
    /// When the run that recovered it finished; null while it is open.
    pub ended_at: Option<Timestamp>,
    /// That run's event.
    pub recovered_by: Option<Uuid>,
    /// Which rule told whom.
    pub told: Vec<ToldView>,
}

/// A rule that told a destination of an incident, or is to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ToldView {
    /// The rule's name.
    pub rule: String,
    /// The sink's name.
    pub sink: String,
    /// The resolved `with:` parameters.
    pub with: BTreeMap<String, String>,
    /// Whether the recovery is owed to it.
    pub recovery: bool,
    /// Whether it was put off and collected, instead of being sent at once.
    pub collected: bool,
    /// The event that told it first.
    pub event: Uuid,
    /// When that was.
    pub at: Timestamp,
}

/// `GET /api/v1/incidents/{id}`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct IncidentDetail {
    /// The incident.
    #[serde(flatten)]
    pub incident: IncidentView,
    /// Whom it was told, with what became of each message.
    pub destinations: Vec<DestinationView>,
    /// What sinks hold open for it, or held.
    #[serde(default)]
    pub things: Vec<ThingView>,
}

/// A thing that a sink holds open for an incident (an issue, a page, a thread), or held.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ThingView {
    /// The sink's name.
    pub sink: String,
    /// The resolved `with:` parameters; empty where nobody remembers whom it was opened for.
    pub with: BTreeMap<String, String>,
    /// What the far side answered that later messages need, by the names of the sink's service.
    pub captured: Captured,
    /// Whether it is open.
    pub state: ThingState,
    /// Since when it has been so.
    pub since: Timestamp,
}

/// One destination that an incident was told.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct DestinationView {
    /// The sink's name.
    pub sink: String,
    /// The resolved `with:` parameters.
    pub with: BTreeMap<String, String>,
    /// The rules that told it.
    pub rules: Vec<String>,
    /// Whether the recovery is owed to it.
    pub recovery: bool,
    /// Whether it was put off and collected, instead of being sent at once.
    pub collected: bool,
    /// The messages that tell of the failure, oldest first.
    pub deliveries: Vec<DeliveryView>,
    /// The messages that answer them with the recovery, oldest first.
    pub recoveries: Vec<DeliveryView>,
}

impl GroupView {
    /// What is remembered of a group.
    pub fn of(key: GroupKey, memory: GroupMemory) -> Self {
        GroupView {
            source: key.source.to_string(),
            group: key.group.to_string(),
            failing: memory.failing,
            status: memory.status,
            in_a_row: memory.in_a_row,
            since: memory.since,
            last_run: memory.newest,
            last_seen: memory.last_seen,
            runs: memory.runs.into_iter().map(RunView::from).collect(),
            incident: memory.incident.map(|incident| incident.id),
        }
    }
}

impl ThingView {
    /// A thing of an incident.
    pub fn of(thing: Thing, incident: &Incident) -> Self {
        let told = incident.told.iter().find(|told| told.duty == thing.duty);
        ThingView {
            sink: thing.sink,
            with: told.map(|told| told.with.clone()).unwrap_or_default(),
            captured: thing.captured,
            state: thing.state,
            since: thing.at,
        }
    }
}

impl From<Run> for RunView {
    fn from(run: Run) -> Self {
        let Run { finished_at, status, failing, seconds } = run;
        RunView { finished_at, status: status.to_string(), failing, seconds }
    }
}

impl From<&Incident> for IncidentView {
    fn from(incident: &Incident) -> Self {
        IncidentView {
            id: incident.id,
            source: incident.key.source.to_string(),
            group: incident.key.group.to_string(),
            open: incident.ended.is_none(),
            status: incident.status.clone(),
            opened_at: incident.opened_at,
            last_at: incident.last_at,
            last_event: incident.last_event,
            count: incident.count,
            ended_at: incident.ended.as_ref().map(|ended| ended.at),
            recovered_by: incident.ended.as_ref().map(|ended| ended.event),
            told: incident.told.iter().map(ToldView::from).collect(),
        }
    }
}

impl From<&Told> for ToldView {
    fn from(told: &Told) -> Self {
        ToldView {
            rule: told.rule.clone(),
            sink: told.sink.clone(),
            with: told.with.clone(),
            recovery: told.recovery,
            collected: told.collected.is_some(),
            event: told.event,
            at: told.at,
        }
    }
}
