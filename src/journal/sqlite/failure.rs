//! What SQLite's errors mean for the journal.

use std::path::Path;

use rusqlite::ErrorCode;
use rusqlite::ffi::SQLITE_IOERR_SHMSIZE;

use crate::journal::JournalError;

/// Why a verb failed inside a transaction.
#[derive(Debug)]
pub(super) enum Failure {
    /// The verb refused before it wrote anything; the rest of its transaction stands.
    Refused(JournalError),
    /// The file is not what it was; nothing more may be written.
    Lost(JournalError),
    /// SQLite failed; the transaction can't be committed.
    Sql(rusqlite::Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Failure::Sql(error)
    }
}

/// Says for a person what SQLite's error means.
///
/// [`JournalError::Full`] recovers by itself; after [`JournalError::Failed`] and
/// [`JournalError::Corrupt`] nothing more may be written.
pub(super) fn explain(path: &Path, error: &rusqlite::Error) -> JournalError {
    let place = path.display();
    let extended = error.sqlite_error().map_or(0, |error| error.extended_code);
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => JournalError::Full(format!("{place}: {error}")),
        // The index of the write-ahead log could not grow, which only a full disk causes.
        _ if extended == SQLITE_IOERR_SHMSIZE => JournalError::Full(format!("{place}: {error}")),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            JournalError::Corrupt(format!(
                "the journal {place} is damaged ({error}); `agnox-bridge journal check` says \
                 where. Keep a copy of the file, then restore the last backup in its place"
            ))
        }
        Some(
            ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::ReadOnly
            | ErrorCode::PermissionDenied
            | ErrorCode::FileLockingProtocolFailed
            | ErrorCode::OutOfMemory,
        ) => JournalError::Failed(format!("{place}: {error} (code {extended})")),
        _ => JournalError::Other(format!("the journal {place}: {error}")),
    }
}
