//! A local HTTP sink that counts what it gets, each delivery by its id.

use std::collections::HashSet;
use std::io::{BufRead, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::Child;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};

use crate::bare::spawn_self;

/// A sink in a process of its own.
pub struct Sink {
    /// Where it listens.
    pub address: SocketAddr,
    child: Child,
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Default)]
struct Seen {
    messages: usize,
    ids: HashSet<String>,
}

/// Starts it.
pub fn start() -> Sink {
    let (address, child) = spawn_self("--sink");
    Sink { address, child }
}

impl Sink {
    /// All messages, and the distinct ones among them.
    pub fn counts(&self) -> (usize, usize) {
        let mut stream = std::net::TcpStream::connect(self.address).expect("the sink listens");
        stream
            .write_all(b"GET /counts HTTP/1.1\r\nhost: sink\r\nconnection: close\r\n\r\n")
            .expect("the sink reads");
        let lines = std::io::BufReader::new(stream).lines();
        let last = lines.map_while(Result::ok).last().expect("the sink answers");
        let (messages, distinct) = last.split_once(' ').expect("two numbers");
        (messages.parse().expect("a number"), distinct.parse().expect("a number"))
    }

    /// Waits until so many distinct messages are there; how long since `began`.
    pub fn wait_for(&self, messages: usize, began: Instant, limit: Duration) -> Duration {
        while self.counts().1 < messages {
            assert!(began.elapsed() < limit, "only {:?} of {messages} arrived", self.counts());
            std::thread::sleep(Duration::from_millis(20));
        }
        began.elapsed()
    }
}

/// The role: serves until it is killed.
pub fn serve() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a port");
    println!("{}", listener.local_addr().expect("a bound socket has an address"));
    let seen = web::Data::new(Mutex::new(Seen::default()));
    let served = actix_web::rt::System::new().block_on(
        HttpServer::new(move || {
            App::new()
                .app_data(seen.clone())
                .route("/take", web::post().to(take))
                .route("/counts", web::get().to(counts))
        })
        .listen(listener)
        .expect("the listener is bound")
        .workers(1)
        .run(),
    );
    served.expect("the server runs until it is killed");
}

async fn take(seen: web::Data<Mutex<Seen>>, request: HttpRequest, _: web::Bytes) -> HttpResponse {
    let id = request.headers().get("idempotency-key").and_then(|id| id.to_str().ok());
    let mut seen = seen.lock().expect("nobody panicked with it");
    seen.messages += 1;
    if let Some(id) = id {
        seen.ids.insert(id.to_owned());
    }
    HttpResponse::Ok().finish()
}

async fn counts(seen: web::Data<Mutex<Seen>>) -> String {
    let seen = seen.lock().expect("nobody panicked with it");
    format!("{} {}", seen.messages, seen.ids.len())
}
