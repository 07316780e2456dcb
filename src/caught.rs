//! Runs what may break, and gives back its last words instead of going down with it.
//!
//! Rules, templates and sinks work on what strangers write; one event that breaks them must not
//! take the others with it. Any room may use this.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs something; if it panics, says with which words.
///
/// # Errors
/// The panic's words.
pub fn catch<T>(what: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(what)).map_err(|panic| words(&*panic))
}

/// What a panic said.
pub fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "without a word".to_owned())
}
