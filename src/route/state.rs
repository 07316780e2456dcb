//! What deciding remembers, in memory: groups' histories, collections, throttles, expectations.
//!
//! A [`State`] stands for rows in the journal. Deciding changes it and notes what it changed; the
//! caller commits that as a [`Patch`] together with the decisions, and after a commit that failed
//! drops the state and reads it again. Groups are read when they are needed, since they are many;
//! everything else is read at the start. It knows no journal and no clock.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use super::note::Note;
use super::silence::Silencer;
use crate::model::memory::{SEPARATOR, group_name};
use crate::model::{GroupKey, GroupMemory, Incident, Memo, OwnEvent, Patch, Silence};

/// What deciding remembers.
#[derive(Debug, Default)]
pub struct State {
    groups: HashMap<GroupKey, Remembered>,
    notes: BTreeMap<String, (Note, Option<Timestamp>)>,
    timers: BTreeSet<(Timestamp, String)>,
    /// The rows in collections that each group has, by name.
    rows: HashMap<GroupKey, BTreeSet<String>>,
    silencers: Vec<Silencer>,
    changed_groups: Vec<GroupKey>,
    changed_notes: BTreeSet<String>,
    ended: Vec<Incident>,
    events: Vec<OwnEvent>,
}

/// A group, as it is held here.
#[derive(Debug, Default)]
struct Remembered {
    memory: GroupMemory,
    /// Whether it stands among those that changed.
    changed: bool,
}

impl State {
    /// The state that these rows stand for: all but those of groups. Rows that can't be read come
    /// back by name; they are left alone.
    pub fn restore(memos: Vec<Memo>) -> (State, Vec<String>) {
        let (mut state, mut unreadable) = (State::default(), Vec::new());
        for Memo { name, due, value } in memos {
            match serde_json::from_str(&value) {
                Ok(note) => state.set(name, due, note),
                Err(_) => unreadable.push(name),
            }
        }
        (state, unreadable)
    }

    /// Whether a group was read already.
    pub fn knows(&self, key: &GroupKey) -> bool {
        self.groups.contains_key(key)
    }

    /// How many groups it holds.
    pub fn groups(&self) -> usize {
        self.groups.len()
    }

    /// Takes in what the journal has of a group; `None` where it has nothing: the group is new.
    ///
    /// # Errors
    /// If the row can't be read; the group then counts as new.
    pub fn learn(&mut self, key: GroupKey, memo: Option<&Memo>) -> Result<(), serde_json::Error> {
        let read =
            memo.map_or(Ok(GroupMemory::default()), |memo| serde_json::from_str(&memo.value));
        let (memory, result) = match read {
            Ok(memory) => (memory, Ok(())),
            Err(error) => (GroupMemory::default(), Err(error)),
        };
        self.groups.insert(key, Remembered { memory, changed: false });
        result
    }

    /// Forgets the groups, which are then read again when they are needed. Only right after
    /// [`State::take_patch`] was committed.
    pub fn let_groups_go(&mut self) {
        self.groups.clear();
    }

    /// The silences in force from now on.
    pub fn set_silences(&mut self, silences: Vec<Silence>) {
        self.silencers = Silencer::all(&silences);
    }

