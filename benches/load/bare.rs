//! The yardstick: a bare actix-web handler that verifies and parses and keeps nothing.

use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use agnox_bridge::model::Reading;
use agnox_bridge_sinks::secret::Secret;
use agnox_bridge_sinks::signature::{AgnoxKey, HEADER};

use crate::drive::SECRET;

/// A process of its own, so that it shares nothing with the load.
pub struct Bare {
    /// Where it listens.
    pub address: SocketAddr,
    child: Child,
}

impl Drop for Bare {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts it.
pub fn start() -> Bare {
    let (address, child) = spawn_self("--bare");
    Bare { address, child }
}

/// Starts this program in another role, which says on its first line where it listens.
pub fn spawn_self(role: &str) -> (SocketAddr, Child) {
    let program = std::env::current_exe().expect("a program knows where it is");
    let mut child = Command::new(program)
        .arg(role)
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program starts itself");
    let mut line = String::new();
    let stdout = child.stdout.as_mut().expect("stdout is piped");
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line)
        .expect("the child says where it listens");
    (line.trim().parse().expect("an address"), child)
}

/// The role: serves until it is killed.
pub fn serve() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a port");
    println!("{}", listener.local_addr().expect("a bound socket has an address"));
    let key = AgnoxKey::new(&Secret::new(SECRET)).expect("the secret is not blank");
    let key = web::Data::new(key);
    let served = actix_web::rt::System::new().block_on(
        HttpServer::new(move || {
            App::new().app_data(key.clone()).route("/hooks/main", web::post().to(handle))
        })
        .listen(listener)
        .expect("the listener is bound")
        .workers(2)
        .run(),
    );
    served.expect("the server runs until it is killed");
}

async fn handle(key: web::Data<AgnoxKey>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let header = request.headers().get(HEADER).map(|h| h.as_bytes()).unwrap_or_default();
    if key.verify(header, &body).is_err() {
        return HttpResponse::Unauthorized().finish();
    }
    let reading = Reading::of(&body);
    HttpResponse::Accepted().body(reading.group.to_string())
}
