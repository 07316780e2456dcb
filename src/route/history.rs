//! What a run means against its group's history, and what the group remembers of it.
//!
//! Order is by finish, not by arrival: a run that finished before the newest one known is late. It
//! has no transition and changes nothing, and neither does a run of unknown status. Pure: a
//! [`Sighting`] answers from a group's memory and changes nothing but that.

use jiff::{SignedDuration, Timestamp};

use crate::model::history::RUNS;
use crate::model::memory::OWN_SOURCE;
use crate::model::{
    Ended, Event, GroupKey, GroupMemory, Incident, Run, Standing, Status, Transition,
};

/// A newest finish that lies further ahead than this was written while the clock was wrong. Nothing
/// is late against it, or else the group would be quiet until the clock has come so far.
const SKEW: SignedDuration = SignedDuration::from_mins(10);

/// An event, as its group's history sees it.
#[derive(Clone, Copy)]
pub(super) struct Sighting<'a> {
    pub(super) event: &'a Event,
    /// Whether its status counts as failing; `None` where it is unknown.
    pub(super) failing: Option<bool>,
    /// Whether the group's runs don't belong together (`history: none`).
    pub(super) unrelated: bool,
}

/// The group that an event belongs to; `None` where it can't be read, or is the bridge's own.
pub(super) fn group_of(event: &Event) -> Option<GroupKey> {
    let has_one = event.reading.unreadable.is_none() && &*event.source != OWN_SOURCE;
    has_one.then(|| GroupKey::of(event))
}

