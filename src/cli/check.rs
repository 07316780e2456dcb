//! `check`: everything that is wrong with a configuration, in one go; what the start would refuse,
//! this refuses.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::access::{folder_of, there_is_one};
use super::{Common, Ended, Output, runtime};
use crate::admin::AdminClient;
use crate::config::{self, LoadOptions, Loaded, ServerConfig};
use crate::journal;

/// How long a sink's address may take to answer.
const REACH: Duration = Duration::from_secs(5);

/// `agnox-bridge check`
#[derive(Args, Debug)]
pub struct Check {
    /// Take placeholders for variables and files that aren't there: for pull requests.
    #[arg(long)]
    without_secrets: bool,
    /// Try each sink's address, without sending anything.
    #[arg(long, conflicts_with = "without_secrets")]
    online: bool,
    /// Fail on warnings too.
    #[arg(long)]
    deny_warnings: bool,
}

impl Check {
    /// Says what is wrong, what is odd, and what there is.
    pub fn run(self, common: &Common, output: &Output) -> Ended {
        let options =
            LoadOptions { without_secrets: self.without_secrets, ..LoadOptions::default() };
        there_is_one(common)?;
        let loaded = match config::load(&common.config, &options) {
            Ok(loaded) => loaded,
            Err(report) => return refuse(&report, output),
        };
        let obstacles = match self.without_secrets {
            true => Vec::new(),
            false => obstacles(&loaded, common)?,
        };
        if !obstacles.is_empty() {
            return refuse_start(&obstacles, &loaded, output);
        }
        let reached = if self.online { reach_all(&loaded)? } else { Vec::new() };
        let unreached = reached.iter().any(|(_, answer)| answer.is_err());
        tell(&loaded, &reached, common, output)?;
        let odd = self.deny_warnings && !loaded.warnings.is_empty();
        Ok(if unreached || odd { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

fn refuse(report: &config::Report, output: &Output) -> Ended {
    if output.json {
        output.value(&json!({ "ok": false, "diagnostics": report.diagnostics }))?;
    } else {
        output.styled(report.render(output.colored()));
    }
    Ok(ExitCode::FAILURE)
}

/// What else the start would meet: a journal that it can't use, an address that somebody has. A
/// gateway that runs on this configuration has both by right.
fn obstacles(loaded: &Loaded, common: &Common) -> anyhow::Result<Vec<String>> {
    let url = loaded.settings.journal.url.to_string();
    let mut found = Vec::new();
    if let Err(error) = journal::probe(&url, folder_of(&common.config)) {
        found.push(error.to_string());
    }
    let server = &loaded.settings.server;
    let taken = [server.listen, server.admin].into_iter().filter(|address| is_taken(*address));
    let taken: Vec<_> = taken.collect();
    if !taken.is_empty() && !runtime()?.block_on(gateway_runs(server)) {
        found.extend(taken.iter().map(|address| format!("{address} is in use by another program")));
    }
    Ok(found)
}

fn is_taken(address: SocketAddr) -> bool {
    TcpListener::bind(address).is_err_and(|error| error.kind() == ErrorKind::AddrInUse)
}

async fn gateway_runs(server: &ServerConfig) -> bool {
    let client = AdminClient::new(&server.admin.to_string(), server.admin_token.clone());
    let Ok(client) = client else { return false };
    client.status().await.is_ok()
}

fn refuse_start(obstacles: &[String], loaded: &Loaded, output: &Output) -> Ended {
    if output.json {
        let diagnostics = &loaded.warnings;
        output
            .value(&json!({ "ok": false, "diagnostics": diagnostics, "obstacles": obstacles }))?;
    } else {
        obstacles.iter().for_each(|obstacle| output.line(format!("error: {obstacle}")));
    }
    Ok(ExitCode::FAILURE)
}

type Reached = (String, Result<String, String>);

fn reach_all(loaded: &Loaded) -> anyhow::Result<Vec<Reached>> {
    runtime()?.block_on(async {
        let mut reached = Vec::new();
        for (name, outlet) in &loaded.outlets {
            let answer = outlet.sink.reach(REACH).await.map_err(|failure| failure.reason);
            reached.push((name.clone(), answer.map_err(|reason| loaded.redactor.cover(&reason))));
        }
        Ok(reached)
    })
}

fn tell(
    loaded: &Loaded,
    reached: &[Reached],
    common: &Common,
    output: &Output,
) -> anyhow::Result<()> {
    let settings = &loaded.settings;
    if output.json {
        let reached: Vec<_> = reached
            .iter()
            .map(|(sink, answer)| json!({
                "sink": sink, "reached": answer.is_ok(), "says": answer.as_ref().unwrap_or_else(|why| why),
            }))
            .collect();
        return output.value(&json!({
            "ok": true, "diagnostics": loaded.warnings, "version": loaded.version,
            "sources": settings.sources.len(), "groups": settings.groups.len(),
            "sinks": loaded.outlets.len(), "rules": settings.rules.len(), "reached": reached,
        }));
    }
    for warning in &loaded.warnings {
        output.styled(warning.render(output.colored()));
    }
    for (sink, answer) in reached {
        match answer {
            Ok(says) => output.line(format!("sink {sink}: {says}")),
            Err(why) => output.line(format!("sink {sink}: NOT REACHED: {why}")),
        }
    }
    output.line(format!("{} is good: {}", common.config.display(), summary(loaded)));
    Ok(())
}

/// What a configuration holds, in a line.
pub(super) fn summary(loaded: &Loaded) -> String {
    let settings = &loaded.settings;
    let parts = [
        (settings.sources.len(), "source"),
        (settings.groups.len(), "group entry"),
        (loaded.outlets.len(), "sink"),
        (settings.rules.len(), "rule"),
        (loaded.warnings.len(), "warning"),
    ];
    let worded =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| match (count, *word) {
            (1, word) => format!("1 {word}"),
            (count, "group entry") => format!("{count} group entries"),
            (count, word) => format!("{count} {word}s"),
        });
    worded.collect::<Vec<_>>().join(", ")
}
