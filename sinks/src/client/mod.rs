//! The HTTP client that every sink uses: one deadline, caps, the dial guard.
//!
//! A sink hands over a [`Request`] and gets a receipt or a named failure back, or the answer as it
//! was [`Seen`] where its service has its own ways of saying things. The deadline covers
//! everything from the name's lookup to the answer's last byte. Redirects are not followed, answers
//! are read to a cap and never unpacked, and no proxy is taken from the environment: a request goes
//! to the address that the configuration names, or nowhere. This room knows no kind of sink.

mod address;
mod answer;
mod dial;
mod echo;
mod script;
mod seen;
mod stamp;
pub(crate) mod tls;
mod trouble;

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::stream;
use reqwest::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue as Value, USER_AGENT};
use reqwest::{Body, Method, Response};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use url::{Host, Url};

pub use answer::Expectation;
pub use dial::{Blocked, DialError, DialPolicy, Guard};
pub use script::{Prepared, Script};
pub use seen::{Content, End, Seen};
pub use stamp::sign;

use crate::contract::{Attempt, Failure, Fault, Receipt};
use crate::message::{HeaderValue, Message, Request, Step};
use crate::secret::Secret;

/// How much of an answer is read, in bytes.
const ANSWER: usize = 64 * 1024;

/// A connection that takes longer than this is not coming.
const CONNECT: Duration = Duration::from_secs(10);

/// An idle connection is kept for the next message of a busy minute, not for the next one at night.
const IDLE: Duration = Duration::from_secs(20);

/// How many idle connections are kept to one host.
const IDLE_CONNECTIONS: usize = 8;

/// Who we say we are; some services insist on it.
const AGENT: &str = concat!("agnox-bridge/", env!("CARGO_PKG_VERSION"));

/// Carries the delivery's id, so that a far side that knows the header takes a retry once.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// One client, shared by all sinks with the same dial policy. Cheap to make and to clone: what is
/// costly (the system's certificates) is read at the first request.
#[derive(Clone)]
pub struct Client {
    guard: Guard,
    http: Arc<OnceLock<reqwest::Client>>,
    /// The answers that are given in place of a far side's.
    script: Option<Script>,
}

impl Client {
    /// A client that dials by this policy.
    pub fn new(policy: DialPolicy) -> Self {
        Client { guard: Guard::new(policy), http: Arc::new(OnceLock::new()), script: None }
    }

    /// A client that reaches nobody: its answers are written beforehand.
    pub fn scripted(script: Script) -> Self {
        Client { script: Some(script), ..Client::new(DialPolicy { private: true }) }
    }

    /// The guard, for sinks that dial by themselves.
    pub fn guard(&self) -> Guard {
        self.guard
    }

    /// Tries once to send a request, and judges the answer.
    ///
    /// # Errors
    /// With whose trouble it is. A time-out after the request was written says that it may have
    /// arrived.
    pub async fn send(
        &self,
        request: &Request,
        attempt: &Attempt,
        expectation: &Expectation,
    ) -> Result<Receipt, Failure> {
        self.send_until(Instant::now() + attempt.deadline, request, attempt, expectation).await
    }

    /// Tries once to send a message's requests, one after the other, under one deadline.
    ///
    /// # Errors
    /// As [`Client::send`], for the first that fails.
    pub async fn send_message(
        &self,
        message: &Message,
        attempt: &Attempt,
        expectation: &Expectation,
    ) -> Result<Receipt, Failure> {
        let end = Instant::now() + attempt.deadline;
        let mut receipt = Receipt::default();
        for step in &message.steps {
            let Step::Http(request) = step else {
                return Err(Failure::new(Fault::Refused, "the message is no HTTP request"));
            };
            receipt = self.send_until(end, request, attempt, expectation).await?;
        }
        Ok(receipt)
    }

    /// Connects to a URL's host, with TLS where it asks for it, and sends nothing.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub async fn reach(&self, url: &Secret, deadline: Duration) -> Result<String, Failure> {
        let target = Target::of(url)?;
        match timeout(deadline, self.connect(&target)).await {
            Ok(reached) => reached,
            Err(_) => Err(trouble::late(&target.name, deadline, false)),
        }
    }

    /// Tries once to send a request, and gives the answer as it came: nothing is judged.
    ///
    /// # Errors
    /// If there was no answer until then, with whose trouble it is.
    pub async fn exchange(
        &self,
        end: Instant,
        request: &Request,
        attempt: &Attempt,
    ) -> Result<Seen, Failure> {
        let target = Target::of(&request.url)?;
        target.admit(self.guard)?;
        let written = Arc::new(AtomicBool::new(request.body.is_empty()));
        let outgoing = outgoing(request, attempt, &target, &written)?;
        if let Some(script) = &self.script {
            return Ok(script.answer(&target.name, request, attempt));
        }
        let mut response = match timeout_at(end, self.http().execute(outgoing)).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => {
                let written = written.load(Ordering::Acquire);
                return Err(trouble::failure(&error, &target.name, written));
            }
            Err(_) => {
                let written = written.load(Ordering::Acquire);
                return Err(trouble::late(&target.name, attempt.deadline, written));
            }
        };
        let body = read(&mut response, end).await;
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        Ok(Seen::of(target.name, status, headers, body).to(request))
    }

    async fn send_until(
        &self,
        end: Instant,
        request: &Request,
        attempt: &Attempt,
        expectation: &Expectation,
    ) -> Result<Receipt, Failure> {
        self.exchange(end, request, attempt).await?.expected(expectation)
    }

    async fn connect(&self, target: &Target) -> Result<String, Failure> {
        target.admit(self.guard)?;
        let addresses = self.guard.resolve(&target.host, target.port).await?;
        let stream = TcpStream::connect(&*addresses)
            .await
            .map_err(|error| trouble::failure(&error, &target.name, false))?;
        let at = stream.peer_addr().map(|peer| format!(" ({peer})")).unwrap_or_default();
        if target.url.scheme() != "https" {
            return Ok(format!("{} takes connections{at}", target.name));
        }
        let version = tls::handshake(stream, &target.host)
            .await
            .map_err(|error| trouble::failure(&error, &target.name, false))?;
        Ok(format!("{} takes connections over {version}{at}", target.name))
    }

    fn http(&self) -> &reqwest::Client {
        self.http.get_or_init(|| {
            reqwest::Client::builder()
                .tls_backend_preconfigured(tls::config())
                .dns_resolver(self.guard)
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .no_proxy()
                .referer(false)
                .http1_only()
                .connect_timeout(CONNECT)
                .pool_idle_timeout(IDLE)
                .pool_max_idle_per_host(IDLE_CONNECTIONS)
                .build()
                .expect("TLS is configured already, and nothing else here can fail")
        })
    }
}

