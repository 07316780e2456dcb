//! A server that a test has started, and that ends with the test.

use std::fs::File;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::web;

/// How long a server may take to start on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(90);

/// A running server.
pub struct Process {
    child: Child,
    folder: TempDir,
}

/// An empty folder for a server's files.
pub fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// A port that nobody listens on, for servers that can't choose one themselves.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Process {
    /// Starts it in its folder, where its words are kept.
    pub fn start(mut command: Command, folder: TempDir) -> Self {
        let log = File::create(folder.path().join("log")).unwrap();
        command.current_dir(folder.path()).stdin(Stdio::null());
        command.stdout(log.try_clone().unwrap()).stderr(log);
        let child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Process { child, folder }
    }

    /// Waits until it has said something that this finds.
    pub async fn says<T>(&mut self, find: impl Fn(&str) -> Option<T>) -> T {
        let began = Instant::now();
        loop {
            if let Some(found) = find(&self.log()) {
                return found;
            }
            self.wait(began).await;
        }
    }

    /// Waits until it answers here.
    pub async fn answers(&mut self, url: &str) {
        let began = Instant::now();
        while !web::is_there(url).await {
            self.wait(began).await;
        }
    }

    async fn wait(&mut self, began: Instant) {
        if let Some(status) = self.child.try_wait().unwrap() {
            panic!("it ended with {status}:\n{}", self.log());
        }
        assert!(began.elapsed() < PATIENCE, "it doesn't start:\n{}", self.log());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    fn log(&self) -> String {
        let bytes = std::fs::read(self.folder.path().join("log")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes a file of a server.
pub fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).unwrap();
}

/// The number after the first occurrence of a mark.
pub fn number_after(log: &str, mark: &str) -> Option<u16> {
    let (_, rest) = log.split_once(mark)?;
    let end = rest.find(|c: char| !c.is_ascii_digit())?;
    rest[..end].parse().ok()
}
