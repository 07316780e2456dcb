//! What is remembered of groups: the list, and one of them whole.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use jiff::Timestamp;
use uuid::Uuid;

use super::{Desk, DeskError};
use crate::admin::shapes::{EventView, GroupDetail, GroupQuery, GroupView, OneGroup};
use crate::journal::EventFilter;
use crate::model::memory::{GROUPS, group_name, group_of};
use crate::model::{Event, EventSeq, GroupKey, GroupMemory, Reading, Status};
use crate::route::{Router, text_test};

/// So many of a group's newest events are shown with it.
const EVENTS: usize = 10;

impl Desk {
    /// The groups that ever reported: those that fail first, then by name.
    ///
    /// # Errors
    /// If the filter is no text as in rules, or the journal can't be read.
    pub async fn groups(&self, query: GroupQuery) -> Result<Vec<GroupView>, DeskError> {
        let test =
            query.filter.as_deref().map(text_test).transpose().map_err(DeskError::Invalid)?;
        let mut groups = Vec::new();
        for (key, memory) in self.memories().await? {
            let wanted = query.source.as_deref().is_none_or(|source| source == &*key.source)
                && test.as_ref().is_none_or(|test| test(&key.group))
                && (!query.failing || memory.failing == Some(true));
            if wanted {
                groups.push(GroupView::of(key, memory));
            }
        }
        groups.sort_by(|a, b| order(a).cmp(&order(b)));
        Ok(groups)
    }

    /// One group: its memory, its open incident, what the rules in force know of it.
    ///
    /// # Errors
    /// If nothing is remembered of such a group, several sources have one, or the journal can't be
    /// read.
    pub async fn group(&self, which: OneGroup) -> Result<GroupDetail, DeskError> {
        let (key, memory) = self.remembered(which).await?;
        let filter = EventFilter {
            source: Some(key.source.to_string()),
            group: Some(key.group.to_string()),
            limit: EVENTS,
            ..EventFilter::default()
        };
        let events = self.journal.events(filter).await?;
        let open_incident = match &memory.incident {
            Some(incident) => Some(self.with_messages(incident).await?),
            None => None,
        };
        let rules = self.rules.load();
        let known = rules.router.as_ref().map(|router| known(router, &key, &memory));
        let (labels, failing_statuses) = known.unzip();
        Ok(GroupDetail {
            recovered_at: memory.recovered_at,
            group: GroupView::of(key, memory),
            open_incident,
            labels,
            failing_statuses,
            events: events.iter().map(EventView::from).collect(),
        })
    }

    /// All that is remembered of groups. A row that can't be read counts as a new group's, as it
    /// does for the rules.
    pub(super) async fn memories(&self) -> Result<Vec<(GroupKey, GroupMemory)>, DeskError> {
        let memos = self.journal.recall_all(GROUPS, true).await?;
        let read = |memo: crate::model::Memo| {
            let key = group_of(&memo.name)?;
            Some((key, serde_json::from_str(&memo.value).unwrap_or_default()))
        };
        Ok(memos.into_iter().filter_map(read).collect())
    }

    /// What is remembered of one group.
    pub(super) async fn memory_of(&self, key: &GroupKey) -> Result<Option<GroupMemory>, DeskError> {
        let memos = self.journal.recall(vec![group_name(key)]).await?;
        Ok(memos.first().map(|memo| serde_json::from_str(&memo.value).unwrap_or_default()))
    }

    async fn remembered(&self, which: OneGroup) -> Result<(GroupKey, GroupMemory), DeskError> {
        let OneGroup { group, source } = which;
        let missing = || DeskError::NotFound(format!("nothing is remembered of a group `{group}`"));
        if let Some(source) = source {
            let key = GroupKey { source: source.into(), group: group.as_str().into() };
            let memory = self.memory_of(&key).await?.ok_or_else(missing)?;
            return Ok((key, memory));
        }
        let mut found = self.memories().await?;
        found.retain(|(key, _)| *key.group == group);
        if found.len() > 1 {
            let sources: Vec<&str> = found.iter().map(|(key, _)| &*key.source).collect();
            return Err(DeskError::Invalid(format!(
                "several sources have a group `{group}`; name the source: {}",
                sources.join(", ")
            )));
        }
        found.pop().ok_or_else(missing)
    }
}

/// Failing ones first, the longest in a row before others; then by name.
fn order(group: &GroupView) -> (bool, Reverse<u32>, &str, &str) {
    let failing = group.failing == Some(true);
    (!failing, Reverse(if failing { group.in_a_row } else { 0 }), &group.group, &group.source)
}

/// The labels, and which statuses count as failing: the documented ones and those that occurred.
fn known(
    router: &Router,
    key: &GroupKey,
    memory: &GroupMemory,
) -> (std::collections::BTreeMap<String, String>, Vec<String>) {
    let occurred = memory.runs.iter().map(|run| run.status.clone());
    let statuses: BTreeSet<Status> = Status::KNOWN.into_iter().chain(occurred).collect();
    let failing = statuses
        .into_iter()
        .filter(|status| router.is_failing(&sample(key, Some(status.clone()))) == Some(true));
    let failing = failing.map(|status| status.to_string()).collect();
    (router.bare_brief(&sample(key, None)).labels, failing)
}

/// An event as the group could send it, for questions about the group.
fn sample(key: &GroupKey, status: Option<Status>) -> Event {
    Event {
        seq: EventSeq(0),
        id: Uuid::nil(),
        source: key.source.clone(),
        received_at: Timestamp::UNIX_EPOCH,
        body: [].into(),
        reading: Reading { group: key.group.clone(), status, ..Reading::default() },
        replay_of: None,
    }
}
