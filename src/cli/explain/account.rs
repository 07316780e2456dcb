//! The account of a decision in words: whom each rule told and how far that came, or why not.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::verdict;
use crate::admin::shapes::{AccountView, DeliveryView, EventDetail, HeldView, MatchView};
use crate::cli::Output;
use crate::cli::incidents::{place, progress};
use crate::cli::output::counted;
use crate::cli::silence::until;
use crate::cli::when::{ago, on};
use crate::model::{Absence, DigestKind, OwnMessage};
use crate::route::{Finding, Verdict};

/// Tells the account, then what the other rules lacked.
pub(super) fn tell(account: &AccountView, detail: &EventDetail, zone: &TimeZone, output: &Output) {
    if account.matched.is_empty() {
        output.line("no rule matched");
    }
    for matched in &account.matched {
        tell_match(matched, detail, zone, output);
    }
    tell_others(account, detail.verdicts.as_deref(), output);
    let unnamed: Vec<DeliveryView> = detail
        .deliveries
        .iter()
        .filter(|delivery| !account.matched.iter().any(|matched| asked_for(matched, delivery)))
        .cloned()
        .collect();
    if !unnamed.is_empty() {
        output.line("\nbesides:");
        tell_deliveries(&unnamed, output);
    }
}

fn tell_match(matched: &MatchView, detail: &EventDetail, zone: &TimeZone, output: &Output) {
    output.line(format!("✔ {}", matched.rule));
    let mut deliveries: Vec<&DeliveryView> = Vec::new();
    for delivery in detail.deliveries.iter().filter(|delivery| asked_for(matched, delivery)) {
        deliveries.push(delivery);
    }
    for delivery in &deliveries {
        output.line(format!("    → {}", sentence(delivery)));
    }
    for sink in &matched.told {
        if !deliveries.iter().any(|delivery| delivery.sink == *sink) {
            output.line(format!("    → {sink}: told, in a message that is forgotten by now"));
        }
    }
    for held in &matched.held {
        let why = reason(held, &matched.rule, detail, zone);
        output.line(format!("    ∅ {}: not told; {why}", held.sink));
    }
}

fn asked_for(matched: &MatchView, delivery: &DeliveryView) -> bool {
    matched.told.contains(&delivery.sink) && delivery.rules.contains(&matched.rule)
}

fn sentence(delivery: &DeliveryView) -> String {
    let recovery = if delivery.answers { "the recovery, " } else { "" };
    format!("{}: {recovery}{}", place(&delivery.sink, &delivery.with), progress(delivery))
}

/// Why somebody was not told.
fn reason(held: &HeldView, rule: &str, detail: &EventDetail, zone: &TimeZone) -> String {
    match &held.why {
        Absence::Repeat => repeat(held, rule, detail, zone),
        Absence::Silenced { silence } => silenced(*silence, detail, zone),
        why => why.to_string(),
    }
}

fn repeat(held: &HeldView, rule: &str, detail: &EventDetail, zone: &TimeZone) -> String {
    let told = detail.incident.iter().flat_map(|incident| &incident.told);
    let first = told.filter(|told| told.rule == rule && told.sink == held.sink).map(|told| told.at);
    match first.min() {
        Some(at) => format!("told of this incident already, {}", day(at, zone)),
        None => "the rule told of this incident already".to_owned(),
    }
}

fn day(at: Timestamp, zone: &TimeZone) -> String {
    format!("on {} ({})", on(at, zone), ago(at))
}

fn silenced(id: uuid::Uuid, detail: &EventDetail, zone: &TimeZone) -> String {
    let Some(silence) = detail.silences.iter().find(|silence| silence.id == id) else {
        return format!("silenced by {id}, which is forgotten by now");
    };
    let author = match silence.author.as_str() {
        "" => String::new(),
        author => format!(" of {author}"),
    };
    let comment = match silence.comment.as_str() {
        "" => String::new(),
        comment => format!(": \"{comment}\""),
    };
    format!("silenced until {} by the silence {id}{author}{comment}", until(silence, zone))
}

/// What the rules lacked that the account doesn't name.
fn tell_others(account: &AccountView, verdicts: Option<&[Verdict]>, output: &Output) {
    let Some(verdicts) = verdicts else {
        return output.line("\nno rules could be loaded to say what others lacked");
    };
    let named = |verdict: &&Verdict| account.matched.iter().any(|m| m.rule == verdict.rule);
    for verdict in verdicts.iter().filter(|verdict| !named(verdict)) {
        if matches!(verdict.finding, Finding::Matched { .. }) {
            output.line(format!("✔ {} (it would match now, and did not then)", verdict.rule));
        } else {
            verdict::tell(verdict, output);
        }
    }
}

/// Says of a message of the bridge's own what it is.
pub(super) fn tell_own(own: &OwnMessage, detail: &EventDetail, zone: &TimeZone, output: &Output) {
    let digest = &own.digest;
    let what = match (digest.kind, &digest.window) {
        (DigestKind::Digest, _) => "the digest".to_owned(),
        (DigestKind::Deferred, Some(window)) => format!("what the window `{window}` put off"),
        (DigestKind::Deferred, None) => "what was put off".to_owned(),
        (DigestKind::Throttled, _) => "what the throttle held back".to_owned(),
    };
    let by = digest.by.as_ref().map(|by| format!(" for {by}")).unwrap_or_default();
    output
        .line(format!("\na message of the bridge's own: {what} of the rule `{}`{by}", digest.rule));
    output.line(format!(
        "  {} of {}, {} to {}",
        counted(digest.runs.into(), "run"),
        counted(digest.groups.into(), "group"),
        on(digest.since, zone),
        on(digest.until, zone),
    ));
    output.line(format!("  to {}\n", place(&own.sink, &own.with)));
    tell_deliveries(&detail.deliveries, output);
}

/// How far each message came.
pub(super) fn tell_deliveries(deliveries: &[DeliveryView], output: &Output) {
    output.line(if deliveries.is_empty() { "nothing was sent" } else { "what became of it:" });
    for delivery in deliveries {
        output.line(format!("  {}", sentence(delivery)));
    }
}

#[cfg(test)]
#[path = "account_tests.rs"]
mod tests;
