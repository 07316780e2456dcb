//! What a delivery has to do with the thing that its sink holds open for the incident.
//!
//! The thing is known by a [`Duty`]: a failing run's own; what a recovery answers; and for a run that
//! ends an incident because a rule of its own says so, the duty of whoever was told there of the
//! incident. Digests, `on_dead` and passing runs have none, and neither does a replay of a run whose
//! incident is over: they stand alone.
//!
//! At most one delivery of a duty is under way: a [`Claim`] is held from before the journal is asked
//! what is open until what came of the try is on disk. Their order is the lane's, except that a lane
//! passes a delivery that is in trouble of its own, and that recoveries which a window put off have
//! lanes of their own; so the next may open what the earlier one could not. Then the journal forgets
//! what the earlier one had begun, and it adds to what is there. Nothing is opened twice, unless the
//! process dies, or the time is over, between the far side's act and our record of it.
//!
//! A dead delivery that a person puts back opens its thing late, and says how late. The recovery that
//! had been cancelled, since nothing had been told, is released by that and closes it. Where the
//! recovery has arrived already, the failure is not sent at all. Where none is owed, nobody closes
//! it, as always with such a rule.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use agnox_bridge_sinks::contract::{Captured, Failure, Holding, Receipt};
use uuid::Uuid;

use super::attempt::Job;
use crate::journal::Work;
use crate::model::thing::keepable;
use crate::model::{Brief, Duty, Handling, Thing};

/// The duty under which a delivery's thing is kept; `None` where the delivery stands alone.
pub(super) fn duty_of(work: &Work) -> Option<Duty> {
    let delivery = &work.delivery;
    thing_of(delivery.answers, delivery.duty, &delivery.sink, &delivery.brief)
}

/// The same of what it says: the duty that it answers, its own, and whom it tells what.
pub fn thing_of(
    answers: Option<Duty>,
    own: Option<Duty>,
    sink: &str,
    brief: &Brief,
) -> Option<Duty> {
    answers.or(own).or_else(|| {
        let incident = brief.standing.as_ref()?.incident?;
        Some(Duty::of_incident(incident, sink, &brief.with))
    })
}

fn incident_of(work: &Work) -> Option<Uuid> {
    work.delivery.brief.standing.as_ref()?.incident
}

/// The right to act on the thing of one duty, and what is there.
pub(super) struct Hold {
    duty: Duty,
    incident: Option<Uuid>,
    held: Option<Captured>,
    _claim: Claim,
}

impl Hold {
    /// What a claimed delivery finds.
    pub(super) fn new(claim: Claim, work: &Work, thing: Option<Thing>) -> Self {
        let known = thing.as_ref().and_then(|thing| thing.incident);
        Hold {
            duty: claim.duty,
            incident: incident_of(work).or(known),
            held: thing.map(|thing| thing.captured),
            _claim: claim,
        }
    }

    /// What was captured of the thing that is open.
    pub(super) fn held(&self) -> Option<&Captured> {
        self.held.as_ref()
    }

    /// The incident, also where the delivery itself doesn't know of it: a recovery that a window put
    /// off.
    pub(super) fn incident(&self) -> Option<Uuid> {
        self.incident
    }

    /// What the journal keeps of what a try did.
    pub(super) fn handling(
        &self,
        job: &Job,
        result: &Result<Receipt, Failure>,
    ) -> Option<Handling> {
        let holding = match result {
            Ok(receipt) => receipt.holding.clone(),
            Err(failure) => failure.holding.clone(),
        };
        let holding = match holding? {
            Holding::Open(captured) => Holding::Open(self.bounded(job, captured)),
            ended => ended,
        };
        Some(Handling { duty: self.duty, incident: self.incident, holding })
    }

    fn bounded(&self, job: &Job, captured: Captured) -> Captured {
        let (kept, left) = keepable(captured);
        if !left.is_empty() {
            tracing::warn!(
                sink = job.outlet.name,
                names = left.join(", "),
                "what was captured is too large or no plain value, and is not kept"
            );
        }
        kept
    }
}

/// The duties of one sink that are being acted on.
#[derive(Debug, Default)]
pub(super) struct Claims(Mutex<HashMap<Duty, Weak<tokio::sync::Mutex<()>>>>);

/// One of them; dropping it lets the next have its turn.
pub(super) struct Claim {
    duty: Duty,
    _turn: tokio::sync::OwnedMutexGuard<()>,
}

impl Claim {
    /// The duty.
    pub(super) fn duty(&self) -> Duty {
        self.duty
    }
}

impl Claims {
    /// Waits for a duty's turn. Returns also whether there was somebody before.
    pub(super) async fn take(&self, duty: Duty) -> (Claim, bool) {
        let turn = self.turn(duty);
        let (guard, waited) = match turn.clone().try_lock_owned() {
            Ok(guard) => (guard, false),
            Err(_) => (turn.lock_owned().await, true),
        };
        (Claim { duty, _turn: guard }, waited)
    }

    fn turn(&self, duty: Duty) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = turns.get(&duty).and_then(Weak::upgrade) {
            return turn;
        }
        turns.retain(|_, turn| turn.strong_count() > 0);
        let turn = Arc::default();
        turns.insert(duty, Arc::downgrade(&turn));
        turn
    }
}
