//! The real program in a folder of its own.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};

use super::agnox::{self, SECRET};
use super::http::{self, Answer};
use super::{SOON, eventually};

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_agnox-bridge");

/// A folder with a configuration, and ports that belong to it.
pub struct Setup {
    folder: tempfile::TempDir,
    /// Where Agnox posts to.
    pub public: SocketAddr,
    /// Where people look.
    pub admin: SocketAddr,
    /// Flags of `serve` beside the configuration.
    pub flags: Vec<String>,
    /// What the program is started under, such as a tracer with its flags.
    pub under: Vec<String>,
    /// Environment variables.
    pub variables: Vec<(String, String)>,
}

impl Setup {
    /// A configuration with these sinks and rules (YAML, indented by two below their key), and one
    /// source `main` with the tests' secret.
    pub fn new(sinks: &str, rules: &str) -> Self {
        Setup::with_more("", sinks, rules)
    }

    /// The same with more top-level keys.
    pub fn with_more(more: &str, sinks: &str, rules: &str) -> Self {
        let [public, admin] = free_ports();
        let setup = Setup {
            folder: tempfile::tempdir().expect("a temporary folder"),
            public,
            admin,
            flags: Vec::new(),
            under: Vec::new(),
            variables: Vec::new(),
        };
        setup.configure(more, sinks, rules);
        setup
    }

    /// Writes the configuration anew.
    pub fn configure(&self, more: &str, sinks: &str, rules: &str) {
        let (public, admin) = (self.public, self.admin);
        let text = format!(
            "server: {{listen: \"{public}\", admin: \"{admin}\"}}\njournal: {{url: \"sqlite:bridge.db\"}}\nsources:\n  main: {{secret: {SECRET}}}\n{more}\nsinks:\n{sinks}\nrules:\n{rules}\n"
        );
        self.write("bridge.yaml", &text);
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file in the folder.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, text).expect("the folder is writable");
        path
    }

    /// Runs a command of the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).current_dir(self.path()).env("AGNOX_BRIDGE_CONFIG", "bridge.yaml");
        command.envs(self.variables.iter().cloned()).stdin(Stdio::null());
        command.output().expect("the program starts")
    }

    /// Starts the gateway and waits until it is ready.
    pub fn start(self) -> Bridge {
        let mut bridge = self.spawn();
        bridge.wait_until_ready();
        bridge
    }

    /// Starts the gateway without waiting.
    pub fn spawn(self) -> Bridge {
        let child = self.command().spawn().expect("the program starts");
        Bridge { setup: self, child: Process(child) }
    }

    fn command(&self) -> Command {
        let words: Vec<&str> = self.under.iter().map(String::as_str).chain([PROGRAM]).collect();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).args(["serve", "--config", "bridge.yaml"]).args(&self.flags);
        command.current_dir(self.path()).env_remove("RUST_LOG").stdin(Stdio::null());
        command.envs(self.variables.iter().cloned());
        command.stdout(self.appending("stdout")).stderr(self.appending("stderr"));
        command
    }

    fn appending(&self, name: &str) -> File {
        let path = self.path().join(name);
        File::options().create(true).append(true).open(path).expect("the folder is writable")
    }
}

/// The running gateway.
pub struct Bridge {
    /// Its folder and ports.
    pub setup: Setup,
    /// Its process.
    pub child: Process,
}

/// A process that does not outlive its test.
pub struct Process(pub Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Bridge {
    /// Posts a signed body.
    pub fn post(&self, body: &[u8]) -> std::io::Result<Answer> {
        agnox::post(self.setup.public, body)
    }

    /// Posts a signed body that must be taken.
    pub fn accept(&self, body: &[u8]) -> Answer {
        let answer = self.post(body).expect("the gateway answers");
        assert_eq!(answer.status, 202, "{}", answer.body);
        answer
    }

    /// Gets a path of the admin listener.
    pub fn admin(&self, path: &str) -> Answer {
        http::get(self.setup.admin, path).expect("the admin listener answers")
    }

    /// Runs a command of the program beside the gateway; its standard output.
    pub fn cli(&self, arguments: &[&str]) -> String {
        let output = self.setup.run(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}\n{}", self.log());
        String::from_utf8(output.stdout).expect("output is UTF-8")
    }

    /// The same, read as JSON.
    pub fn cli_json(&self, arguments: &[&str]) -> serde_json::Value {
        let text = self.cli(&[arguments, &["--json"]].concat());
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e} in {text}"))
    }

    /// What it printed so far.
    pub fn stdout(&self) -> String {
        std::fs::read_to_string(self.setup.path().join("stdout")).unwrap_or_default()
    }

    /// What it logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.setup.path().join("stderr")).unwrap_or_default()
    }

    /// Waits until it can accept, and panics with its log if it ended instead.
    pub fn wait_until_ready(&mut self) {
        let public = self.setup.public;
        eventually("the gateway is ready", SOON, || {
            if let Ok(Some(status)) = self.child.0.try_wait() {
                panic!("the gateway ended with {status}:\n{}", self.log());
            }
            http::get(public, "/readyz").ok().filter(|answer| answer.status == 200)
        });
    }

    /// Sends a signal by its name, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args([&format!("-{name}"), &self.child.0.id().to_string()])
            .status();
        assert!(status.expect("kill is there").success(), "the process lives");
    }

    /// Ends it as an operator would, and waits for its end.
    pub fn stop(self) -> (Setup, ExitStatus) {
        self.signal("TERM");
        let Bridge { setup, mut child } = self;
        let status = eventually("the gateway stops", std::time::Duration::from_secs(60), || {
            child.0.try_wait().expect("the process is ours")
        });
        (setup, status)
    }

    /// Ends it without any warning.
    pub fn kill(self) -> Setup {
        self.setup
    }
}

/// Two ports that nobody listens on. They lie below those that the system hands out by itself, and
/// each is given once, so that no other test's connection takes one before the gateway does.
pub fn free_ports() -> [SocketAddr; 2] {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 150).expect("it is small") * 128;
    [(); 2].map(|()| {
        loop {
            let port = 12_000 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 20_000;
            if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)) {
                return listener.local_addr().expect("a bound socket has an address");
            }
        }
    })
}
