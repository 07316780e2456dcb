//! `events`: what came in, what became of it, and deciding it anew.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use uuid::Uuid;

use super::access::{Access, ask, id, with};
use super::deliveries;
use super::when::{ago, back};
use super::{Common, Ended, Output};
use crate::admin::shapes::{EventDetail, EventView};
use crate::journal::EventFilter;
use crate::model::units::Span;

/// `agnox-bridge events list`
#[derive(Args, Debug)]
pub struct Events {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// The newest events.
    List(Which),
    /// One event: its body, its deliveries.
    Show {
        /// The event's id.
        #[arg(value_parser = id)]
        id: Uuid,
    },
    /// Decide an event anew under the current rules, as a new event with a new id.
    Replay {
        /// The events' ids.
        #[arg(required = true, value_parser = id)]
        ids: Vec<Uuid>,
    },
}

#[derive(Args, Debug)]
struct Which {
    /// Of this source.
    #[arg(long)]
    source: Option<String>,
    /// Of this group, exactly.
    #[arg(long)]
    group: Option<String>,
    /// With this status.
    #[arg(long)]
    status: Option<String>,
    /// Of this execution.
    #[arg(long)]
    execution: Option<String>,
    /// Only those that could not be read.
    #[arg(long)]
    unreadable: bool,
    /// Only those that could not be decided.
    #[arg(long)]
    parked: bool,
    /// Not older than this: `1h`, `7d`.
    #[arg(long, value_name = "TIME", value_parser = Span::parse)]
    since: Option<Span>,
    /// Older than this event, for the next page.
    #[arg(long, value_name = "ID", value_parser = id)]
    before: Option<Uuid>,
    /// At most so many.
    #[arg(long, default_value_t = 50)]
    limit: usize,
}

impl Which {
    fn filter(self) -> anyhow::Result<EventFilter> {
        Ok(EventFilter {
            source: self.source,
            group: self.group,
            status: self.status,
            execution: self.execution,
            unreadable: self.unreadable,
            parked: self.parked,
            since: back(self.since)?,
            until: None,
            before: self.before,
            limit: self.limit,
        })
    }
}

impl Events {
    /// Lists, shows or replays.
    pub fn run(self, common: &Common, output: &Output) -> Ended {
        with(common, async |access| self.action.run(access, output).await)
    }
}

impl Action {
    async fn run(self, access: &Access, output: &Output) -> Ended {
        match self {
            Action::List(which) => {
                let filter = which.filter()?;
                list(&ask!(access, events(), by_ref(filter)), output)
            }
            Action::Show { id } => show(&ask!(access, event(id)), output),
            Action::Replay { ids } => {
                for id in ids {
                    let replayed = ask!(access, replay(id));
                    match output.json {
                        true => output.value(&replayed)?,
                        false => output.line(format!("{id} is decided anew as {}", replayed.id)),
                    }
                }
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

/// Prints events.
pub(super) fn list(events: &[EventView], output: &Output) -> Ended {
    if output.json {
        output.value(&events)?;
    } else if events.is_empty() {
        output.line("no events");
    } else {
        output.table(["id", "received", "status", "group", "summary"], events.iter().map(row));
    }
    Ok(ExitCode::SUCCESS)
}

fn row(event: &EventView) -> [String; 5] {
    let status = event.status.clone().unwrap_or_else(|| match event.unreadable {
        Some(_) => "unreadable".to_owned(),
        None => "-".to_owned(),
    });
    [
        event.id.to_string(),
        ago(event.received_at),
        status,
        event.group.clone(),
        event.summary.clone().or_else(|| event.unreadable.clone()).unwrap_or_default(),
    ]
}

fn show(detail: &EventDetail, output: &Output) -> Ended {
    if output.json {
        output.value(detail)?;
        return Ok(ExitCode::SUCCESS);
    }
    let event = &detail.event;
    output.line(format!(
        "event {} of source {}, received {}",
        event.id,
        event.source,
        ago(event.received_at)
    ));
    if let Some(why) = &event.unreadable {
        output.line(format!("it could not be read: {why}"));
    }
    output.line(format!("\n{}\n", detail.body));
    if detail.deliveries.is_empty() {
        output.line("no deliveries came of it");
        return Ok(ExitCode::SUCCESS);
    }
    deliveries::list(&detail.deliveries, output)
}
