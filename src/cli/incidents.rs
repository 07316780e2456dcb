//! `incidents`: unbroken failing runs, who was told of each, what became of the messages, and what
//! sinks hold open for it.

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::access::{Access, ask, with};
use super::deliveries::{note, word};
use super::output::shown;
use super::when::{ago, back, between, on};
use super::{Common, Ended, Output};
use crate::admin::shapes::{
    DeliveryView, DestinationView, IncidentDetail, IncidentQuery, IncidentView, ThingView,
};
use crate::model::units::Span;
use crate::model::{DeliveryState, ThingState};

/// `agnox-bridge incidents list --open`
#[derive(Args, Debug)]
pub struct Incidents {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// The open incidents, then those that ended.
    List(Which),
    /// One incident: who was told of it, and what became of each message.
    Show {
        /// The incident's id, or the beginning of it if no other incident's begins so.
        id: String,
    },
}

#[derive(Args, Debug)]
struct Which {
    /// Only those that are open.
    #[arg(long)]
    open: bool,
    /// Of this group.
    #[arg(long)]
    group: Option<String>,
    /// Of this source.
    #[arg(long)]
    source: Option<String>,
    /// Open, or ended not longer ago than this: `1h`, `7d`.
    #[arg(long, value_name = "TIME", value_parser = Span::parse)]
    since: Option<Span>,
    /// At most so many.
    #[arg(long, default_value_t = 50)]
    limit: usize,
}

impl Incidents {
    /// Lists or shows.
    pub fn run(self, common: &Common, output: &Output) -> Ended {
        with(common, async |access| self.action.run(access, output).await)
    }
}

