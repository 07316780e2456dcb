//! What must hold between sections, and what is allowed but probably not meant.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::load::BuiltSinks;
use super::settings::{HeartbeatConfig, ServerConfig, Settings, SourceConfig};
use super::wording;
use crate::model::Problem;
use crate::receive::TlsFiles;
use crate::route::{OneOrMany, Router, RuleConfig};

/// The secret that `config.example.yaml` begins with. Everybody knows it, so it is refused where
/// others can reach the bridge.
pub const EXAMPLE_SECRET: &str = "example-secret-only-for-loopback-0123456789";

/// Shorter secrets can be guessed by who has one signed body.
const SHORT_SECRET: usize = 32;

/// What can't work, section by section.
pub fn problems(settings: &Settings, sinks: &BuiltSinks) -> Vec<Problem> {
    let mut found = server(&settings.server);
    for (name, source) in &settings.sources {
        found.extend(source_problems(name, source, settings.server.listen));
    }
    found.extend(settings.on_dead.as_deref().and_then(|name| on_dead(name, sinks)));
    found.extend(settings.heartbeat.as_ref().map(heartbeat).unwrap_or_default());
    found.extend(settings.allow_exec.iter().enumerate().filter_map(program));
    if settings.journal.retention.0.as_secs() < 60 * 60 {
        let problem = Problem::new("journal.retention", "events must be kept for an hour at least");
        found.push(problem.hint("repeats are known by what is kept; 30d is usual"));
    }
    let dashboard = settings.agnox.dashboard.as_str();
    if !dashboard.is_empty() && !is_web_address(dashboard) {
        let problem = Problem::new("agnox.dashboard", "this is no web address");
        found.push(problem.hint("write it with its scheme: https://agnox.dev"));
    }
    found
}

/// What is wrong with the certificate and its key; without secrets there may be none.
pub fn certificate(server: &ServerConfig, folder: &Path, without_secrets: bool) -> Vec<Problem> {
    let Some(tls) = server.tls.as_ref().filter(|_| !without_secrets) else { return Vec::new() };
    let Err(error) = TlsFiles::read(folder.join(&tls.cert), folder.join(&tls.key)) else {
        return Vec::new();
    };
    let option = if error.path == folder.join(&tls.key) { "key" } else { "cert" };
    vec![Problem::new(format!("server.tls.{option}"), error.to_string())]
}

/// What is allowed, but probably not meant.
pub fn warnings(settings: &Settings, sinks: &BuiltSinks, router: Option<&Router>) -> Vec<Problem> {
    let mut found: Vec<Problem> =
        settings.sources.iter().filter_map(|(name, source)| source_warning(name, source)).collect();
    if settings.sources.is_empty() {
        let problem = Problem::new("sources", "there is no source, so nobody can post events");
        found.push(problem.hint("add `sources:` with a name and its `secret`"));
    }
    let Some(router) = router else { return found };
    let named = router.sinks_named();
    for name in sinks.kinds.keys() {
        let is_named = named.contains(name.as_str()) || settings.on_dead.as_ref() == Some(name);
        if !is_named {
            let problem =
                Problem::new(format!("sinks.{name}"), format!("no rule sends to `{name}`"));
            found.push(problem.hint("name it in a rule's `send`, or remove it"));
        }
    }
    found.extend(twins(&settings.rules));
    let used: BTreeSet<&str> = settings.rules.iter().flat_map(muted_in).collect();
    for name in settings.windows.keys().filter(|name| !used.contains(name.as_str())) {
        let message = format!("no rule is muted in the window `{name}`");
        let problem = Problem::new(format!("windows.{name}"), message);
        found.push(problem.hint("name it in a rule's `mute: {during: …}`, or remove it"));
    }
    found
}

/// Rules that differ in their name alone: the second one changes nothing.
fn twins(rules: &[RuleConfig]) -> Vec<Problem> {
    let mut known: HashMap<String, &str> = HashMap::new();
    let mut found = Vec::new();
    for (number, rule) in rules.iter().enumerate() {
        let nameless = RuleConfig { name: String::new(), ..rule.clone() };
        match known.entry(format!("{nameless:?}")) {
            Entry::Occupied(first) => {
                let message = format!("this is the rule \"{}\" again", first.get());
                let problem = Problem::new(format!("rules[{number}]"), message);
                found.push(problem.hint("whoever both tell is told once; remove one of them"));
            }
            Entry::Vacant(place) => drop(place.insert(&rule.name)),
        }
    }
    found
}

/// Whether a rule sends to one of these sinks.
pub fn names_any(rule: &RuleConfig, sinks: &BTreeSet<String>) -> bool {
    match &rule.send {
        None => false,
        Some(OneOrMany::One(entry)) => sinks.contains(&entry.sink),
        Some(OneOrMany::Many(entries)) => entries.iter().any(|entry| sinks.contains(&entry.sink)),
    }
}

/// Whether a rule is muted in one of these windows.
pub fn is_muted_in(rule: &RuleConfig, windows: &BTreeSet<String>) -> bool {
    muted_in(rule).into_iter().any(|window| windows.contains(window))
}

/// The windows that a rule is muted in.
fn muted_in(rule: &RuleConfig) -> Vec<&str> {
    let during = rule.mute.iter().flat_map(|mute| mute.during.items(""));
    during.map(|(_, window)| window.as_str()).collect()
}

