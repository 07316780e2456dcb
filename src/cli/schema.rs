//! `schema`: the JSON Schema of the whole configuration, so that editors complete it.

use std::process::ExitCode;

use clap::Args;

use super::{Ended, Output};

/// `agnox-bridge schema > agnox-bridge.schema.json`
#[derive(Args, Debug)]
pub struct Schema {}

impl Schema {
    /// Prints the schema.
    pub fn run(self, output: &Output) -> Ended {
        output.value(&crate::config::schema())?;
        Ok(ExitCode::SUCCESS)
    }
}