impl Sighting<'_> {
    /// What the event means against what is remembered.
    ///
    /// A replay is no new run. It stands as it did where it is still the newest run known, so that
    /// changed rules can be tried on it; else it has no transition and isn't late, and only what
    /// the event itself says counts.
    pub(super) fn standing(&self, memory: &GroupMemory) -> Standing {
        if self.event.replay_of.is_some() {
            return self.standing_again(memory);
        }
        let new_group = memory.last_seen.is_none();
        if self.is_alone(memory) {
            return Standing { new_group, ..self.alone() };
        }
        let late = self.is_late(memory);
        match self.failing {
            Some(failing) if !late => {
                let standing = self.after(memory.failing, memory.status.as_deref(), failing);
                Standing { new_group, ..self.counted(standing, memory) }
            }
            _ => Standing { new_group, late, ..Standing::default() },
        }
    }

    /// Remembers the event that stands so. Returns the incident that it ended.
    pub(super) fn remember(
        &self,
        standing: &Standing,
        memory: &mut GroupMemory,
    ) -> Option<Incident> {
        if self.event.replay_of.is_some() {
            return None;
        }
        memory.last_seen = memory.last_seen.max(Some(self.event.received_at));
        let failing = self.failing.filter(|_| !standing.late)?;
        let finish = self.finish();
        let alone = self.is_alone(memory);
        let goes_on = memory.failing == Some(failing) && !alone;
        if !goes_on {
            memory.since = standing.failing_since.filter(|_| failing).or(Some(finish));
        }
        memory.in_a_row = standing.failures_in_a_row.max(standing.passes_in_a_row);
        memory.newest = self.newest(memory.newest, alone);
        memory.failing = Some(failing);
        memory.status.get_or_insert_default().replace_range(.., self.status());
        if standing.transition == Some(Transition::Recovered) {
            memory.recovered_at = Some(self.event.received_at);
        }
        self.add_to_strip(failing, memory);
        self.track(failing, standing, memory)
    }

    /// Whether its group's runs don't belong together. An incident that is open from before goes on to
    /// its end all the same, so that whoever was told hears of that, and what was opened is closed.
    fn is_alone(&self, memory: &GroupMemory) -> bool {
        self.unrelated && memory.incident.is_none()
    }

    /// When the run finished, as far as that can be: not later than it arrived.
    fn finish(&self) -> Timestamp {
        let received = self.event.received_at;
        self.event.reading.finished_at.map_or(received, |at| at.min(received))
    }

    fn status(&self) -> &str {
        self.event.reading.status.as_ref().map_or("", Status::as_str)
    }

    fn is_late(&self, memory: &GroupMemory) -> bool {
        let now = self.event.received_at;
        if self.came_meanwhile(memory) {
            return true;
        }
        let believable = |newest: &Timestamp| newest.duration_since(now) <= SKEW;
        memory.newest.filter(believable).is_some_and(|newest| self.finish() < newest)
    }

    /// Whether a run that is missing has come before anybody could be told so: it arrived after its
    /// time was up, and was decided first.
    fn came_meanwhile(&self, memory: &GroupMemory) -> bool {
        let (missing, now) = (Status::Missing.as_str(), self.event.received_at);
        let meanwhile = |seen: Timestamp| seen >= now && seen.duration_since(now) <= SKEW;
        self.status() == missing
            && memory.status.as_deref().is_some_and(|newest| newest != missing)
            && memory.last_seen.is_some_and(meanwhile)
    }

    /// A run that is missing did not finish: the run that it stands for may still arrive, with a
    /// finish before the time at which it was missed, and isn't late then.
    fn newest(&self, before: Option<Timestamp>, alone: bool) -> Option<Timestamp> {
        if self.event.reading.status == Some(Status::Missing) {
            return before;
        }
        match alone {
            true => before.max(Some(self.finish())),
            false => Some(self.finish()),
        }
    }

    /// The transition after a run of that kind.
    fn after(&self, failing_before: Option<bool>, before: Option<&str>, failing: bool) -> Standing {
        let transition = match (failing_before, failing) {
            (Some(true), true) if before == Some(self.status()) => Transition::StillFailing,
            (Some(true), true) => Transition::KindChanged,
            (_, true) => Transition::FirstFailure,
            (Some(true), false) => Transition::Recovered,
            (_, false) => Transition::StillPassing,
        };
        let previous_status = before.map(str::to_owned);
        Standing { transition: Some(transition), previous_status, ..Standing::default() }
    }

    /// The same with its counts and times.
    fn counted(&self, standing: Standing, memory: &GroupMemory) -> Standing {
        let finish = self.finish();
        let incident = memory.incident.as_ref().map(|incident| incident.id);
        let one_more = memory.in_a_row.saturating_add(1);
        let failed_for = memory.since.map(|since| seconds(since, finish));
        match standing.transition {
            Some(Transition::FirstFailure) => Standing {
                failures_in_a_row: 1,
                failing_since: Some(finish),
                failing_for: Some(0),
                incident: Some(self.event.id),
                ..standing
            },
            Some(Transition::StillFailing | Transition::KindChanged) => Standing {
                failures_in_a_row: one_more,
                failing_since: memory.since.or(Some(finish)),
                failing_for: failed_for.or(Some(0)),
                incident: incident.or(Some(self.event.id)),
                ..standing
            },
            Some(Transition::Recovered) => Standing {
                passes_in_a_row: 1,
                failing_since: memory.since,
                recovered_after: failed_for,
                recovered_from: memory.in_a_row,
                incident,
                ..standing
            },
            Some(Transition::StillPassing) if memory.failing == Some(false) => {
                Standing { passes_in_a_row: one_more, ..standing }
            }
            Some(Transition::StillPassing) => Standing { passes_in_a_row: 1, ..standing },
            None => standing,
        }
    }

    /// A run of a group whose runs don't belong together.
    fn alone(&self) -> Standing {
        let finish = self.finish();
        match self.failing {
            Some(true) => Standing {
                transition: Some(Transition::FirstFailure),
                failures_in_a_row: 1,
                failing_since: Some(finish),
                failing_for: Some(0),
                ..Standing::default()
            },
            Some(false) => Standing {
                transition: Some(Transition::StillPassing),
                passes_in_a_row: 1,
                ..Standing::default()
            },
            None => Standing::default(),
        }
    }

    fn standing_again(&self, memory: &GroupMemory) -> Standing {
        if self.is_alone(memory) {
            return self.alone();
        }
        let same_run =
            memory.newest == Some(self.finish()) && memory.status.as_deref() == Some(self.status());
        let Some(failing) = self.failing.filter(|own| same_run && memory.failing == Some(*own))
        else {
            return Standing::default();
        };
        let before = memory.runs.iter().rev().nth(1);
        let (failing_before, before) =
            (before.map(|r| r.failing), before.map(|r| r.status.as_str()));
        let standing = self.after(failing_before, before, failing);
        if !failing || self.is_alone(memory) {
            return Standing { passes_in_a_row: memory.in_a_row, ..standing };
        }
        Standing {
            failures_in_a_row: memory.in_a_row,
            failing_since: memory.since,
            failing_for: memory.since.map(|since| seconds(since, self.finish())),
            incident: memory.incident.as_ref().map(|incident| incident.id),
            ..standing
        }
    }

    fn add_to_strip(&self, failing: bool, memory: &mut GroupMemory) {
        if memory.runs.len() >= RUNS {
            memory.runs.pop_front();
        }
        let Some(status) = &self.event.reading.status else { return };
        let whole_seconds = Timestamp::from_second(self.finish().as_second());
        memory.runs.push_back(Run {
            finished_at: whole_seconds.unwrap_or(Timestamp::UNIX_EPOCH),
            status: status.clone(),
            failing,
            seconds: self.event.reading.duration().and_then(|took| took.as_secs().try_into().ok()),
        });
    }

    /// Opens, continues or ends the group's incident.
    fn track(
        &self,
        failing: bool,
        standing: &Standing,
        memory: &mut GroupMemory,
    ) -> Option<Incident> {
        let finish = self.finish();
        if !failing || self.is_alone(memory) {
            let ended = Some(Ended { at: finish, event: self.event.id });
            return memory.incident.take().map(|incident| Incident { ended, ..incident });
        }
        let incident = memory.incident.get_or_insert_with(|| self.opened(standing));
        incident.last_event = self.event.id;
        incident.last_at = finish;
        incident.status.replace_range(.., self.status());
        incident.count = incident.count.saturating_add(1);
        None
    }

    fn opened(&self, standing: &Standing) -> Incident {
        let (id, finish) = (self.event.id, self.finish());
        Incident {
            id,
            key: GroupKey::of(self.event),
            opened_at: standing.failing_since.unwrap_or(finish),
            last_event: id,
            last_at: finish,
            status: String::new(),
            count: 0,
            told: Vec::new(),
            ended: None,
        }
    }
}

/// The whole seconds from one time to another; 0 where the other is before.
fn seconds(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.duration_since(from).as_secs()).unwrap_or(0)
}
