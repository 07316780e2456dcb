//! Logs: one line an occurrence, for people or for programs, on standard error.
//!
//! Standard output belongs to what a person asked to see. Libraries that print addresses, headers
//! or a mail server's dialogue when they are talkative are held at `info` whatever level is asked
//! for, unless they are asked for by name: secrets travel in those.

use std::io::IsTerminal;
use std::str::FromStr;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt;

/// How a log line is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// What is logged where nothing is asked for.
const DEFAULT_LEVEL: &str = "info";

/// Crates that are held back, and the level that they get. The HTTP library reports every
/// malformed head as an error, which lets whoever reaches the port fill a disk; those are counted.
const HELD_BACK: [(&str, &str); 8] = [
    ("actix_http", "off"),
    ("actix_server", "warn"),
    ("h2", "info"),
    ("hyper", "info"),
    ("hyper_util", "info"),
    ("lettre", "info"),
    ("reqwest", "info"),
    ("rustls", "info"),
];

/// Logs that can't be set up.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The level isn't one.
    #[error("`{level}` is no log level: {why}; write `info`, `debug` or `warn,agnox_bridge=debug`")]
    Level {
        /// What was asked for.
        level: String,
        /// What is wrong with it.
        why: String,
    },
    /// Something else writes the process's logs already.
    #[error("logs are set up already: {0}")]
    Twice(String),
}

impl FromStr for LogFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(LogFormat::Text),
            "json" => Ok(LogFormat::Json),
            other => Err(format!("`{other}` is no log format; write `text` or `json`")),
        }
    }
}

/// Sets up the process's logs. `level` is what was asked for by option; else `RUST_LOG` counts.
///
/// # Errors
/// If the level isn't one, or logs are set up already.
pub fn init(format: LogFormat, level: Option<&str>) -> Result<(), LogError> {
    let asked = level.map(str::to_owned).or_else(|| std::env::var("RUST_LOG").ok());
    let filter = filter(asked.as_deref().filter(|text| !text.trim().is_empty()))?;
    let terminal = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let twice = |error: tracing_subscriber::util::TryInitError| LogError::Twice(error.to_string());
    match format {
        LogFormat::Text => text(filter, std::io::stderr, terminal).try_init().map_err(twice)?,
        LogFormat::Json => json(filter, std::io::stderr).try_init().map_err(twice)?,
    }
    log_panics();
    Ok(())
}

fn text<W>(filter: EnvFilter, to: W, ansi: bool) -> impl SubscriberInitExt
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(ansi)
        .with_target(false)
        .with_writer(to)
        .finish()
}

fn json<W>(filter: EnvFilter, to: W) -> impl SubscriberInitExt
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_env_filter(filter)
        .with_writer(to)
        .finish()
}

fn filter(asked: Option<&str>) -> Result<EnvFilter, LogError> {
    let asked = asked.unwrap_or(DEFAULT_LEVEL);
    let named = |name: &str| {
        asked.split(',').any(|part| {
            let target = part.split(['=', '[']).next().unwrap_or(part).trim();
            target.split("::").next() == Some(name)
        })
    };
    let mut directives = asked.to_owned();
    for (name, level) in HELD_BACK {
        if !named(name) && (asked != "off") {
            directives.push_str(&format!(",{name}={level}"));
        }
    }
    EnvFilter::try_new(&directives)
        .map_err(|error| LogError::Level { level: asked.to_owned(), why: error.to_string() })
}

/// A panic is a line like every other, so that programs that read the logs see it.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let what = panic.payload_as_str().unwrap_or("no text");
        tracing::error!(place, "a part of the bridge panicked: {what}");
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_that_print_secrets_are_held_back_unless_they_are_asked_for_by_name() {
        let all = filter(Some("trace")).unwrap().to_string();
        assert!(all.contains("hyper=info") && all.contains("lettre=info"), "{all}");
        assert!(all.contains("trace"), "{all}");
        let named = filter(Some("info,hyper::client=trace")).unwrap().to_string();
        assert!(named.contains("hyper::client=trace") && !named.contains("hyper=info"), "{named}");
        assert!(named.contains("reqwest=info"), "{named}");
    }

    #[test]
    fn a_level_that_is_none_is_refused_with_an_example() {
        let error = filter(Some("agnox_bridge=loud")).unwrap_err().to_string();
        assert!(error.contains("agnox_bridge=loud") && error.contains("debug"), "{error}");
    }
}
