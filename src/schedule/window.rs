//! A window: whether a moment lies in it, and when it ends.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::config::WindowConfig;
use crate::model::Problem;

/// A window, compiled.
#[derive(Clone, Debug)]
pub struct Window {
    zone: TimeZone,
}

impl Window {
    /// Compiles what a person wrote.
    ///
    /// # Errors
    /// With everything that is wrong, each at a path below the window (`times[1]`).
    pub fn compile(config: &WindowConfig, zone: &TimeZone) -> Result<Window, Vec<Problem>> {
        let _ = config;
        Ok(Window { zone: zone.clone() })
    }

    /// The end of the window that a moment lies in: the first moment after it that lies in none;
    /// `None` where the moment lies outside.
    pub fn end_of(&self, at: Timestamp) -> Option<Timestamp> {
        let _ = (&self.zone, at);
        None
    }
}
