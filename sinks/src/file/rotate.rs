//! Old files: `path` becomes `path.1`, `path.1` becomes `path.2`, and the oldest is removed.
//!
//! A crash between two renames leaves a gap and no doubt: the next rotation fills it, and moves
//! nothing that stands behind it.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Makes room at the path, and keeps so many old files.
pub(super) fn rotate(path: &Path, keep: u32) -> io::Result<()> {
    let free = (1..keep).find(|number| !is_there(&numbered(path, *number))).unwrap_or(keep);
    for number in (1..free).rev() {
        fs::rename(numbered(path, number), numbered(path, number + 1))?;
    }
    fs::rename(path, numbered(path, 1))?;
    remove_beyond(path, keep)
}

/// The name of an old file.
pub(super) fn numbered(path: &Path, number: u32) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{number}"));
    PathBuf::from(name)
}

/// Removes what is left of a time when more were kept.
fn remove_beyond(path: &Path, keep: u32) -> io::Result<()> {
    for number in keep + 1.. {
        match fs::remove_file(numbered(path, number)) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}
