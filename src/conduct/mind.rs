//! The state of deciding, as it was read from the journal and changed since.
//!
//! A mind is worth something only as long as all that it changed is on disk or about to be. Whoever
//! fails to commit drops it and reads another one, which stands as the journal does.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use jiff::{SignedDuration, Timestamp};

use crate::caught::catch;
use crate::journal::{Journal, JournalError};
use crate::model::memory::{GROUPS, OWN_SOURCE, group_name, group_of};
use crate::model::{Event, GroupKey, Memo, Patch};
use crate::route::{Router, State, Unjudged};

/// Above so many groups in memory, they are let go after a commit.
const MOST_GROUPS: usize = 20_000;

/// Above so many bytes of their names, too: a name may be as long as a body.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// How often the journal is told that the bridge runs.
const ALIVE_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// A clock that is set back by more than this was set, and not only corrected.
const CORRECTED: SignedDuration = SignedDuration::from_mins(1);

/// A clock that goes ahead by more than this was set too, or the machine slept: it is as if the
/// bridge had been down.
const SLEPT: SignedDuration = SignedDuration::from_mins(15);

/// The log names so many of the runs that can't be judged: a pattern may stand for thousands.
const MOST_NAMED: usize = 20;

/// The state of deciding.
pub(super) struct Mind {
    pub(super) state: State,
    /// The rules that the state was fitted to.
    router: Option<Arc<Router>>,
    /// How often silences had been stored when they were read.
    silences: u64,
    /// When it was last noted that the bridge runs.
    alive: Option<Timestamp>,
    /// The latest time that was seen since the clock was last looked at.
    seen: Option<Timestamp>,
}

impl Mind {
    /// Reads everything but the groups, which are read when they are needed.
    pub(super) async fn read(journal: &dyn Journal) -> Result<Mind, JournalError> {
        let (state, unreadable) = State::restore(journal.recall_all(GROUPS, false).await?);
        for name in unreadable {
            tracing::error!(name = printable(&name), "a row of memory can't be read; it is left");
        }
        let mut mind = Mind { state, router: None, silences: 0, alive: None, seen: None };
        mind.read_silences(journal).await?;
        Ok(mind)
    }

    /// Reads the silences again, if some were stored since.
    pub(super) async fn refresh(&mut self, journal: &dyn Journal) -> Result<(), JournalError> {
        if self.silences != journal.signals().silences.load(Ordering::Acquire) {
            self.read_silences(journal).await?;
        }
        Ok(())
    }

    async fn read_silences(&mut self, journal: &dyn Journal) -> Result<(), JournalError> {
        self.silences = journal.signals().silences.load(Ordering::Acquire);
        self.state.set_silences(journal.silences().await?);
        Ok(())
    }

    /// Looks at the clock. Where it has jumped, the state is to be fitted anew: what is due is due
    /// by another clock.
    pub(super) fn look_at_the_clock(&mut self, now: Timestamp) {
        let Some(seen) = self.seen.replace(now) else { return };
        let ahead = now.duration_since(seen);
        if ahead < -CORRECTED || ahead > SLEPT {
            tracing::warn!(%seen, %now, "the clock has jumped, or the machine slept");
            self.router = None;
        }
    }

    /// Remembers that an event was decided that came at this time.
    pub(super) fn saw(&mut self, at: Timestamp) {
        self.seen = self.seen.max(Some(at));
    }

    /// Fits the state to the rules, if it isn't yet. Returns whether it is now; where the rules
    /// broke on it, the mind is spoilt.
    pub(super) async fn follow(
        &mut self,
        router: &Arc<Router>,
        journal: &dyn Journal,
        now: Timestamp,
    ) -> Result<bool, JournalError> {
        if self.router.as_ref().is_some_and(|of| Arc::ptr_eq(of, router)) {
            return Ok(true);
        }
        let known = match router.watches_patterns() {
            true => known_groups(journal).await?,
            false => Vec::new(),
        };
        match catch(|| router.take_over(&mut self.state, &known, now)) {
            Ok(unjudged) => {
                commit_alone(journal, self.state.take_patch()).await?;
                tell_unjudged(&unjudged);
                self.router = Some(router.clone());
                Ok(true)
            }
            Err(words) => {
                tracing::error!(
                    words,
                    "the timers could not be fitted to the configuration: those of rules that are \
                     gone stay, and new ones may be missing until the next reload; please report it"
                );
                Ok(false)
            }
        }
    }

