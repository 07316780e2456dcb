//! Whether the files under their names are still those that are open.
//!
//! SQLite goes on writing to a file that somebody deleted or replaced, and all of it would be
//! gone with the process.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::checkpoint::log_of;
use crate::journal::JournalError;

/// The journal's files as they were when it was opened.
#[derive(Debug)]
pub(super) struct Identity {
    files: Vec<(PathBuf, u64, u64)>,
}

impl Identity {
    /// Remembers the journal's file and its write-ahead log.
    ///
    /// # Errors
    /// [`JournalError::Other`] where one can't be looked at.
    pub(super) fn of(journal: &Path) -> Result<Self, JournalError> {
        let look = |path: PathBuf| match std::fs::metadata(&path) {
            Ok(data) => Ok((path, data.dev(), data.ino())),
            Err(error) => Err(JournalError::Other(format!("{}: {error}", path.display()))),
        };
        let files = [journal.to_owned(), log_of(journal)].into_iter().map(look);
        Ok(Identity { files: files.collect::<Result<_, _>>()? })
    }

    /// Looks again.
    ///
    /// # Errors
    /// [`JournalError::Failed`] where one is gone, replaced, or read-only now.
    pub(super) fn check(&self) -> Result<(), JournalError> {
        self.files.iter().try_for_each(|(path, dev, ino)| {
            let wrong = match std::fs::metadata(path) {
                Err(error) => error.to_string(),
                Ok(data) if (data.dev(), data.ino()) != (*dev, *ino) => {
                    "another file stands in its place".to_owned()
                }
                Ok(data) if data.permissions().readonly() => "it has become read-only".to_owned(),
                Ok(_) => return Ok(()),
            };
            Err(JournalError::Failed(format!("{}: {wrong}", path.display())))
        })
    }
}
