//! One request for a hook, from its head to its answer.
//!
//! The 202 goes out when the bytes are on disk, not before and not later.

use std::sync::Arc;
use std::time::Instant;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio::sync::Semaphore;

use super::body::{BodyLimits, RawBody};
use super::connection::{Connection, Traffic};
use super::health::Health;
use super::hush::Hush;
use super::refusal::Refusal;
use super::server::Limits;
use super::source::{Source, Sources};
use super::verified::{self, VerifiedBody};
use crate::journal::{Accepted, Journal};
use crate::telemetry::{CauseLabel, Metrics};

/// What the public listener's requests share.
pub struct Edge {
    sources: ArcSwap<Sources>,
    journal: Arc<dyn Journal>,
    body: BodyLimits,
    pub(super) memory: Arc<Semaphore>,
    hush: Hush,
    pub(super) traffic: Arc<Traffic>,
    pub(super) health: Arc<Health>,
    pub(super) metrics: Arc<Metrics>,
}

impl Edge {
    /// An edge that hands what it verified to this journal.
    pub fn new(
        sources: Sources,
        journal: Arc<dyn Journal>,
        health: Arc<Health>,
        metrics: Arc<Metrics>,
        limits: &Limits,
    ) -> Self {
        // An alarm sees a counter grow, but not its first count if it began there.
        for cause in Refusal::LOSSES {
            drop(metrics.refused.get_or_create(&CauseLabel { cause: cause.to_owned() }));
        }
        Edge {
            sources: ArcSwap::from_pointee(sources),
            journal,
            body: BodyLimits { size: limits.body_size, deadline: limits.body_deadline },
            memory: Arc::new(Semaphore::new(limits.memory.max(limits.body_size))),
            hush: Hush::default(),
            traffic: Arc::default(),
            health,
            metrics,
        }
    }

    /// Takes other sources from now on; requests in hand keep theirs.
    pub fn replace_sources(&self, sources: Sources) {
        self.sources.store(Arc::new(sources));
    }

    /// Counts a refused request, writes its line unless there were many, and answers it.
    pub(super) fn refuse(
        &self,
        request: &HttpRequest,
        source: Option<&Source>,
        refusal: Refusal,
    ) -> HttpResponse {
        let cause = refusal.cause();
        self.metrics.refused.get_or_create(&CauseLabel { cause: cause.to_owned() }).inc();
        let name = source.map(|source| source.name.clone());
        if let Some(held_back) = self.hush.may_say(name, cause, Instant::now()) {
            let peer = request.peer_addr().map(|peer| peer.to_string());
            let path: String = request.path().chars().take(80).collect();
            tracing::warn!(
                source = source.map(|source| &*source.name),
                cause, peer, path = ?path, held_back,
                "refused a request: {refusal}"
            );
        }
        refusal.answer()
    }

    async fn receive(
        &self,
        source: &Source,
        request: &HttpRequest,
        payload: web::Payload,
    ) -> Result<Accepted, Refusal> {
        let headers = request.headers();
        verified::refuse_by_head(source, headers)?;
        let raw = RawBody::read(headers, payload, self.body, &self.memory).await?;
        let (complete, now) = (Instant::now(), Timestamp::now());
        let (arrival, memory) = VerifiedBody::check(source, headers, raw, now)?.into_arrival();
        let accepted = self.journal.accept(arrival).await?;
        drop(memory);
        self.metrics.acknowledgement.observe(complete.elapsed().as_secs_f64());
        source.count(accepted.duplicate, now);
        Ok(accepted)
    }
}

/// `POST /hooks/{source}`
pub(super) async fn hook(
    request: HttpRequest,
    payload: web::Payload,
    edge: web::Data<Edge>,
) -> HttpResponse {
    let _in_hand = edge.traffic.take();
    Connection::has_asked(&request);
    let source = request.match_info().get("source").and_then(|name| edge.sources.load().get(name));
    let Some(source) = source else {
        return edge.refuse(&request, None, Refusal::Source);
    };
    match edge.receive(&source, &request, payload).await {
        Ok(accepted) => acknowledge(&source, accepted, edge.traffic.is_ending()),
        Err(refusal) => edge.refuse(&request, Some(&source), refusal),
    }
}

fn acknowledge(source: &Source, accepted: Accepted, last: bool) -> HttpResponse {
    let Accepted { id, duplicate } = accepted;
    tracing::debug!(event.id = %id, source = &*source.name, duplicate, "accepted an event");
    let mut answer = HttpResponse::Accepted();
    if last {
        answer.force_close();
    }
    answer
        .insert_header((header::CONTENT_TYPE, header::HeaderValue::from_static("application/json")))
        .body(format!("{{\"id\":\"{id}\",\"duplicate\":{duplicate}}}\n"))
}

/// Every other method on a path that exists.
pub(super) async fn method(request: HttpRequest, edge: web::Data<Edge>) -> HttpResponse {
    Connection::has_asked(&request);
    edge.refuse(&request, None, Refusal::Method)
}

/// Every other path.
pub(super) async fn path(request: HttpRequest, edge: web::Data<Edge>) -> HttpResponse {
    Connection::has_asked(&request);
    edge.refuse(&request, None, Refusal::Path)
}
