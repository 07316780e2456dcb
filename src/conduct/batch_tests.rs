//! What breaks the rules holds up nothing else.

use std::cell::Cell;
use std::sync::Arc;

use super::*;
use crate::model::{EventSeq, Memo, Reading};

/// Rules that break on the events and on the timers that they are told to.
struct Breaking {
    events: Vec<i64>,
    timers: Vec<&'static str>,
    asked: Cell<usize>,
}

impl Rules for Breaking {
    fn decide(&self, event: &Event, _: &mut State) -> Decision {
        self.asked.set(self.asked.get() + 1);
        assert!(!self.events.contains(&event.seq.0), "broken by a name");
        Decision {
            event: event.seq,
            planned: Vec::new(),
            unmatched: false,
            parked: None,
            account: None,
        }
    }

    fn fire_next(&self, state: &mut State, until: Timestamp) -> bool {
        let Some((_, name)) = state.next_timer() else { return false };
        assert!(!self.timers.contains(&name), "broken by a time");
        let (name, far) = (name.to_owned(), until + SignedDuration::from_hours(100));
        state.postpone(&name, far);
        true
    }
}

fn event(seq: i64) -> Event {
    let (seq, body) = (EventSeq(seq), Arc::<[u8]>::from(&b"{}"[..]));
    Event {
        seq,
        id: uuid::Uuid::nil(),
        source: "main".into(),
        received_at: noon(),
        reading: Reading::of(&body),
        body,
        replay_of: None,
    }
}

fn noon() -> Timestamp {
    "2026-11-02T12:00:00Z".parse().unwrap()
}

#[tokio::test]
async fn events_that_break_the_rules_are_put_aside_after_three_tries_each() {
    let rules = Breaking { events: vec![2, 4], timers: vec![], asked: Cell::default() };
    let mut events: Vec<Event> = (1..=5).map(event).collect();
    let (mut caution, mut decided, mut broken) = (Caution::default(), Vec::new(), 0);
    while !events.is_empty() {
        let mut state = State::default();
        let mut batch = Batch::new(&rules, &mut state, &caution, false);
        match batch.decide(&events, noon()).await {
            Ok(()) => {
                events.drain(..batch.decisions.len());
                decided.append(&mut batch.decisions);
                caution.relax();
            }
            Err(one) => {
                broken += 1;
                caution.note(one);
            }
        }
    }
    assert_eq!(broken, 6);
    let parked: Vec<(i64, bool)> =
        decided.iter().map(|one| (one.event.0, one.parked.is_some())).collect();
    assert_eq!(parked, [(1, false), (2, true), (3, false), (4, true), (5, false)]);
    let reason = decided[1].parked.as_deref();
    assert_eq!(reason, Some("the rules could not be applied: broken by a name"));
}

#[test]
fn a_timer_that_breaks_the_rules_waits_for_an_hour_and_the_others_fire() {
    let rules = Breaking { events: vec![], timers: vec!["b"], asked: Cell::default() };
    let rows = ["a", "b", "c"].map(|name| Memo {
        name: name.to_owned(),
        due: Some(noon()),
        value: r#"{"is":"alive","at":"2026-11-02T11:00:00Z"}"#.to_owned(),
    });
    let mut caution = Caution::default();
    for _ in 0..3 {
        let (mut state, _) = State::restore(rows.to_vec());
        let broken = Batch::new(&rules, &mut state, &caution, false).fire(noon()).unwrap_err();
        assert_eq!(broken.what, Suspect::Timer("b".to_owned()));
        caution.note(broken);
    }
    let (mut state, _) = State::restore(rows.to_vec());
    let mut batch = Batch::new(&rules, &mut state, &caution, false);
    assert!(!batch.fire(noon()).unwrap(), "it ends the batch");
    caution.relax();
    let mut batch = Batch::new(&rules, &mut state, &caution, false);
    assert!(batch.fire(noon()).unwrap());
    assert_eq!(batch.fired, 1, "the third");
    assert_eq!(state.next_timer(), Some((noon() + SignedDuration::from_hours(1), "b")));
}
