//! A story: events that come one after another to a router with a memory.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::model::memory::{GROUPS, group_name};
use crate::model::{GroupKey, Incident, Memo, OwnEvent, OwnMessage};

pub(super) struct Story {
    pub(super) router: Router,
    pub(super) state: State,
    pub(super) told: u128,
    pub(super) ended: Vec<Incident>,
    /// The messages of the bridge's own, by the events that carried them.
    pub(super) own: BTreeMap<EventSeq, OwnMessage>,
    /// The rows, as a journal keeps them.
    rows: BTreeMap<String, Memo>,
}

/// A time so many minutes after the story's beginning.
pub(super) fn minute(minute: i64) -> Timestamp {
    let start: Timestamp = "2026-03-14T12:00:00Z".parse().unwrap();
    start + SignedDuration::from_mins(minute)
}

impl Story {
    pub(super) fn new(rules: &str) -> Story {
        Story::with_groups(rules, "[]")
    }

    pub(super) fn with_groups(rules: &str, groups: &str) -> Story {
        let (router, state) = (router(rules, groups), State::default());
        let (ended, own, rows) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        Story { router, state, told: 0, ended, own, rows }
    }

    /// The next event: it arrives at this minute and says that it finished then.
    pub(super) fn next(&mut self, body: &Value, arrives: i64) -> Event {
        self.told += 1;
        Event {
            id: Uuid::from_u128(self.told),
            seq: EventSeq(self.told as i64),
            received_at: minute(arrives),
            ..event(body)
        }
    }

    /// Fires what is due by this minute, and decides the events of the bridge's own.
    pub(super) fn until(&mut self, at: i64) -> Vec<Decision> {
        self.router.fire(&mut self.state, minute(at));
        let made = self.commit();
        let mut decisions = Vec::new();
        for own in made {
            let body: Value = serde_json::from_slice(&own.body).unwrap();
            let event = self.next(&body, at);
            let event = Event { source: own.source.into(), received_at: own.at, ..event };
            if let Ok(message) = serde_json::from_value(body["bridge"].clone()) {
                self.own.insert(event.seq, message);
            }
            decisions.push(self.decide(&event));
        }
        decisions
    }

    /// Decides a run of the group `g` that finishes and arrives at this minute.
    pub(super) fn run(&mut self, status: &str, at: i64) -> Decision {
        self.late_run(status, at, at)
    }

    /// Decides a run that arrives later than it finished.
    pub(super) fn late_run(&mut self, status: &str, finished: i64, arrives: i64) -> Decision {
        let body = json!({"status": status, "groupName": "g", "finishedAt": minute(finished)});
        let event = self.next(&body, arrives);
        self.decide(&event)
    }

    pub(super) fn decide(&mut self, event: &Event) -> Decision {
        let before = self.router.standing(event, &self.state);
        let decision = self.router.decide(event, &mut self.state);
        if &*event.source != crate::model::memory::OWN_SOURCE {
            assert_eq!(standing(&decision), &before, "asking before deciding answers the same");
        }
        assert!(self.commit().is_empty(), "deciding makes no events");
        decision
    }

    fn commit(&mut self) -> Vec<OwnEvent> {
        let patch = self.state.take_patch();
        self.rows.extend(patch.put.into_iter().map(|memo| (memo.name.clone(), memo)));
        patch.forget.iter().for_each(|name| drop(self.rows.remove(name)));
        self.ended.extend(patch.ended);
        patch.events
    }

    /// Forgets everything that is not in the journal, and reads that.
    pub(super) fn restart(&mut self) {
        let (groups, others) =
            self.rows.values().cloned().partition(|memo| memo.name.starts_with(GROUPS));
        let groups: Vec<Memo> = groups;
        let (state, unreadable) = State::restore(others);
        assert!(unreadable.is_empty());
        self.state = state;
        for memo in groups {
            let key = crate::model::memory::group_of(&memo.name).unwrap();
            self.state.learn(key, Some(&memo)).unwrap();
        }
    }

    pub(super) fn memory(&self, group: &str) -> &crate::model::GroupMemory {
        self.state.group(&key(group)).unwrap()
    }

    pub(super) fn row(&self, group: &str) -> &Memo {
        &self.rows[&group_name(&key(group))]
    }
}

fn key(group: &str) -> GroupKey {
    GroupKey { source: "main".into(), group: group.into() }
}

pub(super) fn standing(decision: &Decision) -> &Standing {
    &decision.account.as_ref().unwrap().standing
}

/// The transition's word, or `-`.
pub(super) fn transition(decision: &Decision) -> &'static str {
    standing(decision).transition.map_or("-", |transition| transition.as_str())
}

/// The planned deliveries, as `sink: rules`.
pub(super) fn told(decision: &Decision) -> Vec<String> {
    let planned = decision.planned.iter();
    planned.map(|p| format!("{}: {}", p.sink, p.brief.rules.join(" "))).collect()
}

/// Why each destination was not told, as `rule > sink: why`.
pub(super) fn held(decision: &Decision) -> Vec<String> {
    let mut all = Vec::new();
    for matched in &decision.account.as_ref().unwrap().matched {
        for held in &matched.held {
            let why = serde_json::to_value(&held.why).unwrap();
            let why = why["why"].as_str().unwrap();
            all.push(format!("{} > {}: {why}", matched.rule, held.sink));
        }
    }
    all
}
