//! `groups`: how each group stands, its newest runs as a strip, its open incident.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use jiff::tz::TimeZone;

use super::access::{Access, ask, with};
use super::output::shown;
use super::strip::{legend, painted, strip};
use super::when::{ago, on};
use super::{Common, Ended, Output, events, incidents};
use crate::admin::shapes::{GroupDetail, GroupQuery, GroupView, OneGroup};

/// `agnox-bridge groups list --failing`
#[derive(Args, Debug)]
pub struct Groups {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// All groups that ever reported, those that fail first.
    List(Which),
    /// One group: how it stands, its newest runs, who was told of its open incident.
    Show {
        /// The group's name.
        group: String,
        /// Its source, where several have such a group.
        #[arg(long)]
        source: Option<String>,
    },
}

#[derive(Args, Debug)]
struct Which {
    /// Only those that fail.
    #[arg(long)]
    failing: bool,
    /// Of this source.
    #[arg(long)]
    source: Option<String>,
    /// Whose name matches: a glob, or `/regex/`.
    #[arg(long, value_name = "GLOB")]
    filter: Option<String>,
}

impl Groups {
    /// Lists or shows.
    pub fn run(self, common: &Common, output: &Output) -> Ended {
        with(common, async |access| self.action.run(access, output).await)
    }
}

impl Action {
    async fn run(self, access: &Access, output: &Output) -> Ended {
        match self {
            Action::List(Which { failing, source, filter }) => {
                let query = GroupQuery { source, filter, failing };
                list(&ask!(access, groups(), by_ref(query)), output)
            }
            Action::Show { group, source } => {
                let which = OneGroup { group, source };
                show(&ask!(access, group(), by_ref(which)), &access.zone, output)
            }
        }
    }
}

fn list(groups: &[GroupView], output: &Output) -> Ended {
    if output.json {
        output.value(&groups)?;
        return Ok(ExitCode::SUCCESS);
    }
    if groups.is_empty() {
        output.line("no groups");
        return Ok(ExitCode::SUCCESS);
    }
    output.painted_table(
        ["group", "source", "state", "in a row", "since", "last run", "runs", "incident"],
        groups.iter().map(row),
        |line| painted(line, output),
    );
    output.line("");
    output.styled(painted(&summary(groups), output));
    Ok(ExitCode::SUCCESS)
}

fn row(group: &GroupView) -> [String; 8] {
    [
        group.group.clone(),
        group.source.clone(),
        state(group),
        group.in_a_row.to_string(),
        group.since.map(ago).unwrap_or_default(),
        group.last_run.map(ago).unwrap_or_default(),
        strip(&group.runs),
        group.incident.map(|id| cut(&id.to_string())).unwrap_or_default(),
    ]
}

/// Of an incident's id the list shows its beginning, which is enough to name it.
const BEGINNING: usize = 18;

fn cut(id: &str) -> String {
    id.chars().take(BEGINNING).collect()
}

fn state(group: &GroupView) -> String {
    let status = group.status.as_deref().unwrap_or("-");
    match group.failing {
        Some(true) => format!("failing {status}"),
        Some(false) => format!("passing {status}"),
        None => "unknown".to_owned(),
    }
}

/// How many fail, and what the marks mean.
fn summary(groups: &[GroupView]) -> String {
    let failing = groups.iter().filter(|group| group.failing == Some(true)).count();
    let runs = groups.iter().flat_map(|group| &group.runs);
    let count = match groups.len() {
        1 => "1 group".to_owned(),
        count => format!("{count} groups"),
    };
    format!("{count}, {failing} failing; runs, oldest first: {}", legend(runs))
}

fn show(detail: &GroupDetail, zone: &TimeZone, output: &Output) -> Ended {
    if output.json {
        output.value(detail)?;
        return Ok(ExitCode::SUCCESS);
    }
    let group = &detail.group;
    output.line(format!("{} of source {}", shown(&group.group), group.source));
    output.line(format!("  state     {}", standing(group, zone)));
    if let Some(at) = detail.recovered_at {
        output.line(format!("  recovered {} (last time)", ago(at)));
    }
    if let Some(labels) = detail.labels.as_ref().filter(|labels| !labels.is_empty()) {
        let labels = labels.iter().map(|(name, value)| format!("{name}={value}"));
        output.line(format!("  labels    {}", labels.collect::<Vec<_>>().join(", ")));
    }
    if let Some(statuses) = &detail.failing_statuses {
        output.line(format!("  failing   {}", statuses.join(", ")));
    }
    show_runs(group, zone, output);
    match &detail.open_incident {
        Some(incident) => {
            output.line("\nopen incident");
            incidents::tell(incident, zone, output);
        }
        None => output.line("\nno open incident"),
    }
    output.line("\nlast events");
    events::list(&detail.events, output)
}

fn standing(group: &GroupView, zone: &TimeZone) -> String {
    let mut text = state(group);
    if let Some(since) = group.since {
        text.push_str(&format!(", {} in a row since {}", group.in_a_row, on(since, zone)));
        text.push_str(&format!(" ({})", ago(since)));
    }
    text
}

/// The strip, with the days on which it begins and ends.
fn show_runs(group: &GroupView, zone: &TimeZone, output: &Output) {
    let (Some(first), Some(last)) = (group.runs.first(), group.runs.last()) else {
        return output.line("  runs      none");
    };
    let line = format!(
        "  runs      {}  {} to {}",
        strip(&group.runs),
        on(first.finished_at, zone),
        on(last.finished_at, zone),
    );
    output.styled(painted(&line, output));
    output.styled(painted(&format!("            {}", legend(group.runs.iter())), output));
}
