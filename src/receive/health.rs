//! Whether the bridge lives and can accept: `/healthz` and `/readyz`.
//!
//! The composition root proves every other second that a write reaches the disk and notes it
//! here. What was not proven lately is not ready, so a journal that hangs shows too.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::connection::Connection;
use super::handler::Edge;
use super::refusal::Refusal;
use crate::telemetry::CauseLabel;

/// A proof older than this is none.
const FRESH: Duration = Duration::from_secs(5);

/// Whether events can be accepted, and why not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Whether events can be accepted.
    pub ready: bool,
    /// What a person should look at: why it is not ready, or what will soon be wrong.
    pub why: Option<String>,
}

/// What is known of the bridge's health.
#[derive(Default)]
pub struct Health(Mutex<Known>);

#[derive(Default)]
struct Known {
    proven: Option<Instant>,
    trouble: Option<String>,
    warning: Option<String>,
    stopping: bool,
}

impl Health {
    /// A write reached the disk.
    pub fn proven(&self, now: Instant) {
        let mut known = self.known();
        known.proven = Some(now);
        known.trouble = None;
    }

    /// A write did not reach the disk.
    pub fn trouble(&self, why: String) {
        self.known().trouble = Some(why);
    }

    /// Something will soon be wrong, or no longer.
    pub fn warning(&self, why: Option<String>) {
        self.known().warning = why;
    }

    /// The process is about to end.
    pub fn stopping(&self) {
        self.known().stopping = true;
    }

    /// How it stands.
    pub fn standing(&self, now: Instant) -> Standing {
        let known = self.known();
        let not_ready = |why: &str| Standing { ready: false, why: Some(why.to_owned()) };
        match (&known.proven, &known.trouble) {
            _ if known.stopping => not_ready("the bridge is stopping"),
            (_, Some(trouble)) => not_ready(trouble),
            (None, None) => not_ready("the journal has not answered yet"),
            (Some(proven), None) if now.duration_since(*proven) > FRESH => {
                not_ready("the journal has not answered for more than five seconds")
            }
            _ => Standing { ready: true, why: known.warning.clone() },
        }
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// `GET /healthz`: the process lives.
pub(super) async fn healthz(request: HttpRequest) -> HttpResponse {
    Connection::has_asked(&request);
    HttpResponse::Ok().force_close().content_type("text/plain").body("ok\n")
}

/// `GET /readyz`: events can be accepted, or why not.
pub(super) async fn readyz(request: HttpRequest, edge: web::Data<Edge>) -> HttpResponse {
    Connection::has_asked(&request);
    let standing = edge.health.standing(Instant::now());
    if standing.ready {
        return HttpResponse::Ok().force_close().json(standing);
    }
    let cause = CauseLabel { cause: Refusal::NotReady.cause().to_owned() };
    edge.metrics.refused.get_or_create(&cause).inc();
    HttpResponse::ServiceUnavailable().force_close().json(standing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readiness_needs_a_fresh_proof_and_says_what_is_wrong() {
        let health = Health::default();
        let start = Instant::now();
        assert!(!health.standing(start).ready, "nothing was proven yet");
        health.proven(start);
        assert_eq!(health.standing(start), Standing { ready: true, why: None });
        assert!(!health.standing(start + FRESH * 2).ready, "the proof is stale");
        health.trouble("the disk is full".into());
        assert_eq!(health.standing(start).why.as_deref(), Some("the disk is full"));
        health.proven(start);
        health.warning(Some("5 % of the disk is free".into()));
        let standing = health.standing(start);
        assert!(standing.ready && standing.why.is_some());
        health.stopping();
        assert!(!health.standing(start).ready);
    }
}
