//! `init`: a few questions, and a working configuration with a fresh secret.
//!
//! Secrets go into files of their own that only their owner can read, beside the configuration, so
//! that the configuration itself can be shown and kept in version control.

use std::fs::OpenOptions;
use std::io::{BufRead, IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;
use uuid::Uuid;

use super::{Common, Ended, Output};

/// `agnox-bridge init`
#[derive(Args, Debug)]
pub struct Init {
    /// Ask nothing: everything is printed on the terminal, nothing is sent anywhere.
    #[arg(long, short)]
    yes: bool,
    /// A Slack-format webhook URL (Slack, Mattermost, Rocket.Chat).
    #[arg(long)]
    slack_url: Option<String>,
    /// Your Agnox dashboard, for the links in messages.
    #[arg(long)]
    dashboard: Option<String>,
    /// Write here even if the files exist.
    #[arg(long)]
    force: bool,
}

struct Answers {
    dashboard: String,
    slack_url: Option<String>,
}

impl Init {
    /// Asks, writes, and says what comes next.
    pub fn run(self, common: &Common, output: &Output) -> Ended {
        let config = &common.config;
        if config.exists() && !self.force {
            bail!(
                "{} is there already; --force writes it anew, --config names another",
                config.display()
            );
        }
        let answers = self.ask(output)?;
        let folder =
            config.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let secret = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let secret_file = folder.join("agnox.secret");
        if secret_file.exists() && !self.force {
            bail!(
                "{} is there already and may be in use; --force writes it anew",
                secret_file.display()
            );
        }
        write_private(&secret_file, &secret)?;
        if let Some(url) = &answers.slack_url {
            write_private(&folder.join("slack.url"), url)?;
        }
        std::fs::write(config, text(&answers))
            .with_context(|| format!("can't write {}", config.display()))?;
        self.say_what_comes_next(common, output, &secret_file);
        Ok(ExitCode::SUCCESS)
    }

    fn ask(&self, output: &Output) -> anyhow::Result<Answers> {
        let mut dashboard = self.dashboard.clone();
        let mut slack_url = self.slack_url.clone();
        if !self.yes {
            if !std::io::stdin().is_terminal() {
                bail!(
                    "there is nobody to ask; --yes takes the defaults, flags answer the questions"
                );
            }
            if dashboard.is_none() {
                dashboard = question(output, "Your Agnox dashboard [https://agnox.dev]: ")?;
            }
            if slack_url.is_none() {
                slack_url = question(
                    output,
                    "A Slack-format webhook URL (empty: print on the terminal): ",
                )?;
            }
        }
        let dashboard = dashboard.unwrap_or_else(|| "https://agnox.dev".to_owned());
        for url in slack_url.iter().chain([&dashboard]) {
            if !url.starts_with("https://") && !url.starts_with("http://") {
                bail!("`{url}` is no URL: it begins with https:// or http://");
            }
        }
        Ok(Answers { dashboard, slack_url })
    }

    fn say_what_comes_next(&self, common: &Common, output: &Output, secret: &Path) {
        let config = common.config.display();
        output.line(format!("wrote {config}, and a fresh secret to {}", secret.display()));
        output.line("");
        output.line(format!("  agnox-bridge check --config {config}    # is it right?"));
        output.line(format!("  agnox-bridge serve --config {config}    # start it"));
        output.line(format!("  agnox-bridge send  --config {config}    # send it a signed sample"));
        output.line("");
        output.line(
            "`agnox-bridge sinks list` names what else it can send to, from Teams to PagerDuty;",
        );
        output.line("`agnox-bridge sinks show KIND` has the lines to copy.");
        output.line("");
        output.line("In Agnox, set the webhook's URL to https://<this host>/hooks/main and its secret to the");
        output.line(format!("content of {}.", secret.display()));
    }
}

fn question(output: &Output, text: &str) -> anyhow::Result<Option<String>> {
    output.progress(text);
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    let answer = answer.trim();
    Ok((!answer.is_empty()).then(|| answer.to_owned()))
}

fn write_private(path: &PathBuf, text: &str) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(path).with_context(|| format!("can't write {}", path.display()))?;
    writeln!(file, "{text}")?;
    Ok(())
}

fn text(answers: &Answers) -> String {
    let dashboard = serde_json::Value::from(answers.dashboard.as_str());
    let (sinks, rules) = match answers.slack_url {
        Some(_) => (CHAT_AND_TERMINAL, FAILURES_AND_EVERYTHING),
        None => (TERMINAL, EVERYTHING),
    };
    format!("{HEAD}\nagnox:\n  dashboard: {dashboard}\n{SOURCES}\nsinks:\n{sinks}\nrules:\n{rules}")
}

const HEAD: &str = "\
# agnox-bridge: every option is explained in config.example.yaml.
# `agnox-bridge check` says what is wrong, `agnox-bridge schema` helps your editor, and
# `agnox-bridge sinks list` names what can stand below `sinks:`.

server:
  listen: 127.0.0.1:8080    # what Agnox reaches, through a proxy with TLS
  admin: 127.0.0.1:8081     # what people and Prometheus reach

journal:
  url: sqlite:agnox-bridge.db
";

const SOURCES: &str = "
sources:
  main:                     # POST /hooks/main
    secret: ${file:agnox.secret}
";

const TERMINAL: &str = "  terminal:\n    console: {}\n";

const CHAT_AND_TERMINAL: &str = "  team-chat:
    slack:
      url: ${file:slack.url}
  terminal:
    console: {}
";

const EVERYTHING: &str = "  - name: everything\n    when: always\n    send: terminal\n";

const FAILURES_AND_EVERYTHING: &str = "  - name: failures
    when:
      status: [FAILED, ERROR, UNSTABLE]
    send: team-chat
    once_per: incident        # the first failure, and nothing in between
    send_recovery: true       # and when it is over

  - name: everything
    when: always
    send: terminal
";
