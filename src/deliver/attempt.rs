//! One attempt: load, build, send, record.
//!
//! It runs as a task of its own and reports twice: when the far side has answered, so that the
//! next message may go, and when that is on disk, so that the next of its lane may. Recording is
//! tried until it works or the journal is closed; the message is not sent again for it.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use agnox_bridge_sinks::contract::{Attempt, Failure, Fault, Notice, Receipt};
use agnox_bridge_sinks::message::Message;
use futures_util::FutureExt;
use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::Instant;
use uuid::Uuid;

use super::clock::Clock;
use super::herald::{Herald, News};
use super::holding::{Claim, Claims, Hold, duty_of};
use super::plan::{Outlet, Plan};
use super::record::{log, name_of, record, told};
use super::verdict::{Circumstances, Sign, Verdict, judge};
use crate::caught::{catch, words};
use crate::journal::{Journal, JournalError, Lane, Work};
use crate::model::units::Span;
use crate::model::{DeliverySeq, DeliveryState, EventSeq, Outcome, Settlement, Then};
use crate::telemetry::{Metrics, OutcomeLabel};

/// Sinks keep to the deadline by themselves and say best what was slow; one that doesn't is cut
/// off this much later.
const SLACK: Duration = Duration::from_secs(1);

/// What an attempt needs.
pub(super) struct Job {
    pub(super) journal: Arc<dyn Journal>,
    pub(super) plan: Arc<Plan>,
    pub(super) outlet: Arc<Outlet>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) herald: Arc<Herald>,
    pub(super) passed: Arc<Passed>,
    pub(super) claims: Arc<Claims>,
    pub(super) reports: UnboundedSender<Report>,
    pub(super) lane: Lane,
    pub(super) seq: DeliverySeq,
    pub(super) probe: bool,
}

/// When the sink last took a message.
#[derive(Debug, Default)]
pub(super) struct Passed(Mutex<Option<Timestamp>>);

/// What an attempt tells its sink's worker.
#[derive(Debug)]
pub(super) enum Report {
    /// The far side has answered, or the time is over.
    Answered {
        /// When the attempt began.
        began: Instant,
        /// Whether it probed a sink in trouble.
        probe: bool,
        /// What it says of the endpoint.
        sign: Sign,
        /// The delivery's event.
        event: EventSeq,
        /// What went wrong; empty where nothing did.
        reason: String,
    },
    /// There was nothing to send: the delivery is gone or has ended otherwise.
    Void {
        /// Its lane.
        lane: Lane,
    },
    /// It is on disk; the delivery waits again if there is a time (or `None` for at once).
    Settled {
        /// The delivery.
        seq: DeliverySeq,
        /// Its lane.
        lane: Lane,
        /// Whether and when it is tried again.
        again: Option<Option<Timestamp>>,
    },
}

/// Makes one attempt.
pub(super) async fn attempt(job: Job) {
    let Some((work, claim)) = begin(&job).await else { return };
    if work.delivery.state != DeliveryState::Waiting {
        job.tell(Report::Void { lane: job.lane });
        return;
    }
    let Ok(hold) = look(&job, &work, claim).await else { return };
    if work.superseded && !may_be_open(&work, hold.as_ref()) {
        give_way(&job, &work).await;
        return;
    }
    let began = Clock::now();
    let deadline = job.outlet.options.timeout();
    let end = match build(&job, &work, hold.as_ref(), began.wall) {
        Ok(message) => send(&job, &work, &message, began.wall, deadline).await,
        Err(failure) => End::ours(failure),
    };
    conclude(&job, work, hold, end, began).await;
}

/// How an attempt ended.
struct End {
    result: Result<Receipt, Failure>,
    /// Whether the failure is the bridge's own, and says nothing of the endpoint.
    ours: bool,
}

impl End {
    fn ours(failure: Failure) -> Self {
        End { result: Err(failure), ours: true }
    }
}

/// Reads the delivery; where its sink holds things open, once no other of its duty is under way.
async fn begin(job: &Job) -> Option<(Work, Option<Claim>)> {
    let work = load(job).await?;
    let Some(duty) = duty_of(&work).filter(|_| job.outlet.sink.holds()) else {
        return Some((work, None));
    };
    let (claim, waited) = job.claims.take(duty).await;
    let work = if waited { load(job).await? } else { work };
    Some((work, Some(claim)))
}

