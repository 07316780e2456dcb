//! The composition root: the rooms put together, started in order, ended in order.
//!
//! [`run`] is the whole gateway with its listeners passed in, so that a test runs the real thing
//! on a free port; [`serve`] adds what a process has: handed-over or bound sockets, and signals.
//! Start: journal, deliverer, conductor, listeners. End: conductor and deliverer finish what is in
//! hand while events are still accepted (the sender never tries twice), then the listeners, then
//! the journal.

mod announce;
mod disk;
mod error;
mod gateway;
mod listeners;
mod reload;
mod signals;
#[cfg(test)]
mod tests;
mod upkeep;
mod working;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use crate::admin::{self, Desk, Guard};
use crate::config::{LoadOptions, Loaded};
use crate::receive;

pub use error::AppError;
use gateway::Gateway;
pub use listeners::Listeners;
pub use signals::Command;

/// How the gateway is run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The configuration's file, read again at a reload.
    pub config: PathBuf,
    /// How it is read.
    pub load: Arc<LoadOptions>,
    /// Decides and records, and sends nothing.
    pub shadow: bool,
    /// Whether to say on standard output where it listens and what it loaded.
    pub announce: bool,
    /// How long what is being sent may take once it is told to stop.
    pub grace: Duration,
}

/// Together with the last requests and the journal's end well below systemd's 90 s.
pub const GRACE: Duration = Duration::from_secs(25);

/// The journal's end: what is queued, one fsync.
const LAST_WRITES: Duration = Duration::from_secs(10);

/// Runs the gateway as this process: sockets from systemd or bound here, SIGTERM and SIGINT stop
/// it (the second one at once), SIGHUP reloads.
///
/// # Errors
/// If it can't start, or its journal failed.
pub async fn serve(loaded: Loaded, options: Options) -> Result<(), AppError> {
    let listeners = Listeners::take(&loaded.settings.server)?;
    let commands = signals::listen().map_err(AppError::Signals)?;
    run(loaded, listeners, options, commands).await
}

/// Runs the gateway on these listeners until it is told to stop.
///
/// # Errors
/// If it can't start, or its journal failed.
pub async fn run(
    loaded: Loaded,
    listeners: Listeners,
    options: Options,
    mut commands: mpsc::Receiver<Command>,
) -> Result<(), AppError> {
    let warnings = loaded.warnings.len();
    let gateway = Arc::new(Gateway::start(loaded, options).await?);
    let (hooks, people) = listeners.addresses()?;
    let serving = Serving::start(&gateway, listeners)?;
    if gateway.options.announce {
        announce::print(&gateway, hooks, people, warnings);
    }
    let mut pulse = AbortOnDropHandle::new(tokio::spawn(upkeep::pulse(gateway.clone())));
    let _prune = AbortOnDropHandle::new(tokio::spawn(upkeep::prune(gateway.clone())));
    let failure = loop {
        tokio::select! {
            failed = &mut pulse => break Some(failed.unwrap_or_else(|error| error.to_string())),
            command = commands.recv() => match command {
                Some(Command::Reload) => drop(gateway.reload().await),
                Some(Command::Stop) | None => break None,
            }
        }
    };
    match failure {
        None => stop(&gateway, serving).await,
        Some(why) => return Err(AppError::JournalFailed(why)),
    }
    Ok(())
}

/// The listeners at work.
struct Serving {
    hooks: receive::Listening,
    people: admin::Listening,
}

impl Serving {
    fn start(gateway: &Arc<Gateway>, listeners: Listeners) -> Result<Self, AppError> {
        let server = gateway.settings().server.clone();
        let edge = gateway.edge.clone();
        let hooks = receive::listen(listeners.hooks, gateway.tls.as_ref(), edge, gateway.limits())
            .map_err(AppError::Listen)?;
        let desk = Desk::new(gateway.journal.clone(), gateway.rules.clone(), Some(gateway.clone()));
        let guard = Guard::new(&server.admin.ip().to_string(), server.admin_token.as_ref());
        let people = admin::listen(listeners.admin, Arc::new(desk), guard);
        Ok(Serving { hooks, people: people.map_err(AppError::Listen)? })
    }
}

async fn stop(gateway: &Gateway, serving: Serving) {
    tracing::info!("stopping: what is being sent is finished, new events are still taken");
    gateway.health.stopping();
    gateway.finish().await;
    tokio::join!(serving.hooks.stop(), serving.people.stop());
    if tokio::time::timeout(LAST_WRITES, gateway.journal.close()).await.is_err() {
        tracing::warn!("the journal did not close in time; nothing that was acknowledged is lost");
    }
    tracing::info!("stopped");
}
