//! Incidents: those that are open, in the groups' memories, and those that ended.

use uuid::Uuid;

use super::ids::the_one;
use super::{Desk, DeskError};
use crate::admin::shapes::{
    DestinationView, IncidentDetail, IncidentQuery, IncidentView, ThingView,
};
use crate::journal::{Delivery, IncidentFilter};
use crate::model::{Duty, GroupKey, Incident};

/// The list's length where none is asked for.
const SOME: usize = 50;

/// As many incidents that ended are looked through for the beginning of an id.
const LOOKED_THROUGH: usize = 100_000;

impl Desk {
    /// Incidents: the open ones first, then those that ended; the newest first in each.
    ///
    /// # Errors
    /// If the journal can't be read.
    pub async fn incidents(&self, query: IncidentQuery) -> Result<Vec<IncidentView>, DeskError> {
        let limit = if query.limit == 0 { SOME } else { query.limit };
        let mut incidents = self.open_incidents().await?;
        incidents.retain(|incident| concerns(&query, &incident.key));
        incidents.sort_by_key(|incident| std::cmp::Reverse(incident.opened_at));
        incidents.truncate(limit);
        let left = limit - incidents.len();
        if !query.open && left > 0 {
            let IncidentQuery { source, group, since, .. } = query;
            let filter = IncidentFilter { source, group, since, limit: left };
            incidents.extend(self.journal.ended_incidents(filter).await?);
        }
        Ok(incidents.iter().map(IncidentView::from).collect())
    }

    /// One incident with the messages that told of it, by its id or the unique beginning of that.
    ///
    /// # Errors
    /// If there is no such incident, or several are meant, or the journal can't be read.
    pub async fn incident(&self, id: &str) -> Result<IncidentDetail, DeskError> {
        let incident = self.find_incident(id).await?;
        self.with_messages(&incident).await
    }

    /// The incident with this id, if it is one of this group's.
    pub(super) async fn incident_of(
        &self,
        key: &GroupKey,
        id: Uuid,
    ) -> Result<Option<Incident>, DeskError> {
        let open = self.memory_of(key).await?.and_then(|memory| memory.incident);
        match open.filter(|incident| incident.id == id) {
            Some(incident) => Ok(Some(incident)),
            None => Ok(self.journal.ended_incident(id).await?),
        }
    }

    /// An incident, with what became of each message that told of it, and what is held open for it.
    pub(super) async fn with_messages(
        &self,
        incident: &Incident,
    ) -> Result<IncidentDetail, DeskError> {
        let duties: Vec<Duty> = incident.told.iter().map(|told| told.duty).collect();
        let messages = match duties.is_empty() {
            true => Vec::new(),
            false => self.journal.of_duties(duties).await?,
        };
        let destinations = destinations(incident, &messages);
        let things = self.journal.held_for(incident.id).await?;
        let things = things.into_iter().map(|thing| ThingView::of(thing, incident)).collect();
        Ok(IncidentDetail { incident: IncidentView::from(incident), destinations, things })
    }

    async fn open_incidents(&self) -> Result<Vec<Incident>, DeskError> {
        let memories = self.memories().await?;
        Ok(memories.into_iter().filter_map(|(_, memory)| memory.incident).collect())
    }

    async fn find_incident(&self, id: &str) -> Result<Incident, DeskError> {
        if let Ok(whole) = id.parse()
            && let Some(ended) = self.journal.ended_incident(whole).await?
        {
            return Ok(ended);
        }
        let mut all = self.open_incidents().await?;
        let everything = IncidentFilter { limit: LOOKED_THROUGH, ..IncidentFilter::default() };
        all.extend(self.journal.ended_incidents(everything).await?);
        let one = the_one(id, "incident", all.iter().map(|incident| incident.id))?;
        let missing = || DeskError::NotFound(format!("there is no incident {id}"));
        all.into_iter().find(|incident| incident.id == one).ok_or_else(missing)
    }
}

fn concerns(query: &IncidentQuery, key: &GroupKey) -> bool {
    query.source.as_deref().is_none_or(|source| source == &*key.source)
        && query.group.as_deref().is_none_or(|group| group == &*key.group)
}

/// What was told, by destination: rules that told the same one stand together.
fn destinations(incident: &Incident, messages: &[Delivery]) -> Vec<DestinationView> {
    let mut found: Vec<(Duty, DestinationView)> = Vec::new();
    for told in &incident.told {
        let place = found.iter().position(|(duty, _)| *duty == told.duty);
        let place = place.unwrap_or_else(|| {
            found.push((told.duty, messages_of(told.duty, messages)));
            found.len() - 1
        });
        let (_, destination) = &mut found[place];
        destination.sink.clone_from(&told.sink);
        destination.with.clone_from(&told.with);
        destination.rules.push(told.rule.clone());
        destination.recovery |= told.recovery;
        destination.collected |= told.collected.is_some();
    }
    found.into_iter().map(|(_, destination)| destination).collect()
}

fn messages_of(duty: Duty, messages: &[Delivery]) -> DestinationView {
    let of = |which: fn(&Delivery) -> Option<Duty>| {
        let mine = messages.iter().filter(|delivery| which(delivery) == Some(duty));
        mine.map(|delivery| delivery.clone().into()).collect()
    };
    DestinationView {
        deliveries: of(|delivery| delivery.duty),
        recoveries: of(|delivery| delivery.answers),
        ..DestinationView::default()
    }
}
