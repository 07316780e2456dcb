//! What a person writes under `tests:`.

use schemars::JsonSchema;
use serde::Deserialize;

/// One named case.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseConfig {
    /// The case's name.
    pub name: String,
}
