//! The few lines that a person sees at the start: where it listens, what it loaded, how to try it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;

use super::gateway::Gateway;
use crate::config::Settings;

/// Says on standard output that the gateway is ready. That nobody reads it is no reason to stop.
pub fn print(gateway: &Gateway, hooks: SocketAddr, people: SocketAddr, warnings: usize) {
    let started = Started {
        settings: &gateway.settings(),
        config: &gateway.options.config,
        shadow: gateway.options.shadow,
        hooks,
        people,
        warnings,
        program: &program(),
    };
    std::io::stdout().write_all(started.text().as_bytes()).ok();
}

/// What the lines say.
struct Started<'a> {
    settings: &'a Settings,
    config: &'a Path,
    shadow: bool,
    hooks: SocketAddr,
    people: SocketAddr,
    warnings: usize,
    program: &'a str,
}

impl Started<'_> {
    fn text(&self) -> String {
        let Started { settings, hooks, people, program, .. } = self;
        let scheme = if settings.server.tls.is_some() { "https" } else { "http" };
        let config = quoted(&self.config.display().to_string());
        let loaded = [
            counted(settings.sources.len(), "source"),
            counted(settings.rules.len(), "rule"),
            counted(settings.sinks.len(), "sink"),
        ];
        let mut text = format!("agnox-bridge {} is ready\n", env!("CARGO_PKG_VERSION"));
        let mut line = |name: &str, value: &str| {
            writeln!(text, "  {name:<9}{value}").expect("writing to a String cannot fail");
        };
        line("hooks", &format!("{scheme}://{hooks}/hooks/{}", names(&settings.sources)));
        line("admin", &format!("http://{people} (API and metrics)"));
        line("journal", &settings.journal.url.to_string());
        line("loaded", &format!("{} from {}", loaded.join(", "), self.config.display()));
        if self.shadow {
            line("shadow", "decides and records, sends nothing");
        }
        if self.warnings > 0 {
            let check = format!("`{program} check --config {config}`");
            line("note", &format!("{}: {check} shows them", counted(self.warnings, "warning")));
        }
        text.push_str("Send it a signed sample event:\n");
        writeln!(text, "  {program} send --config {config}")
            .expect("writing to a String cannot fail");
        text
    }
}

/// How this program is called from where it was started.
fn program() -> String {
    let file = std::env::current_exe().unwrap_or_default();
    if std::env::var_os("CARGO").is_some() {
        let release = file.components().any(|part| part.as_os_str() == "release");
        return format!("cargo run{} --", if release { " --release" } else { "" });
    }
    let called = std::env::args().next().unwrap_or_else(|| file.display().to_string());
    quoted(&called)
}

/// The one name, or all of them in the shell's braces.
fn names<T>(sources: &BTreeMap<String, T>) -> String {
    let names: Vec<&str> = sources.keys().map(String::as_str).collect();
    match names.as_slice() {
        [one] => (*one).to_owned(),
        several => format!("{{{}}}", several.join(",")),
    }
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// As a shell takes it for one word.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:@,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_says_where_what_and_how_to_try_it() {
        let mut settings = Settings::default();
        settings.sources.insert("main".to_owned(), Default::default());
        settings.sources.insert("partner".to_owned(), Default::default());
        let started = Started {
            settings: &settings,
            config: Path::new("my config.yaml"),
            shadow: true,
            hooks: "127.0.0.1:8080".parse().unwrap(),
            people: "127.0.0.1:8081".parse().unwrap(),
            warnings: 1,
            program: "cargo run --release --",
        };
        insta::assert_snapshot!(started.text(), @r"
        agnox-bridge 0.1.0 is ready
          hooks    http://127.0.0.1:8080/hooks/{main,partner}
          admin    http://127.0.0.1:8081 (API and metrics)
          journal  sqlite:agnox-bridge.db
          loaded   2 sources, 0 rules, 0 sinks from my config.yaml
          shadow   decides and records, sends nothing
          note     1 warning: `cargo run --release -- check --config 'my config.yaml'` shows them
        Send it a signed sample event:
          cargo run --release -- send --config 'my config.yaml'
        ");
    }
}
