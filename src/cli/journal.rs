//! `journal`: a backup while the gateway runs, and a look for damage.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::access::{Access, ask, with};
use super::{Common, Ended, Output};

/// `agnox-bridge journal backup FILE`
#[derive(Args, Debug)]
pub struct Journal {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// Write a consistent copy to a new file, also while the gateway runs.
    Backup {
        /// The copy; it must not exist yet.
        file: PathBuf,
    },
    /// Read everything and say what is damaged.
    Check,
}

impl Journal {
    /// Backs up or checks.
    pub fn run(self, common: &Common, output: &Output) -> Ended {
        with(common, async |access| self.action.run(access, output).await)
    }
}

impl Action {
    async fn run(self, access: &Access, output: &Output) -> Ended {
        match self {
            Action::Backup { file } => {
                let file = std::path::absolute(file)?;
                output.progress("copying the journal …");
                ask!(access, backup(file.clone()));
                let bytes = std::fs::metadata(&file).map(|data| data.len()).ok();
                match output.json {
                    true => output.value(&serde_json::json!({ "file": file, "bytes": bytes }))?,
                    false => output.line(format!("wrote {}", file.display())),
                }
                Ok(ExitCode::SUCCESS)
            }
            Action::Check => {
                output.progress("reading the whole journal …");
                let checked = ask!(access, check());
                match output.json {
                    true => output.value(&checked)?,
                    false if checked.damage.is_empty() => output.line("the journal is whole"),
                    false => output.line(format!("damaged:\n  {}", checked.damage.join("\n  "))),
                }
                Ok(if checked.damage.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
            }
        }
    }
}
