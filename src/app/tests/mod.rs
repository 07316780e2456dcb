//! The whole gateway on free ports: a configuration on disk, a real sink, a real journal.

mod admin;
mod flapping;
mod life;
mod reload;

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use agnox_bridge_sinks::secret::Secret;
use agnox_bridge_sinks::signature::AgnoxKey;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::{AppError, Command, Listeners, Options, run};
use crate::admin::AdminClient;
use crate::config::{LoadOptions, load};

pub(super) const SECRET: &str = "the organisation's own webhook secret";

/// A running gateway.
pub(super) struct Running {
    pub hooks: SocketAddr,
    pub admin: SocketAddr,
    pub folder: Folder,
    commands: mpsc::Sender<Command>,
    task: JoinHandle<Result<(), AppError>>,
}

/// A folder with a configuration, where the journal lives too.
pub(super) struct Folder(TempDir);

impl Folder {
    /// A gateway that tells the sink at this address of everything.
    pub fn new(sink: SocketAddr) -> Self {
        rustls::crypto::ring::default_provider().install_default().ok();
        let folder = Folder(tempfile::tempdir().unwrap());
        folder.configure(&everything_to(sink));
        folder
    }

    pub fn config(&self) -> PathBuf {
        self.0.path().join("bridge.yaml")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn configure(&self, text: &str) {
        std::fs::write(self.config(), text).unwrap();
    }

    pub fn options(&self, shadow: bool, grace: Duration) -> Options {
        let load = Arc::new(LoadOptions::default());
        Options { config: self.config(), load, shadow, announce: false, grace }
    }

    pub async fn start(self) -> Running {
        self.start_with(false, Duration::from_secs(10)).await
    }

    pub async fn start_with(self, shadow: bool, grace: Duration) -> Running {
        let options = self.options(shadow, grace);
        let loaded = load(&options.config, &options.load).unwrap_or_else(|wrong| panic!("{wrong}"));
        let listeners = free_listeners();
        let (hooks, admin) = listeners.addresses().unwrap();
        let (commands, told) = mpsc::channel(4);
        let task = tokio::spawn(run(loaded, listeners, options, told));
        Running { hooks, admin, folder: self, commands, task }
    }
}

impl Running {
    pub fn client(&self) -> AdminClient {
        AdminClient::new(&self.admin.to_string(), None).unwrap()
    }

    pub async fn tell(&self, command: Command) {
        self.commands.send(command).await.unwrap();
    }

    /// Posts a signed event to the hook of `main` and returns the status.
    pub async fn post(&self, body: &str) -> u16 {
        let signature = AgnoxKey::new(&Secret::new(SECRET)).unwrap().sign(body.as_bytes());
        let request = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = request.post(format!("http://{}/hooks/main", self.hooks));
        let request = request.header("x-agnox-signature", signature).body(body.to_owned());
        request.send().await.unwrap().status().as_u16()
    }

    pub async fn stop(self) -> (Folder, Result<(), AppError>) {
        self.tell(Command::Stop).await;
        let ended = tokio::time::timeout(Duration::from_secs(30), self.task).await;
        (self.folder, ended.expect("it ends in time").unwrap())
    }
}

/// A place that takes every HTTP request with 200, optionally late, and keeps what it got.
pub(super) struct Place {
    pub address: SocketAddr,
    pub got: Arc<Mutex<Vec<String>>>,
}

impl Place {
    pub async fn open(delay: Duration) -> Self {
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let got: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = got.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = socket.accept().await {
                let kept = kept.clone();
                tokio::spawn(async move {
                    let mut request = vec![0; 65_536];
                    let read = stream.read(&mut request).await.unwrap_or(0);
                    kept.lock().unwrap().push(String::from_utf8_lossy(&request[..read]).into());
                    tokio::time::sleep(delay).await;
                    let answer =
                        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                    stream.write_all(answer).await.ok();
                });
            }
        });
        Place { address, got }
    }

    pub async fn until_got(&self, count: usize) {
        until("the place got its messages", || self.got.lock().unwrap().len() >= count).await;
    }
}

pub(super) fn free_listeners() -> Listeners {
    let bind = || TcpListener::bind("127.0.0.1:0").unwrap();
    Listeners { hooks: bind(), admin: bind() }
}

/// Waits for a condition, and fails where it stays false.
pub(super) async fn until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(15);
    while !condition() {
        assert!(Instant::now() < deadline, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

pub(super) fn everything_to(sink: SocketAddr) -> String {
    format!(
        r#"
journal: {{url: "sqlite:journal.db"}}
sources:
  main: {{secret: "{SECRET}"}}
sinks:
  place:
    http:
      url: "http://{sink}/"
      text: "{{{{ group }}}} is {{{{ status }}}}"
rules:
  - name: everything
    when: always
    send: place
"#
    )
}
