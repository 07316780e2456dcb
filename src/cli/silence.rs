//! `silence`: holding back for a time what matches, with a look first at what that would have been.

use std::io::IsTerminal;
use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use super::access::{Access, ask, with};
use super::output::counted;
use super::when::{after, ago, ahead, moment, on};
use super::{Common, Ended, Output};
use crate::admin::shapes::{NewSilence, SilencePreview, SilenceState, SilenceView, WouldHold};
use crate::model::units::Span;

/// `agnox-bridge silence add --group "checkout-*" --for 2h --comment "the database moves"`
#[derive(Args, Debug)]
pub struct Silence {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// Hold back what matches all the matchers given; says first what that would have been in the
    /// last day.
    Add(Box<Add>),
    /// The silences that are in force or to come.
    List {
        /// Also those that are over.
        #[arg(long)]
        all: bool,
    },
    /// End a silence now.
    Expire {
        /// The silence's id, or the beginning of it if no other silence's begins so.
        id: String,
    },
}

#[derive(Args, Debug)]
struct Add {
    /// The groups: a glob, or `/regex/`.
    #[arg(long, value_name = "GLOB", help_heading = "What is silenced")]
    group: Option<String>,
    /// The sources: a glob, or `/regex/`.
    #[arg(long, value_name = "GLOB", help_heading = "What is silenced")]
    source: Option<String>,
    /// The statuses: `FAILED,ERROR`.
    #[arg(long, value_delimiter = ',', help_heading = "What is silenced")]
    status: Vec<String>,
    /// The rules: a glob, or `/regex/`.
    #[arg(long, value_name = "GLOB", help_heading = "What is silenced")]
    rule: Option<String>,
    /// The sinks: a glob, or `/regex/`.
    #[arg(long, value_name = "GLOB", help_heading = "What is silenced")]
    sink: Option<String>,
    /// A label of the group: `team=payments`; may be given several times.
    #[arg(long, value_name = "NAME=GLOB", help_heading = "What is silenced")]
    label: Vec<String>,
    /// Everything.
    #[arg(long, help_heading = "What is silenced")]
    everything: bool,
    /// For so long: `2h`, `1d`.
    #[arg(long = "for", value_name = "TIME", value_parser = Span::parse, help_heading = "When")]
    length: Option<Span>,
    /// Until then: `07:00`, `2026-11-24 07:00`, in the configuration's zone.
    #[arg(long, value_name = "WHEN", conflicts_with = "length", help_heading = "When")]
    until: Option<String>,
    /// For each group until it has recovered.
    #[arg(long, help_heading = "When")]
    until_recovery: bool,
    /// From then on, instead of at once.
    #[arg(long, value_name = "WHEN", help_heading = "When")]
    start: Option<String>,
    /// Who asks for it.
    #[arg(long, env = "USER", hide_env_values = true)]
    author: Option<String>,
    /// Why, for whoever wonders at the quiet.
    #[arg(long)]
    comment: Option<String>,
    /// Only say what it would have held back.
    #[arg(long, conflicts_with = "yes")]
    preview: bool,
    /// Add it without asking.
    #[arg(long, short)]
    yes: bool,
}

impl Silence {
    /// Adds, lists or ends.
    pub fn run(self, common: &Common, output: &Output) -> Ended {
        with(common, async |access| self.action.run(access, output).await)
    }
}

