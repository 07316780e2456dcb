//! `explain`: which rules match an event, which don't and at which condition, what would be sent or
//! was.

use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;
use serde_json::json;
use uuid::Uuid;

use super::access::{Access, ask, load, source_name, with};
use super::sample::Sample;
use super::{Common, Ended, Output};
use crate::admin::shapes::DeliveryView;
use crate::config::Loaded;
use crate::journal::EventFilter;
use crate::model::Standing;
use crate::route::{Finding, Telling, Verdict};

/// `agnox-bridge explain --group prod-checkout`
#[derive(Args, Debug)]
pub struct Explain {
    /// An event that came in; without it, one made up from the flags below.
    id: Option<Uuid>,
    /// The newest event of this execution.
    #[arg(long, conflicts_with = "id")]
    execution: Option<String>,
    /// The source that a made-up event comes from.
    #[arg(long)]
    source: Option<String>,
    #[command(flatten)]
    sample: Sample,
}

impl Explain {
    /// Says of every rule what came of it.
    pub fn run(self, common: &Common, output: &Output) -> Ended {
        if self.id.is_none() && self.execution.is_none() {
            return self.made_up(&load(common)?, output);
        }
        with(common, async |access| self.stored(access, output).await)
    }

    fn made_up(&self, loaded: &Loaded, output: &Output) -> Ended {
        let source = source_name(&loaded.settings, self.source.as_deref())?;
        let event = self.sample.event(&source)?;
        tell(&loaded.router.explain(&event, &Standing::default()), None, output)
    }

    async fn stored(self, access: &Access, output: &Output) -> Ended {
        let id = match self.id {
            Some(id) => id,
            None => newest(access, self.execution).await?,
        };
        let detail = ask!(access, event(id));
        let verdicts = detail.verdicts.context("the gateway has no rules to explain by")?;
        tell(&verdicts, Some(&detail.deliveries), output)
    }
}

async fn newest(access: &Access, execution: Option<String>) -> anyhow::Result<Uuid> {
    let filter = EventFilter { execution: execution.clone(), limit: 1, ..EventFilter::default() };
    match ask!(access, events(), by_ref(filter)).first() {
        Some(event) => Ok(event.id),
        None => bail!("no event of the execution {} came in", execution.unwrap_or_default()),
    }
}

fn tell(verdicts: &[Verdict], deliveries: Option<&[DeliveryView]>, output: &Output) -> Ended {
    if output.json {
        output.value(&json!({ "rules": verdicts, "deliveries": deliveries }))?;
        return Ok(ExitCode::SUCCESS);
    }
    for verdict in verdicts {
        tell_rule(verdict, output);
    }
    output.line("");
    match deliveries {
        Some(deliveries) => tell_deliveries(deliveries, output),
        None => tell_plan(verdicts, output),
    }
    Ok(ExitCode::SUCCESS)
}

fn tell_rule(verdict: &Verdict, output: &Output) {
    match &verdict.finding {
        Finding::Matched { tells, stops } => {
            output.line(format!("✔ {}", verdict.rule));
            tells.iter().for_each(|telling| output.line(format!("    → {}", destination(telling))));
            if *stops {
                output.line("    stop: the rules below are not looked at");
            }
        }
        Finding::Missed(miss) => {
            output.line(format!("✘ {}\n    {}: {}", verdict.rule, miss.condition, miss.why))
        }
        Finding::NotConsidered { stopped_by } => {
            output.line(format!(
                "· {}\n    not looked at: `{stopped_by}` stopped the list",
                verdict.rule
            ));
        }
    }
}

fn destination(telling: &Telling) -> String {
    let mut text = telling.sink.clone();
    for (name, value) in &telling.with {
        text.push_str(&format!(", {name}: {value}"));
    }
    if let Some(rule) = &telling.told_by {
        text.push_str(&format!(" (told already, in the words of `{rule}`)"));
    }
    for note in &telling.notes {
        text.push_str(&format!("\n      note: {note}"));
    }
    text
}

fn tell_deliveries(deliveries: &[DeliveryView], output: &Output) {
    output.line(if deliveries.is_empty() { "nothing was sent" } else { "what became of it:" });
    for delivery in deliveries {
        let state = serde_json::to_value(delivery.state).unwrap_or_default();
        let state = state.as_str().unwrap_or_default().to_owned();
        let reason = delivery.reason.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        output.line(format!("  {} {state}{reason}", delivery.sink));
    }
}

fn tell_plan(verdicts: &[Verdict], output: &Output) {
    let tells = verdicts.iter().filter_map(|verdict| match &verdict.finding {
        Finding::Matched { tells, .. } => Some(tells),
        _ => None,
    });
    let new: Vec<String> =
        tells.flatten().filter(|t| t.told_by.is_none()).map(|t| t.sink.clone()).collect();
    match new.as_slice() {
        [] => output.line("nothing would be sent"),
        sinks => output.line(format!("would be sent to: {}", sinks.join(", "))),
    }
}