/// A URL, read, and how it is called in texts: host and port, never a path or a query.
struct Target {
    url: Url,
    host: String,
    port: u16,
    name: String,
}

impl Target {
    fn of(url: &Secret) -> Result<Self, Failure> {
        let wrong = |why: &str| Failure::new(Fault::Suspended, format!("the URL is no URL: {why}"));
        let url = Url::parse(url.expose()).map_err(|error| wrong(&error.to_string()))?;
        let host = url.host_str().ok_or_else(|| wrong("it names no host"))?.to_owned();
        let port = url.port_or_known_default().ok_or_else(|| wrong("it is not http or https"))?;
        let name = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.clone(),
        };
        Ok(Target { url, host, port, name })
    }

    /// Judges an address that stands in the URL itself, which no resolver is asked about. The URL's
    /// reader has turned decimal, octal and hexadecimal spellings into addresses already.
    fn admit(&self, guard: Guard) -> Result<(), Failure> {
        let address = match self.url.host() {
            Some(Host::Ipv4(v4)) => IpAddr::V4(v4),
            Some(Host::Ipv6(v6)) => IpAddr::V6(v6),
            Some(Host::Domain(_)) | None => return Ok(()),
        };
        guard.check(&self.host, address).map_err(|blocked| DialError::from(blocked).into())
    }
}

/// The request as reqwest takes it. `written` turns true once its body is handed to a connection.
fn outgoing(
    request: &Request,
    attempt: &Attempt,
    target: &Target,
    written: &Arc<AtomicBool>,
) -> Result<reqwest::Request, Failure> {
    let method = Method::from_bytes(request.method.as_bytes())
        .map_err(|_| Failure::new(Fault::Suspended, "the method is no HTTP method"))?;
    let mut outgoing = reqwest::Request::new(method, target.url.clone());
    *outgoing.headers_mut() = headers(request, attempt)?;
    if !request.body.is_empty() {
        outgoing.headers_mut().insert(CONTENT_LENGTH, Value::from(request.body.len()));
        *outgoing.body_mut() = Some(noticed(request.body.clone(), Arc::clone(written)));
    }
    Ok(outgoing)
}

fn headers(request: &Request, attempt: &Attempt) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::with_capacity(request.headers.len() + 3);
    headers.insert(USER_AGENT, Value::from_static(AGENT));
    if let Ok(id) = Value::from_str(&attempt.delivery_id) {
        headers.insert(IDEMPOTENCY_KEY, id);
    }
    let mut own = HeaderMap::with_capacity(request.headers.len());
    for (name, value) in &request.headers {
        let wrong =
            || Failure::new(Fault::Refused, format!("the header `{name}` can't be sent as it is"));
        let (text, sensitive) = match value {
            HeaderValue::Plain(text) => (text.as_str(), false),
            HeaderValue::Secret(secret) => (secret.expose(), true),
        };
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?;
        let mut value = Value::from_bytes(text.as_bytes()).map_err(|_| wrong())?;
        value.set_sensitive(sensitive);
        own.append(name, value);
    }
    headers.extend(own);
    Ok(headers)
}

/// A body that notes when a connection asks for it.
fn noticed(body: Vec<u8>, written: Arc<AtomicBool>) -> Body {
    Body::wrap_stream(stream::once(async move {
        written.store(true, Ordering::Release);
        Ok::<_, Infallible>(body)
    }))
}

/// Reads the answer to the cap. The status is known by now, so what goes wrong here, or comes too
/// late, changes nothing but the excerpt; the connection is dropped with the unread rest.
async fn read(response: &mut Response, end: Instant) -> Content {
    let mut body = Content::default();
    loop {
        let chunk = match timeout_at(end, response.chunk()).await {
            Ok(Ok(Some(chunk))) => chunk,
            Ok(Ok(None)) => return body,
            Ok(Err(_)) | Err(_) => return Content { end: End::Broken, ..body },
        };
        let room = ANSWER - body.bytes.len();
        if chunk.len() > room {
            body.bytes.extend_from_slice(&chunk[..room]);
            return Content { end: End::Capped, ..body };
        }
        body.bytes.extend_from_slice(&chunk);
    }
}
