//! Random sequences of failures, recoveries, settlements, retries, retention and restarts, run
//! beside a model that holds all in memory and asks the pure ruling.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use crate::model::ruling::{Answered, NEVER_TOLD, Ruling, SUPERSEDED, rule};
use crate::model::{Answers, Captured, Duty, Handling, Holding};

use super::answering::decided;
use super::*;

#[derive(Clone, Debug)]
enum Step {
    Tell { duty: i64 },
    Recover { duty: i64, conditional: bool, supersedes: bool },
    Settle { delivery: usize, then: u8, maybe: bool, thing: u8 },
    Retry,
    Prune,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let duty = || 0i64..3;
    prop_oneof![
        4 => duty().prop_map(|duty| Step::Tell { duty }),
        3 => (duty(), prop::bool::weighted(0.8), any::<bool>()).prop_map(
            |(duty, conditional, supersedes)| Step::Recover { duty, conditional, supersedes }
        ),
        9 => (any::<usize>(), 0u8..6, prop::bool::weighted(0.2), 0u8..8).prop_map(
            |(delivery, then, maybe, thing)| Step::Settle { delivery, then, maybe, thing }
        ),
        1 => Just(Step::Retry),
        1 => Just(Step::Prune),
        1 => Just(Step::Reopen),
    ]
}

#[derive(Clone, Debug, PartialEq)]
struct Row {
    state: DeliveryState,
    reason: Option<&'static str>,
    attempts: u32,
    maybe: bool,
    untold: bool,
    duty: Option<i64>,
    answers: Option<i64>,
    supersedes: bool,
}

impl Row {
    fn new(state: DeliveryState) -> Self {
        Row {
            state,
            reason: None,
            attempts: 0,
            maybe: false,
            untold: false,
            duty: None,
            answers: None,
            supersedes: false,
        }
    }
}

/// The journal as a person would explain it.
#[derive(Default)]
struct Model {
    last: i64,
    rows: BTreeMap<i64, Row>,
    told: BTreeSet<i64>,
    open: BTreeSet<i64>,
}

use DeliveryState::{Cancelled, Dead, Delivered, Held, Waiting};

impl Model {
    fn add(&mut self, row: Row) {
        self.last += 1;
        self.rows.insert(self.last, row);
    }

    fn recover(&mut self, duty: i64, conditional: bool, supersedes: bool) {
        let ruling = self.ruling(duty);
        let (state, reason, untold) = match ruling {
            _ if !conditional => (Waiting, None, false),
            Ruling::Release { untold } => (Waiting, None, untold),
            Ruling::Hold => (Held, None, false),
            Ruling::Cancel => (Cancelled, Some(NEVER_TOLD), false),
        };
        if !conditional || matches!(ruling, Ruling::Release { .. }) {
            self.told.remove(&duty);
        }
        self.add(Row { reason, untold, answers: Some(duty), supersedes, ..Row::new(state) });
    }

    fn ruling(&self, duty: i64) -> Ruling {
        let of = |row: &Row| Answered::of(row.state, row.maybe, row.reason == Some(SUPERSEDED));
        let mut answered: Vec<Answered> =
            self.rows.values().filter(|row| row.duty == Some(duty)).map(of).collect();
        if self.told.contains(&duty) || self.open.contains(&duty) {
            answered.push(Answered::Arrived);
        }
        rule(&answered)
    }

    fn is_superseded(&self, seq: i64) -> bool {
        self.is_answered_by(seq, &[Waiting, Held, Delivered])
    }

    /// One that may have arrived is told again, unless its recovery has arrived before it.
    fn gives_way(&self, seq: i64) -> bool {
        match self.rows[&seq].maybe {
            true => self.is_answered_by(seq, &[Delivered]),
            false => self.is_superseded(seq),
        }
    }

