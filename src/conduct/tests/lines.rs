//! What was told, in lines that a person can read.

use serde::Deserialize;

use crate::journal::Delivery;
use crate::model::memory::OWN_SOURCE;
use crate::model::{DeliveryState, Event, OwnMessage, Status};

/// A delivery in a line: to whom, of what, and how far it has come.
pub(super) fn line(event: &Event, delivery: &Delivery) -> String {
    let brief = &delivery.brief;
    let at = event.received_at.strftime("%dT%H:%M");
    let of = match &*event.source {
        OWN_SOURCE => digest(event),
        _ => run(event, delivery),
    };
    let recovery = match brief.recovery {
        Some(note) if note.untold => " (recovery, untold)",
        Some(_) => " (recovery)",
        None => "",
    };
    let state = match delivery.state {
        DeliveryState::Waiting => "",
        DeliveryState::Delivered => ", delivered",
        DeliveryState::Dead => ", dead",
        DeliveryState::Cancelled => ", cancelled",
        DeliveryState::Held => ", held",
    };
    format!("{at} {} by {}: {of}{recovery}{state}", delivery.sink, brief.rules.join("+"))
}

fn run(event: &Event, delivery: &Delivery) -> String {
    let reading = &event.reading;
    let status = reading.status.as_ref().map_or("-".to_owned(), Status::to_string);
    let transition = delivery.brief.standing.as_ref().and_then(|standing| standing.transition);
    let transition = transition.map_or(String::new(), |transition| format!(" {transition}"));
    format!("{} {status}{transition}", reading.group)
}

fn digest(event: &Event) -> String {
    let own = OwnMessage::deserialize(&event.reading.body["bridge"]).unwrap();
    let digest = own.digest;
    let rows = digest.rows.iter().map(|row| {
        let status = row.status.as_deref().unwrap_or("-");
        let (net, runs, in_a_row) = (row.net, row.runs, row.failures_in_a_row);
        format!("{} {status} {net:?} runs={runs} in_a_row={in_a_row}", row.key.group)
    });
    let rows: Vec<String> = rows.collect();
    let more = if digest.more > 0 { format!(" and {} more", digest.more) } else { String::new() };
    format!("{:?} of {} [{}{more}]", digest.kind, digest.runs, rows.join("; "))
}
