//! What is done from time to time while the gateway runs: a heartbeat to the disk, the journal's
//! figures, the alarm before the disk is full, and the end of what is too old.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::disk;
use super::gateway::Gateway;
use crate::journal::{Figures, JournalError};

/// How often a write is proven to reach the disk: what breaks is noticed within five seconds.
const PULSE: Duration = Duration::from_secs(2);

/// How long that may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often what is too old is looked for.
const PRUNE_EVERY: Duration = Duration::from_secs(600);

/// Between two steps of pruning, so that accepting hardly notices.
const PRUNE_PAUSE: Duration = Duration::from_millis(50);

/// Beats until the journal fails for good; returns why.
pub async fn pulse(gateway: Arc<Gateway>) -> String {
    let mut tick = interval(PULSE);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut watch = Watch::default();
    loop {
        tick.tick().await;
        let trouble = match beat(&gateway).await {
            Ok(trouble) => trouble,
            Err(why) => return why,
        };
        watch.tell_changed(trouble);
        if let Ok(Ok(figures)) = timeout(PATIENCE, gateway.journal.figures()).await {
            watch.note(&gateway, &figures);
        }
    }
}

/// Proves once that a write reaches the disk, and notes for `/readyz` whether it did, or why not.
///
/// # Errors
/// If the journal failed for good.
pub async fn beat(gateway: &Gateway) -> Result<Option<String>, String> {
    let trouble = match timeout(PATIENCE, gateway.journal.beat()).await {
        Ok(Ok(())) => {
            gateway.health.proven(Instant::now());
            return Ok(None);
        }
        Ok(Err(JournalError::Failed(why))) => return Err(why),
        Ok(Err(error)) => error.to_string(),
        // One slow write is no trouble yet: the last proof is still fresh, and events wait for it.
        Err(_) if gateway.health.standing(Instant::now()).ready => return Ok(None),
        Err(_) => "the journal does not answer: its disk hangs, or is overloaded".to_owned(),
    };
    gateway.health.trouble(trouble.clone());
    Ok(Some(trouble))
}

/// Removes what is older than the retention, in small steps.
pub async fn prune(gateway: Arc<Gateway>) {
    let mut tick = interval(PRUNE_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let retention = gateway.settings().journal.retention.0;
        let oldest = SignedDuration::try_from(retention)
            .ok()
            .and_then(|retention| Timestamp::now().checked_sub(retention).ok());
        if let Some(oldest) = oldest {
            prune_before(&gateway, oldest).await;
        }
    }
}

async fn prune_before(gateway: &Gateway, oldest: Timestamp) {
    let mut removed = 0;
    loop {
        match gateway.journal.prune(oldest).await {
            Ok(0) => break,
            Ok(step) => removed += step,
            Err(error) => {
                tracing::warn!("could not remove what is older than the retention: {error}");
                break;
            }
        }
        tokio::time::sleep(PRUNE_PAUSE).await;
    }
    if removed > 0 {
        tracing::info!(removed, "removed events older than the retention");
    }
}

/// What was seen at the last look, so that what goes on is said once.
#[derive(Default)]
struct Watch {
    commits: u64,
    commit_time: Duration,
    trouble: Option<String>,
    warned: bool,
}

impl Watch {
    fn tell_changed(&mut self, trouble: Option<String>) {
        match (&self.trouble, &trouble) {
            (before, Some(now)) if before.as_ref() != Some(now) => {
                tracing::error!("not ready, no event can be accepted: {now}");
            }
            (Some(_), None) => tracing::info!("ready again"),
            _ => (),
        }
        self.trouble = trouble;
    }

    fn note(&mut self, gateway: &Gateway, figures: &Figures) {
        let metrics = &gateway.metrics;
        metrics.journal_bytes.set(i64::try_from(figures.bytes).unwrap_or(i64::MAX));
        metrics.disk_free.set(i64::try_from(figures.disk_free).unwrap_or(i64::MAX));
        let commits = figures.commits.saturating_sub(self.commits);
        let time = figures.commit_time.saturating_sub(self.commit_time);
        if commits > 0 {
            metrics.commit_seconds.set(time.as_secs_f64() / commits as f64);
        }
        (self.commits, self.commit_time) = (figures.commits, figures.commit_time);
        self.warn(gateway, figures.disk_free);
    }

    /// What is wrong and does not keep events out.
    fn warn(&mut self, gateway: &Gateway, free: u64) {
        let broken = "events are accepted, and not being decided or delivered: \
                      if this stays, restart the bridge";
        let warning = match gateway.delivers() {
            true => disk::alarm(free, disk::size_of_disk(&gateway.journal_file)),
            false => Some(broken.to_owned()),
        };
        match &warning {
            Some(why) if !self.warned => tracing::warn!("{why}"),
            None if self.warned => tracing::info!("what was warned of is over"),
            _ => (),
        }
        self.warned = warning.is_some();
        gateway.health.warning(warning);
    }
}
