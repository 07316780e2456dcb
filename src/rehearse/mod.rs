//! The configuration's own tests: what is decided and said for an event or a sequence of events,
//! compared with what a person expects, with nothing sent and no clock.

mod config;

pub use config::CaseConfig;
