//! `send`: a signed sample event, to a running gateway or to any URL that takes Agnox's webhook.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use agnox_bridge_sinks::signature::{AgnoxKey, HEADER};
use anyhow::{Context, anyhow};
use clap::Args;
use serde_json::Value;

use super::access::{KeyArgs, hooks_url, key_for, load};
use super::sample::Sample;
use super::{Common, Ended, Output, runtime};

/// The sender's own limit: what takes longer would be lost.
const PATIENCE: Duration = Duration::from_secs(10);

/// `agnox-bridge send --status FAILED --group checkout-eu`
#[derive(Args, Debug)]
pub struct Send {
    #[command(flatten)]
    sample: Sample,
    #[command(flatten)]
    key: KeyArgs,
    /// Post to this URL instead of the gateway that the configuration describes.
    #[arg(long)]
    url: Option<String>,
    /// Send no signature.
    #[arg(long)]
    unsigned: bool,
}

impl Send {
    /// Posts the event and says what was answered.
    pub fn run(self, common: &Common, output: &Output) -> Ended {
        let body = self.sample.body()?;
        let url = self.target(common)?;
        let key = if self.unsigned { None } else { key_for(&self.key, common)? };
        let started = Instant::now();
        let (status, answer) = runtime()?.block_on(post(&url, key.as_ref(), body))?;
        report(output, &url, status, &answer, started.elapsed())
    }

    fn target(&self, common: &Common) -> anyhow::Result<String> {
        match &self.url {
            Some(url) => Ok(url.clone()),
            None => hooks_url(&load(common)?.settings, self.key.source.as_deref()),
        }
    }
}

async fn post(url: &str, key: Option<&AgnoxKey>, body: Vec<u8>) -> anyhow::Result<(u16, String)> {
    let client = reqwest::Client::builder()
        .timeout(PATIENCE)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    let mut request = client.post(url).header("content-type", "application/json");
    if let Some(key) = key {
        request = request.header(HEADER, key.sign(&body));
    }
    let answer = request.body(body).send().await.map_err(|error| unreachable_for(url, error))?;
    let status = answer.status().as_u16();
    Ok((status, answer.text().await.context("the answer broke off")?))
}

fn unreachable_for(url: &str, error: reqwest::Error) -> anyhow::Error {
    let why = if error.is_timeout() {
        format!("{url} did not answer within {} s; Agnox would have given up", PATIENCE.as_secs())
    } else if error.is_connect() {
        format!(
            "can't connect to {url}; is the gateway running? Start it with `agnox-bridge serve`"
        )
    } else {
        format!("can't post to {url}")
    };
    anyhow!(error.without_url()).context(why)
}

fn report(output: &Output, url: &str, status: u16, answer: &str, took: Duration) -> Ended {
    let parsed: Value = serde_json::from_str(answer).unwrap_or(Value::Null);
    if output.json {
        output.value(&serde_json::json!({
            "url": url, "status": status, "milliseconds": took.as_millis() as u64, "answer": parsed,
        }))?;
    } else if (200..300).contains(&status) {
        let repeat = parsed["duplicate"] == true;
        let word = if repeat { "accepted before (a repeat, nothing is sent)" } else { "accepted" };
        let id = parsed["id"].as_str().unwrap_or("without an id");
        output.line(format!("{word}: event {id}, answered {status} in {} ms", took.as_millis()));
    } else {
        output.progress(format!("refused: {url} answered {status}: {}", answer.trim()));
        output.progress(advice(status));
    }
    Ok(if (200..300).contains(&status) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn advice(status: u16) -> &'static str {
    match status {
        401 => {
            "The signature does not hold there: the secrets differ. `agnox-bridge verify` says which check fails."
        }
        404 => {
            "There is no such source there: the URL ends in /hooks/ and a name under `sources:`."
        }
        413 => "The body is above the gateway's `server.body_limit`.",
        503 => "The gateway can't store events now; its log and /readyz say why.",
        _ => "This is not what a gateway answers; check the URL.",
    }
}
