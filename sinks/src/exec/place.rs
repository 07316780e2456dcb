//! What stands at a program's path: whether it can be executed, and who else could change it.
//! Nothing is run here.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

use crate::contract::{Failure, Fault};
use crate::kind::BuildError;

/// Anybody may write.
const BY_EVERYBODY: u32 = 0o002;

/// In such a folder only a file's owner may remove or rename it, as in `/tmp`.
const STICKY: u32 = 0o1000;

/// What works once somebody acts, or works and is dangerous.
pub(super) fn warnings(program: &Path, directory: &Path) -> Vec<BuildError> {
    let mut found = Vec::new();
    if let Some(why) = trouble(program) {
        let hint = "until it can, the sink is suspended and keeps its messages";
        found.push(BuildError::new("program", why).hint(hint));
    }
    if let Some(open) = open_to_everybody(program) {
        let message = format!("everybody on this machine may write to {}", open.display());
        let hint = "whoever does chooses what the bridge runs: take that permission away";
        found.push(BuildError::new("program", message).hint(hint));
    }
    if !directory.is_dir() {
        let message = format!("there is no folder {}", directory.display());
        found.push(BuildError::new("directory", message).hint("create it, or leave it out"));
    }
    found
}

/// Whether the program can be executed.
pub(super) fn reach(program: &Path, directory: &Path) -> Result<String, Failure> {
    if let Some(why) = trouble(program) {
        return Err(Failure::new(Fault::Suspended, why));
    }
    if !directory.is_dir() {
        let why = format!("there is no folder {} to run it in", directory.display());
        return Err(Failure::new(Fault::Suspended, why));
    }
    Ok(format!("{} can be executed", program.display()))
}

fn trouble(program: &Path) -> Option<String> {
    let shown = program.display();
    match program.metadata() {
        Err(error) => Some(format!("{shown} can't be found: {error}")),
        Ok(there) if !there.is_file() => Some(format!("{shown} is no file")),
        Ok(_) => match access(program, Access::EXEC_OK) {
            Ok(()) => None,
            Err(_) => Some(format!("{shown} can't be executed by the bridge's user")),
        },
    }
}

/// The program, or a folder above it, that anybody may change; also where a link leads.
fn open_to_everybody(program: &Path) -> Option<PathBuf> {
    let real = program.canonicalize().unwrap_or_default();
    let mut all = program.ancestors().chain(real.ancestors());
    all.find(|path| is_open(path)).map(Path::to_owned)
}

fn is_open(path: &Path) -> bool {
    let Ok(there) = path.metadata() else { return false };
    let mode = there.permissions().mode();
    let guarded = there.is_dir() && mode & STICKY != 0;
    mode & BY_EVERYBODY != 0 && !guarded
}
