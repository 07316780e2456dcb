//! Skeleton: owned by a helper.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::config::MissedConfig;
use super::findings::Found;

/// Skeleton.
#[derive(Default)]
pub(super) struct Missed {}

impl Missed {
    /// Skeleton.
    pub(super) fn compile(
        configs: &[MissedConfig],
        zone: &TimeZone,
        sources: &[String],
        found: &mut Found,
    ) -> Missed {
        let _ = (configs, zone, sources, found);
        Missed {}
    }
}

/// Skeleton.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Expected {}

/// Skeleton.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Alive {}
