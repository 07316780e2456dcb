//! The release binary with a configuration for one measurement, in a folder of its own.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::drive::SECRET;

/// What the gateway is to do with an event.
#[derive(Clone, Copy)]
pub enum Purpose {
    /// Acknowledge and decide; no rule matches.
    Nothing,
    /// One delivery per event, to a sink so slow that it waits.
    Waits,
    /// One delivery per event, to this local sink.
    Http(SocketAddr),
}

/// A running gateway.
pub struct Gateway {
    /// Where Agnox posts to.
    pub address: SocketAddr,
    /// From the start of the process until it was ready.
    pub ready_after: Duration,
    child: Child,
    folder: Option<tempfile::TempDir>,
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Gateway {
    /// Starts one on a fresh journal, with so many more rules that match nothing.
    pub fn start(purpose: Purpose, rules: usize) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let [address, admin] = free_ports();
        let text = configuration(purpose, address, admin, rules);
        std::fs::write(folder.path().join("bridge.yaml"), text).expect("the folder is writable");
        Gateway::run(folder, address)
    }

    /// Kills it and starts it again on the same journal.
    pub fn restart(mut self) -> Self {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let folder = self.folder.take().expect("a gateway has its folder until it is restarted");
        let address = self.address;
        drop(self);
        Gateway::run(folder, address)
    }

    /// Resident memory of the process.
    pub fn memory_mib(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("the process lives");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("VmRSS is there");
        let kib: f64 =
            line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).expect("a number");
        kib / 1024.0
    }

    fn run(folder: tempfile::TempDir, address: SocketAddr) -> Self {
        let began = Instant::now();
        let child = spawn(folder.path());
        while !is_ready(address) {
            assert!(began.elapsed() < Duration::from_secs(30), "the gateway is not ready");
            std::thread::sleep(Duration::from_millis(1));
        }
        Gateway { address, ready_after: began.elapsed(), child, folder: Some(folder) }
    }
}

/// Whether it says so itself.
fn is_ready(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else { return false };
    let mut answer = String::new();
    let asked =
        stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: bridge\r\nconnection: close\r\n\r\n");
    asked.is_ok() && stream.read_to_string(&mut answer).is_ok() && answer.contains(" 200 ")
}

fn spawn(folder: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_agnox-bridge"))
        .args(["serve", "--config", "bridge.yaml"])
        .current_dir(folder)
        .env_remove("RUST_LOG")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the gateway starts")
}

fn configuration(purpose: Purpose, address: SocketAddr, admin: SocketAddr, rules: usize) -> String {
    let (sink, status) = match purpose {
        Purpose::Nothing => ("console: {}".to_owned(), "NONE-HAS-THIS"),
        Purpose::Waits => ("console: {}\n    rate: 1/h\n    concurrency: 1".to_owned(), "FAILED"),
        Purpose::Http(at) => (format!("http:\n      url: http://{at}/take"), "FAILED"),
    };
    let mut text = format!(
        "server: {{listen: \"{address}\", admin: \"{admin}\"}}\nsources:\n  main: {{secret: {SECRET}}}\nsinks:\n  place:\n    {sink}\nrules:\n  - name: measured\n    when: {{status: {status}}}\n    send: place\n",
    );
    for n in 0..rules {
        let rule =
            format!("  - name: rule {n}\n    when: {{group: \"team-{n}-*\"}}\n    send: place\n");
        text.write_str(&rule).expect("writing to a String cannot fail");
    }
    text
}

fn free_ports() -> [SocketAddr; 2] {
    let listeners =
        [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").expect("loopback has a port"));
    listeners.map(|listener| listener.local_addr().expect("a bound socket has an address"))
}
