//! What is remembered of one connection: whether a request ever came out of it.
//!
//! The HTTP library answers a head that stalls with 408 by itself and tells nobody. Every answer
//! that is no 2xx counts, so the connection counts it when it ends.

use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::HttpRequest;

use crate::telemetry::{CauseLabel, Metrics};

/// Lives as long as its connection.
pub struct Connection {
    opened: Instant,
    asked: Cell<bool>,
    head_deadline: Duration,
    metrics: Arc<Metrics>,
}

impl Connection {
    /// A connection that was just accepted.
    pub fn new(head_deadline: Duration, metrics: Arc<Metrics>) -> Self {
        Connection { opened: Instant::now(), asked: Cell::new(false), head_deadline, metrics }
    }

    /// Remembers that a whole head came.
    pub fn has_asked(request: &HttpRequest) {
        if let Some(connection) = request.conn_data::<Connection>() {
            connection.asked.set(true);
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if !self.asked.get() && self.opened.elapsed() >= self.head_deadline {
            let cause = CauseLabel { cause: "slow_head".to_owned() };
            self.metrics.refused.get_or_create(&cause).inc();
        }
    }
}
