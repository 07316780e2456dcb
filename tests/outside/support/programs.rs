//! Programs that some scenarios need: skipped loudly where they aren't there, required under CI.

use std::process::{Command, Stdio};

/// Whether a scenario can run: every program is there. Says so when not, and fails under CI.
pub fn all_there(scenario: &str, programs: &[&str]) -> bool {
    let missing: Vec<&str> =
        programs.iter().copied().filter(|program| !is_there(program)).collect();
    if missing.is_empty() {
        return true;
    }
    skip(scenario, &format!("{} not installed", missing.join(", ")));
    false
}

/// Says loudly that a scenario is skipped, and why; under CI nothing may be.
#[allow(clippy::print_stderr)] // a person who runs the tests is to see it
pub fn skip(scenario: &str, why: &str) {
    assert!(std::env::var_os("CI").is_none(), "{scenario}: {why}");
    eprintln!("SKIPPED {scenario}: {why}");
}

fn is_there(program: &str) -> bool {
    let found = Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    found.is_ok_and(|status| status.success())
}

/// The library that lies about the clock, where Debian puts it.
pub fn faketime() -> Option<String> {
    let machine = format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH);
    let library = format!("{machine}/faketime/libfaketimeMT.so.1");
    std::path::Path::new(&library).exists().then_some(library)
}
