//! The configuration's own tests: what is decided and said for an event or a sequence of events,
//! compared with what a person expects, with nothing sent and no clock.
//!
//! `config` and `shapes` read what a person writes; `case` and `times` make it ready to run, or say
//! what is wrong with it. `play` lets time pass and asks the router, as the bridge does, with
//! `event`s made up and an `outbox` in place of journal and network. `expect` compares what went
//! out, as `readable` text; `absence` says why somebody was not told. `result` is what comes of it.

mod absence;
mod case;
mod config;
mod event;
mod expect;
mod outbox;
mod play;
mod readable;
mod result;
mod shapes;
mod times;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use case::{Case, Known};
pub use config::{CaseConfig, EventConfig, ExpectConfig, SentConfig, StepConfig};
pub use result::{CaseResult, Failure, run};
pub use shapes::Texts;

use crate::deliver::Outlet;
use crate::route::{Router, RuleConfig};

/// What cases run against: a configuration.
pub struct Stage<'a> {
    /// The rules, compiled.
    pub router: &'a Router,
    /// The same rules as they were written.
    pub rules: &'a [RuleConfig],
    /// The sinks, which render and send nothing.
    pub outlets: &'a BTreeMap<String, Arc<Outlet>>,
}
