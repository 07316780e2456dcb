//! `sinks try`: one message marked as a test through a configured sink, with what went out and what
//! came back. It needs no running gateway, and no journal hears of it.

use std::path::PathBuf;
use std::process::ExitCode;

use agnox_bridge_sinks::contract::{Captured, Notice};
use anyhow::bail;
use clap::Args;
use serde_json::{Value, json};
use uuid::Uuid;

use super::exchange::Exchange;
use crate::cli::access::{load, source_name};
use crate::cli::sample::Sample;
use crate::cli::scene::{Scene, Told};
use crate::cli::{Common, Ended, Output, runtime};
use crate::config::{Loaded, suggestion};
use crate::deliver::Outlet;
use crate::model::{Brief, Event, RecoveryNote, Standing, Transition};

/// `agnox-bridge sinks try team-chat`
#[derive(Args, Debug)]
pub struct Try {
    /// The sink, by its name in the configuration.
    sink: String,
    /// The event that the message is about, as Agnox posts it (`-` for standard input); a made-up
    /// failing run if left out.
    #[arg(long, value_name = "FILE")]
    event: Option<PathBuf>,
}

impl Try {
    /// Sends it, and shows the exchange.
    pub fn run(self, common: &Common, output: &Output) -> Ended {
        let loaded = load(common)?;
        let outlet = self.outlet(&loaded)?;
        let source = source_name(&loaded.settings, None)?;
        let sample = Sample { file: self.event.clone(), ..Sample::of("checkout-eu", "FAILED") };
        let told = Scene::default().play(&loaded.router, sample, &source)?;
        let test = Test::of(&loaded, outlet, told);
        let exchanges = runtime()?.block_on(test.exchanges());
        let left_open = exchanges.last().and_then(Exchange::open).is_some();
        let delivered = exchanges.iter().all(|exchange| exchange.outcome.is_ok());
        if output.json {
            let shown: Vec<Value> =
                exchanges.iter().map(|exchange| exchange.value(&loaded.redactor)).collect();
            output.value(&json!({
                "sink": outlet.name, "kind": outlet.kind, "delivered": delivered,
                "left_open": left_open, "exchanges": shown,
            }))?;
        } else {
            exchanges.iter().for_each(|exchange| exchange.tell(outlet, &loaded.redactor, output));
            last_words(&exchanges, left_open, output);
        }
        Ok(if delivered && !left_open { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn outlet<'a>(&self, loaded: &'a Loaded) -> anyhow::Result<&'a Outlet> {
        if let Some(outlet) = loaded.outlets.get(&self.sink) {
            return Ok(outlet);
        }
        let known: Vec<&str> = loaded.outlets.keys().map(String::as_str).collect();
        let help = suggestion(&self.sink, &known).unwrap_or_default();
        bail!("there is no sink `{}`; {help}", self.sink);
    }
}

/// What became of what was opened.
fn last_words(exchanges: &[Exchange], left_open: bool, output: &Output) {
    if left_open {
        output.line("What was opened could not be closed: do that by hand.");
    } else if exchanges.len() > 1 {
        output.line("What was opened is closed again: nothing of this test stays open.");
    }
}

/// A test: what it is about, and through what.
struct Test<'a> {
    loaded: &'a Loaded,
    outlet: &'a Outlet,
    event: Event,
    brief: Brief,
}

impl<'a> Test<'a> {
    /// What a rule would have this sink say of the event, in the sink's own words: a rule's template
    /// could not say that it is a test.
    fn of(loaded: &'a Loaded, outlet: &'a Outlet, told: Told) -> Self {
        let Told { event, planned, bare, .. } = told;
        let planned = planned.into_iter().find(|plan| plan.sink == outlet.name);
        let brief = planned.map_or(bare, |plan| plan.brief);
        Test { loaded, outlet, event, brief: Brief { words: None, ..brief } }
    }

    /// The message; and where that opened something, the recovery at once.
    async fn exchanges(&self) -> Vec<Exchange> {
        let notice = self.notice(&self.event, &self.brief);
        let first = Exchange::make("a test message", self.outlet, &notice).await;
        let Some(captured) = first.open().cloned() else { return vec![first] };
        let what = "the recovery, so that nothing stays open";
        let second = match self.recovery(captured) {
            Some(notice) => Exchange::make(what, self.outlet, &notice).await,
            None => return vec![first],
        };
        vec![first, second]
    }

    /// The run that ends the made-up incident.
    fn recovery(&self, captured: Captured) -> Option<Notice> {
        let group = &self.event.reading.group;
        let event = Sample::of(group, "PASSED").event(&self.event.source).ok()?;
        let incident = self.brief.standing.as_ref().and_then(|standing| standing.incident);
        let standing = Standing {
            transition: Some(Transition::Recovered),
            passes_in_a_row: 1,
            recovered_from: 1,
            incident,
            ..Standing::default()
        };
        let brief = Brief {
            failing: Some(false),
            standing: Some(standing),
            recovery: Some(RecoveryNote::default()),
            ..self.brief.clone()
        };
        Some(Notice { held: Some(captured), ..self.notice(&event, &brief) })
    }

    fn notice(&self, event: &Event, brief: &Brief) -> Notice {
        let (context, id) = (self.loaded.router.context(), Uuid::now_v7().to_string());
        let notice = context.notice(event, brief, &self.outlet.name, &id, event.received_at);
        Notice { test: true, ..notice }
    }
}
