//! The gateway's running parts, and what people ask of them.
//!
//! What a reload swaps is held in one place each: sources in the edge, the router for deciding,
//! the plan for delivering, the rules for showing. Listeners and journal stay.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

use agnox_bridge_sinks::signature::AgnoxKey;
use arc_swap::ArcSwap;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::error::AppError;
use super::working::Working;
use super::{Options, upkeep};
use crate::admin::shapes::{Reloaded, RunningStatus};
use crate::admin::{Rules, Running};
use crate::conduct::{ConductOptions, Conductor};
use crate::config::{Loaded, Settings};
use crate::deliver::{Deliverer, Plan, SinkState};
use crate::heartbeat::{Heartbeat, HeartbeatConfig, Sign};
use crate::journal::{self, Journal};
use crate::receive::{Edge, Health, Limits, Sources, TlsFiles, Trust};
use crate::route::Router;
use crate::telemetry::Metrics;

/// The running parts.
pub struct Gateway {
    pub(super) options: Options,
    pub(super) journal: Arc<dyn Journal>,
    pub(super) journal_file: PathBuf,
    pub(super) metrics: Arc<Metrics>,
    pub(super) health: Arc<Health>,
    pub(super) edge: Arc<Edge>,
    pub(super) tls: Option<TlsFiles>,
    pub(super) rules: Arc<ArcSwap<Rules>>,
    pub(super) reloading: tokio::sync::Mutex<()>,
    working: Arc<Working>,
    heartbeat: Mutex<Option<Heartbeat>>,
    in_force: Mutex<InForce>,
    began: Instant,
    started_at: Timestamp,
}

/// Which configuration is in force, and how the latest reload went.
pub(super) struct InForce {
    pub settings: Arc<Settings>,
    pub version: String,
    pub kinds: Vec<(String, String)>,
    pub last_reload: Timestamp,
    pub last_error: Option<String>,
}

impl Gateway {
    /// Opens the journal and starts the parts behind the listeners.
    ///
    /// # Errors
    /// If the journal, a certificate or a secret can't be used.
    pub async fn start(loaded: Loaded, options: Options) -> Result<Self, AppError> {
        let began = Instant::now();
        let folder = options.config.parent().unwrap_or(Path::new(""));
        let tls = read_tls(&loaded.settings, folder)?;
        let journal_url = &loaded.settings.journal.url;
        let journal_file = folder.join(journal_url.path());
        let journal = journal::open(&journal_url.to_string(), folder)?;
        let (metrics, health) = (Arc::new(Metrics::default()), Arc::new(Health::default()));
        let sources = sources(&loaded.settings, &metrics)?;
        let limits = limits(&loaded.settings);
        let edge = Edge::new(sources, journal.clone(), health.clone(), metrics.clone(), &limits);
        let parts = Swapped::new(loaded);
        let deliverer = (!options.shadow)
            .then(|| Deliverer::start(journal.clone(), parts.plan.clone(), metrics.clone()));
        let conduct = ConductOptions { shadow: options.shadow, ..ConductOptions::default() };
        let conductor =
            Conductor::start(journal.clone(), parts.router.clone(), conduct, metrics.clone());
        let gateway = Gateway {
            journal_file,
            rules: Arc::new(ArcSwap::new(parts.rules)),
            in_force: Mutex::new(parts.in_force),
            edge: Arc::new(edge),
            working: Working::new(conductor, deliverer),
            heartbeat: Mutex::default(),
            reloading: tokio::sync::Mutex::default(),
            started_at: Timestamp::now(),
            options,
            journal,
            metrics,
            health,
            tls,
            began,
        };
        if let Some(trouble) = upkeep::beat(&gateway).await.map_err(AppError::JournalFailed)? {
            tracing::error!("started, and no event can be accepted yet: {trouble}");
        }
        gateway.restart_heartbeat();
        gateway.note_reload_time();
        Ok(gateway)
    }

    /// The settings in force.
    pub fn settings(&self) -> Arc<Settings> {
        self.in_force().settings.clone()
    }

    /// What the public listener bears.
    pub fn limits(&self) -> Limits {
        limits(&self.settings())
    }

    /// Whether events are being decided and delivered.
    pub fn delivers(&self) -> bool {
        self.working.alive()
    }

    /// Works by another configuration from now on.
    pub(super) fn swap(&self, sources: Sources, parts: Swapped) {
        self.working.replace(parts.plan, parts.router);
        self.edge.replace_sources(sources);
        self.rules.store(parts.rules);
        *self.in_force() = parts.in_force;
        self.restart_heartbeat();
        self.note_reload_time();
    }

    /// Ends deciding and delivering: what is in hand is finished within the grace.
    pub async fn finish(&self) {
        self.heartbeat().take();
        self.working.finish(self.options.grace).await;
    }

