//! A place that messages go to: an HTTP server that records what it gets and answers as told.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::eventually;

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Got {
    /// The method and the path, with a space between them.
    pub what: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Vec<u8>,
    /// Whether it was answered with success.
    pub taken: bool,
}

impl Got {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }
}

/// What the place answers.
#[derive(Debug, Clone)]
pub enum Say {
    /// A status, more header lines (each with its CRLF), a body.
    Status(u16, &'static str, &'static str),
    /// Nothing, with the connection held open.
    Hang,
    /// Nothing, with the connection closed.
    Close,
}

/// Everything is taken.
pub const OK: Say = Say::Status(200, "", "ok");

/// The running server; it ends with the test's process.
#[derive(Clone)]
pub struct Place {
    /// Where it listens.
    pub at: SocketAddr,
    got: Arc<Mutex<Vec<Got>>>,
    say: Arc<Mutex<Say>>,
}

impl Place {
    /// Listens on a port of its own and takes everything.
    pub fn open() -> Self {
        Place::open_at("127.0.0.1:0".parse().expect("an address"))
    }

    /// Listens there.
    pub fn open_at(at: SocketAddr) -> Self {
        let listener = TcpListener::bind(at).expect("the port is free");
        let at = listener.local_addr().expect("a bound socket has an address");
        let place = Place { at, got: Arc::default(), say: Arc::new(Mutex::new(OK)) };
        let serving = place.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let place = serving.clone();
                std::thread::spawn(move || place.serve(stream));
            }
        });
        place
    }

    /// Answers like this from now on.
    pub fn say(&self, say: Say) {
        *self.say.lock().expect("nobody panicked with it") = say;
    }

    /// A URL that leads here.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.at)
    }

    /// Everything that came so far.
    pub fn got(&self) -> Vec<Got> {
        self.got.lock().expect("nobody panicked with it").clone()
    }

    /// Waits until so many requests came.
    pub fn wait_for(&self, count: usize, within: Duration) -> Vec<Got> {
        eventually(&format!("{count} requests at {}", self.at), within, || {
            let got = self.got();
            (got.len() >= count).then_some(got)
        })
    }

    fn serve(&self, stream: TcpStream) -> Option<()> {
        let mut reader = BufReader::new(stream.try_clone().ok()?);
        let mut writer = stream;
        while let Some(mut got) = read_request(&mut reader) {
            let say = self.say.lock().expect("nobody panicked with it").clone();
            got.taken = matches!(say, Say::Status(200..=299, ..));
            self.got.lock().expect("nobody panicked with it").push(got);
            match say {
                Say::Status(status, headers, body) => {
                    let length = body.len();
                    let answer = format!(
                        "HTTP/1.1 {status} Said\r\n{headers}content-length: {length}\r\n\r\n{body}"
                    );
                    writer.write_all(answer.as_bytes()).ok()?;
                }
                Say::Hang => std::thread::sleep(Duration::from_secs(600)),
                Say::Close => return None,
            }
        }
        Some(())
    }
}

/// Reads one request; `None` at the connection's end.
pub(super) fn read_request(reader: &mut impl BufRead) -> Option<Got> {
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let what = line.rsplit_once(' ').map_or("", |(what, _)| what).to_owned();
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.map_or(0, |(_, value)| value.parse().expect("a number"))];
    reader.read_exact(&mut body).ok()?;
    Some(Got { what, headers, body, taken: false })
}