impl Action {
    async fn run(self, access: &Access, output: &Output) -> Ended {
        match self {
            Action::List(Which { open, group, source, since, limit }) => {
                let query = IncidentQuery { open, source, group, since: back(since)?, limit };
                list(&ask!(access, incidents(), by_ref(query)), output)
            }
            Action::Show { id } => {
                let detail = ask!(access, incident(&id));
                if output.json {
                    output.value(&detail)?;
                } else {
                    tell(&detail, &access.zone, output);
                }
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

fn list(incidents: &[IncidentView], output: &Output) -> Ended {
    if output.json {
        output.value(&incidents)?;
    } else if incidents.is_empty() {
        output.line("no incidents");
    } else {
        output.table(
            ["id", "group", "source", "status", "failures", "began", "lasted", "told"],
            incidents.iter().map(row),
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn row(incident: &IncidentView) -> [String; 8] {
    let mut sinks: Vec<&str> = incident.told.iter().map(|told| &*told.sink).collect();
    sinks.sort_unstable();
    sinks.dedup();
    [
        incident.id.to_string(),
        incident.group.clone(),
        incident.source.clone(),
        incident.status.clone(),
        incident.count.to_string(),
        ago(incident.opened_at),
        lasted(incident),
        if sinks.is_empty() { "nobody".to_owned() } else { sinks.join(", ") },
    ]
}

fn lasted(incident: &IncidentView) -> String {
    match incident.ended_at {
        Some(end) => between(incident.opened_at, end),
        None => "open".to_owned(),
    }
}

/// Says all of an incident.
pub(super) fn tell(detail: &IncidentDetail, zone: &TimeZone, output: &Output) {
    let incident = &detail.incident;
    output.line(format!("incident {}: {}", incident.id, headline(incident)));
    output.line(format!("  group     {} of source {}", shown(&incident.group), incident.source));
    let failures = match incident.count {
        1 => "1 failing run".to_owned(),
        count => format!("{count} failing runs"),
    };
    output.line(format!("  status    {}, {failures}", incident.status));
    let when = |at: Timestamp| format!("{} ({})", on(at, zone), ago(at));
    output.line(format!("  began     {}, event {}", when(incident.opened_at), incident.id));
    output.line(format!("  latest    {}, event {}", when(incident.last_at), incident.last_event));
    if let (Some(end), Some(event)) = (incident.ended_at, incident.recovered_by) {
        output.line(format!("  ended     {}, event {event}", when(end)));
    }
    if detail.destinations.is_empty() {
        output.line("  told      nobody");
    }
    for destination in &detail.destinations {
        tell_destination(destination, incident.open, output);
    }
    for thing in &detail.things {
        output.line(format!("  holds     {}", held(thing, zone)));
    }
}

/// What a sink holds open, or held.
fn held(thing: &ThingView, zone: &TimeZone) -> String {
    let value = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => shown(text),
        other => other.to_string(),
    };
    let captured: Vec<String> =
        thing.captured.iter().map(|(name, of)| format!("{name}={}", value(of))).collect();
    let how = match thing.state {
        ThingState::Open => "open since",
        ThingState::Closed => "closed",
        ThingState::Gone => "gone since",
    };
    let captured = match captured.is_empty() {
        true => String::new(),
        false => format!(": {}", captured.join(", ")),
    };
    format!("{}{captured}, {how} {}", place(&thing.sink, &thing.with), on(thing.since, zone))
}

fn headline(incident: &IncidentView) -> String {
    match incident.ended_at {
        Some(end) => format!("recovered after {}", between(incident.opened_at, end)),
        None => format!("open, failing for {}", between(incident.opened_at, Timestamp::now())),
    }
}

fn tell_destination(destination: &DestinationView, open: bool, output: &Output) {
    let rules: Vec<String> = destination.rules.iter().map(|rule| format!("`{rule}`")).collect();
    output.line(format!(
        "  told      {} by {}",
        place(&destination.sink, &destination.with),
        rules.join(", ")
    ));
    if destination.deliveries.is_empty() {
        output.line(match destination.collected {
            true => "            put off: it is in a collection that is told of later",
            false => "            its messages are forgotten by now",
        });
    }
    for delivery in &destination.deliveries {
        output.line(format!("            {}", sentence(delivery)));
    }
    for recovery in &destination.recoveries {
        output.line(format!("            recovery: {}", sentence(recovery)));
    }
    if destination.recoveries.is_empty() {
        output.line(format!("            recovery: {}", prospect(destination, open)));
    }
}

/// What is to be expected of a recovery that was not planned yet.
fn prospect(destination: &DestinationView, open: bool) -> &'static str {
    let lost = |delivery: &DeliveryView| {
        matches!(delivery.state, DeliveryState::Dead | DeliveryState::Cancelled)
    };
    let all_lost = !destination.deliveries.is_empty() && destination.deliveries.iter().all(lost);
    match (destination.recovery, open) {
        (false, _) => "not asked for",
        (true, true) if all_lost => "owed only if a message of the failure still arrives",
        (true, true) => "owed, once it has recovered",
        (true, false) => "no message of it is known",
    }
}

/// A sink with its parameters.
pub(super) fn place(sink: &str, with: &BTreeMap<String, String>) -> String {
    let with = with.iter().map(|(name, value)| format!(", {name}: {value}"));
    format!("{sink}{}", with.collect::<String>())
}

/// How far a delivery came, what was answered, and its id.
fn sentence(delivery: &DeliveryView) -> String {
    format!("{}; delivery {}", progress(delivery), delivery.id)
}

/// How far a delivery came, and what was answered.
pub(super) fn progress(delivery: &DeliveryView) -> String {
    let mut text = word(delivery.state).to_owned();
    match delivery.attempts {
        0 => {}
        1 => text.push_str(", 1 try"),
        tries => text.push_str(&format!(", {tries} tries")),
    }
    if let Some(answer) = answer(delivery) {
        text.push_str(&format!(", answered {answer}"));
    }
    let note = shown(&note(delivery));
    if !note.is_empty() {
        text.push_str(&format!(": {note}"));
    }
    text
}

fn answer(delivery: &DeliveryView) -> Option<String> {
    let last = delivery.last_attempt.as_ref()?;
    let excerpt = last.excerpt.as_deref().map(shown).filter(|excerpt| !excerpt.is_empty());
    match (last.status, excerpt) {
        (Some(status), Some(excerpt)) => Some(format!("{status} \"{excerpt}\"")),
        (Some(status), None) => Some(status.to_string()),
        (None, Some(excerpt)) => Some(format!("\"{excerpt}\"")),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(states: &[&str]) -> DestinationView {
        let delivery = |state: &&str| {
            json!({
                "id": uuid::Uuid::nil(), "event_id": uuid::Uuid::nil(), "sink": "chat",
                "state": state, "reason": null, "rules": ["red"], "labels": {}, "with": {},
                "created_at": "2026-11-20T02:10:00Z", "attempts": 1, "first_attempt_at": null,
                "last_attempt": null, "due": null, "seen": false, "maybe_arrived": false,
                "answers": false,
            })
        };
        let deliveries: Vec<DeliveryView> = states
            .iter()
            .map(|state| serde_json::from_value(delivery(state)).expect("it is one"))
            .collect();
        DestinationView { recovery: true, deliveries, ..DestinationView::default() }
    }

    #[test]
    fn what_is_held_is_said_with_its_values_and_nothing_breaks_the_line() {
        let thing = |state: &str| -> ThingView {
            serde_json::from_value(json!({
                "sink": "tracker", "with": {"project": "OPS"}, "state": state,
                "captured": {"number": 12, "key": "OPS-\n7"}, "since": "2026-11-20T02:10:00Z",
            }))
            .expect("it is one")
        };
        let text = held(&thing("open"), &TimeZone::UTC);
        assert!(text.starts_with("tracker, project: OPS: key=OPS-"), "{text}");
        assert!(text.contains(", number=12, open since 2026-11-20") && !text.contains('\n'));
        assert!(held(&thing("closed"), &TimeZone::UTC).contains(", closed 2026-11-20"));
    }

    #[test]
    fn whoever_no_message_reached_is_not_promised_the_recovery() {
        assert!(prospect(&told(&["dead"]), true).contains("still arrives"));
        assert_eq!(prospect(&told(&["dead", "delivered"]), true), "owed, once it has recovered");
        assert_eq!(prospect(&told(&[]), true), "owed, once it has recovered");
        let unasked = DestinationView { recovery: false, ..told(&["dead"]) };
        assert_eq!(prospect(&unasked, true), "not asked for");
    }
}