    fn is_answered_by(&self, seq: i64, states: &[DeliveryState]) -> bool {
        let row = &self.rows[&seq];
        let takes_its_place = |other: &Row| other.supersedes && states.contains(&other.state);
        row.state == Waiting
            && row.duty.is_some()
            && self
                .rows
                .range(seq + 1..)
                .any(|(_, other)| other.answers == row.duty && takes_its_place(other))
    }

    fn settle(&mut self, seq: i64, attempt: Option<bool>, then: &Then, opens: Option<bool>) {
        let superseded = self.is_superseded(seq);
        let of = self.rows[&seq].duty.or(self.rows[&seq].answers);
        match (opens, of) {
            (Some(true), Some(duty)) => drop(self.open.insert(duty)),
            (Some(false), Some(duty)) => drop(self.open.remove(&duty)),
            _ => {}
        }
        let row = self.rows.get_mut(&seq).unwrap();
        row.attempts += u32::from(attempt.is_some());
        row.maybe |= attempt == Some(true);
        let to = match (then, row.state) {
            (Then::Delivered, _) => Some((Delivered, None)),
            (Then::Cancelled(_), Waiting | Held) => Some((Cancelled, Some("by hand"))),
            (Then::Dead { .. }, Waiting) => Some((Dead, Some("no"))),
            (Then::Superseded, Waiting) if superseded => Some((Cancelled, Some(SUPERSEDED))),
            _ => None,
        };
        let changed = to.is_some_and(|(state, _)| state != row.state);
        if let (Some((state, reason)), true) = (to, changed) {
            (row.state, row.reason) = (state, reason);
        }
        match row.duty {
            Some(duty) if changed || attempt == Some(true) || opens == Some(true) => {
                self.rule_anew(duty);
            }
            _ => {}
        }
    }

    fn rule_anew(&mut self, duty: i64) {
        let ruling = self.ruling(duty);
        for row in self.rows.values_mut().filter(|row| row.answers == Some(duty)) {
            let open = matches!(row.state, Waiting | Held) || row.reason == Some(NEVER_TOLD);
            match ruling {
                Ruling::Release { untold } if open => {
                    row.untold |= untold;
                    (row.state, row.reason) =
                        (Waiting, row.reason.filter(|_| row.state == Waiting));
                }
                Ruling::Cancel if row.state == Held => {
                    (row.state, row.reason) = (Cancelled, Some(NEVER_TOLD));
                }
                _ => {}
            }
        }
    }

    fn prune(&mut self) {
        let may_come_back = |duty| {
            let mut rows = self.rows.values();
            rows.any(|row| row.duty == duty && matches!(row.state, Waiting | Dead))
        };
        let gone = |row: &Row| match row.state {
            Cancelled => row.reason != Some(NEVER_TOLD) || !may_come_back(row.answers),
            state => state == Delivered,
        };
        let gone: Vec<i64> =
            self.rows.iter().filter(|(_, row)| gone(row)).map(|(seq, _)| *seq).collect();
        for seq in gone {
            let row = &self.rows[&seq];
            let duty = row.duty.filter(|_| row.maybe || row.state == Delivered);
            let answered = self.rows.values().any(|other| duty.is_some() && other.answers == duty);
            self.told.extend(duty.filter(|_| !answered));
            self.rows.remove(&seq);
        }
    }
}

pub(crate) async fn random_recoveries_agree_with_a_simple_model(place: &Place) {
    let sequences = proptest::collection::vec(step(), 1..80);
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
            take(journal.as_ref(), &mut model, index, step).await;
        }
        assert_agree(journal.as_ref(), &model, &steps[..=index]).await;
    }
    assert_eq!(journal.verify().await.unwrap(), Vec::<String>::new(), "{steps:?}");
}

