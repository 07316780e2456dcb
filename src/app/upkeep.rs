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
        if let Err(why) = beat(&gateway).await {
            return why;
        }
        if let Ok(Ok(figures)) = timeout(PATIENCE, gateway.journal.figures()).await {
            watch.note(&gateway, &figures);
        }
        if !gateway.delivers() {
            tracing::error!("a part that decides or delivers has broken: restart the bridge");
        }
    }
}

/// Proves once that a write reaches the disk, and notes it for `/readyz`.
///
/// # Errors
/// If the journal failed for good.
pub async fn beat(gateway: &Gateway) -> Result<(), String> {
    let trouble = match timeout(PATIENCE, gateway.journal.beat()).await {
        Ok(Ok(())) => {
            gateway.health.proven(Instant::now());
            return Ok(());
        }
        Ok(Err(JournalError::Failed(why))) => return Err(why),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "the journal does not answer: its disk hangs, or is overloaded".to_owned(),
    };
    tracing::error!("not ready: {trouble}");
    gateway.health.trouble(trouble);
    Ok(())
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

/// What was seen at the last look.
#[derive(Default)]
struct Watch {
    commits: u64,
    commit_time: Duration,
    alarmed: bool,
}

impl Watch {
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
        self.look_at_disk(gateway, figures.disk_free);
    }

    fn look_at_disk(&mut self, gateway: &Gateway, free: u64) {
        let alarm = disk::alarm(free, disk::size_of_disk(&gateway.journal_file));
        match &alarm {
            Some(why) if !self.alarmed => tracing::warn!("{why}"),
            None if self.alarmed => tracing::info!("the journal's disk has room again"),
            _ => (),
        }
        self.alarmed = alarm.is_some();
        gateway.health.warning(alarm);
    }
}
