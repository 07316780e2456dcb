//! `deliveries`: what is told to whom, how far it came, and trying dead ones again.

use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, Subcommand, ValueEnum};
use uuid::Uuid;

use super::access::{Access, ask, id, with};
use super::when::{ago, back};
use super::{Common, Ended, Output};
use crate::admin::shapes::{DeliveryDetail, DeliveryView};
use crate::journal::DeliveryFilter;
use crate::model::DeliveryState;
use crate::model::units::Span;

/// `agnox-bridge deliveries list --state dead`
#[derive(Args, Debug)]
pub struct Deliveries {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// The newest deliveries.
    List(Which),
    /// One delivery with all its attempts.
    Show {
        /// The delivery's id.
        #[arg(value_parser = id)]
        id: Uuid,
    },
    /// Try dead deliveries again: those named, or all that the flags select.
    Retry(Dead),
    /// Mark dead deliveries as seen, so that retention may take them one day.
    Seen(Dead),
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum State {
    Waiting,
    Delivered,
    Dead,
    Cancelled,
    Held,
}

#[derive(Args, Debug)]
struct Which {
    /// In this state.
    #[arg(long, value_enum)]
    state: Option<State>,
    /// To this sink.
    #[arg(long)]
    sink: Option<String>,
    /// Of this event.
    #[arg(long, value_name = "ID", value_parser = id)]
    event: Option<Uuid>,
    /// Not older than this: `1h`, `7d`.
    #[arg(long, value_name = "TIME", value_parser = Span::parse)]
    since: Option<Span>,
    /// Older than this delivery, for the next page.
    #[arg(long, value_name = "ID", value_parser = id)]
    before: Option<Uuid>,
    /// At most so many.
    #[arg(long, default_value_t = 50)]
    limit: usize,
}

#[derive(Args, Debug)]
struct Dead {
    /// The deliveries' ids.
    #[arg(value_parser = id)]
    ids: Vec<Uuid>,
    /// All dead ones to this sink.
    #[arg(long)]
    sink: Option<String>,
    /// All dead ones of this event.
    #[arg(long, value_name = "ID", value_parser = id)]
    event: Option<Uuid>,
    /// All dead ones not older than this: `1h`, `7d`.
    #[arg(long, value_name = "TIME", value_parser = Span::parse)]
    since: Option<Span>,
    /// All dead ones.
    #[arg(long)]
    all: bool,
}

impl Deliveries {
    /// Lists, shows, retries or marks.
    pub fn run(self, common: &Common, output: &Output) -> Ended {
        with(common, async |access| self.action.run(access, output).await)
    }
}

impl Action {
    async fn run(self, access: &Access, output: &Output) -> Ended {
        match self {
            Action::List(which) => {
                let filter = which.filter()?;
                list(&ask!(access, deliveries(), by_ref(filter)), output)
            }
            Action::Show { id } => show(&ask!(access, delivery(id)), output),
            Action::Retry(dead) => {
                let filter = dead.filter()?;
                changed(
                    ask!(access, retry(), by_ref(filter)).changed,
                    "put back to waiting",
                    output,
                )
            }
            Action::Seen(dead) => {
                let filter = dead.filter()?;
                changed(
                    ask!(access, acknowledge(), by_ref(filter)).changed,
                    "marked as seen",
                    output,
                )
            }
        }
    }
}

impl Which {
    fn filter(self) -> anyhow::Result<DeliveryFilter> {
        let state = self.state.map(|state| match state {
            State::Waiting => DeliveryState::Waiting,
            State::Delivered => DeliveryState::Delivered,
            State::Dead => DeliveryState::Dead,
            State::Cancelled => DeliveryState::Cancelled,
            State::Held => DeliveryState::Held,
        });
        Ok(DeliveryFilter {
            sink: self.sink,
            state,
            event: self.event,
            since: back(self.since)?,
            before: self.before,
            limit: self.limit,
            ..DeliveryFilter::default()
        })
    }
}

impl Dead {
    fn filter(self) -> anyhow::Result<DeliveryFilter> {
        let narrowed = self.sink.is_some() || self.event.is_some() || self.since.is_some();
        if self.ids.is_empty() && !narrowed && !self.all {
            bail!("name the deliveries, or select them with --sink, --event, --since or --all");
        }
        Ok(DeliveryFilter {
            ids: self.ids,
            sink: self.sink,
            event: self.event,
            since: back(self.since)?,
            state: Some(DeliveryState::Dead),
            ..DeliveryFilter::default()
        })
    }
}

fn changed(count: u64, what: &str, output: &Output) -> Ended {
    match output.json {
        true => output.value(&serde_json::json!({ "changed": count }))?,
        false if count == 1 => output.line(format!("1 delivery {what}")),
        false => output.line(format!("{count} deliveries {what}")),
    }
    Ok(if count > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Prints deliveries.
pub(super) fn list(deliveries: &[DeliveryView], output: &Output) -> Ended {
    if output.json {
        output.value(&deliveries)?;
    } else if deliveries.is_empty() {
        output.line("no deliveries");
    } else {
        output.table(
            ["id", "decided", "sink", "state", "tries", "rules", "note"],
            deliveries.iter().map(row),
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn row(delivery: &DeliveryView) -> [String; 7] {
    [
        delivery.id.to_string(),
        ago(delivery.created_at),
        delivery.sink.clone(),
        word(delivery.state).to_owned(),
        delivery.attempts.to_string(),
        delivery.rules.join(", "),
        note(delivery),
    ]
}

/// What there is to say of a delivery beside its state.
pub(super) fn note(delivery: &DeliveryView) -> String {
    let last = delivery.last_attempt.as_ref().and_then(|attempt| attempt.reason.clone());
    let mut note = match delivery.state {
        DeliveryState::Delivered => String::new(),
        DeliveryState::Held => "waits for what it answers".to_owned(),
        _ => delivery.reason.clone().or(last).unwrap_or_default(),
    };
    if delivery.maybe_arrived && delivery.state != DeliveryState::Delivered {
        note.push_str(if note.is_empty() { "it may" } else { "; it may" });
        note.push_str(" have arrived all the same");
    }
    note
}

/// A delivery's state, in a word.
pub(super) fn word(state: DeliveryState) -> &'static str {
    match state {
        DeliveryState::Waiting => "waiting",
        DeliveryState::Delivered => "delivered",
        DeliveryState::Dead => "dead",
        DeliveryState::Cancelled => "cancelled",
        DeliveryState::Held => "held",
    }
}

fn show(detail: &DeliveryDetail, output: &Output) -> Ended {
    if output.json {
        output.value(detail)?;
        return Ok(ExitCode::SUCCESS);
    }
    let delivery = &detail.delivery;
    output.line(format!("delivery {} to {}: {}", delivery.id, delivery.sink, word(delivery.state)));
    output.line(format!("of event {}, for {}", delivery.event_id, delivery.rules.join(", ")));
    let note = note(delivery);
    if !note.is_empty() {
        output.line(format!("because: {note}"));
    }
    if delivery.answers {
        let answered: Vec<String> = detail.answered.iter().map(Uuid::to_string).collect();
        output.line(format!("a recovery that answers {}", answered.join(", ")));
    }
    output.line("");
    let rows = detail.history.iter().map(|attempt| {
        [
            attempt.number.to_string(),
            format!("{:.0}", attempt.at),
            format!("{} ms", attempt.latency_ms),
            format!("{:?}", attempt.outcome).to_lowercase(),
            attempt.status.map(|code| code.to_string()).unwrap_or_default(),
            attempt.reason.clone().or_else(|| attempt.excerpt.clone()).unwrap_or_default(),
        ]
    });
    output.table(["try", "at", "took", "outcome", "status", "said"], rows);
    Ok(ExitCode::SUCCESS)
}
