//! The examples of a service, run: its tests, without a network.
//!
//! ```text
//! example ─► rehearse: the service's own sink, over a client whose answers the example writes
//!         ─► Played: what was asked, what came of it ─► compare, general ─► Mismatch
//!                                                    ─► accept: the example as it really is, YAML
//! ```
//! Used by the conformance suite, by whoever tries a file, and by the reference page. What a
//! message means is the sink's to say: nothing here knows how one is made.

mod accept;
mod body;
mod compare;
mod general;
mod mismatch;
mod rehearse;
#[cfg(test)]
mod tests;

pub use self::accept::replaced;
pub use self::mismatch::Mismatch;

use self::rehearse::Stagehand;
use super::Service;
use super::form::Example;
use crate::message::Request;

/// Runs a service's examples, and says everything that isn't as they say; each at its path in the
/// file.
pub fn run(service: &Service) -> Vec<Mismatch> {
    let stagehand = Stagehand::new(service);
    let mut wrong = Vec::new();
    for (index, example) in service.form().examples.iter().enumerate() {
        let mismatches = one(&stagehand, example);
        wrong
            .extend(mismatches.into_iter().map(|mismatch| mismatch.within_item("examples", index)));
    }
    wrong
}

/// What became of an example's message when others chose its texts.
pub struct Endured {
    /// The example's name.
    pub example: String,
    /// What went out, in order.
    pub asked: Vec<Request>,
    /// What doesn't hold: JSON that can't be read, a limit, a secret that shows.
    pub wrong: Vec<Mismatch>,
}

/// Plays every example with this text in place of all that others choose, and checks what must hold
/// for every message. As in life, the built-in message stands in where a template fails.
pub fn endure(service: &Service, text: &str) -> Vec<Endured> {
    let stagehand = Stagehand::new(service);
    let endure = |(index, example): (usize, &Example)| {
        let (asked, wrong) = match stagehand.overwritten(example, text) {
            Ok(played) => {
                let wrong = general::check(service.form(), &played);
                (played.asked, wrong)
            }
            Err(mismatch) => (Vec::new(), vec![mismatch]),
        };
        let wrong = wrong.into_iter().map(|one| one.within_item("examples", index)).collect();
        Endured { example: example.name.clone(), asked, wrong }
    };
    service.form().examples.iter().enumerate().map(endure).collect()
}

/// The examples as a YAML block, with the requests that really go out and what is really captured.
/// Everything else is as it was written, without comments.
///
/// # Errors
/// For each example that can't be played.
pub fn accept(service: &Service) -> Result<String, Vec<Mismatch>> {
    let stagehand = Stagehand::new(service);
    let mut played = Vec::new();
    let mut wrong = Vec::new();
    for (index, example) in service.form().examples.iter().enumerate() {
        match stagehand.play(example) {
            Ok(show) => played.push((example, show)),
            Err(mismatch) => wrong.push(mismatch.within_item("examples", index)),
        }
    }
    if wrong.is_empty() { Ok(accept::block(&played)) } else { Err(wrong) }
}

fn one(stagehand: &Stagehand<'_>, example: &Example) -> Vec<Mismatch> {
    let played = match stagehand.play(example) {
        Ok(played) => played,
        Err(mismatch) => return vec![mismatch],
    };
    let mut wrong = compare::requests(example, &played);
    wrong.extend(compare::captures(example, &played));
    wrong.extend(general::check(stagehand.service.form(), &played));
    if example.requests.len() != played.asked.len() {
        // The answers belong to a request that isn't there.
        return wrong;
    }
    for (index, answered) in example.answers.iter().enumerate() {
        let said = stagehand.answered(example, answered);
        let said = said.and_then(|outcome| compare::meaning(answered, &outcome));
        wrong.extend(said.err().map(|mismatch| mismatch.within_item("answers", index)));
    }
    wrong
}
