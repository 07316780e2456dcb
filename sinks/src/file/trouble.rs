//! What the system's errors mean: a full disk is the endpoint's trouble and passes, a missing folder
//! waits for somebody to act.

use std::io::{self, ErrorKind};
use std::path::Path;

use rustix::io::Errno;

use crate::contract::{Failure, Fault};

const UNAVAILABLE: Fault = Fault::Unavailable { retry_after: None };

/// A line that could not be written.
pub(super) fn of(path: &Path, error: &io::Error) -> Failure {
    let what = match error.kind() {
        _ if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => {
            "it is a link; name the file that it leads to"
        }
        ErrorKind::NotFound => "its folder isn't there; create it",
        ErrorKind::NotADirectory => "a part of its path is no folder",
        ErrorKind::IsADirectory => "it is a folder; name a file in it",
        ErrorKind::PermissionDenied => {
            "the bridge's user may not write it; change its owner or its permissions"
        }
        ErrorKind::ReadOnlyFilesystem => "its disk can't be written now",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            return failure(UNAVAILABLE, path, "its disk is full");
        }
        _ => return failure(UNAVAILABLE, path, &error.to_string()),
    };
    failure(Fault::Suspended, path, what)
}

/// A file that has grown to its size and can't be renamed.
pub(super) fn of_rotation(path: &Path, error: &io::Error) -> Failure {
    match error.kind() {
        ErrorKind::PermissionDenied => {
            let what = "it is full-grown, and the bridge's user may rename nothing in its folder; \
                        change the folder's permissions";
            failure(Fault::Suspended, path, what)
        }
        _ => of(path, error),
    }
}

/// Something that is not a file.
pub(super) fn no_file(path: &Path) -> Failure {
    failure(Fault::Suspended, path, "it is no file; name one, or a path where none is yet")
}

/// A disk or another writer that took too long.
pub(super) fn too_late(path: &Path, writing: bool) -> Failure {
    let what = match writing {
        true => "its disk did not answer in time",
        false => "others were writing to it all the time",
    };
    Failure { maybe_arrived: writing, ..failure(UNAVAILABLE, path, what) }
}

fn failure(fault: Fault, path: &Path, what: &str) -> Failure {
    Failure::new(fault, format!("{} can't be written: {what}", path.display()))
}
