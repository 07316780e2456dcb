//! An event as Agnox would send it, made up from flags: for `send`, `render` and `explain`.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::model::units::Span;
use crate::model::{Event, EventSeq, Reading};

/// What the event should say.
#[derive(Args, Debug, Clone)]
pub struct Sample {
    /// Take the body from this file instead, byte for byte (`-` for standard input).
    #[arg(long, value_name = "FILE", conflicts_with_all = ["status", "group", "summary", "duration", "field"])]
    pub file: Option<PathBuf>,
    /// The run's status; `FAILED` if left out.
    #[arg(long)]
    pub status: Option<String>,
    /// The group's name.
    #[arg(long, default_value = "checkout-eu")]
    pub group: String,
    /// The one-line summary.
    #[arg(long)]
    pub summary: Option<String>,
    /// How long the run took.
    #[arg(long, default_value = "4m12s", value_parser = Span::parse)]
    pub duration: Span,
    /// Any other field of the body: `name=value`, the value as JSON or as text.
    #[arg(long, value_name = "NAME=VALUE")]
    pub field: Vec<String>,
}

impl Sample {
    /// A run of this group with this status, plausible in all else.
    pub fn of(group: &str, status: &str) -> Self {
        Sample {
            file: None,
            status: Some(status.to_owned()),
            group: group.to_owned(),
            summary: None,
            duration: Span(Duration::from_secs(252)),
            field: Vec::new(),
        }
    }

    /// The run's status.
    pub fn status(&self) -> &str {
        self.status.as_deref().unwrap_or("FAILED")
    }

    /// The body's bytes; each call has ids and times of its own.
    pub fn body(&self) -> anyhow::Result<Vec<u8>> {
        match &self.file {
            Some(path) if path.as_os_str() == "-" => {
                Ok(std::io::read_to_string(std::io::stdin())?.into_bytes())
            }
            Some(path) => {
                std::fs::read(path).with_context(|| format!("can't read {}", path.display()))
            }
            None => self.made_up(Timestamp::now()),
        }
    }

    /// The event as if it had just come in from a source.
    pub fn event(&self, source: &str) -> anyhow::Result<Event> {
        let body = self.body()?;
        Ok(Event {
            seq: EventSeq(0),
            id: Uuid::now_v7(),
            source: source.into(),
            received_at: Timestamp::now(),
            reading: Reading::of(&body),
            body: body.into(),
            replay_of: None,
        })
    }

    /// The body of a run that finished at this time, from the flags.
    pub fn made_up(&self, finished: Timestamp) -> anyhow::Result<Vec<u8>> {
        let started = finished - SignedDuration::try_from(self.duration.0)?;
        let summary = self.summary.clone().unwrap_or_else(|| self.plausible_summary());
        let mut body = Map::new();
        body.insert("event".into(), json!("execution.finished"));
        body.insert("executionId".into(), json!(format!("exec_{}", Uuid::new_v4().simple())));
        body.insert("taskId".into(), json!(format!("task_{}", Uuid::new_v4().simple())));
        body.insert("status".into(), json!(self.status().to_uppercase()));
        body.insert("summary".into(), json!(summary));
        body.insert("groupName".into(), json!(self.group));
        body.insert("startedAt".into(), json!(format!("{started:.3}")));
        body.insert("finishedAt".into(), json!(format!("{finished:.3}")));
        for field in &self.field {
            let (name, value) = named(field)?;
            body.insert(name, value);
        }
        Ok(serde_json::to_vec(&body)?)
    }

    fn plausible_summary(&self) -> String {
        match self.status().to_uppercase().as_str() {
            "PASSED" => "All 128 tests passed in My Test Suite".to_owned(),
            "ERROR" => "The container stopped before the tests did".to_owned(),
            "UNSTABLE" => "2 flaky tests in My Test Suite".to_owned(),
            _ => "3 tests failed in My Test Suite".to_owned(),
        }
    }
}

fn named(field: &str) -> anyhow::Result<(String, Value)> {
    let Some((name, value)) = field.split_once('=') else {
        bail!("`{field}` names no value; write --field name=value");
    };
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
    Ok((name.to_owned(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Sample {
        Sample {
            field: vec!["suite=smoke".into(), "count=3".into()],
            ..Sample::of("nightly", "passed")
        }
    }

    #[test]
    fn each_made_up_event_has_ids_of_its_own() {
        assert_ne!(sample().body().unwrap(), sample().body().unwrap());
    }

    #[test]
    fn flags_become_fields_with_their_types() {
        let body: Value = serde_json::from_slice(&sample().body().unwrap()).unwrap();
        assert_eq!(body["status"], "PASSED");
        assert_eq!(body["suite"], "smoke");
        assert_eq!(body["count"], 3);
    }

    #[test]
    fn a_field_without_a_value_is_refused() {
        let sample = Sample { field: vec!["suite".into()], ..sample() };
        assert!(sample.body().unwrap_err().to_string().contains("--field name=value"));
    }
}
