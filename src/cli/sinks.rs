//! `sinks`: how each sink is, and ending a suspension.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::access::{Access, ask, with};
use super::when::ago;
use super::{Common, Ended, Output};
use crate::deliver::{Condition, SinkState};

/// `agnox-bridge sinks list`
#[derive(Args, Debug)]
pub struct Sinks {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// All sinks and how they are.
    List,
    /// Try a suspended sink again now.
    Resume {
        /// The sink's name.
        name: String,
    },
}

impl Sinks {
    /// Lists or resumes.
    pub fn run(self, common: &Common, output: &Output) -> Ended {
        with(common, async |access| self.action.run(access, output).await)
    }
}

impl Action {
    async fn run(self, access: &Access, output: &Output) -> Ended {
        match self {
            Action::List => list(&ask!(access, sinks()), output),
            Action::Resume { name } => {
                ask!(access, resume(&name));
                match output.json {
                    true => output.value(&serde_json::json!({ "resumed": name }))?,
                    false => output.line(format!("sink {name} is tried again")),
                }
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

fn list(sinks: &[SinkState], output: &Output) -> Ended {
    if output.json {
        output.value(&sinks)?;
    } else if sinks.is_empty() {
        output.line("no sinks");
    } else {
        output.table(
            ["sink", "kind", "state", "waiting", "dead", "oldest", "reason"],
            sinks.iter().map(row),
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn row(sink: &SinkState) -> [String; 7] {
    let state = match sink.state {
        Condition::Healthy => "healthy".to_owned(),
        Condition::BackingOff => since("backing off", sink),
        Condition::Suspended => since("suspended", sink),
        Condition::Gone => "gone".to_owned(),
    };
    [
        sink.name.clone(),
        sink.kind.clone().unwrap_or_else(|| "-".to_owned()),
        state,
        sink.waiting.to_string(),
        sink.dead.to_string(),
        sink.oldest_waiting.map(ago).unwrap_or_default(),
        sink.reason.clone().unwrap_or_default(),
    ]
}

fn since(word: &str, sink: &SinkState) -> String {
    match sink.since {
        Some(at) => format!("{word}, since {}", ago(at)),
        None => word.to_owned(),
    }
}
