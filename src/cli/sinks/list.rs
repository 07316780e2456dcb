//! `sinks list`: the configured sinks and how they are, and below them every kind that a
//! configuration may name.

use std::process::ExitCode;
use std::sync::Arc;

use agnox_bridge_sinks::catalog::Catalog;
use agnox_bridge_sinks::kind::Kind;
use serde_json::{Value, json};

use crate::cli::access::{NotStarted, ask, catalog, load, with};
use crate::cli::when::ago;
use crate::cli::{Common, Ended, Output};
use crate::deliver::{Condition, Outlet, SinkState};

/// Lists what can be had; what can't is told on standard error, and fails the command.
pub fn list(common: &Common, output: &Output) -> Ended {
    let mut troubles = Vec::new();
    let states = states(common).unwrap_or_else(|error| {
        troubles.push(error);
        Vec::new()
    });
    let catalog = catalog(common).unwrap_or_else(|error| {
        troubles.push(error);
        Catalog::built_in().clone()
    });
    if output.json {
        let kinds: Vec<Value> = catalog.kinds().map(value).collect();
        output.value(&json!({ "sinks": states, "kinds": kinds }))?;
    } else {
        if common.config.exists() {
            tell_states(&states, output);
        }
        tell_kinds(&catalog, output);
    }
    troubles.iter().for_each(|error| output.error(error));
    Ok(if troubles.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// How the configured sinks are; none without a configuration. Before the first start nothing waits
/// anywhere.
fn states(common: &Common) -> anyhow::Result<Vec<SinkState>> {
    let mut states = Vec::new();
    if !common.config.exists() {
        return Ok(states);
    }
    let asked = with(common, async |access| {
        states = ask!(access, sinks());
        Ok(ExitCode::SUCCESS)
    });
    match asked {
        Err(error) if error.is::<NotStarted>() => {
            let outlets = load(common)?.outlets;
            let idle = |outlet: &Arc<Outlet>| SinkState {
                kind: Some(outlet.kind.clone()),
                ..SinkState::idle(outlet.name.clone())
            };
            Ok(outlets.values().map(idle).collect())
        }
        Err(error) => Err(error),
        Ok(_) => Ok(states),
    }
}

fn tell_states(states: &[SinkState], output: &Output) {
    if states.is_empty() {
        return output.line("no sinks\n");
    }
    output.table(
        ["sink", "kind", "state", "waiting", "dead", "oldest", "reason"],
        states.iter().map(row),
    );
    output.line("");
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

fn tell_kinds(catalog: &Catalog, output: &Output) {
    let longest = catalog.names().map(|name| name.chars().count()).max().unwrap_or_default();
    let row = |name: &str, about: &str| {
        output.wrapped(&format!(" {name:<longest$}  {about}"), longest + 3);
    };
    row("KIND", "WHAT IT IS");
    for kind in catalog.kinds() {
        let own = if is_own(kind) { " (your own)" } else { "" };
        row(kind.name(), &format!("{}{own}", kind.about()));
    }
    output.line(
        "\n`agnox-bridge sinks show KIND` says what a kind takes and what its message looks like.",
    );
}

fn value(kind: &Kind) -> Value {
    json!({ "kind": kind.name(), "about": kind.about(), "own": is_own(kind) })
}

fn is_own(kind: &Kind) -> bool {
    Catalog::built_in().kind(kind.name()).is_none()
}
