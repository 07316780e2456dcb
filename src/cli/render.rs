//! `render`: the exact message that a sink would get, secrets covered.

use std::process::ExitCode;

use agnox_bridge_sinks::contract::Notice;
use agnox_bridge_sinks::message::Message;
use anyhow::{Context, bail};
use clap::Args;
use serde_json::{Value, json};
use uuid::Uuid;

use super::access::{load, source_name};
use super::sample::Sample;
use super::scene::{self, Scene, Told};
use super::{Common, Ended, Output};
use crate::config::Loaded;
use crate::deliver::Outlet;
use crate::model::{Brief, Event};

/// `agnox-bridge render team-chat --status ERROR`
#[derive(Args, Debug)]
pub struct Render {
    /// The sink; every sink that the rules tell of the event if left out.
    sink: Option<String>,
    /// The source that the made-up event comes from.
    #[arg(long)]
    source: Option<String>,
    #[command(flatten)]
    sample: Sample,
    #[command(flatten)]
    scene: Scene,
    /// Show what a digest or a throttle tells at its end, of runs of three made-up groups.
    #[arg(long, conflicts_with_all = ["transition", "file"])]
    digest: bool,
}

impl Render {
    /// Shows each message as it would go out.
    pub fn run(self, common: &Common, output: &Output) -> Ended {
        let loaded = load(common)?;
        let source = source_name(&loaded.settings, self.source.as_deref())?;
        let mut values = Vec::new();
        for (outlet, brief, event) in self.messages(&loaded, &source)? {
            let (message, trouble) = rendered(&loaded, outlet, &brief, &event);
            let text = loaded.redactor.cover(&message.to_string());
            match output.json {
                true => values.push(value(outlet, &brief, &text, trouble)),
                false => show(outlet, &brief, &text, trouble, output),
            }
        }
        if output.json {
            output.value(&values)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// What the rules plan for the event; for a sink that no rule tells, its own words.
    fn messages<'a>(
        &self,
        loaded: &'a Loaded,
        source: &str,
    ) -> anyhow::Result<Vec<(&'a Outlet, Brief, Event)>> {
        if let Some(name) = &self.sink
            && !loaded.outlets.contains_key(name)
        {
            let known: Vec<&str> = loaded.outlets.keys().map(String::as_str).collect();
            bail!("there is no sink `{name}`; there is {}", known.join(", "));
        }
        let told = match self.digest {
            true => scene::collected(&loaded.router, &self.sample, source)?,
            false => vec![self.scene.play(&loaded.router, self.sample.clone(), source)?],
        };
        let mut found = Vec::new();
        for Told { event, planned, .. } in &told {
            for plan in planned {
                if self.sink.as_ref().is_none_or(|name| *name == plan.sink) {
                    let outlet = loaded.outlets.get(&plan.sink);
                    let outlet = outlet.context("a rule names a sink that is there")?;
                    found.push((outlet.as_ref(), plan.brief.clone(), event.clone()));
                }
            }
        }
        match (&self.sink, told.into_iter().next()) {
            _ if !found.is_empty() => Ok(found),
            (Some(name), Some(Told { event, bare, .. })) => {
                Ok(vec![(loaded.outlets[name].as_ref(), bare, event)])
            }
            _ => bail!("no rule tells anybody of this event; name a sink to see its words"),
        }
    }
}

fn rendered(
    loaded: &Loaded,
    outlet: &Outlet,
    brief: &Brief,
    event: &Event,
) -> (Message, Option<String>) {
    let id = Uuid::now_v7().to_string();
    let notice: Notice =
        loaded.router.context().notice(event, brief, &outlet.name, &id, event.received_at);
    let words = loaded.router.words(brief.words.as_ref(), &notice);
    match outlet.sink.render(&notice, words) {
        Ok(message) => (message, None),
        Err(error) => (outlet.sink.minimal(&notice, &error.to_string()), Some(error.to_string())),
    }
}

fn value(outlet: &Outlet, brief: &Brief, text: &str, trouble: Option<String>) -> Value {
    json!({
        "sink": outlet.name, "kind": outlet.kind, "rules": brief.rules, "message": text,
        "template_error": trouble,
    })
}

fn show(outlet: &Outlet, brief: &Brief, text: &str, trouble: Option<String>, output: &Output) {
    let rules = match brief.rules.as_slice() {
        [] => "no rule tells it of this event at once; its own words".to_owned(),
        rules => format!("for {}", rules.join(", ")),
    };
    output.line(format!("── {} ({}), {rules}", outlet.name, outlet.kind));
    if let Some(error) = trouble {
        output.line(format!("── the template failed, so this stands in: {error}"));
    }
    output.line(text);
}
