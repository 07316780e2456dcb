//! What the scenarios share.

pub mod agnox;
pub mod bridge;
pub mod desk;
pub mod http;
pub mod place;
pub mod programs;

use std::time::{Duration, Instant};

/// Waits until a condition holds, and panics with what was waited for when it doesn't in time.
pub fn eventually<T>(what: &str, within: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < within, "waited {within:?} in vain for: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Long enough for a slow machine, short enough for a person.
pub const SOON: Duration = Duration::from_secs(20);
