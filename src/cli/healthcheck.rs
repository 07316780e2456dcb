//! `healthcheck`: whether a running gateway is ready, as an exit code.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::anyhow;
use clap::Args;

use super::access::{base_url, load_addresses};
use super::{Common, Ended, Output, runtime};

/// `agnox-bridge healthcheck`
#[derive(Args, Debug)]
pub struct Healthcheck {
    /// Ask this gateway instead of the one that the configuration describes:
    /// `http://127.0.0.1:8080`.
    #[arg(long)]
    url: Option<String>,
}

impl Healthcheck {
    /// Asks `/readyz` and passes its answer on.
    pub fn run(self, common: &Common, output: &Output) -> Ended {
        let base = match self.url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => base_url(&load_addresses(common)?.settings),
        };
        let (ready, answer) = runtime()?.block_on(ask(&format!("{base}/readyz")))?;
        output.line(answer.trim());
        Ok(if ready { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

async fn ask(url: &str) -> anyhow::Result<(bool, String)> {
    // The gateway's own certificate names its public host, not the loopback address asked here.
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(4))
        .no_proxy()
        .tls_danger_accept_invalid_certs(true)
        .build()?;
    let answer = client.get(url).send().await.map_err(|error| {
        anyhow!(error.without_url()).context(format!("no gateway answers at {url}"))
    })?;
    Ok((answer.status().is_success(), answer.text().await?))
}
