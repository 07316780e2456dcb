//! `serve`: the gateway itself.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::access::load;
use super::{Common, Ended, Output};
use crate::app::{self, GRACE, Options};
use crate::config::LoadOptions;
use crate::telemetry::logs::{self, LogFormat};

/// `agnox-bridge serve`
#[derive(Args, Debug)]
pub struct Serve {
    /// Decide and record, and send nothing: see what it would do.
    #[arg(long)]
    shadow: bool,
    /// How log lines are written to standard error: `text` or `json`.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    log_format: LogFormat,
    /// What is logged: `error`, `warn`, `info`, `debug`, `trace`, or a filter as in RUST_LOG.
    #[arg(long, value_name = "LEVEL")]
    log_level: Option<String>,
}

impl Serve {
    /// Runs until it is told to stop.
    pub fn run(self, common: &Common, output: &Output) -> Ended {
        logs::init(self.log_format, self.log_level.as_deref())?;
        let loaded = load(common)?;
        for warning in &loaded.warnings {
            output.progress(warning.render(output.colored()));
        }
        let options = Options {
            config: common.config.clone(),
            load: Arc::new(LoadOptions::default()),
            shadow: self.shadow,
            announce: true,
            grace: GRACE,
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        match runtime.block_on(app::serve(loaded, options)) {
            Ok(()) => Ok(ExitCode::SUCCESS),
            Err(error) => {
                let code = error.exit_code();
                output.error(&anyhow::Error::from(error));
                Ok(ExitCode::from(code))
            }
        }
    }
}
