//! `explain`: which rules match an event, which don't and at which condition, what would be sent or
//! was, and why somebody was not told.
//!
//! For an event that came in, the account of its decision is told: `account` puts it into words,
//! `standing` what the event meant against its group's history. What the account doesn't hold, the
//! conditions that other rules lacked, is found anew by the rules in force; `verdict` says that.

mod account;
mod standing;
mod verdict;

use std::process::ExitCode;

use anyhow::bail;
use clap::Args;
use jiff::tz::TimeZone;
use serde_json::json;
use uuid::Uuid;

use super::access::{Access, ask, load, source_name, with};
use super::output::shown;
use super::sample::Sample;
use super::scene::{Scene, Told};
use super::when::{ago, on};
use super::{Common, Ended, Output};
use crate::admin::shapes::{EventDetail, EventView};
use crate::config::Loaded;
use crate::journal::EventFilter;

/// `agnox-bridge explain --group prod-checkout`
#[derive(Args, Debug)]
pub struct Explain {
    /// An event that came in; without it, one made up from the flags below.
    #[arg(value_parser = super::access::id)]
    id: Option<Uuid>,
    /// The newest event of this execution.
    #[arg(long, conflicts_with = "id")]
    execution: Option<String>,
    /// The source that a made-up event comes from.
    #[arg(long)]
    source: Option<String>,
    #[command(flatten)]
    sample: Sample,
    #[command(flatten)]
    scene: Scene,
}

impl Explain {
    /// Says of every rule what came of it.
    pub fn run(self, common: &Common, output: &Output) -> Ended {
        match (self.id, &self.execution) {
            (None, None) => self.made_up(&load(common)?, output),
            (Some(id), _) => with(common, async |access| stored(id, &[], access, output).await),
            (None, Some(execution)) => with(common, async |access| {
                let events = of_execution(access, execution).await?;
                stored(events[0].id, &events[1..], access, output).await
            }),
        }
    }

    fn made_up(&self, loaded: &Loaded, output: &Output) -> Ended {
        let source = source_name(&loaded.settings, self.source.as_deref())?;
        let Told { event, matched, bare, .. } =
            self.scene.play(&loaded.router, self.sample.clone(), &source)?;
        let standing = bare.standing.unwrap_or_default();
        let mut verdicts = loaded.router.explain(&event, &standing);
        verdicts.iter_mut().for_each(|verdict| verdict::complete(verdict, &matched));
        if output.json {
            output.value(&json!({ "rules": verdicts, "deliveries": null }))?;
            return Ok(ExitCode::SUCCESS);
        }
        let zone = &loaded.router.context().zone;
        output.line(format!("made up: {}\n", standing::words(&standing, zone)));
        verdicts.iter().for_each(|verdict| verdict::tell(verdict, output));
        verdict::tell_plan(&verdicts, output);
        Ok(ExitCode::SUCCESS)
    }
}

/// So many events of one execution are looked for.
const OF_EXECUTION: usize = 20;

/// The events of an execution, newest first; at least one.
async fn of_execution(access: &Access, execution: &str) -> anyhow::Result<Vec<EventView>> {
    let execution = Some(execution.to_owned());
    let filter = EventFilter { execution, limit: OF_EXECUTION, ..EventFilter::default() };
    let events = ask!(access, events(), by_ref(filter));
    if events.is_empty() {
        bail!("no event of the execution {} came in", filter.execution.unwrap_or_default());
    }
    Ok(events)
}

async fn stored(id: Uuid, others: &[EventView], access: &Access, output: &Output) -> Ended {
    let detail = ask!(access, event(id));
    if output.json {
        output.value(&value(&detail))?;
        return Ok(ExitCode::SUCCESS);
    }
    head(&detail, &access.zone, output);
    for other in others {
        output.line(format!("  another event of the execution: {}, {}", other.id, seen(other)));
    }
    match (&detail.own, &detail.parked) {
        (_, Some(why)) => output.line(format!("\nit could not be decided: {why}")),
        (Some(own), _) => account::tell_own(own, &detail, &access.zone, output),
        (None, None) => rules(&detail, &access.zone, output),
    }
    Ok(ExitCode::SUCCESS)
}

fn value(detail: &EventDetail) -> serde_json::Value {
    json!({
        "event": detail.event,
        "decided": detail.decided,
        "parked": detail.parked,
        "account": detail.account,
        "config_version": detail.config_version,
        "incident": detail.incident,
        "silences": detail.silences,
        "own": detail.own,
        "rules": detail.verdicts,
        "deliveries": detail.deliveries,
    })
}

fn seen(event: &EventView) -> String {
    format!(
        "{}, received {}",
        event.status.as_deref().unwrap_or("no status"),
        ago(event.received_at)
    )
}

/// What the event is, how it stood, and which configuration decided.
fn head(detail: &EventDetail, zone: &TimeZone, output: &Output) {
    let event = &detail.event;
    output.line(format!("event {} of source {}", event.id, event.source));
    output.line(format!(
        "  {} is {}, received {} ({})",
        shown(&event.group),
        event.status.as_deref().unwrap_or("without a status"),
        on(event.received_at, zone),
        ago(event.received_at),
    ));
    if let Some(why) = &event.unreadable {
        output.line(format!("  it could not be read: {why}"));
    }
    if event.event.as_deref() == Some("execution.missing") {
        output.line("  made by the bridge: the run that should have reported is missing");
    }
    if let Some(account) = &detail.account {
        let standing = &account.standing;
        if event.replay && standing.transition.is_none() {
            output.line("  no transition: a replay, and its group has gone on since");
        } else if detail.own.is_none() && event.unreadable.is_none() {
            output.line(format!("  {}", standing::words(standing, zone)));
        }
        output.line(format!("  {}", decided_by(&account.config_version, detail)));
    }
}

fn decided_by(version: &str, detail: &EventDetail) -> String {
    let which = if version.is_empty() { "a configuration without a version" } else { version };
    match &detail.config_version {
        Some(now) if now == version => format!("decided by the configuration in force, {version}"),
        Some(now) => format!("decided by the configuration {which}; in force now is {now}"),
        None => format!("decided by the configuration {which}"),
    }
}

/// What the rules said, or say where nothing is kept of that.
fn rules(detail: &EventDetail, zone: &TimeZone, output: &Output) {
    output.line("");
    match &detail.account {
        Some(account) => account::tell(account, detail, zone, output),
        None => {
            output.line(match detail.decided {
                true => "no account of its decision is kept; by the rules of now, without history:",
                false => "it is not decided yet; by the rules of now, without history:",
            });
            let verdicts = detail.verdicts.as_deref().unwrap_or_default();
            verdicts.iter().for_each(|verdict| verdict::tell(verdict, output));
            output.line("");
            account::tell_deliveries(&detail.deliveries, output);
        }
    }
}
