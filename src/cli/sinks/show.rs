//! `sinks show`: what a kind of sink takes, does and looks like.

use std::path::PathBuf;
use std::process::ExitCode;

use agnox_bridge_sinks::client::{Client, DialPolicy};
use agnox_bridge_sinks::kind::{Kind, Surroundings};
use agnox_bridge_sinks::service::Compiled;
use agnox_bridge_sinks::service::form::Form;
use agnox_bridge_sinks::template::{Names, Templates};
use agnox_bridge_sinks::variables::sample;
use anyhow::bail;
use clap::Args;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::cli::access::catalog;
use crate::cli::{Common, Ended, Output};
use crate::config::{Described, options, suggestion};

/// `agnox-bridge sinks show slack`
#[derive(Args, Debug)]
pub struct Show {
    /// The kind, as `sinks list` names it.
    kind: String,
}

impl Show {
    /// Shows it.
    pub fn run(self, common: &Common, output: &Output) -> Ended {
        let catalog = catalog(common)?;
        let Some(kind) = catalog.kind(&self.kind) else {
            let known: Vec<&str> = catalog.names().collect();
            let help = suggestion(&self.kind, &known).unwrap_or_default();
            bail!("there is no kind of sink `{}`; {help}", self.kind);
        };
        if output.json {
            output.value(&value(kind))?;
        } else {
            tell(kind, output);
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn value(kind: &Kind) -> Value {
    let form = form(kind);
    json!({
        "kind": kind.name(),
        "title": form.map(|form| &form.title),
        "about": kind.about(),
        "docs": form.map(|form| &form.docs),
        "checked": form.map(|form| &form.checked),
        "options": options(kind),
        "with": kind.parameters().map(|named| {
            named.iter().map(|(name, about)| json!({ "name": name, "about": about })).collect::<Vec<_>>()
        }),
        "example": example(kind),
        "message": message(kind).ok(),
        "life": form.map(life),
    })
}

fn tell(kind: &Kind, output: &Output) {
    let form = form(kind);
    let title = form.map_or(kind.name(), |form| &form.title);
    output.wrapped(&format!("{title}: {}", kind.about()), 2);
    if let Some(form) = form {
        output.line(format!("Its documentation: {}", form.docs));
        output.line(format!("Facts checked by: {}", form.checked));
    }
    output.line("\nOptions");
    for option in options(kind) {
        output.wrapped(&option_line(&option), 6);
    }
    match kind.parameters() {
        None => output.line("\nA rule's `with:` may give anything: `{{ with.name }}`"),
        Some(named) if named.is_empty() => {}
        Some(named) => {
            output.line("\nA rule's `with:` may give");
            for (name, about) in named {
                output.wrapped(&format!("  {name}: {about}"), 6);
            }
        }
    }
    output.line(format!("\nTo copy\n{}", indented(&example(kind))));
    output.line("\nWhat goes out for a failing run");
    match message(kind) {
        Ok(message) => output.line(indented(message.trim_end())),
        Err(why) => output.line(format!("  can't be shown: {why}")),
    }
    if let Some(form) = form {
        output.line("");
        output.wrapped(&life(form), 0);
    }
}

fn option_line(option: &Described) -> String {
    let Described { name, takes, required, default, about } = option;
    let must = if *required { ", required" } else { "" };
    let default = default.as_ref().map(|value| format!(", default {value}")).unwrap_or_default();
    format!("  {name} ({takes}{must}{default}): {about}")
}

fn form(kind: &Kind) -> Option<&Form> {
    match kind {
        Kind::Service(service) => Some(service.form()),
        Kind::Native(_) => None,
    }
}

/// A sink of this kind, as it stands in a configuration.
fn example(kind: &Kind) -> String {
    let (name, options) = (kind.name(), kind.example());
    let options = match options.trim() {
        "{}" => " {}".to_owned(),
        options => format!("\n      {}", options.replace('\n', "\n      ")),
    };
    format!("sinks:\n  my-{}:\n    {name}:{options}", name.replace('_', "-"))
}

/// The message about a failing run that a sink with the example's options would send.
fn message(kind: &Kind) -> Result<String, String> {
    let labels = match kind {
        Kind::Service(service) => service.labels(),
        Kind::Native(_) => Vec::new(),
    };
    let templates = Templates::new(Names { labels }, TimeZone::UTC);
    let client = Client::new(DialPolicy { private: true });
    let compiled = Compiled::default();
    let options: Value =
        serde_yaml::from_str(&kind.example()).map_err(|error| error.to_string())?;
    let programs = programs(&options);
    let around = Surroundings {
        programs: &programs,
        ..Surroundings::new(kind.name(), &templates, &client, &compiled)
    };
    let built = kind.build(options, &around).map_err(|error| error.to_string())?;
    let message = built.sink.render(&sample(), None).map_err(|error| error.to_string())?;
    Ok(format!("{message:#}"))
}

/// The programs that an example names: nothing is run, so all of them are allowed.
fn programs(options: &Value) -> Vec<PathBuf> {
    match options {
        Value::String(text) if text.starts_with('/') => vec![PathBuf::from(text)],
        Value::Array(items) => items.iter().flat_map(programs).collect(),
        Value::Object(fields) => fields.values().flat_map(programs).collect(),
        _ => Vec::new(),
    }
}

/// What it holds open for an incident, in words.
fn life(form: &Form) -> String {
    if !form.holds() {
        return "Every message stands alone.".to_owned();
    }
    let lasting = if form.update.is_empty() { "leaves it as it is" } else { "adds to it" };
    let ending = if form.resolve.is_empty() { "leaves it open" } else { "closes it" };
    let rest = match form.send.is_empty() {
        true => "What belongs to no incident, such as a digest, is not sent.",
        false => "What belongs to no incident, such as a digest, is a message of its own.",
    };
    format!(
        "Opens one thing for each incident, {lasting} while that lasts, and {ending} at the recovery. {rest}"
    )
}

fn indented(text: &str) -> String {
    text.lines()
        .map(|line| format!("  {line}").trim_end().to_owned())
        .collect::<Vec<_>>()
        .join("\n")
}
