//! A server on a real socket that answers one request after the other as it was told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, Once};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A request as it came: its first line, its headers and its body.
#[derive(Clone, Debug)]
pub(super) struct Received {
    pub line: String,
    pub head: String,
    pub body: String,
}

impl Received {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// A running server.
pub(super) struct Server {
    pub origin: String,
    received: Arc<Mutex<Vec<Received>>>,
    answers: Arc<Mutex<VecDeque<(u16, String)>>>,
    task: JoinHandle<()>,
}

impl Server {
    pub async fn start() -> Self {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (received, answers) = (Arc::default(), Arc::default());
        let task = tokio::spawn(accept(listener, Arc::clone(&received), Arc::clone(&answers)));
        Server { origin, received, answers, task }
    }

    /// The answers to the next requests; after them it answers 500.
    pub fn answers(&self, answers: &[(u16, &str)]) {
        let answers = answers.iter().map(|(status, body)| (*status, (*body).to_owned()));
        self.answers.lock().unwrap().extend(answers);
    }

    /// What came since this was last asked.
    pub fn received(&self) -> Vec<Received> {
        std::mem::take(&mut *self.received.lock().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(
    listener: TcpListener,
    received: Arc<Mutex<Vec<Received>>>,
    answers: Arc<Mutex<VecDeque<(u16, String)>>>,
) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let (received, answers) = (Arc::clone(&received), Arc::clone(&answers));
        tokio::spawn(async move {
            while let Some(request) = read(&mut stream).await {
                received.lock().unwrap().push(request);
                let next = answers.lock().unwrap().pop_front();
                let (status, body) = next.unwrap_or((500, String::new()));
                let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n", body.len());
                stream.write_all((head + &body).as_bytes()).await.unwrap();
            }
        });
    }
}

async fn read(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let (line, rest) = head.split_once("\r\n").unwrap();
            let request = Received { line: line.into(), head: rest.into(), body: body.into() };
            let length = request.header("content-length").map_or(0, |n| n.parse().unwrap());
            if request.body.len() >= length {
                return Some(request);
            }
        }
        let count = stream.read(&mut chunk).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&chunk[..count]);
    }
}
