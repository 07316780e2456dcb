//! The admin listener: its own socket, the guard in front of every route.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_server::ServerHandle;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::{DefaultHeaders, Next, from_fn};
use actix_web::{App, Error, HttpServer, web};
use tokio::task::JoinHandle;

use super::desk::Desk;
use super::guard::Guard;
use super::routes;

/// The listener, serving.
pub struct Listening {
    handle: ServerHandle,
    task: JoinHandle<io::Result<()>>,
}

/// People and scrapers are few.
const CONNECTIONS: usize = 128;

/// How long requests in hand may take once the listener is told to stop.
const LAST_REQUESTS: u64 = 2;

/// Serves the desk on this socket.
///
/// # Errors
/// If the socket can't be used.
pub fn listen(socket: TcpListener, desk: Arc<Desk>, guard: Guard) -> io::Result<Listening> {
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web::Data::from(desk.clone()))
            .app_data(web::Data::new(guard.clone()))
            .configure(routes::configure)
            .wrap(from_fn(admit))
            .wrap(headers())
    })
    .workers(1)
    .max_connections(CONNECTIONS)
    .client_request_timeout(Duration::from_secs(5))
    .shutdown_timeout(LAST_REQUESTS)
    .disable_signals()
    .listen(socket)?
    .run();
    Ok(Listening { handle: server.handle(), task: tokio::spawn(server) })
}

impl Listening {
    /// Takes no new connection, answers what is in hand, and closes.
    pub async fn stop(self) {
        self.handle.stop(true).await;
        if let Ok(Err(error)) = self.task.await {
            tracing::warn!("the admin listener ended badly: {error}");
        }
    }
}

/// The guard stands before every route, also before those that don't exist.
async fn admit(
    guard: web::Data<Guard>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    match guard.check(&request) {
        Ok(()) => Ok(next.call(request).await?.map_into_boxed_body()),
        Err(denied) => {
            tracing::warn!(
                peer = request.peer_addr().map(|peer| peer.to_string()),
                why = ?denied,
                "denied a request to the admin listener"
            );
            Ok(request.into_response(denied.answer()))
        }
    }
}

/// Nothing here is a page: nothing is run, framed, guessed at or kept.
fn headers() -> DefaultHeaders {
    DefaultHeaders::new()
        .add(("content-security-policy", "default-src 'none'; frame-ancestors 'none'"))
        .add(("x-content-type-options", "nosniff"))
        .add(("cache-control", "no-store"))
}
