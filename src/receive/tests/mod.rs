//! The public listener from the outside: real sockets, a real journal, raw bytes.

mod bodies;
mod heads;
mod signatures;
mod tls;

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use agnox_bridge_sinks::secret::Secret;
use agnox_bridge_sinks::signature::AgnoxKey;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Edge, Health, Limits, Listening, Sources, TlsFiles, Trust, listen};
use crate::journal::{self, EventFilter, Journal};
use crate::model::Event;
use crate::telemetry::{CauseLabel, Metrics};

pub(super) const SECRET: &str = "a secret that only Agnox and we know";
pub(super) const OLD_SECRET: &str = "the secret from before the rotation!";
pub(super) const BODY: &[u8] = br#"{"event":"execution.finished","status":"FAILED"}"#;

/// A listener on a free port, and what it works with.
pub(super) struct Bridge {
    pub address: SocketAddr,
    pub edge: Arc<Edge>,
    pub health: Arc<Health>,
    pub metrics: Arc<Metrics>,
    pub journal: Arc<dyn Journal>,
    pub listening: Listening,
    _folder: TempDir,
}

impl Bridge {
    pub fn start() -> Self {
        Bridge::start_with(Limits::default(), None)
    }

    pub fn start_with(limits: Limits, tls: Option<&TlsFiles>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let journal = open(folder.path());
        let (metrics, health) = (Arc::new(Metrics::default()), Arc::new(Health::default()));
        let sources = sources(&metrics);
        let edge = Edge::new(sources, journal.clone(), health.clone(), metrics.clone(), &limits);
        let edge = Arc::new(edge);
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let limits = Limits { workers: 1, ..limits };
        let listening = listen(socket, tls, edge.clone(), limits).unwrap();
        Bridge { address, edge, health, metrics, journal, listening, _folder: folder }
    }

    /// Sends these bytes and returns all that comes back until the other side closes.
    pub async fn exchange(&self, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request).await.unwrap();
        rest_of(&mut stream).await
    }

    pub fn refused(&self, cause: &str) -> u64 {
        self.metrics.refused.get_or_create(&CauseLabel { cause: cause.to_owned() }).get()
    }

    /// Waits until so many were refused for this cause: some are counted after their answer.
    pub async fn until_refused(&self, cause: &str, count: u64) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while self.refused(cause) < count {
            assert!(Instant::now() < deadline, "{cause} stays at {}", self.refused(cause));
            tokio::task::yield_now().await;
        }
    }

    pub async fn events(&self) -> Vec<Event> {
        self.journal.events(EventFilter::default()).await.unwrap()
    }
}

pub(super) fn sources(metrics: &Metrics) -> Sources {
    let key = |secret: &str| AgnoxKey::new(&Secret::new(secret)).unwrap();
    let sources = [
        ("main".to_owned(), Trust::Signed(vec![key(SECRET), key(OLD_SECRET)])),
        ("open".to_owned(), Trust::Unsigned),
    ];
    Sources::new(sources, metrics)
}

pub(super) fn sign(secret: &str, body: &[u8]) -> String {
    AgnoxKey::new(&Secret::new(secret)).unwrap().sign(body)
}

/// A whole request with these header lines, closing the connection.
pub(super) fn post(path: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nHost: bridge\r\nConnection: close\r\nContent-Length: {}\r\n",
        body.len()
    );
    for line in headers {
        request.push_str(line);
        request.push_str("\r\n");
    }
    request.push_str("\r\n");
    [request.as_bytes(), body].concat()
}

pub(super) fn signed(body: &[u8]) -> Vec<u8> {
    post("/hooks/main", &[&format!("x-agnox-signature: {}", sign(SECRET, body))], body)
}

pub(super) async fn rest_of(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer));
    read.await.expect("the other side closes in time").ok();
    String::from_utf8_lossy(&answer).into_owned()
}

pub(super) fn assert_status(answer: &str, status: u16) {
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "not {status}: {answer}");
}

fn open(folder: &Path) -> Arc<dyn Journal> {
    journal::open("sqlite:journal.db", folder).unwrap()
}
