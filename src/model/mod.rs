//! The nouns: what the rooms talk about, with no room's knowledge in it.

pub mod account;
pub mod decision;
pub mod delivery;
pub mod digest;
pub mod event;
pub mod history;
pub mod memory;
pub mod problem;
mod reading;
pub mod ruling;
pub mod silence;
pub mod status;
mod strip;
pub mod thing;
pub mod transition;
pub use agnox_bridge_sinks::contract::{Captured, Holding};
pub use agnox_bridge_sinks::units;

pub use account::{Absence, Account, Held, Match};
pub use decision::{Answers, Brief, DeadNote, Decision, Planned, RecoveryNote, Words};
pub use delivery::{AttemptRecord, DeliverySeq, DeliveryState, Outcome, Settlement, Then};
pub use digest::{Digest, DigestKind, DigestRow, Net, OwnMessage};
pub use event::{Event, EventSeq, Reading, UNGROUPED};
pub use history::{Duty, Ended, GroupKey, GroupMemory, Incident, Run, Standing, Told};
pub use memory::{Memo, OwnEvent, Patch};
pub use problem::{Problem, nearest};
pub use silence::Silence;
pub use status::Status;
pub use thing::{Handling, Thing, ThingState};
pub use transition::Transition;
