//! The nouns: what the rooms talk about, with no room's knowledge in it.

pub mod decision;
pub mod delivery;
pub mod event;
pub mod problem;
mod reading;
pub mod status;
pub mod units;

pub use decision::{Brief, DeadNote, Decision, Planned, Words};
pub use delivery::{AttemptRecord, DeliverySeq, DeliveryState, Outcome, Settlement, Then};
pub use event::{Event, EventSeq, Reading, UNGROUPED};
pub use problem::Problem;
pub use status::Status;