    pub(super) fn in_force(&self) -> MutexGuard<'_, InForce> {
        self.in_force.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn heartbeat(&self) -> MutexGuard<'_, Option<Heartbeat>> {
        self.heartbeat.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn restart_heartbeat(&self) {
        let mut heartbeat = self.heartbeat();
        *heartbeat = None;
        let Some(config) = self.settings().heartbeat.clone() else { return };
        let config = HeartbeatConfig { url: config.url, every: config.every };
        let working = self.working.clone();
        let alive: Sign = Box::new(move || match working.alive() {
            true => Ok(()),
            false => Err("events are not being decided or delivered".to_owned()),
        });
        *heartbeat = Some(Heartbeat::start(config, self.journal.clone(), vec![alive]));
    }

    fn note_reload_time(&self) {
        self.metrics.last_reload.set(self.in_force().last_reload.as_millisecond() as f64 / 1e3);
    }
}

impl Running for Gateway {
    fn status(&self) -> RunningStatus {
        let standing = self.health.standing(Instant::now());
        let in_force = self.in_force();
        RunningStatus {
            started_at: self.started_at,
            uptime_seconds: self.began.elapsed().as_secs(),
            config_version: in_force.version.clone(),
            shadow: self.options.shadow,
            ready: standing.ready,
            why: standing.why,
            last_reload: in_force.last_reload,
            last_reload_error: in_force.last_error.clone(),
        }
    }

    fn sinks(&self) -> Vec<SinkState> {
        self.working.sinks().unwrap_or_else(|| {
            let in_force = self.in_force();
            in_force
                .kinds
                .iter()
                .map(|(name, kind)| SinkState {
                    kind: Some(kind.clone()),
                    ..SinkState::idle(name.clone())
                })
                .collect()
        })
    }

    fn resume(&self, sink: &str) -> bool {
        self.working.resume(sink)
    }

    fn reload(&self) -> BoxFuture<'_, Result<Reloaded, String>> {
        Gateway::reload(self).boxed()
    }

    fn metrics(&self) -> String {
        self.metrics.text()
    }
}

/// What of a loaded configuration is swapped as a whole.
pub(super) struct Swapped {
    plan: Arc<Plan>,
    router: Arc<Router>,
    rules: Arc<Rules>,
    in_force: InForce,
}

impl Swapped {
    pub(super) fn new(loaded: Loaded) -> Self {
        let router = Arc::new(loaded.router);
        let kinds =
            loaded.outlets.values().map(|outlet| (outlet.name.clone(), outlet.kind.clone()));
        let in_force = InForce {
            kinds: kinds.collect(),
            version: loaded.version.clone(),
            last_reload: Timestamp::now(),
            last_error: None,
            settings: Arc::new(loaded.settings),
        };
        let rules = Rules {
            router: Some(router.clone()),
            redactor: loaded.redactor.clone(),
            ..Rules::default()
        };
        let plan = Plan {
            outlets: loaded.outlets,
            router: router.clone(),
            on_dead: in_force.settings.on_dead.clone(),
            redactor: loaded.redactor,
            version: loaded.version,
        };
        Swapped { plan: Arc::new(plan), router, rules: Arc::new(rules), in_force }
    }
}

/// The sources with their keys.
///
/// # Errors
/// If a secret is blank.
pub(super) fn sources(settings: &Settings, metrics: &Metrics) -> Result<Sources, AppError> {
    let mut sources = Vec::new();
    for (name, source) in &settings.sources {
        let keys: Result<Vec<AgnoxKey>, _> = source.all_secrets().map(AgnoxKey::new).collect();
        let keys = keys.map_err(|_| AppError::Secret(name.clone()))?;
        let trust = match keys.is_empty() {
            false => Trust::Signed(keys),
            true if source.allow_unsigned => Trust::Unsigned,
            true => return Err(AppError::Secret(name.clone())),
        };
        sources.push((name.clone(), trust));
    }
    Ok(Sources::new(sources, metrics))
}

fn limits(settings: &Settings) -> Limits {
    let bytes = |size: u64| usize::try_from(size).unwrap_or(usize::MAX);
    let server = &settings.server;
    Limits {
        body_size: bytes(server.body_limit.0),
        body_deadline: server.body_timeout.0,
        memory: bytes(server.body_memory.0),
        connections: server.connections.get(),
        ..Limits::default()
    }
}

fn read_tls(settings: &Settings, folder: &Path) -> Result<Option<TlsFiles>, AppError> {
    let Some(tls) = &settings.server.tls else { return Ok(None) };
    Ok(Some(TlsFiles::read(folder.join(&tls.cert), folder.join(&tls.key))?))
}
