//! When: windows in which rules are quiet, and moments that come again (a cron, an interval).
//!
//! Pure: every question is asked with a time. All is computed on the wall clock of an IANA zone, so
//! that days on which clocks change come out right. This room knows no rule and no event.
//!
//! `config` is what a person writes; `names`, `days` and `times` read the texts in it; `window` and
//! `recurrence` compile it and answer.

mod config;
mod days;
mod names;
mod recurrence;
mod times;
mod window;

pub use config::{RecurrenceConfig, WindowConfig, Words};
pub use recurrence::Recurrence;
pub use window::Window;
