//! What the rules answer: pure, with no clock, no I/O and no journal.
//!
//! [`Router::compile`] turns `rules:` and `groups:` into matchers, or says all that is wrong with
//! them. [`Router::decide`] answers for one event which deliveries are to be made; its time is the
//! event's own time of arrival, so that deciding again gives the same. [`Router::explain`] says
//! rule by rule why. This room knows sinks by name and kind only, and sends nothing.

mod config;
mod router;
mod shapes;
mod verdict;

pub use config::{
    Conditions, FieldConfig, GroupConfig, RuleConfig, SendConfig, TextConfig, WhenConfig,
};
pub use router::{Ingredients, Router};
pub use shapes::OneOrMany;
pub use verdict::{Finding, Miss, Telling, Verdict};
