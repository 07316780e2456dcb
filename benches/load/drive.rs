//! Agnox's stand-in: distinct signed events over kept-alive connections, each answer awaited.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use agnox_bridge_sinks::secret::Secret;
use agnox_bridge_sinks::signature::AgnoxKey;
use jiff::{SignedDuration, Timestamp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The secret that everything here shares.
pub const SECRET: &str = "the-load-program-shares-this-secret-with-everyone";

/// Requests, made before the clock runs.
pub struct Load {
    requests: Vec<Vec<u8>>,
}

/// What was seen.
pub struct Driven {
    /// When the first request went out.
    pub began: Instant,
    /// From the first request to the last answer.
    pub took: Duration,
    latencies: Vec<u32>,
}

impl Load {
    /// So many distinct events of 200 groups, as they come: one finishing after the other.
    pub fn new(events: usize) -> Self {
        let key = AgnoxKey::new(&Secret::new(SECRET)).expect("the secret is not blank");
        let now = Timestamp::now();
        Load { requests: (0..events).map(|n| request(&key, now, n)).collect() }
    }

    /// Sends them all, and panics at any answer but 2xx.
    pub fn drive(self, address: SocketAddr, connections: usize) -> Driven {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime starts");
        runtime.block_on(self.drive_all(address, connections))
    }

    async fn drive_all(self, address: SocketAddr, connections: usize) -> Driven {
        let mut shares: Vec<Vec<Vec<u8>>> = vec![Vec::new(); connections];
        for (n, request) in self.requests.into_iter().enumerate() {
            shares[n % connections].push(request);
        }
        let began = Instant::now();
        let tasks: Vec<_> =
            shares.into_iter().map(|share| tokio::spawn(one_connection(address, share))).collect();
        let mut latencies = Vec::new();
        for task in tasks {
            latencies.extend(task.await.expect("a connection's task ends"));
        }
        let took = began.elapsed();
        latencies.sort_unstable();
        Driven { began, took, latencies }
    }
}

impl Driven {
    /// The latency that so many per cent stayed below, in milliseconds.
    pub fn percentile(&self, percent: f64) -> f64 {
        let last = self.latencies.len() - 1;
        let index = (last as f64 * percent / 100.0).round() as usize;
        f64::from(self.latencies[index]) / 1e3
    }
}

fn request(key: &AgnoxKey, now: Timestamp, n: usize) -> Vec<u8> {
    let finished = now + SignedDuration::from_millis(n as i64 / 4);
    let started = finished - SignedDuration::from_secs(240);
    let id = uuid::Uuid::new_v4().simple();
    let body = format!(
        r#"{{"event":"execution.finished","executionId":"exec_{id}","taskId":"task_{n}","status":"FAILED","summary":"3 tests failed in My Test Suite","groupName":"group-{}","startedAt":"{started:.3}","finishedAt":"{finished:.3}"}}"#,
        n % 200,
    );
    let signature = key.sign(body.as_bytes());
    let head = format!(
        "POST /hooks/main HTTP/1.1\r\nhost: bridge\r\ncontent-type: application/json\r\nx-agnox-signature: {signature}\r\ncontent-length: {}\r\n\r\n",
        body.len(),
    );
    [head.into_bytes(), body.into_bytes()].concat()
}

async fn one_connection(address: SocketAddr, requests: Vec<Vec<u8>>) -> Vec<u32> {
    let mut latencies = Vec::with_capacity(requests.len());
    let mut stream = TcpStream::connect(address).await.expect("the gateway listens");
    stream.set_nodelay(true).expect("a socket takes options");
    let mut buffer = vec![0u8; 4096];
    for request in requests {
        let sent = Instant::now();
        stream.write_all(&request).await.expect("the gateway reads");
        read_answer(&mut stream, &mut buffer).await;
        latencies.push(sent.elapsed().as_micros() as u32);
    }
    latencies
}

async fn read_answer(stream: &mut TcpStream, buffer: &mut [u8]) {
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..]).await.expect("the gateway answers");
        assert!(read > 0, "the gateway closed the connection");
        filled += read;
        if let Some(length) = whole_length(&buffer[..filled])
            && filled >= length
        {
            assert!(
                buffer.starts_with(b"HTTP/1.1 20"),
                "{}",
                String::from_utf8_lossy(&buffer[..filled])
            );
            return;
        }
    }
}

/// The answer's length, once its head is there.
fn whole_length(answer: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(answer).ok()?;
    let head = text.find("\r\n\r\n")? + 4;
    let lower = text[..head].to_ascii_lowercase();
    let length = lower.split("content-length: ").nth(1)?.split("\r\n").next()?;
    Some(head + length.parse::<usize>().ok()?)
}
