//! Where the installed parts are.

use std::io::Write;
use std::path::{Path, PathBuf};

/// What a test runs against.
pub enum Part {
    /// Debian's `prometheus-alertmanager`.
    Alertmanager,
    /// The packages of npm.
    Node,
    /// The packages of PyPI.
    Python,
}

impl Part {
    /// Its file or folder, if it is there; says so loudly where it isn't, and fails under `CI`.
    pub fn found(&self) -> Option<PathBuf> {
        let (path, proof, advice) = match self {
            Part::Alertmanager => {
                let program = PathBuf::from("/usr/bin/prometheus-alertmanager");
                (program.clone(), program, "apt-get install prometheus-alertmanager")
            }
            Part::Node => installed("node"),
            Part::Python => installed("python"),
        };
        if proof.exists() {
            return Some(path);
        }
        let says = format!("{} isn't there: {advice}", proof.display());
        assert!(std::env::var_os("CI").is_none(), "{says}");
        let test = std::thread::current().name().unwrap_or_default().to_owned();
        // Not by a macro, whose words are only shown where a test fails.
        let _ = writeln!(std::io::stderr(), "SKIPPED {test}: {says}");
        None
    }
}

/// The folder of a part that `.ci/install-real` has installed, and the file that it wrote last.
fn installed(name: &str) -> (PathBuf, PathBuf, &'static str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let parts = root.join("target/real");
    (parts.join(name), parts.join(format!("{name}.installed")), "run .ci/install-real")
}

/// The folder of these tests, which holds what is ours beside the parts.
pub fn own() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/real"))
}
