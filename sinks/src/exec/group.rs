//! The process group of a program: the program and whatever it started.
//!
//! It can be asked to end and made to end. A group that is dropped while its program runs is made
//! to end, so that an attempt that is given up leaves nothing behind.

use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process_group};

/// A group, led by a program that was started as its first.
pub(super) struct Group(Option<Pid>);

impl Group {
    /// The group of a program with this id, as long as nobody has waited for its end.
    pub fn of(leader: Option<u32>) -> Self {
        let raw = leader.and_then(|id| i32::try_from(id).ok());
        Group(raw.and_then(Pid::from_raw))
    }

    /// Asks all of them to end.
    pub fn ask_to_end(&self) {
        self.signal(Signal::TERM);
    }

    /// Ends all of them.
    pub fn end(&self) {
        self.signal(Signal::KILL);
    }

    /// Ends what the program left running, at once after the program itself has ended: the number
    /// is free for others as soon as nobody of the group is there.
    pub fn end_rest(mut self) {
        self.end();
        self.0 = None;
    }

    fn signal(&self, signal: Signal) {
        let Some(group) = self.0 else { return };
        match kill_process_group(group, signal) {
            // Nobody of the group is there any more, or only what has changed its user.
            Ok(()) | Err(Errno::SRCH | Errno::PERM) => {}
            Err(error) => tracing::warn!(%error, "a program's processes could not be ended"),
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}
