//! Sending a service's message: step by step under one deadline, each answer judged, what it holds
//! kept for the later steps, and for the next try where a step fails.

use std::borrow::Cow;

use serde_json::Value;
use tokio::time::Instant;

use super::course::{Course, Planned};
use super::progress::Progress;
use super::render::LAST;
use super::scene::capture;
use super::sink::{NONE, ServiceSink};
use super::stage::Stage;
use super::step::Step;
use crate::client::Seen;
use crate::contract::{Attempt, Failure, Fault, Holding, Receipt};
use crate::message::{self, Message, Request};
use crate::template::{Filling, RenderError};

/// Tries once to send a message.
///
/// # Errors
/// With whose trouble it is, and how far the steps came.
pub(super) async fn send(
    sink: &ServiceSink,
    message: &Message,
    attempt: &Attempt,
) -> Result<Receipt, Failure> {
    let Some(course) = &message.course else {
        let why = message.fallback.as_deref().unwrap_or("this is no message of this service");
        return Err(Failure::new(Fault::Refused, why));
    };
    let mut sending = Sending::new(sink, course, attempt);
    for (planned, step) in course.planned.iter().zip(&message.steps) {
        if let Err(failure) = sending.step(*planned, step).await {
            return Err(sending.failed(failure));
        }
    }
    Ok(sending.done())
}

/// A message on its way.
struct Sending<'a> {
    sink: &'a ServiceSink,
    course: &'a Course,
    attempt: &'a Attempt,
    end: Instant,
    progress: Progress,
    scene: Cow<'a, Value>,
    receipt: Option<Receipt>,
}

impl<'a> Sending<'a> {
    fn new(sink: &'a ServiceSink, course: &'a Course, attempt: &'a Attempt) -> Self {
        let left = Progress::read(attempt.progress.as_deref());
        let left = left.filter(|left| left.stage == course.start.stage);
        let mut sending = Sending {
            sink,
            course,
            attempt,
            end: Instant::now() + attempt.deadline,
            progress: left.unwrap_or_else(|| course.start.clone()),
            scene: Cow::Borrowed(&course.scene),
            receipt: None,
        };
        if sending.progress.captured != course.start.captured {
            sending.know();
        }
        sending
    }

    /// Does one step, unless an earlier try has done it.
    async fn step(&mut self, planned: Planned, shown: &message::Step) -> Result<(), Failure> {
        let steps = self.sink.program.steps(self.progress.stage);
        let Some(step) = steps.get(planned.step).filter(|_| planned.step >= self.progress.done)
        else {
            return Ok(());
        };
        if let Some(mut request) = self.request(step, planned, shown)? {
            let attempt = self.attempt(planned.step);
            if let Some(signing) = &step.signing {
                signing.sign(&mut request, &self.filling(), &attempt)?;
            }
            let answered = self.sink.client.exchange(self.end, &request, &attempt).await;
            let seen = answered.map_err(|failure| self.of_step(step, failure))?;
            self.judge(step, &seen)?;
        }
        self.progress.done = planned.step + 1;
        Ok(())
    }

    /// The request, which may only be known now; `None` where the step turns out to be left out.
    fn request(
        &self,
        step: &Step,
        planned: Planned,
        shown: &message::Step,
    ) -> Result<Option<Request>, Failure> {
        match shown {
            message::Step::Http(request) if !planned.waits => Ok(Some(request.clone())),
            _ => self.known(step).map_err(|RenderError(why)| Failure::new(Fault::Refused, why)),
        }
    }

    /// The request of a step that waited for an earlier answer.
    fn known(&self, step: &Step) -> Result<Option<Request>, RenderError> {
        let secrets: Vec<&str> = self.sink.options.secrets().collect();
        let whole = self.sink.program.whole.unwrap_or(usize::MAX);
        let mut filling = self.filling();
        if !step.applies(&filling)? {
            return Ok(None);
        }
        let mut request = step.request(&filling, secrets.iter().copied())?;
        while request.body.len() > whole && filling.most > LAST {
            filling.most = filling.most.min(whole) / 2;
            request = step.request(&filling, secrets.iter().copied())?;
        }
        Ok(Some(request))
    }

