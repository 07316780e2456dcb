//! `sinks`: those that are configured and how they are, the kinds that there are, and a service of
//! one's own from its first line to its first message. One file per command.

mod exchange;
mod fresh;
mod list;
mod new;
mod show;
mod test;
mod tryout;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::access::{ask, with};
use super::{Common, Ended, Output};

/// `agnox-bridge sinks …`
#[derive(Args, Debug)]
pub struct Sinks {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// The configured sinks and how they are, and all kinds that can be configured.
    List,
    /// What a kind of sink takes, does and looks like.
    Show(show::Show),
    /// Write a commented file for a service of your own.
    New(new::New),
    /// Run the examples in services' files.
    Test(test::Test),
    /// Send one message marked as a test through a configured sink, and show the exchange.
    Try(tryout::Try),
    /// Try a suspended sink again now.
    Resume {
        /// The sink's name.
        name: String,
    },
}

impl Sinks {
    /// Does what was asked for.
    pub fn run(self, common: &Common, output: &Output) -> Ended {
        match self.action {
            Action::List => list::list(common, output),
            Action::Show(show) => show.run(common, output),
            Action::New(new) => new.run(common, output),
            Action::Test(test) => test.run(common, output),
            Action::Try(tryout) => tryout.run(common, output),
            Action::Resume { name } => resume(&name, common, output),
        }
    }
}

fn resume(name: &str, common: &Common, output: &Output) -> Ended {
    with(common, async |access| {
        ask!(access, resume(name));
        match output.json {
            true => output.value(&serde_json::json!({ "resumed": name }))?,
            false => output.line(format!("sink {name} is tried again")),
        }
        Ok(ExitCode::SUCCESS)
    })
}
