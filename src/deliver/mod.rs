//! From waiting deliveries to messages sent, each attempt recorded.

mod options;
mod plan;
mod state;

pub use options::{DEFAULT_GIVE_UP, DEFAULT_TIMEOUT, SinkOptions};
pub use plan::{Outlet, Plan};
pub use state::{Condition, SinkState};
