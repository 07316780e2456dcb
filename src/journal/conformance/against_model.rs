//! Random sequences of verbs, run beside a simple model in memory; both must agree.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// One verb of a sequence; numbers choose among what is there.
#[derive(Clone, Debug)]
enum Step {
    Accept(usize),
    Decide { events: usize, sinks: usize },
    Settle { delivery: usize, then: u8 },
    Retry { sink: usize },
    Acknowledge { sink: usize },
    Replay(usize),
    Prune,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0usize..40).prop_map(Step::Accept),
        3 => (1usize..4, 0usize..4).prop_map(|(events, sinks)| Step::Decide { events, sinks }),
        5 => (any::<usize>(), 0u8..4).prop_map(|(delivery, then)| Step::Settle { delivery, then }),
        1 => (0usize..3).prop_map(|sink| Step::Retry { sink }),
        1 => (0usize..3).prop_map(|sink| Step::Acknowledge { sink }),
        1 => any::<usize>().prop_map(Step::Replay),
        1 => Just(Step::Prune),
        1 => Just(Step::Reopen),
    ]
}

const SINKS: [&str; 3] = ["chat", "mail", "mirror"];

#[derive(Clone, Debug, PartialEq)]
struct Told {
    event: i64,
    sink: usize,
    state: DeliveryState,
    seen: bool,
    attempts: u32,
}

/// The journal as a person would explain it.
#[derive(Default)]
struct Model {
    last_event: i64,
    last_delivery: i64,
    decided: i64,
    /// By sequence: which body, and whether it is a replay.
    events: BTreeMap<i64, (usize, bool)>,
    deliveries: BTreeMap<i64, Told>,
}

impl Model {
    fn accept(&mut self, body: usize) -> bool {
        let known = self.events.values().any(|event| *event == (body, false));
        if !known {
            self.last_event += 1;
            self.events.insert(self.last_event, (body, false));
        }
        known
    }

    fn decide(&mut self, sinks: usize) {
        self.decided += 1;
        for sink in 0..sinks.min(SINKS.len()) {
            self.last_delivery += 1;
            let state = DeliveryState::Waiting;
            let told = Told { event: self.decided, sink, state, seen: false, attempts: 0 };
            self.deliveries.insert(self.last_delivery, told);
        }
    }

    fn settle(&mut self, delivery: i64, state: DeliveryState) {
        let told = self.deliveries.get_mut(&delivery).unwrap();
        told.attempts += 1;
        if told.state == DeliveryState::Waiting || state == DeliveryState::Delivered {
            told.state = state;
        }
    }

    fn prune(&mut self) -> u64 {
        let kept = |event: &i64| {
            self.deliveries.values().any(|told| {
                let unseen = told.state == DeliveryState::Dead && !told.seen;
                told.event == *event && (told.state == DeliveryState::Waiting || unseen)
            })
        };
        let gone: Vec<i64> =
            self.events.keys().copied().filter(|e| *e <= self.decided && !kept(e)).collect();
        self.events.retain(|event, _| !gone.contains(event));
        self.deliveries.retain(|_, told| !gone.contains(&told.event));
        gone.len() as u64
    }

    fn dead_of(&mut self, sink: usize) -> impl Iterator<Item = &mut Told> {
        let dead = move |told: &&mut Told| told.sink == sink && told.state == DeliveryState::Dead;
        self.deliveries.values_mut().filter(dead)
    }
}

pub(crate) async fn random_sequences_of_verbs_agree_with_a_simple_model(place: &Place) {
    let sequences = proptest::collection::vec(step(), 1..120);
    play_random(place, sequences, async |folder: &Path, steps: Vec<Step>| {
        follow(place, folder, &steps).await;
    })
    .await;
}

async fn follow(place: &Place, folder: &Path, steps: &[Step]) {
    let mut journal = (place.open)(folder);
    let mut model = Model::default();
    for (index, step) in steps.iter().enumerate() {
        if matches!(step, Step::Reopen) {
            journal.close().await;
            journal = (place.open)(folder);
        } else {
            take(journal.as_ref(), &mut model, step).await;
        }
        assert_agree(journal.as_ref(), &model, &steps[..=index]).await;
    }
    assert_eq!(journal.verify().await.unwrap(), Vec::<String>::new(), "{steps:?}");
}

