//! Skeleton: owned by a helper.

use serde::{Deserialize, Serialize};

/// Skeleton.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Collection {}

/// Skeleton.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Row {}
