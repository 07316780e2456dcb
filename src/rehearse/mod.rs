//! The configuration's own tests: what is decided and said for an event or a sequence of events,
//! compared with what a person expects, with nothing sent and no clock.
//!
//! `config` and `shapes` read what a person writes, `case` and `times` make it ready to run.

mod case;
mod config;
mod shapes;
mod times;

pub use case::{Case, Known};
pub use config::{CaseConfig, EventConfig, ExpectConfig, SentConfig, StepConfig};
pub use shapes::Texts;
