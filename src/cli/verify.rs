//! `verify`: whether a signature holds over a body, and if not, which check failed.
//!
//! Over HTTP every refusal looks the same; here, to somebody who has the secret, each says its name.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::access::{KeyArgs, keys_for, read_input};
use super::{Common, Ended, Output};
use agnox_bridge_sinks::signature::{HEADER, verify_any};

/// `agnox-bridge verify body.json --signature sha256=…`
#[derive(Args, Debug)]
pub struct Verify {
    /// The body, byte for byte; standard input if left out.
    file: Option<PathBuf>,
    /// The value of the header `x-agnox-signature`, exactly as it came.
    #[arg(long, allow_hyphen_values = true)]
    signature: String,
    #[command(flatten)]
    key: KeyArgs,
}

impl Verify {
    /// Says whether it holds.
    pub fn run(self, common: &Common, output: &Output) -> Ended {
        let keys = keys_for(&self.key, common)?;
        let body = read_input(self.file.as_deref())?;
        let verdict = verify_any(&keys, self.signature.as_bytes(), &body);
        let why = verdict.as_ref().err().map(ToString::to_string);
        if output.json {
            output.value(&serde_json::json!({
                "header": HEADER, "bytes": body.len(), "holds": verdict.is_ok(), "why": why,
            }))?;
        } else {
            match &why {
                None => output.line(format!("the signature holds over {} bytes", body.len())),
                Some(why) => output.line(format!("the signature does not hold: {why}")),
            }
        }
        Ok(if verdict.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