async fn take(journal: &dyn Journal, model: &mut Model, step: &Step) {
    match *step {
        Step::Accept(body) => {
            let accepted = journal.accept(run("checkout", body)).await.unwrap();
            assert_eq!(accepted.duplicate, model.accept(body));
        }
        Step::Decide { events, sinks } => {
            let events = journal.undecided(events).await.unwrap();
            let to = &SINKS[..sinks.min(SINKS.len())];
            events.iter().for_each(|_| model.decide(sinks));
            let decisions = events.iter().map(|event| decision(event.seq, to)).collect();
            journal.decide(decisions, Patch::default()).await.unwrap();
        }
        Step::Settle { delivery, then } => settle_any(journal, model, delivery, then).await,
        Step::Retry { sink } => {
            let filter = DeliveryFilter { sink: Some(SINKS[sink].into()), ..Default::default() };
            let mut count = 0;
            for told in model.dead_of(sink) {
                (told.state, told.seen) = (DeliveryState::Waiting, false);
                count += 1;
            }
            assert_eq!(journal.retry(filter).await.unwrap(), count);
        }
        Step::Acknowledge { sink } => {
            let filter = DeliveryFilter { sink: Some(SINKS[sink].into()), ..Default::default() };
            let mut count = 0;
            for told in model.dead_of(sink).filter(|told| !told.seen) {
                told.seen = true;
                count += 1;
            }
            assert_eq!(journal.acknowledge(filter).await.unwrap(), count);
        }
        Step::Replay(choice) => replay_any(journal, model, choice).await,
        Step::Prune => {
            let mut gone = 0;
            while let count @ 1.. = journal.prune(later(at(0))).await.unwrap() {
                gone += count;
            }
            assert_eq!(gone, model.prune());
        }
        Step::Reopen => {}
    }
}

async fn settle_any(journal: &dyn Journal, model: &mut Model, choice: usize, then: u8) {
    let Some(delivery) = model.deliveries.keys().nth(choice % model.deliveries.len().max(1)) else {
        return;
    };
    let (delivery, told) = (*delivery, &model.deliveries[delivery]);
    let attempt = tried(told.attempts + 1, Outcome::Deferred);
    let (then, state) = match then {
        0 => (Then::Delivered, DeliveryState::Delivered),
        1 => (Then::dead("no"), DeliveryState::Dead),
        2 => (Then::Cancelled("no".into()), DeliveryState::Cancelled),
        _ => (Then::Again { due: None, progress: None }, DeliveryState::Waiting),
    };
    settle(journal, DeliverySeq(delivery), attempt, then).await;
    model.settle(delivery, state);
}

async fn replay_any(journal: &dyn Journal, model: &mut Model, choice: usize) {
    let events = journal.events(EventFilter { limit: 1000, ..Default::default() }).await.unwrap();
    let Some(event) = events.get(choice % events.len().max(1)) else { return };
    journal.replay(event.id, at(0)).await.unwrap().unwrap();
    let (body, _) = model.events[&event.seq.0];
    model.last_event += 1;
    model.events.insert(model.last_event, (body, true));
}

async fn assert_agree(journal: &dyn Journal, model: &Model, steps: &[Step]) {
    let undecided: Vec<i64> =
        journal.undecided(1000).await.unwrap().iter().map(|event| event.seq.0).collect();
    let expected: Vec<i64> =
        model.events.keys().copied().filter(|event| *event > model.decided).collect();
    assert_eq!(undecided, expected, "{steps:?}");
    let all = DeliveryFilter { limit: 10_000, ..Default::default() };
    let found = journal.deliveries(all).await.unwrap().into_iter().rev().map(|delivery| {
        let sink = SINKS.iter().position(|sink| *sink == delivery.sink).unwrap();
        let Delivery { state, seen, attempts, event, .. } = delivery;
        (delivery.seq.0, Told { event: event.0, sink, state, seen, attempts })
    });
    assert_eq!(found.collect::<BTreeMap<_, _>>(), model.deliveries, "{steps:?}");
    for (sink, name) in SINKS.iter().enumerate() {
        let is_waiting = |told: &Told| told.sink == sink && told.state == DeliveryState::Waiting;
        let expected: Vec<DeliverySeq> = model
            .deliveries
            .iter()
            .filter(|(_, told)| is_waiting(told))
            .map(|(seq, _)| DeliverySeq(*seq))
            .collect();
        assert_eq!(waiting(journal, name).await, expected, "{steps:?}");
    }
    let backlog = journal.backlog().await.unwrap();
    let waiting: u64 = backlog.iter().map(|sink| sink.waiting).sum();
    let in_state = |state| model.deliveries.values().filter(|told| told.state == state).count();
    assert_eq!(waiting as usize, in_state(DeliveryState::Waiting), "{steps:?}");
    let dead: u64 = backlog.iter().map(|sink| sink.dead).sum();
    assert_eq!(dead as usize, in_state(DeliveryState::Dead), "{steps:?}");
    assert_eq!(journal.figures().await.unwrap().events as usize, model.events.len());
}
