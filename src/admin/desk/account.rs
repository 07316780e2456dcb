//! One event with the account of its decision, and what the rules in force say of it.

use uuid::Uuid;

use super::{Desk, DeskError};
use crate::admin::shapes::{AccountView, EventDetail, EventView, IncidentView};
use crate::journal::Fate;
use crate::model::memory::OWN_SOURCE;
use crate::model::{Absence, Account, Event, GroupKey, Incident, OwnMessage, Silence, Standing};

impl Desk {
    /// One event with its body, its deliveries, the account of its decision, and what the rules in
    /// force say of it against the history of then.
    ///
    /// # Errors
    /// If there is no such event, or the journal can't be read.
    pub async fn event(&self, id: Uuid) -> Result<EventDetail, DeskError> {
        let (event, deliveries) = self.stored(id).await?;
        let Fate { decided, unmatched, parked, account } =
            self.journal.fate(id).await?.unwrap_or_default();
        let standing = account.as_ref().map(|account| account.standing.clone()).unwrap_or_default();
        let incident = self.incident_told(&event, &standing).await?;
        let silences = self.silences_named(account.as_ref()).await?;
        let rules = self.rules.load();
        let body = rules.redactor.cover(&String::from_utf8_lossy(&event.body));
        let is_own = &*event.source == OWN_SOURCE;
        let router = rules.router.as_ref().filter(|_| !is_own);
        Ok(EventDetail {
            own: is_own.then(|| own_message(&body)).flatten(),
            body,
            body_hex: std::str::from_utf8(&event.body).is_err().then(|| hex::encode(&event.body)),
            deliveries,
            verdicts: router.map(|router| router.explain(&event, &standing)),
            event: EventView::from(&event),
            decided,
            unmatched,
            parked,
            account: account.map(AccountView::from),
            incident: incident.as_ref().map(IncidentView::from),
            silences,
            config_version: self.running.as_ref().map(|running| running.status().config_version),
        })
    }

    async fn incident_told(
        &self,
        event: &Event,
        standing: &Standing,
    ) -> Result<Option<Incident>, DeskError> {
        let Some(id) = standing.incident else { return Ok(None) };
        self.incident_of(&GroupKey::of(event), id).await
    }

    /// The silences that an account names.
    async fn silences_named(&self, account: Option<&Account>) -> Result<Vec<Silence>, DeskError> {
        let held = account.iter().flat_map(|account| &account.matched).flat_map(|rule| &rule.held);
        let named: Vec<Uuid> = held
            .filter_map(|held| match held.why {
                Absence::Silenced { silence } => Some(silence),
                _ => None,
            })
            .collect();
        if named.is_empty() {
            return Ok(Vec::new());
        }
        let mut silences = self.journal.silences().await?;
        silences.retain(|silence| named.contains(&silence.id));
        Ok(silences)
    }
}

/// What a message of the bridge's own tells, from its body with the secrets covered.
fn own_message(body: &str) -> Option<OwnMessage> {
    let mut body: serde_json::Value = serde_json::from_str(body).ok()?;
    serde_json::from_value(body.get_mut("bridge")?.take()).ok()
}