/// What the sink holds open for the delivery's incident.
///
/// # Errors
/// If nothing can be read any more.
async fn look(job: &Job, work: &Work, claim: Option<Claim>) -> Result<Option<Hold>, Closed> {
    let Some(claim) = claim else { return Ok(None) };
    let held = || job.journal.held(claim.duty());
    let thing = persist("read what is held open", held).await.ok_or(Closed)?;
    Ok(Some(Hold::new(claim, work, thing)))
}

/// The journal will never answer again in this process.
struct Closed;

/// Reads the delivery whole. `None` if it is gone or nothing can be read any more.
async fn load(job: &Job) -> Option<Work> {
    let read = persist("read a delivery", || job.journal.work(job.seq)).await?;
    if read.is_none() {
        job.tell(Report::Void { lane: job.lane });
    }
    read
}

/// Whether it may have opened a thing of which nobody knows, since the process died meanwhile. It is
/// told again, so that the recovery finds what it is to close: where the service knows its things by
/// a key of ours, that is the same one.
fn may_be_open(work: &Work, hold: Option<&Hold>) -> bool {
    work.cut_off && hold.is_some_and(|hold| hold.held().is_none())
}

/// Ends a delivery whose recovery tells of both, without a try: nothing is learned of the endpoint,
/// and a sink in trouble is probed with the next one.
async fn give_way(job: &Job, work: &Work) {
    let settlement = Settlement::new(job.seq, None, Then::Superseded);
    let settle = || job.journal.settle(vec![settlement.clone()]);
    if persist("let a delivery give way to its recovery", settle).await.is_none() {
        return;
    }
    tracing::info!(
        sink = job.outlet.name, delivery.id = %work.delivery.id, event.id = %work.event.id,
        "not sent: the recovery that answers it tells of both"
    );
    job.count(&job.metrics.deliveries, "superseded");
    job.tell(Report::Void { lane: job.lane });
}

/// The message, in the sink's own minimal words where its template fails.
fn build(job: &Job, work: &Work, hold: Option<&Hold>, now: Timestamp) -> Result<Message, Failure> {
    let (delivery, sink) = (&work.delivery, &job.outlet.sink);
    let router = &job.plan.router;
    let id = delivery.id.to_string();
    let name = &job.outlet.name;
    let mut notice =
        catch(|| router.context().notice(&work.event, &delivery.brief, name, &id, now))
            .map_err(|panic| unbuildable(&panic))?;
    notice.answers = work.answers.iter().map(Uuid::to_string).collect();
    notice.progress.clone_from(&work.progress);
    if let Some(hold) = hold {
        notice.held = hold.held().cloned();
        notice.incident = notice.incident.or(hold.incident().map(|id| id.to_string()));
    }
    let words = router.words(delivery.brief.words.as_ref(), &notice);
    let why = match catch(|| sink.render(&notice, words)) {
        Ok(Ok(message)) => return Ok(message),
        Ok(Err(error)) => job.plan.redactor.cover(&error.to_string()),
        Err(panic) => format!("the sink panicked: {}", job.plan.redactor.cover(&panic)),
    };
    tracing::warn!(
        sink = name, delivery.id = %id, event.id = %notice.event_id, why,
        "could not build the message; the built-in minimal one goes out instead"
    );
    minimal(job, &notice, &why)
}

fn minimal(job: &Job, notice: &Notice, why: &str) -> Result<Message, Failure> {
    catch(|| job.outlet.sink.minimal(notice, why)).map_err(|panic| unbuildable(&panic))
}

fn unbuildable(panic: &str) -> Failure {
    Failure::new(Fault::Refused, format!("the message could not be built: {panic}"))
}

/// Sends under the deadline. Whatever the sink does, there is an answer.
async fn send(job: &Job, work: &Work, message: &Message, at: Timestamp, deadline: Duration) -> End {
    let attempt = Attempt {
        delivery_id: work.delivery.id.to_string(),
        number: work.delivery.attempts + 1,
        at,
        deadline,
        progress: work.progress.clone(),
    };
    let sending = async { job.outlet.sink.send(message, &attempt).await };
    match tokio::time::timeout(deadline + SLACK, AssertUnwindSafe(sending).catch_unwind()).await {
        Ok(Ok(result)) => End { result, ours: false },
        Ok(Err(panic)) => {
            let reason = format!("the sink panicked: {}", words(&*panic));
            End::ours(Failure::new(Fault::Deferred, reason))
        }
        Err(_) => End { result: Err(too_late(deadline)), ours: false },
    }
}