async fn take(journal: &dyn Journal, model: &mut Model, number: usize, step: &Step) {
    match *step {
        Step::Tell { duty } => {
            decided(journal, number, vec![Planned { duty: Some(Duty(duty)), ..planned("chat") }])
                .await;
            model.add(Row { duty: Some(duty), ..Row::new(Waiting) });
        }
        Step::Recover { duty, conditional, supersedes } => {
            let answers = Some(Answers { duty: Duty(duty), conditional, supersedes });
            decided(journal, number, vec![Planned { answers, ..planned("chat") }]).await;
            model.recover(duty, conditional, supersedes);
        }
        Step::Settle { delivery, then, maybe, thing } => {
            let count = model.rows.len().max(1);
            let Some(seq) = model.rows.keys().nth(delivery % count).copied() else { return };
            let again = Then::Again { due: None, progress: None };
            let (attempt, then) = match then {
                0 => (Some(false), Then::Delivered),
                1 => (Some(maybe), Then::dead("no")),
                2 => (None, Then::Cancelled("by hand".into())),
                3 | 4 => (None, Then::Superseded),
                _ => (Some(maybe), again),
            };
            let record = |maybe_arrived| AttemptRecord {
                maybe_arrived,
                ..tried(model.rows[&seq].attempts + 1, Outcome::Deferred)
            };
            let attempt_record = attempt.map(record);
            let delivery = DeliverySeq(seq);
            let opens = attempt.and([true, false].get(thing as usize).copied());
            let row = &model.rows[&seq];
            let handling = opens.zip(row.duty.or(row.answers)).map(|(opens, duty)| Handling {
                duty: Duty(duty),
                incident: None,
                holding: if opens { Holding::Open(Captured::new()) } else { Holding::Closed },
            });
            let settlement = Settlement::new(delivery, attempt_record, then.clone());
            journal.settle(vec![Settlement { handling, ..settlement }]).await.unwrap();
            model.settle(seq, attempt, &then, opens);
        }
        Step::Retry => {
            journal.retry(DeliveryFilter::default()).await.unwrap();
            for row in model.rows.values_mut().filter(|row| row.state == Dead) {
                (row.state, row.reason) = (Waiting, None);
            }
        }
        Step::Prune => {
            while journal.prune(later(at(0))).await.unwrap() > 0 {}
            model.prune();
        }
        Step::Reopen => {}
    }
}

async fn assert_agree(journal: &dyn Journal, model: &Model, steps: &[Step]) {
    let all = DeliveryFilter { limit: 10_000, ..DeliveryFilter::default() };
    let mut found = BTreeMap::new();
    for delivery in journal.deliveries(all).await.unwrap() {
        let seq = delivery.seq.0;
        let expected = model.rows.get(&seq).cloned().unwrap_or_else(|| Row::new(Waiting));
        assert_eq!(delivery.reason.as_deref(), expected.reason, "{seq} in {steps:?}");
        let row = Row {
            state: delivery.state,
            attempts: delivery.attempts,
            maybe: delivery.maybe_arrived,
            untold: delivery.brief.recovery.is_some_and(|note| note.untold),
            duty: delivery.duty.map(|duty| duty.0),
            answers: delivery.answers.map(|duty| duty.0),
            ..expected
        };
        found.insert(seq, row);
    }
    assert_eq!(found, model.rows, "{steps:?}");
    for (seq, row) in &model.rows {
        let work = journal.work(DeliverySeq(*seq)).await.unwrap().unwrap();
        assert_eq!(work.superseded, model.gives_way(*seq), "{seq} in {steps:?}");
        let arrived = |other: &&Row| {
            row.answers.is_some()
                && other.duty == row.answers
                && (other.maybe || other.state == Delivered)
        };
        let answered = model.rows.values().filter(arrived).count();
        assert_eq!(work.answers.len(), answered, "{seq} in {steps:?}");
    }
    for duty in 0..3 {
        let held = journal.held(Duty(duty)).await.unwrap().is_some();
        assert_eq!(held, model.open.contains(&duty), "{duty} in {steps:?}");
    }
    let waits = model.rows.iter().filter(|(_, row)| row.state == Waiting);
    let waits: Vec<DeliverySeq> = waits.map(|(seq, _)| DeliverySeq(*seq)).collect();
    assert_eq!(waiting(journal, "chat").await, waits, "{steps:?}");
}