impl Action {
    async fn run(self, access: &Access, output: &Output) -> Ended {
        match self {
            Action::Add(add) => add.run(access, output).await,
            Action::List { all } => {
                let mut silences = ask!(access, silences());
                silences.retain(|view| all || view.state != SilenceState::Ended);
                list(&silences, &access.zone, output)
            }
            Action::Expire { id } => {
                let ended = ask!(access, expire(&id));
                match output.json {
                    true => output.value(&ended)?,
                    false => output.line(format!("silence {} is over", ended.silence.id)),
                }
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

impl Add {
    async fn run(self, access: &Access, output: &Output) -> Ended {
        let (only_preview, yes) = (self.preview, self.yes);
        let new = self.wanted(&access.zone, Timestamp::now())?;
        let preview = ask!(access, preview(), by_ref(new));
        if !output.json {
            tell(&preview, output);
        }
        let add = !only_preview && (yes || confirmed(output)?);
        let added = match add {
            true => Some(ask!(access, silence(), by_ref(new))),
            false => None,
        };
        match &added {
            _ if output.json => output.value(&json!({ "preview": preview, "added": added }))?,
            Some(view) => tell_added(view, &access.zone, output),
            None if only_preview => {}
            None => output.line("nothing was added"),
        }
        Ok(if add || only_preview { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn wanted(self, zone: &TimeZone, now: Timestamp) -> anyhow::Result<NewSilence> {
        let start = self.start.as_deref().map(|text| moment(text, zone, now)).transpose()?;
        let end = match (self.length, self.until) {
            (Some(length), _) => Some(after(start.unwrap_or(now), length)?),
            (None, Some(until)) => Some(moment(&until, zone, now)?),
            (None, None) if self.until_recovery => None,
            (None, None) => {
                bail!("say when it ends: --for 2h, --until 07:00, or --until-recovery")
            }
        };
        Ok(NewSilence {
            group: self.group,
            source: self.source,
            status: self.status,
            rule: self.rule,
            sink: self.sink,
            labels: self.label.iter().map(|label| named(label)).collect::<anyhow::Result<_>>()?,
            everything: self.everything,
            start,
            end,
            until_recovery: self.until_recovery,
            author: self.author.unwrap_or_default(),
            comment: self.comment.unwrap_or_default(),
        })
    }
}

fn named(label: &str) -> anyhow::Result<(String, String)> {
    match label.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => bail!("`{label}` names no label; write --label team=payments"),
    }
}

/// Asks at the terminal; where there is none, somebody must have said yes before.
fn confirmed(output: &Output) -> anyhow::Result<bool> {
    if output.json || !std::io::stdin().is_terminal() {
        bail!("say --yes to add it, or --preview to only look");
    }
    output.progress("\nadd it? [y/N]");
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

fn tell(preview: &SilencePreview, output: &Output) {
    let looked = match preview.complete {
        true => "in the last day".to_owned(),
        false => format!("of the newest {} events", preview.looked_at),
    };
    if preview.events == 0 {
        return output.line(format!("{looked} it would have held back nothing"));
    }
    let newest = match preview.events as usize > preview.newest.len() {
        true => "; the newest:",
        false => ":",
    };
    output.line(format!(
        "{looked} it would have held back {} of {}{newest}\n",
        held_back(preview),
        counted(preview.events, "event"),
    ));
    let rows = preview.newest.iter().map(|would| {
        let status = would.event.status.clone().unwrap_or_else(|| "-".to_owned());
        [ago(would.event.received_at), status, would.event.group.clone(), places(would)]
    });
    output.table(["received", "status", "group", "to"], rows);
}

/// What would have been held back: messages, and what was collected for later ones.
fn held_back(preview: &SilencePreview) -> String {
    let messages = counted(preview.messages, "message");
    match (preview.messages, preview.collected) {
        (_, 0) => messages,
        (0, collected) => format!("{} for later messages", counted(collected, "entry")),
        (_, collected) => {
            format!("{messages} and {} for later ones", counted(collected, "entry"))
        }
    }
}

/// The sinks that would not have been told, at once or later.
fn places(would: &WouldHold) -> String {
    let later = would.collected.iter().map(|sink| format!("{sink} (later)"));
    would.sinks.iter().cloned().chain(later).collect::<Vec<_>>().join(", ")
}

fn tell_added(view: &SilenceView, zone: &TimeZone, output: &Output) {
    let id = view.silence.id;
    let from = match view.state {
        SilenceState::Coming => format!("from {} ", on(view.silence.start, zone)),
        _ => String::new(),
    };
    output.line(format!("silence {id} is set, {from}until {}", until(&view.silence, zone)));
    output.line(format!("end it before with `agnox-bridge silence expire {id}`"));
}

fn list(silences: &[SilenceView], zone: &TimeZone, output: &Output) -> Ended {
    if output.json {
        output.value(&silences)?;
    } else if silences.is_empty() {
        output.line("no silences");
    } else {
        output.table(
            ["id", "state", "what", "from", "until", "author", "comment"],
            silences.iter().map(|view| row(view, zone)),
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn row(view: &SilenceView, zone: &TimeZone) -> [String; 7] {
    let silence = &view.silence;
    let state = match view.state {
        SilenceState::Active => "active",
        SilenceState::Coming => "coming",
        SilenceState::Ended => "ended",
    };
    let (end, left) = match (view.state, silence.end) {
        (SilenceState::Ended, Some(end)) => (on(end, zone), Some(ago(end))),
        (_, end) => (until(silence, zone), end.map(ahead)),
    };
    let left = left.map(|left| format!(" ({left})")).unwrap_or_default();
    [
        silence.id.to_string(),
        state.to_owned(),
        matchers(silence),
        on(silence.start, zone),
        format!("{end}{left}"),
        silence.author.clone(),
        silence.comment.clone(),
    ]
}

/// When it ends, in words.
pub(super) fn until(silence: &crate::model::Silence, zone: &TimeZone) -> String {
    match (silence.until_recovery, silence.end) {
        (true, Some(end)) => format!("recovery, at most {}", on(end, zone)),
        (true, None) => "recovery".to_owned(),
        (false, Some(end)) => on(end, zone),
        (false, None) => "somebody ends it".to_owned(),
    }
}

/// What it matches, as it could be written.
fn matchers(silence: &crate::model::Silence) -> String {
    let texts = [
        ("group", &silence.group),
        ("source", &silence.source),
        ("rule", &silence.rule),
        ("sink", &silence.sink),
    ];
    let mut parts: Vec<String> = texts
        .iter()
        .filter_map(|(name, text)| text.as_ref().map(|text| format!("{name} {text}")))
        .collect();
    if !silence.status.is_empty() {
        parts.push(format!("status {}", silence.status.join(",")));
    }
    parts.extend(silence.labels.iter().map(|(name, value)| format!("label {name}={value}")));
    match parts.as_slice() {
        [only] if only == "rule *" => "everything".to_owned(),
        parts => parts.join(", "),
    }
}

#[cfg(test)]
#[path = "silence_tests.rs"]
mod tests;