fn server(server: &ServerConfig) -> Vec<Problem> {
    let mut found = Vec::new();
    let token = server.admin_token.as_ref().map(|token| token.expose().trim());
    if let Some("") = token {
        found.push(Problem::new("server.admin_token", "the token is empty"));
    }
    if !server.admin.ip().is_loopback() && token.is_none() {
        let message = "the admin address can be reached from other machines, and there is no token";
        let problem = Problem::new("server.admin", message);
        found.push(problem.hint("set `admin_token: ${ADMIN_TOKEN}`, or use 127.0.0.1"));
    }
    if server.listen == server.admin && server.listen.port() != 0 {
        found.push(Problem::new("server.admin", "this is the same address as `listen`"));
    }
    if server.body_limit.0 == 0 {
        found.push(Problem::new("server.body_limit", "nothing would be taken"));
    }
    if server.body_timeout.0.is_zero() {
        found.push(Problem::new("server.body_timeout", "nothing would arrive in time"));
    }
    if server.body_memory < server.body_limit {
        let message = "the memory for bodies is smaller than one body may be";
        found.push(Problem::new("server.body_memory", message));
    }
    found
}

fn source_problems(name: &str, source: &SourceConfig, listen: SocketAddr) -> Vec<Problem> {
    let path = format!("sources.{name}");
    let mut found = Vec::new();
    if name.is_empty() || !name.chars().all(is_plain) {
        let problem = Problem::new(&path, format!("`{name}` can't be a source's name"));
        found.push(problem.hint("it becomes a part of the URL: a-z, 0-9, `-` and `_`"));
    }
    let secrets: Vec<_> = source.all_secrets().collect();
    if secrets.is_empty() && !source.allow_unsigned {
        let problem = Problem::new(&path, format!("`{name}` has no secret"));
        found.push(problem.hint("add `secret: ${AGNOX_WEBHOOK_SECRET}`"));
    }
    if !secrets.is_empty() && source.allow_unsigned {
        let message = "with `allow_unsigned` the secret would never be looked at";
        let problem = Problem::new(format!("{path}.allow_unsigned"), message);
        found.push(problem.hint("keep one of the two"));
    }
    for (at, secret) in source_secrets(&path, source) {
        if secret.trim().is_empty() {
            found.push(Problem::new(at, "the secret is empty"));
        } else if secret == EXAMPLE_SECRET && !listen.ip().is_loopback() {
            let message = "this is the example's secret, which everybody knows";
            let problem = Problem::new(at, message);
            found.push(problem.hint("make an own one before others can reach the bridge"));
        }
    }
    found
}

fn source_warning(name: &str, source: &SourceConfig) -> Option<Problem> {
    let path = format!("sources.{name}");
    if source.allow_unsigned {
        let message = format!("anybody who reaches the bridge can post events as `{name}`");
        let problem = Problem::new(format!("{path}.allow_unsigned"), message);
        return Some(problem.hint("set a secret in Agnox and here"));
    }
    source_secrets(&path, source).into_iter().find_map(|(at, secret)| {
        let short = !secret.trim().is_empty() && secret.chars().count() < SHORT_SECRET;
        let problem = Problem::new(at, "the secret is shorter than 32 characters");
        short.then(|| problem.hint("make a new one: `openssl rand -hex 32`"))
    })
}

fn source_secrets<'s>(path: &str, source: &'s SourceConfig) -> Vec<(String, &'s str)> {
    let one = source.secret.iter().map(|secret| (format!("{path}.secret"), secret.expose()));
    let several = source.secrets.iter().enumerate();
    let several = several.map(|(at, secret)| (format!("{path}.secrets[{at}]"), secret.expose()));
    one.chain(several).collect()
}

fn is_plain(letter: char) -> bool {
    letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '-' | '_')
}

/// A program that can be run is named whole: neither a pattern nor a name that is looked for.
fn program((number, program): (usize, &PathBuf)) -> Option<Problem> {
    let shown = program.display().to_string();
    let (message, hint) = match shown {
        _ if !program.is_absolute() => ("is no absolute path", "write it from `/` on"),
        _ if shown.contains('*') => ("is a pattern", "name each program by itself"),
        _ => return None,
    };
    let problem = Problem::new(format!("allow_exec[{number}]"), format!("`{shown}` {message}"));
    Some(problem.hint(hint))
}

fn on_dead(name: &str, sinks: &BuiltSinks) -> Option<Problem> {
    if sinks.kinds.contains_key(name) || sinks.broken.contains(name) {
        return None;
    }
    let known: Vec<&str> = sinks.kinds.keys().map(String::as_str).collect();
    let mut problem = Problem::new("on_dead", format!("there is no sink `{name}`"));
    problem.hint = wording::suggestion(name, &known);
    Some(problem)
}

fn heartbeat(heartbeat: &HeartbeatConfig) -> Vec<Problem> {
    let mut found = Vec::new();
    if !is_web_address(heartbeat.url.expose()) {
        let problem = Problem::new("heartbeat.url", "this is no web address");
        found.push(problem.hint("write it with its scheme: https://…"));
    }
    if heartbeat.every.0.as_secs() == 0 {
        found.push(Problem::new("heartbeat.every", "a second is the shortest"));
    }
    found
}

fn is_web_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        !rest.starts_with('/') && !rest.is_empty() && !rest.contains(char::is_whitespace)
    })
}
