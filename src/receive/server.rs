//! The public listener: sockets, limits on connections and heads, TLS, and an orderly end.
//!
//! It speaks HTTP/1.1 alone, also over TLS: one sender posts one small request a run, and what is
//! not there can't be attacked. It is built on the HTTP library's own server, one level below
//! actix-web's, since only there can be counted what is refused before a handler sees it.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_http::body::BoxBody;
use actix_http::error::{DispatchError, ParseError};
use actix_http::h1::H1Service;
use actix_http::{HttpService, KeepAlive, Request};
use actix_server::{GracefulShutdownSignal, Server, ServerHandle};
use actix_service::{ServiceFactory, ServiceFactoryExt, map_config};
use actix_tls::accept::TlsError;
use actix_web::dev::{AppConfig, ServiceRequest, ServiceResponse};
use actix_web::{App, Resource, guard, web};
use tokio::task::JoinHandle;

use super::connection::{Connection, Traffic};
use super::handler::{self, Edge};
use super::health;
use super::tls::TlsFiles;
use crate::telemetry::{CauseLabel, Metrics};

/// What one listener bears.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of one body.
    pub body_size: usize,
    /// From a head's end to its body's.
    pub body_deadline: Duration,
    /// Bytes of all bodies in memory.
    pub memory: usize,
    /// From a connection's begin to its first head's end.
    pub head_deadline: Duration,
    /// How long an idle connection stays open. Longer than Node's 4 s and nginx's 60 s, so that
    /// the sender closes first and no event meets a closing connection.
    pub keep_alive: Duration,
    /// Connections at once, over all workers.
    pub connections: usize,
    /// Threads that serve requests.
    pub workers: usize,
}

/// A listener that serves.
pub struct Listening {
    handle: ServerHandle,
    task: JoinHandle<io::Result<()>>,
    traffic: Arc<Traffic>,
}

/// How long requests in hand may take once the listener is told to stop: their body's deadline,
/// and the journal.
const LAST_REQUESTS: Duration = Duration::from_secs(7);

/// How long the library's own stop may take after that: idle connections close at once.
const LAST_CONNECTIONS: u64 = 1;

impl Default for Limits {
    fn default() -> Self {
        Limits {
            body_size: 1 << 20,
            body_deadline: Duration::from_secs(5),
            memory: 16 << 20,
            head_deadline: Duration::from_secs(5),
            keep_alive: Duration::from_secs(75),
            connections: 1024,
            workers: std::thread::available_parallelism().map_or(2, usize::from),
        }
    }
}

/// Serves hooks and health on this socket.
///
/// # Errors
/// If the socket can't be used.
pub fn listen(
    socket: TcpListener,
    tls: Option<&TlsFiles>,
    edge: Arc<Edge>,
    limits: Limits,
) -> io::Result<Listening> {
    let workers = limits.workers.clamp(1, 512);
    let builder = Server::build()
        .workers(workers)
        .max_concurrent_connections(limits.connections.div_ceil(workers))
        .shutdown_timeout(LAST_CONNECTIONS)
        .disable_signals();
    let stopping = builder.graceful_shutdown_signal();
    let traffic = edge.traffic.clone();
    let builder = match tls.map(TlsFiles::server_config) {
        None => builder.listen("hooks", socket, move || {
            let metrics = edge.metrics.clone();
            let http = http(edge.clone(), limits, stopping.clone()).tcp();
            http.map_err(move |error| count(&metrics, &error))
        }),
        Some(config) => builder.listen("hooks", socket, move || {
            let metrics = edge.metrics.clone();
            let http = http(edge.clone(), limits, stopping.clone()).rustls_0_23(config.clone());
            http.map_err(move |error| match error {
                TlsError::Service(error) => count(&metrics, &error),
                _ => count_as(&metrics, "tls"),
            })
        }),
    };
    let server = builder?.run();
    Ok(Listening { handle: server.handle(), task: tokio::spawn(server), traffic })
}

impl Listening {
    /// Takes no new connection, answers what is in hand, and closes. Who connects meanwhile waits
    /// in the system's queue, for the next process where the socket was handed over.
    pub async fn stop(self) {
        self.handle.pause().await;
        self.traffic.end(LAST_REQUESTS).await;
        self.handle.stop(true).await;
        if let Ok(Err(error)) = self.task.await {
            tracing::warn!("the public listener ended badly: {error}");
        }
    }
}

/// HTTP/1.1 with its limits, over a stream of either kind.
fn http<T: 'static>(
    edge: Arc<Edge>,
    limits: Limits,
    stopping: GracefulShutdownSignal,
) -> H1Service<
    T,
    impl ServiceFactory<
        Request,
        Config = (),
        Response = ServiceResponse,
        Error = actix_web::Error,
        InitError = (),
        Service: 'static,
        Future: 'static,
    >,
    BoxBody,
> {
    let (traffic, metrics) = (edge.traffic.clone(), edge.metrics.clone());
    HttpService::build()
        .keep_alive(KeepAlive::Timeout(limits.keep_alive))
        .client_request_timeout(limits.head_deadline)
        .tcp_nodelay(true)
        .graceful_shutdown_signal(move || {
            let stopping = stopping.clone();
            async move { stopping.notified().await }
        })
        .on_connect_ext(move |_: &T, data| {
            let (traffic, metrics) = (traffic.clone(), metrics.clone());
            data.insert(Connection::new(limits.head_deadline, traffic, metrics));
        })
        .h1(map_config(app(edge), |()| AppConfig::default()))
}

/// The three paths that the world may reach.
fn app(
    edge: Arc<Edge>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse,
        Error = actix_web::Error,
        InitError = (),
        Future: 'static,
        Service: 'static,
    >,
> {
    let alone = |resource: Resource| resource.default_service(web::to(handler::method));
    let probe = || web::route().guard(guard::Any(guard::Get()).or(guard::Head()));
    App::new()
        .app_data(web::Data::from(edge))
        .service(alone(web::resource(HOOKS).route(web::post().to(handler::hook))))
        .service(alone(web::resource("/healthz").route(probe().to(health::healthz))))
        .service(alone(web::resource("/readyz").route(probe().to(health::readyz))))
        .default_service(web::to(handler::path))
}

/// A slash at the end of a pasted URL must not cost an event.
const HOOKS: [&str; 2] = ["/hooks/{source}", "/hooks/{source}/"];

/// Counts what the HTTP library refused by itself.
fn count(metrics: &Metrics, error: &DispatchError) {
    match error {
        DispatchError::Parse(ParseError::TooLarge) => count_as(metrics, "head_too_large"),
        DispatchError::Parse(_) => count_as(metrics, "malformed"),
        _ => (),
    }
}

fn count_as(metrics: &Metrics, cause: &str) {
    metrics.refused.get_or_create(&CauseLabel { cause: cause.to_owned() }).inc();
}
