//! What is remembered of connections and requests: who has not asked yet, what is in hand.
//!
//! The HTTP library's own graceful stop drops connections that it accepted and has not read from
//! yet, and a sender that never tries twice has lost its event then. So a stop waits for the
//! [`Traffic`] to end by itself. The library also answers a head that stalls with 408 and tells
//! nobody; every answer that is no 2xx counts, so the connection counts it when it ends.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use actix_web::HttpRequest;

use crate::telemetry::{CauseLabel, Metrics};

/// How much is under way at one listener.
#[derive(Default)]
pub struct Traffic {
    silent: AtomicUsize,
    in_hand: AtomicUsize,
    ending: AtomicBool,
}

/// A request in hand, until it is dropped.
pub struct InHand<'a>(&'a Traffic);

/// Lives as long as its connection.
pub struct Connection {
    opened: Instant,
    asked: Cell<bool>,
    head_deadline: Duration,
    traffic: Arc<Traffic>,
    metrics: Arc<Metrics>,
}

/// How long a stop waits for a connection's first request: those that come with the connection
/// are there by then, and a proxy's spare connection is not waited for.
const FIRST_REQUEST: Duration = Duration::from_secs(1);

/// Nothing may be under way for so long: a connection on its way from the accepting thread to a
/// worker, and an answer on its way out, show nowhere.
const QUIET: Duration = Duration::from_millis(100);

const LOOK_EVERY: Duration = Duration::from_millis(10);

/// The HTTP library's clock moves in steps of half a second, so that its deadline may come that
/// much early.
const LIBRARY_CLOCK: Duration = Duration::from_millis(600);

impl Traffic {
    /// Takes a request in hand.
    pub fn take(&self) -> InHand<'_> {
        self.in_hand.fetch_add(1, Ordering::AcqRel);
        InHand(self)
    }

    /// Whether answers should close their connections.
    pub fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Relaxed)
    }

    /// How many connections have not asked for anything yet.
    pub fn silent(&self) -> usize {
        self.silent.load(Ordering::Acquire)
    }

    /// Lets every answer close its connection from now on, and waits until nothing is under way.
    pub async fn end(&self, longest: Duration) {
        self.ending.store(true, Ordering::Relaxed);
        let (began, mut quiet_since) = (Instant::now(), Instant::now());
        while began.elapsed() < longest && quiet_since.elapsed() < QUIET {
            tokio::time::sleep(LOOK_EVERY).await;
            let awaited = self.silent() > 0 && began.elapsed() < FIRST_REQUEST;
            if awaited || self.in_hand.load(Ordering::Acquire) > 0 {
                quiet_since = Instant::now();
            }
        }
    }
}

impl Drop for InHand<'_> {
    fn drop(&mut self) {
        self.0.in_hand.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Connection {
    /// A connection that was just accepted.
    pub fn new(head_deadline: Duration, traffic: Arc<Traffic>, metrics: Arc<Metrics>) -> Self {
        traffic.silent.fetch_add(1, Ordering::AcqRel);
        Connection {
            opened: Instant::now(),
            asked: Cell::new(false),
            head_deadline,
            traffic,
            metrics,
        }
    }

    /// Remembers that a whole head came.
    pub fn has_asked(request: &HttpRequest) {
        if let Some(connection) = request.conn_data::<Connection>()
            && !connection.asked.replace(true)
        {
            connection.traffic.silent.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.asked.get() {
            return;
        }
        self.traffic.silent.fetch_sub(1, Ordering::AcqRel);
        if self.opened.elapsed() + LIBRARY_CLOCK >= self.head_deadline {
            let cause = CauseLabel { cause: "slow_head".to_owned() };
            self.metrics.refused.get_or_create(&cause).inc();
        }
    }
}
