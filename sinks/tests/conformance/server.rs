//! A server that answers as its script says, on a real socket.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// How a service behaves: status, header lines and body for a request.
pub type Behave = dyn Fn(&Received) -> (u16, &'static str, Vec<u8>) + Send + Sync;

/// What is done with each request.
#[derive(Clone)]
pub enum Script {
    /// Answers with this status, these header lines and this body, and keeps the connection.
    Answer(u16, &'static str, Vec<u8>),
    /// Answers as a service would.
    Behave(Arc<Behave>),
    /// Answers with what it was sent: line, headers and body.
    Echo(u16),
    /// Reads the request and says nothing.
    Silence,
    /// Says a byte of the head now and then.
    DripHead,
    /// Says the head, then a byte of the body now and then.
    DripBody(u16),
    /// Says the head, then nothing of the body that it promised.
    HeadOnly(u16),
    /// Says that 10 GB follow, and sends as long as somebody reads.
    Endless(u16, &'static str),
    /// Closes the connection in the middle of the head.
    CutHead,
    /// Closes the connection in the middle of the body.
    CutBody(u16),
    /// Says something that is not HTTP.
    Gibberish,
}

/// A request as it came.
#[derive(Clone, Debug, Default)]
pub struct Received {
    pub head: String,
    pub body: Vec<u8>,
}

impl Received {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// A running server.
pub struct Server {
    pub address: SocketAddr,
    state: Arc<State>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct State {
    received: Mutex<Vec<Received>>,
    dials: AtomicUsize,
    sent: AtomicUsize,
}

impl Server {
    /// Starts on a free port of loopback.
    pub async fn start(script: Script) -> Self {
        Server::run(script, None).await
    }

    /// The same with TLS, and a certificate that nobody vouches for.
    pub async fn start_tls(script: Script) -> Self {
        Server::run(script, Some(self_signed())).await
    }

    async fn run(script: Script, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State::default());
        let task = tokio::spawn(accept(listener, script, tls, Arc::clone(&state)));
        Server { address, state, task }
    }

    /// The beginning of its URL.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it got.
    pub fn received(&self) -> Vec<Received> {
        self.state.received.lock().unwrap().clone()
    }

    /// How often it was connected to.
    pub fn dials(&self) -> usize {
        self.state.dials.load(Ordering::SeqCst)
    }

    /// How many bytes of an endless answer it got rid of.
    pub fn sent(&self) -> usize {
        self.state.sent.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn self_signed() -> TlsAcceptor {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(certified.signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

async fn accept(
    listener: TcpListener,
    script: Script,
    tls: Option<TlsAcceptor>,
    state: Arc<State>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        state.dials.fetch_add(1, Ordering::SeqCst);
        let (script, tls, state) = (script.clone(), tls.clone(), Arc::clone(&state));
        tokio::spawn(async move {
            match tls {
                None => serve(stream, script, &state).await,
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        serve(stream, script, &state).await;
                    }
                }
            }
        });
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, script: Script, state: &State) {
    while let Some(request) = read(&mut stream).await {
        state.received.lock().unwrap().push(request.clone());
        if answer(&mut stream, &script, request, state).await.is_none() {
            return;
        }
    }
}

async fn read<S: AsyncRead + Unpin>(stream: &mut S) -> Option<Received> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let mut request = Received { head, body: bytes.split_off(end + 4) };
            let length = request.header("content-length").map_or(0, |n| n.parse().unwrap());
            while request.body.len() < length {
                let count = stream.read(&mut chunk).await.ok().filter(|count| *count > 0)?;
                request.body.extend_from_slice(&chunk[..count]);
            }
            return Some(request);
        }
        let count = stream.read(&mut chunk).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&chunk[..count]);
    }
}

/// Answers one request; `None` where the connection is to be closed.
async fn answer<S: AsyncWrite + Unpin>(
    stream: &mut S,
    script: &Script,
    request: Received,
    state: &State,
) -> Option<()> {
    match script {
        Script::Answer(status, headers, body) => {
            say(stream, &head(*status, headers, body.len())).await?;
            stream.write_all(body).await.ok()
        }
        Script::Behave(behave) => {
            let (status, headers, body) = behave(&request);
            say(stream, &head(status, headers, body.len())).await?;
            stream.write_all(&body).await.ok()
        }
        Script::Echo(status) => {
            let body = [request.head.as_bytes(), b"\n\n", &request.body].concat();
            say(stream, &head(*status, "", body.len())).await?;
            stream.write_all(&body).await.ok()
        }
        Script::Silence => forever().await,
        Script::DripHead => {
            say(stream, "HTTP/1.1 200 OK\r\nx-drip: ").await?;
            drip(stream).await
        }
        Script::DripBody(status) => {
            say(stream, &head(*status, "", 1_000_000)).await?;
            drip(stream).await
        }
        Script::HeadOnly(status) => {
            say(stream, &head(*status, "", 1_000_000)).await?;
            forever().await
        }
        Script::Endless(status, headers) => {
            say(stream, &head(*status, headers, 10_000_000_000)).await?;
            loop {
                stream.write_all(&[b'z'; 65_536]).await.ok()?;
                state.sent.fetch_add(65_536, Ordering::SeqCst);
            }
        }
        Script::CutHead => {
            say(stream, "HTTP/1.1 200 OK\r\nx-cut: ").await?;
            None
        }
        Script::CutBody(status) => {
            say(stream, &head(*status, "", 1000)).await?;
            say(stream, "only this").await?;
            None
        }
        Script::Gibberish => {
            say(stream, "220 mail.example.com ESMTP\r\n").await?;
            forever().await
        }
    }
}

fn head(status: u16, headers: &str, length: usize) -> String {
    format!("HTTP/1.1 {status} Whatever\r\ncontent-length: {length}\r\n{headers}\r\n")
}

async fn say<S: AsyncWrite + Unpin>(stream: &mut S, text: &str) -> Option<()> {
    stream.write_all(text.as_bytes()).await.ok()?;
    stream.flush().await.ok()
}

async fn drip<S: AsyncWrite + Unpin>(stream: &mut S) -> Option<()> {
    let mut often = tokio::time::interval(Duration::from_millis(20));
    loop {
        often.tick().await;
        say(stream, "a").await?;
    }
}

async fn forever() -> Option<()> {
    std::future::pending().await
}
