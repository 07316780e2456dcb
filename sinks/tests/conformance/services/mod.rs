//! Every service of the catalogue, from the outside: a server that behaves as the service does.
//!
//! [`chat`], [`push`], [`incidents`] and [`automation`] say what each service takes, written from its
//! documentation and not from our files: limits, required fields, what would ping somebody. What a
//! service would refuse is refused with its own status, and a message that would ping somebody is
//! answered with 418.

mod asked;
mod automation;
mod chat;
mod endured;
mod incidents;
mod journey;
mod push;

use self::asked::{Asked, Reply};

/// How a service behaves.
pub struct Behaviour {
    /// The service's word.
    pub name: &'static str,
    /// What it answers.
    pub answer: fn(&Asked) -> Result<Reply, Reply>,
}

/// Every service.
fn behaviours() -> impl Iterator<Item = &'static Behaviour> {
    chat::ALL.iter().chain(push::ALL).chain(incidents::ALL).chain(automation::ALL)
}