    /// When the next timer is due.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.timers.first().map(|(due, _)| *due)
    }

    /// The next timer: when it is due, and its name.
    pub fn next_timer(&self) -> Option<(Timestamp, &str)> {
        self.timers.first().map(|(due, name)| (*due, name.as_str()))
    }

    /// Moves a timer to another time.
    pub fn postpone(&mut self, name: &str, due: Timestamp) {
        if let Some((note, Some(_))) = self.notes.get(name).cloned() {
            self.put(name.to_owned(), Some(due), note);
        }
    }

    /// What changed since this was last asked.
    pub fn take_patch(&mut self) -> Patch {
        let mut patch = Patch {
            ended: std::mem::take(&mut self.ended),
            events: std::mem::take(&mut self.events),
            ..Patch::default()
        };
        for key in std::mem::take(&mut self.changed_groups) {
            if let Some(held) = self.groups.get_mut(&key) {
                held.changed = false;
                patch.put.push(memo(group_name(&key), None, &held.memory));
            }
        }
        for name in std::mem::take(&mut self.changed_notes) {
            match self.notes.get(&name) {
                Some((note, due)) => patch.put.push(memo(name, *due, note)),
                None => patch.forget.push(name),
            }
        }
        patch
    }

    /// What is remembered of a group; `None` where it was not read or nothing is.
    pub fn group(&self, key: &GroupKey) -> Option<&GroupMemory> {
        self.groups.get(key).map(|held| &held.memory)
    }

    /// What is remembered of a group, to be changed.
    pub(super) fn group_mut(&mut self, key: &GroupKey) -> &mut GroupMemory {
        let held = self.groups.entry(key.clone()).or_default();
        if !held.changed {
            held.changed = true;
            self.changed_groups.push(key.clone());
        }
        &mut held.memory
    }

    /// The silences, compiled.
    pub(super) fn silencers(&self) -> &[Silencer] {
        &self.silencers
    }

    /// The note of this name.
    pub(super) fn note(&self, name: &str) -> Option<&Note> {
        self.notes.get(name).map(|(note, _)| note)
    }

    /// When the note of this name is due.
    pub(super) fn due(&self, name: &str) -> Option<Timestamp> {
        self.notes.get(name).and_then(|(_, due)| *due)
    }

    /// The notes whose names are this one and further parts, in the order of their names.
    pub(super) fn below<'s>(&'s self, name: &str) -> impl Iterator<Item = (&'s str, &'s Note)> {
        let begin = format!("{name}{SEPARATOR}");
        let from = self.notes.range(begin.clone()..);
        from.take_while(move |(name, _)| name.starts_with(&begin))
            .map(|(name, (note, _))| (name.as_str(), note))
    }

    /// The names of the group's rows, in all collections.
    pub(super) fn rows_of(&self, key: &GroupKey) -> Vec<String> {
        if self.rows.is_empty() {
            return Vec::new();
        }
        self.rows.get(key).map(|names| names.iter().cloned().collect()).unwrap_or_default()
    }

    /// Sets a note.
    pub(super) fn put(&mut self, name: String, due: Option<Timestamp>, note: Note) {
        self.changed_notes.insert(name.clone());
        self.set(name, due, note);
    }

    /// Forgets a note.
    pub(super) fn forget(&mut self, name: &str) {
        let Some((note, due)) = self.notes.remove(name) else { return };
        self.changed_notes.insert(name.to_owned());
        self.stop(due, name);
        if let Note::Row(row) = note {
            self.unindex(&row.key, name);
        }
    }

    /// The name of the first timer that is due by a time.
    pub(super) fn first_due(&self, until: Timestamp) -> Option<(Timestamp, String)> {
        self.timers.first().filter(|(due, _)| *due <= until).cloned()
    }

    /// Keeps an incident that ended.
    pub(super) fn end(&mut self, incident: Incident) {
        self.ended.push(incident);
    }

    /// Makes an event of the bridge's own.
    pub(super) fn emit(&mut self, event: OwnEvent) {
        self.events.push(event);
    }

    fn set(&mut self, name: String, due: Option<Timestamp>, note: Note) {
        if let Some(due) = due {
            self.timers.insert((due, name.clone()));
        }
        if let Note::Row(row) = &note {
            self.rows.entry(row.key.clone()).or_default().insert(name.clone());
        }
        let before = self.notes.insert(name.clone(), (note, due));
        if let Some((_, old)) = before.filter(|(_, old)| *old != due) {
            self.stop(old, &name);
        }
    }

    fn unindex(&mut self, key: &GroupKey, name: &str) {
        let Some(names) = self.rows.get_mut(key) else { return };
        names.remove(name);
        if names.is_empty() {
            self.rows.remove(key);
        }
    }

    fn stop(&mut self, due: Option<Timestamp>, name: &str) {
        if let Some(due) = due {
            self.timers.remove(&(due, name.to_owned()));
        }
    }
}

fn memo(name: String, due: Option<Timestamp>, value: &impl serde::Serialize) -> Memo {
    let value = serde_json::to_string(value)
        .expect("memory is texts, numbers, times and maps with text keys");
    Memo { name, due, value }
}
