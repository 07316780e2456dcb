//! Programs that some scenarios need: skipped loudly where they aren't there, required under CI.

use std::process::{Command, Stdio};

/// Whether a scenario can run: every program is there. Says so when not, and fails under CI.
pub fn all_there(scenario: &str, programs: &[&str]) -> bool {
    let missing: Vec<&str> =
        programs.iter().copied().filter(|program| !is_there(program)).collect();
    if missing.is_empty() {
        return true;
    }
    let message = format!("SKIPPED {scenario}: {} not installed", missing.join(", "));
    assert!(std::env::var_os("CI").is_none(), "{message}");
    eprintln!("{message}");
    false
}

fn is_there(program: &str) -> bool {
    let found = Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    found.is_ok_and(|status| status.success())
}
