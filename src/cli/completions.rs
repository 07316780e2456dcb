//! `completions`: what a shell needs to complete commands and flags.

use std::process::ExitCode;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, Ended, Output};

/// `agnox-bridge completions bash > /etc/bash_completion.d/agnox-bridge`
#[derive(Args, Debug)]
pub struct Completions {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    /// Prints the completions.
    pub fn run(self, output: &Output) -> Ended {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "agnox-bridge", &mut script);
        output.line(String::from_utf8(script)?);
        Ok(ExitCode::SUCCESS)
    }
}
