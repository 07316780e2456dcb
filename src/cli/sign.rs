//! `sign`: the signature that Agnox would send with a body.

use std::path::PathBuf;
use std::process::ExitCode;

use agnox_bridge_sinks::signature::HEADER;
use anyhow::Context;
use clap::Args;

use super::access::{KeyArgs, key_for, read_input};
use super::{Common, Ended, Output};

/// `agnox-bridge sign body.json`
#[derive(Args, Debug)]
pub struct Sign {
    /// The body, byte for byte; standard input if left out.
    file: Option<PathBuf>,
    #[command(flatten)]
    key: KeyArgs,
    /// Without the prefix `sha256=`.
    #[arg(long)]
    bare: bool,
}

impl Sign {
    /// Prints the header's value.
    pub fn run(self, common: &Common, output: &Output) -> Ended {
        let key =
            key_for(&self.key, common)?.context("this source is unsigned: it has no secret")?;
        let body = read_input(self.file.as_deref())?;
        let value = if self.bare { key.sign_bare(&body) } else { key.sign(&body) };
        if output.json {
            output.value(&serde_json::json!({ "header": HEADER, "value": value }))?;
        } else {
            output.line(value);
        }
        Ok(ExitCode::SUCCESS)
    }
}
