//! Takes up the configuration as it is on disk: the whole of it, or nothing and says why.

use jiff::Timestamp;

use super::gateway::{Gateway, Swapped, sources};
use crate::admin::shapes::Reloaded;
use crate::config::{self, Diagnostic, Loaded, Settings};
use crate::telemetry::ResultLabel;

impl Gateway {
    /// Loads the configuration again and swaps to it; one at a time.
    ///
    /// # Errors
    /// If it can't be used: the old one stays in force. The text says why, for a person.
    pub async fn reload(&self) -> Result<Reloaded, String> {
        let _one_at_a_time = self.reloading.lock().await;
        let outcome = self.try_reload().await;
        self.count_reload(if outcome.is_ok() { "success" } else { "failure" });
        match &outcome {
            Ok(reloaded) => tell(reloaded),
            Err(why) => {
                tracing::error!("the configuration was not reloaded, the old one stays:\n{why}");
                self.in_force().last_error = Some(why.clone());
            }
        }
        outcome
    }

    async fn try_reload(&self) -> Result<Reloaded, String> {
        let (path, options) = (self.options.config.clone(), self.options.load.clone());
        let loading = tokio::task::spawn_blocking(move || config::load(&path, &options));
        let loaded = loading.await.map_err(|error| format!("reading it broke: {error}"))?;
        let loaded: Loaded = loaded.map_err(|report| report.to_string())?;
        let sources = sources(&loaded.settings, &self.metrics).map_err(|e| e.to_string())?;
        if let Some(tls) = &self.tls {
            tls.reread().map_err(|error| error.to_string())?;
        }
        let reloaded = Reloaded {
            config_version: loaded.version.clone(),
            needs_restart: needs_restart(&self.settings(), &loaded.settings),
            warnings: loaded.warnings.iter().map(in_a_line).collect(),
        };
        self.swap(sources, Swapped::new(loaded));
        Ok(reloaded)
    }

    fn count_reload(&self, outcome: &str) {
        let label = ResultLabel { outcome: outcome.to_owned() };
        self.metrics.reloads.get_or_create(&label).inc();
    }
}

fn in_a_line(warning: &Diagnostic) -> String {
    format!("{}:{}: {}", warning.spot.file, warning.spot.line, warning.message)
}

fn tell(reloaded: &Reloaded) {
    let Reloaded { config_version, needs_restart, warnings } = reloaded;
    tracing::info!(config_version, warnings = warnings.len(), at = %Timestamp::now(), "reloaded");
    if !needs_restart.is_empty() {
        tracing::warn!("changed, and takes effect after a restart: {}", needs_restart.join(", "));
    }
}

/// What changed that listeners and journal were built with.
fn needs_restart(old: &Settings, new: &Settings) -> Vec<String> {
    let (before, after) = (&old.server, &new.server);
    let files = |settings: &Settings| {
        settings.server.tls.as_ref().map(|tls| (tls.cert.clone(), tls.key.clone()))
    };
    let changes = [
        ("server.listen", before.listen != after.listen),
        ("server.admin", before.admin != after.admin),
        ("server.admin_token", before.admin_token != after.admin_token),
        ("server.body_limit", before.body_limit != after.body_limit),
        ("server.body_timeout", before.body_timeout != after.body_timeout),
        ("server.body_memory", before.body_memory != after.body_memory),
        ("server.connections", before.connections != after.connections),
        ("server.tls", files(old) != files(new)),
        ("journal.url", old.journal.url.path() != new.journal.url.path()),
    ];
    let changed = changes.into_iter().filter(|(_, changed)| *changed);
    changed.map(|(name, _)| name.to_owned()).collect()
}