    fn filling(&self) -> Filling<'_> {
        let own = if self.course.bare { &NONE } else { &self.sink.own };
        Filling {
            data: &self.scene,
            words: self.course.words.as_ref(),
            templates: &own.templates,
            trees: &own.trees,
            most: self.course.most,
        }
    }

    /// The attempt as a step shows it: each has an id of its own, the same over all tries, so that
    /// no server takes the second for a repetition of the first.
    fn attempt(&self, step: usize) -> Cow<'a, Attempt> {
        match step {
            0 => Cow::Borrowed(self.attempt),
            _ => {
                let delivery_id = format!("{}-{}", self.attempt.delivery_id, step + 1);
                Cow::Owned(Attempt { delivery_id, ..self.attempt.clone() })
            }
        }
    }

    /// What the answer means, and what is kept of it.
    fn judge(&mut self, step: &Step, seen: &Seen) -> Result<(), Failure> {
        let judged = step.answers.judge(seen, &self.filling());
        let receipt = match judged {
            Ok(receipt) => receipt,
            Err(judged) if judged.gone => {
                return Err(self.of_step(step, self.gone(seen, judged.failure)));
            }
            Err(judged) => return Err(self.of_step(step, judged.failure)),
        };
        let captured = step.captures.of(seen, self.sink.redactor());
        self.progress.told |= !step.is_question();
        let captured = captured.map_err(|why| {
            let failure = seen.failure(Fault::Refused, &why);
            self.of_step(step, Failure { maybe_arrived: true, ..failure })
        })?;
        if !captured.is_empty() {
            self.progress.captured.extend(captured);
            self.know();
        }
        self.receipt = Some(receipt);
        Ok(())
    }

    /// Puts all that is captured by now into the scene.
    fn know(&mut self) {
        capture(self.scene.to_mut(), &self.sink.program.captured, &self.progress.captured);
    }

    /// What was opened isn't there any more. Where nothing was, the address itself leads nowhere.
    fn gone(&self, seen: &Seen, failure: Failure) -> Failure {
        let opened = !self.progress.captured.is_empty()
            || matches!(self.progress.stage, Stage::Update | Stage::Resolve);
        match (opened, seen.usual()) {
            (true, _) => {
                Failure { fault: Fault::Deferred, holding: Some(Holding::Gone), ..failure }
            }
            (false, Err(usual)) => usual,
            (false, Ok(_)) => Failure { fault: Fault::Refused, holding: None, ..failure },
        }
    }

    /// Names the step, where there are several.
    fn of_step(&self, step: &Step, failure: Failure) -> Failure {
        match self.sink.program.steps(self.progress.stage) {
            [_] => failure,
            _ => Failure { reason: format!("{}: {}", step.at, failure.reason), ..failure },
        }
    }

    /// What the next try and the incident must know.
    fn failed(self, failure: Failure) -> Failure {
        let redactor = self.sink.redactor();
        let failure = Failure {
            reason: redactor.cover(&failure.reason),
            excerpt: failure.excerpt.as_deref().map(|text| redactor.cover(text)),
            maybe_arrived: failure.maybe_arrived || self.progress.told,
            ..failure
        };
        if failure.holding == Some(Holding::Gone) {
            return Failure { progress: None, ..failure };
        }
        Failure { progress: self.progress.written(), holding: self.opened(), ..failure }
    }

    /// A thing is open as soon as all is known of it that later stages need.
    fn opened(&self) -> Option<Holding> {
        let Progress { stage, captured, told, .. } = &self.progress;
        let open = *stage == Stage::Open && *told && self.sink.program.is_enough(captured);
        open.then(|| Holding::Open(captured.clone()))
    }

    /// All steps are done.
    fn done(self) -> Receipt {
        let redactor = self.sink.redactor();
        let holding = match self.progress.stage {
            Stage::Send => None,
            Stage::Open => self.opened(),
            Stage::Update => {
                let more = self.progress.captured != self.course.start.captured;
                more.then(|| Holding::Open(self.progress.captured.clone()))
            }
            Stage::Resolve => Some(Holding::Closed),
        };
        match self.receipt {
            Some(receipt) => Receipt {
                excerpt: receipt.excerpt.as_deref().map(|text| redactor.cover(text)),
                holding,
                ..receipt
            },
            None => Receipt {
                status: None,
                excerpt: Some(self.progress.stage.idle().to_owned()),
                holding,
            },
        }
    }
}
