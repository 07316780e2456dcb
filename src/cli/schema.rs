//! `schema`: the JSON Schema of the whole configuration, so that editors complete it.

use std::process::ExitCode;

use clap::Args;

use super::access::catalog;
use super::{Common, Ended, Output};
use crate::config;

/// `agnox-bridge schema > agnox-bridge.schema.json`
#[derive(Args, Debug)]
pub struct Schema {}

impl Schema {
    /// Prints the schema: with the services of the configuration's own, where there is one.
    pub fn run(self, common: &Common, output: &Output) -> Ended {
        output.value(&config::schema(&catalog(common)?))?;
        Ok(ExitCode::SUCCESS)
    }
}
