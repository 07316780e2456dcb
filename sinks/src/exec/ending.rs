//! What the end of a program means: the one place that looks at exit codes.
//!
//! The codes are those of `sysexits.h`, which mail programs have kept to for decades, and the two
//! by which a shell says that it could not run something.

use std::io::{self, ErrorKind};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use rustix::io::Errno;

use crate::contract::{Failure, Fault, Receipt};
use crate::message::Run;

const UNAVAILABLE: Fault = Fault::Unavailable { retry_after: None };

/// Judges how a program ended.
pub(super) fn judge(run: &Run, status: ExitStatus) -> Result<Receipt, Failure> {
    let program = run.program.display();
    let Some(code) = status.code() else {
        let signal = status.signal().unwrap_or_default();
        let reason = format!("{program} was ended by signal {signal}");
        return Err(Failure { maybe_arrived: true, ..Failure::new(Fault::Deferred, reason) });
    };
    let number = u16::try_from(code).ok();
    let Some((fault, meaning)) = meaning(code) else {
        return Ok(Receipt { status: number, ..Receipt::default() });
    };
    let reason = format!("{program} ended with {code}: {meaning}");
    Err(Failure { status: number, ..Failure::new(fault, reason) })
}

/// Whose trouble an exit code is; `None` for success.
fn meaning(code: i32) -> Option<(Fault, &'static str)> {
    let meaning = match code {
        0 => return None,
        64 => (Fault::Refused, "it was called in a way that it doesn't know"),
        65 => (Fault::Refused, "it will never take this message"),
        69 => (UNAVAILABLE, "what it needs is not available"),
        75 => (UNAVAILABLE, "it asks to be tried again later"),
        77 => (Fault::Suspended, "it lacks a permission"),
        78 => (Fault::Suspended, "its configuration is wrong"),
        126 => (Fault::Suspended, "what it runs can't be executed"),
        127 => (Fault::Suspended, "what it runs isn't there"),
        _ => (Fault::Deferred, "it failed"),
    };
    Some(meaning)
}

/// A program that could not be started.
pub(super) fn not_started(run: &Run, error: &io::Error) -> Failure {
    let program = run.program.display();
    let suspended = |reason: String| Failure::new(Fault::Suspended, reason);
    match error.kind() {
        ErrorKind::NotFound if !run.directory.is_dir() => {
            suspended(format!("there is no folder {} to run it in", run.directory.display()))
        }
        ErrorKind::NotFound if run.program.exists() => {
            suspended(format!("{program} names an interpreter in its first line that isn't there"))
        }
        ErrorKind::NotFound => suspended(format!("there is no program {program}")),
        ErrorKind::PermissionDenied => suspended(format!(
            "{program} may not be executed, or {} not be entered; check their permissions",
            run.directory.display()
        )),
        ErrorKind::ArgumentListTooLong => {
            Failure::new(Fault::Refused, format!("{program} can't be given a text this long"))
        }
        _ if error.raw_os_error() == Some(Errno::NOEXEC.raw_os_error()) => {
            suspended(format!("{program} is no program; a script begins with `#!`"))
        }
        _ => Failure::new(UNAVAILABLE, format!("{program} could not be started: {error}")),
    }
}

/// A program whose end the system doesn't tell.
pub(super) fn unknown(run: &Run, error: &io::Error) -> Failure {
    let reason = format!("it is not known how {} ended: {error}", run.program.display());
    Failure { maybe_arrived: true, ..Failure::new(UNAVAILABLE, reason) }
}

/// A program that did not end in time.
pub(super) fn too_late(run: &Run, limit: Duration) -> Failure {
    let program = run.program.display();
    let reason = format!("{program} did not end within {} and was stopped", shown(limit));
    Failure { maybe_arrived: true, ..Failure::new(UNAVAILABLE, reason) }
}

fn shown(limit: Duration) -> String {
    crate::template::humanize(limit.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_exit_code_names_whose_trouble_it_is() {
        assert_eq!(meaning(0), None);
        for (codes, name) in [
            (&[69, 75][..], "unavailable"),
            (&[64, 65], "refused"),
            (&[77, 78, 126, 127], "suspended"),
            (&[1, 2, 66, 74, 100, 255], "deferred"),
        ] {
            for code in codes {
                assert_eq!(meaning(*code).map(|(fault, _)| fault.name()), Some(name), "{code}");
            }
        }
    }
}