fn too_late(deadline: Duration) -> Failure {
    let reason = format!("no answer within {}", Span(deadline));
    Failure {
        maybe_arrived: true,
        ..Failure::new(Fault::Unavailable { retry_after: None }, reason)
    }
}

/// Says what came of it, and records that.
async fn conclude(job: &Job, work: Work, hold: Option<Hold>, end: End, began: Clock) {
    let End { result, ours } = end;
    let clock = Clock::now();
    let took = clock.now.saturating_duration_since(began.now);
    let reason = result.as_ref().err().map(|failure| told(job, failure));
    let about = Circumstances {
        delivery: &work.delivery,
        progress: work.progress.as_deref(),
        held: hold.as_ref().is_some_and(|hold| hold.held().is_some()),
        began: began.wall,
        clock,
        others_passed: job.passed.last(),
        give_up: job.outlet.options.give_up(),
        reason: reason.as_deref().unwrap_or_default(),
    };
    let Verdict { then, sign } = judge(&result, &about);
    let sign = if ours { Sign::Nothing } else { sign };
    let record = record(job, &work, &result, began.wall, took, reason.clone());
    if record.outcome == Outcome::Delivered {
        job.passed.note(clock.wall);
    }
    log(job, &work, &record, &then);
    let reason = reason.unwrap_or_default();
    let (event, probe) = (work.event.seq, job.probe);
    let handling = hold.as_ref().and_then(|hold| hold.handling(job, &result));
    drop(work);
    job.tell(Report::Answered { began: began.now, probe, sign, event, reason });
    let outcome = record.outcome;
    let attempt = Some(record);
    let settlement = Settlement { delivery: job.seq, attempt, then, handling };
    settle(job, event, outcome, settlement).await;
}

/// Records the attempt and what follows, then counts it and lets the lane go on.
async fn settle(job: &Job, event: EventSeq, outcome: Outcome, settlement: Settlement) {
    let settle = || job.journal.settle(vec![settlement.clone()]);
    if persist("record an attempt", settle).await.is_none() {
        return;
    }
    job.count(&job.metrics.attempts, name_of(outcome));
    let again = match settlement.then {
        Then::Delivered => job.ended("delivered"),
        Then::Cancelled(_) => job.ended("cancelled"),
        Then::Superseded => job.ended("superseded"),
        Then::Dead { reason, .. } => {
            job.herald.hear(&job.outlet.name, News { event, reason }).await;
            job.ended("dead")
        }
        Then::Again { due, .. } => Some(due),
    };
    job.settled(again);
}

impl Job {
    fn tell(&self, report: Report) {
        // Nobody listens any more only while the process ends.
        let _ = self.reports.send(report);
    }

    fn settled(&self, again: Option<Option<Timestamp>>) {
        self.tell(Report::Settled { seq: self.seq, lane: self.lane, again });
    }

    fn ended(&self, how: &str) -> Option<Option<Timestamp>> {
        self.count(&self.metrics.deliveries, how);
        None
    }

    fn count(
        &self,
        family: &prometheus_client::metrics::family::Family<
            OutcomeLabel,
            prometheus_client::metrics::counter::Counter,
        >,
        outcome: &str,
    ) {
        let sink = self.outlet.name.clone();
        family.get_or_create(&OutcomeLabel { sink, outcome: outcome.to_owned() }).inc();
    }
}

impl Passed {
    fn last(&self) -> Option<Timestamp> {
        *self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn note(&self, at: Timestamp) {
        *self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(at);
    }
}

/// Asks the journal until it answers. `None` once it never will again in this process.
async fn persist<'a, T>(what: &str, ask: impl Fn() -> crate::journal::Answer<'a, T>) -> Option<T> {
    let mut wait = Duration::from_millis(100);
    loop {
        let error = match ask().await {
            Ok(answer) => return Some(answer),
            Err(JournalError::Closed | JournalError::Failed(_) | JournalError::Corrupt(_)) => {
                return None;
            }
            Err(error) => error,
        };
        tracing::warn!(%error, retry_ms = wait.as_millis() as u64, "could not {what} yet");
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(Duration::from_secs(5));
    }
}
