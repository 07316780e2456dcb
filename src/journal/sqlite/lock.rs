//! One process per journal: a lock on a file beside it.
//!
//! Not on the database itself, since SQLite's own locks are lost when any descriptor of that file
//! is closed in the same process.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::journal::JournalError;

/// Held while the journal is open; the system releases it however the process ends.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of the journal at this path.
    ///
    /// # Errors
    /// [`JournalError::Locked`] with the process that holds it; [`JournalError::Other`] where the
    /// folder can't be written.
    pub(super) fn take(journal: &Path) -> Result<Self, JournalError> {
        let path = beside(journal);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| unusable(journal, &path, &error))?;
        match file.try_lock() {
            Ok(()) => sign(&mut file).map_err(|error| unusable(journal, &path, &error))?,
            Err(TryLockError::WouldBlock) => return Err(taken(journal, &mut file)),
            Err(TryLockError::Error(error)) => return Err(unusable(journal, &path, &error)),
        }
        Ok(Lock { _file: file })
    }
}

fn beside(journal: &Path) -> PathBuf {
    let mut name = journal.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

fn sign(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    write!(file, "{}", std::process::id())
}

fn taken(journal: &Path, file: &mut File) -> JournalError {
    let mut owner = String::new();
    let known = file.read_to_string(&mut owner).is_ok() && owner.trim().parse::<u32>().is_ok();
    let owner = if known { format!("process {}", owner.trim()) } else { "another process".into() };
    JournalError::Locked(format!(
        "the journal {} is in use by {owner}; stop that one first, or give this one another \
         journal.url",
        journal.display()
    ))
}

fn unusable(journal: &Path, lock: &Path, error: &std::io::Error) -> JournalError {
    JournalError::Other(format!(
        "the journal {} can't be locked: {}: {error}; the folder must exist and be writable",
        journal.display(),
        lock.display()
    ))
}
