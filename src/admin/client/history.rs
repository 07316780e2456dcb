//! Groups, incidents and silences over the admin API.

use serde_json::json;

use super::{AdminClient, Result};
use crate::admin::shapes::{
    GroupDetail, GroupQuery, GroupView, IncidentDetail, IncidentQuery, IncidentView, NewSilence,
    OneGroup, SilencePreview, SilenceView,
};

impl AdminClient {
    /// The groups that ever reported.
    ///
    /// # Errors
    /// As [`AdminClient::status`].
    pub async fn groups(&self, query: &GroupQuery) -> Result<Vec<GroupView>> {
        self.get(&["api", "v1", "groups"], query).await
    }

    /// One group.
    ///
    /// # Errors
    /// As [`AdminClient::status`].
    pub async fn group(&self, which: &OneGroup) -> Result<GroupDetail> {
        self.get(&["api", "v1", "group"], which).await
    }

    /// Incidents, open ones first.
    ///
    /// # Errors
    /// As [`AdminClient::status`].
    pub async fn incidents(&self, query: &IncidentQuery) -> Result<Vec<IncidentView>> {
        self.get(&["api", "v1", "incidents"], query).await
    }

    /// One incident, by its id or the unique beginning of that.
    ///
    /// # Errors
    /// As [`AdminClient::status`].
    pub async fn incident(&self, id: &str) -> Result<IncidentDetail> {
        self.get(&["api", "v1", "incidents", id], &json!({})).await
    }

    /// All silences.
    ///
    /// # Errors
    /// As [`AdminClient::status`].
    pub async fn silences(&self) -> Result<Vec<SilenceView>> {
        self.get(&["api", "v1", "silences"], &json!({})).await
    }

    /// What a silence would have held back in the last day.
    ///
    /// # Errors
    /// As [`AdminClient::status`].
    pub async fn preview(&self, new: &NewSilence) -> Result<SilencePreview> {
        self.post(&["api", "v1", "silences", "preview"], new).await
    }

    /// Adds a silence.
    ///
    /// # Errors
    /// As [`AdminClient::status`].
    pub async fn silence(&self, new: &NewSilence) -> Result<SilenceView> {
        self.post(&["api", "v1", "silences"], new).await
    }

    /// Ends a silence now.
    ///
    /// # Errors
    /// As [`AdminClient::status`].
    pub async fn expire(&self, id: &str) -> Result<SilenceView> {
        self.post(&["api", "v1", "silences", id, "expire"], &json!({})).await
    }
}
