//! One line at the end of the file, and on disk. Blocking: it runs on a thread of its own.
//!
//! What a crash left of a line is ended with a newline before the next one, so that it costs no
//! other line; what a full disk left of one is cut off again.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{Access, OFlags, access};

use super::{rotate, trouble};
use crate::contract::Failure;

/// A new file can be read by the bridge's group, such as a log shipper's.
const MODE: u32 = 0o640;

/// How often a lock that another holds is tried.
const AGAIN: Duration = Duration::from_millis(5);

/// A file that lines are appended to.
#[derive(Clone, Debug)]
pub(super) struct Log {
    /// Where it is.
    pub path: PathBuf,
    /// How long it may grow.
    pub rotate: u64,
    /// How many renamed files are kept.
    pub keep: u32,
}

/// A line that was written, and may not be on disk yet.
pub(super) struct Written {
    file: File,
    /// Whether it is the file's first.
    first: bool,
}

impl Log {
    /// Appends a line, which is not there when this fails. It is delivered once it is synced.
    pub fn append(&self, line: &str, until: Instant) -> Result<Written, Failure> {
        let added = line.len() as u64 + 1;
        while Instant::now() < until {
            let file = self.open().map_err(|error| trouble::of(&self.path, &error))?;
            self.lock(&file, until)?;
            let wrong = |error: io::Error| trouble::of(&self.path, &error);
            let there = file.metadata().map_err(wrong)?;
            if !there.is_file() {
                return Err(trouble::no_file(&self.path));
            }
            if !self.is_at_its_path(there.dev(), there.ino()) {
                continue;
            }
            if there.len() > 0 && there.len() + added > self.rotate {
                rotate::rotate(&self.path, self.keep)
                    .map_err(|error| trouble::of_rotation(&self.path, &error))?;
                continue;
            }
            return self.write(file, there.len(), line);
        }
        Err(trouble::too_late(&self.path, false))
    }

    /// Waits until a line is on disk, with the name of its file where it is the first.
    pub fn sync(&self, written: &Written) -> Result<(), Failure> {
        let folder = || File::open(self.folder())?.sync_all();
        let synced = written.file.sync_data();
        synced
            .and_then(|()| if written.first { folder() } else { Ok(()) })
            .map_err(|error| Failure { maybe_arrived: true, ..trouble::of(&self.path, &error) })
    }

    /// Whether a line could be appended; nothing is written.
    pub fn reach(&self) -> Result<String, Failure> {
        let path = &self.path;
        let known = match path.symlink_metadata() {
            Ok(there) if !there.is_file() => return Err(trouble::no_file(path)),
            Ok(_) => access(path, Access::READ_OK | Access::WRITE_OK),
            Err(_) => access(self.folder(), Access::WRITE_OK | Access::EXEC_OK),
        };
        match known {
            Ok(()) => Ok(format!("{} can be written", path.display())),
            Err(error) => Err(trouble::of(path, &error.into())),
        }
    }

    /// All names that its lines are under, sooner or later.
    pub fn files(&self) -> Vec<PathBuf> {
        let absolute = std::path::absolute(&self.path).unwrap_or_else(|_| self.path.clone());
        let folder = absolute.parent().map(|folder| folder.canonicalize());
        let path = match (folder, absolute.file_name()) {
            (Some(Ok(folder)), Some(name)) => folder.join(name),
            _ => absolute,
        };
        let old = (1..=self.keep).map(|number| rotate::numbered(&path, number));
        std::iter::once(path.clone()).chain(old).collect()
    }

    /// The folder that it is in.
    pub fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }

    /// A link is not followed, since it would be renamed in place of the file; opening a pipe does
    /// not wait for a reader.
    fn open(&self) -> io::Result<File> {
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true).mode(MODE);
        options.custom_flags(i32::try_from(flags).unwrap_or_default()).open(&self.path)
    }

    /// Waits until no other holds the file.
    fn lock(&self, file: &File, until: Instant) -> Result<(), Failure> {
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(()),
                Err(TryLockError::WouldBlock) if Instant::now() < until => {
                    std::thread::sleep(AGAIN);
                }
                Err(TryLockError::WouldBlock) => return Err(trouble::too_late(&self.path, false)),
                // Some network file systems know no locks; within this sink there are turns.
                Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {
                    return Ok(());
                }
                Err(TryLockError::Error(error)) => return Err(trouble::of(&self.path, &error)),
            }
        }
    }

    /// Whether nobody has renamed or removed the file since it was opened.
    fn is_at_its_path(&self, device: u64, inode: u64) -> bool {
        let there = self.path.symlink_metadata();
        there.is_ok_and(|there| (there.dev(), there.ino()) == (device, inode))
    }

    fn write(&self, file: File, length: u64, line: &str) -> Result<Written, Failure> {
        let wrong = |error: io::Error| trouble::of(&self.path, &error);
        let mut bytes = Vec::with_capacity(line.len() + 2);
        if !ends_whole(&file, length).map_err(wrong)? {
            bytes.push(b'\n');
        }
        bytes.extend_from_slice(line.as_bytes());
        bytes.push(b'\n');
        append_all(&file, &bytes, length).map_err(wrong)?;
        // Others may write while this line is on its way to the disk: one flush serves many.
        let _ = file.unlock();
        Ok(Written { file, first: length == 0 })
    }
}

/// Whether the file is empty or ends with a whole line.
fn ends_whole(file: &File, length: u64) -> io::Result<bool> {
    let Some(last) = length.checked_sub(1) else { return Ok(true) };
    let mut end = [0];
    file.read_exact_at(&mut end, last)?;
    Ok(end == *b"\n")
}

/// Writes all of it, or cuts off what was written of it.
fn append_all(mut file: &File, bytes: &[u8], length: u64) -> io::Result<()> {
    let mut written = 0;
    while written < bytes.len() {
        match file.write(&bytes[written..]) {
            Ok(count @ 1..) => written += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            ended => {
                let alone = file.metadata().is_ok_and(|f| f.len() == length + written as u64);
                if written > 0 && alone {
                    // Where even this fails, the next line begins with a newline.
                    let _ = file.set_len(length);
                }
                return Err(ended.err().unwrap_or_else(|| ErrorKind::WriteZero.into()));
            }
        }
    }
    Ok(())
}
