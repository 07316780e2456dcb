//! What throttle, mute and digest make of matches, with a clock in hand.

mod conservation;
mod digests;
mod mutes;
mod refusals;
mod reloads;
mod throttles;
mod whole;

use std::collections::HashMap;

use jiff::Timestamp;

use super::*;
use crate::model::history::{Duty, Told};
use crate::model::memory::OWN_SOURCE;
use crate::model::{Absence, Net, OwnMessage, Planned, Transition};
use crate::route::gate::{self, Destination, Gate, Matched};
use crate::route::own;

/// One rule, named `r`, and what it makes of runs; groups' histories are kept in the plainest way.
struct Watch {
    router: Router,
    state: State,
    histories: HashMap<String, History>,
    events: i64,
    own: Vec<Event>,
}

/// A group's history: when it began to fail, and how often in a row it has.
#[derive(Clone, Default)]
struct History {
    failing: Option<bool>,
    since: Option<Timestamp>,
    in_a_row: u32,
    status: Option<String>,
}

fn at(time: &str) -> Timestamp {
    format!("2026-03-{}Z", time.replace(' ', "T")).parse().unwrap()
}

impl Watch {
    fn new(options: &str) -> Watch {
        Watch::over(&format!("[{{name: r, when: always, send: chat, {options}}}]"), "[]")
    }

    fn over(rules: &str, groups: &str) -> Watch {
        Watch {
            router: router(rules, groups),
            state: State::default(),
            histories: HashMap::new(),
            events: 0,
            own: Vec::new(),
        }
    }

    /// A run that arrives at a time; timers that are due by then fire before.
    fn run(&mut self, time: &str, group: &str, status: &str) -> Gate {
        self.until(time);
        let (event, standing) = self.event(at(time), group, status);
        let gate = self.pass(&event, &standing, "r");
        gate::observe(&mut self.state, &event, &standing);
        gate
    }

    /// A run that no rule matches.
    fn unmatched(&mut self, time: &str, group: &str, status: &str) {
        self.until(time);
        let (event, standing) = self.event(at(time), group, status);
        gate::observe(&mut self.state, &event, &standing);
    }

    fn pass(&mut self, event: &Event, standing: &Standing, rule: &str) -> Gate {
        let rule = self.router.rule(rule).unwrap();
        let (with, words) = (BTreeMap::new(), None);
        let to: Vec<Destination> = rule
            .send
            .iter()
            .map(|entry| Destination {
                sink: entry.sink.clone(),
                with: with.clone(),
                words: words.clone(),
            })
            .collect();
        let facts = self.router.of_group(event);
        let failing = self.router.is_failing(event);
        let of = Matched { event, standing, failing, labels: &facts.known.labels, rule };
        gate::pass(&mut self.state, &of, &to)
    }

    fn recovery(&mut self, time: &str, group: &str, told: &Told) -> Option<Absence> {
        self.until(time);
        let (event, standing) = self.event(at(time), group, "PASSED");
        assert_eq!(standing.transition, Some(Transition::Recovered));
        let rule = self.router.rule("r");
        let labels = BTreeMap::new();
        gate::pass_recovery(&mut self.state, &event, &standing, &labels, rule, told)
    }

    fn event(&mut self, time: Timestamp, group: &str, status: &str) -> (Event, Standing) {
        self.events += 1;
        let body = json!({
            "status": status,
            "groupName": group,
            "summary": format!("{group} {status}"),
            "taskId": format!("task_{}", self.events),
            "startedAt": time - jiff::SignedDuration::from_secs(90),
            "finishedAt": time,
        });
        let event = Event {
            seq: EventSeq(self.events),
            id: Uuid::from_u128(u128::from(self.events.unsigned_abs())),
            received_at: time,
            ..event(&body)
        };
        let failing = self.router.is_failing(&event);
        let standing =
            self.histories.entry(group.to_owned()).or_default().take(status, failing, time);
        (event, standing)
    }

    /// Fires what is due by a time.
    fn until(&mut self, time: &str) {
        self.router.fire(&mut self.state, at(time));
        self.collect_own();
    }

    fn collect_own(&mut self) {
        for own in self.state.take_patch().events {
            assert_eq!(own.source, OWN_SOURCE);
            self.own.push(Event {
                source: OWN_SOURCE.into(),
                received_at: own.at,
                ..raw_event(&own.body)
            });
        }
    }

    /// The messages of the bridge's own since this was last asked.
    fn told(&mut self) -> Vec<Letter> {
        let events = std::mem::take(&mut self.own);
        events.into_iter().map(Letter::read).collect()
    }

    /// The only one.
    fn one(&mut self) -> Letter {
        let mut told = self.told();
        assert_eq!(told.len(), 1, "{told:#?}");
        told.remove(0)
    }
}

/// A message of the bridge's own, as a person and a sink get it.
#[derive(Debug)]
struct Letter {
    at: Timestamp,
    event: Event,
    message: OwnMessage,
    planned: Planned,
}

impl Letter {
    fn read(event: Event) -> Letter {
        let message = serde_json::from_value(event.reading.body["bridge"].clone()).unwrap();
        let planned = own::plan(&event).expect("it is the bridge's own");
        Letter { at: event.received_at, message, planned, event }
    }

    fn summary(&self) -> &str {
        self.event.reading.summary.as_deref().unwrap()
    }

    /// Each group with how it stands, in order.
    fn rows(&self) -> Vec<(&str, Net, u32)> {
        let rows = self.message.digest.rows.iter();
        rows.map(|row| (&*row.key.group, row.net, row.runs)).collect()
    }
}

impl History {
    fn take(&mut self, status: &str, failing: Option<bool>, at: Timestamp) -> Standing {
        let Some(failing) = failing else { return Standing::default() };
        let same = self.status.as_deref() == Some(status);
        let transition = match (self.failing == Some(true), failing) {
            (true, true) if same => Transition::StillFailing,
            (true, true) => Transition::KindChanged,
            (false, true) => Transition::FirstFailure,
            (true, false) => Transition::Recovered,
            (false, false) => Transition::StillPassing,
        };
        self.in_a_row = if self.failing == Some(failing) { self.in_a_row + 1 } else { 1 };
        let began = self.since;
        if self.failing != Some(failing) {
            self.since = Some(at);
        }
        let previous_status = self.status.replace(status.to_owned());
        self.failing = Some(failing);
        Standing {
            transition: Some(transition),
            failures_in_a_row: if failing { self.in_a_row } else { 0 },
            passes_in_a_row: if failing { 0 } else { self.in_a_row },
            failing_since: match transition {
                Transition::Recovered => began,
                _ => self.since.filter(|_| failing),
            },
            previous_status,
            ..Standing::default()
        }
    }
}

/// Someone who was told of a failure.
fn somebody(collected: Option<(String, Timestamp)>) -> Told {
    Told {
        rule: "r".to_owned(),
        sink: "chat".to_owned(),
        with: BTreeMap::new(),
        words: None,
        recovery: true,
        duty: Duty(7),
        collected,
        counted: false,
        event: Uuid::nil(),
        at: at("13 21:00:00"),
    }
}

fn why(gate: &Gate) -> Option<&Absence> {
    match gate {
        Gate::Open => None,
        Gate::Held { why, .. } => Some(why),
    }
}