    /// Takes the rules as they are, without fitting the state to them.
    pub(super) fn follow_unfitted(&mut self, router: &Arc<Router>) {
        self.router = Some(router.clone());
    }

    /// Reads the groups of these events that it doesn't know yet.
    pub(super) async fn learn(
        &mut self,
        events: &[Event],
        journal: &dyn Journal,
    ) -> Result<(), JournalError> {
        let unknown = self.unknown_groups(events);
        if unknown.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = unknown.iter().map(group_name).collect();
        let memos = journal.recall(names.clone()).await?;
        let memos: HashMap<&str, &Memo> = memos.iter().map(|memo| (&*memo.name, memo)).collect();
        for (key, name) in unknown.into_iter().zip(&names) {
            let group = key.group.clone();
            if let Err(error) = self.state.learn(key, memos.get(name.as_str()).copied()) {
                tracing::error!(%group, %error, "a group's memory can't be read; it begins anew");
            }
        }
        Ok(())
    }

    fn unknown_groups(&self, events: &[Event]) -> Vec<GroupKey> {
        let mut seen: HashSet<(&str, &str)> = HashSet::new();
        let mut unknown = Vec::new();
        for event in events.iter().filter(|event| &*event.source != OWN_SOURCE) {
            if !seen.insert((&event.source, &event.reading.group)) {
                continue;
            }
            let key = GroupKey::of(event);
            if !self.state.knows(&key) {
                unknown.push(key);
            }
        }
        unknown
    }

    /// Lets groups go where there are many. Only after a commit.
    pub(super) fn tidy(&mut self) {
        let many = self.state.groups() > MOST_GROUPS;
        if many || self.state.bytes_of_names() > MOST_BYTES {
            self.state.let_groups_go();
        }
    }

    /// Notes once a minute that the bridge runs. A clock that was set back is noted at once.
    pub(super) fn note_alive(&mut self, router: &Router, now: Timestamp) {
        if self.alive_due().is_some_and(|due| now < due) && self.alive <= Some(now) {
            return;
        }
        router.note_alive(&mut self.state, now);
        self.alive = Some(now);
    }

    /// When there is something to do without anybody saying so.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.state.next_due().into_iter().chain(self.alive_due()).min()
    }

    fn alive_due(&self) -> Option<Timestamp> {
        self.alive.map(|at| at.checked_add(ALIVE_EVERY).unwrap_or(Timestamp::MAX))
    }
}

fn tell_unjudged(runs: &[Unjudged]) {
    for Unjudged { key, tick } in runs.iter().take(MOST_NAMED) {
        let (source, group) = (&*key.source, &*key.group);
        tracing::warn!(
            source,
            group,
            %tick,
            "nobody can say whether this run reported: it was due while the bridge was down"
        );
    }
    let more = runs.len().saturating_sub(MOST_NAMED);
    if more > 0 {
        tracing::warn!(more, "nor of more runs that were due while the bridge was down");
    }
}

/// The groups that ever reported.
async fn known_groups(journal: &dyn Journal) -> Result<Vec<GroupKey>, JournalError> {
    let memos = journal.recall_all(GROUPS, true).await?;
    Ok(memos.iter().filter_map(|memo| group_of(&memo.name)).collect())
}

/// Commits what changed without a decision, if anything did.
pub(super) async fn commit_alone(journal: &dyn Journal, patch: Patch) -> Result<(), JournalError> {
    match patch == Patch::default() {
        true => Ok(()),
        false => journal.decide(Vec::new(), patch).await,
    }
}

/// A name for the log: strangers have written parts of it.
pub(super) fn printable(name: &str) -> String {
    name.chars().take(200).map(|c| if c.is_control() { '/' } else { c }).collect()
}
