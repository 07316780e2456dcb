//! One run of a program: started, fed, listened to, and ended in time.
//!
//! The deadline holds for the program with all that it started: they share a process group, which
//! is asked to end shortly before the time is over and made to end when it is. What it says is read
//! to its end so that it never blocks, and kept to a cap. Whatever still holds the pipe after the
//! program's end holds nobody up.

use std::convert::Infallible;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use futures_util::future::{join, pending};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::pipe::Receiver;
use tokio::process::{Child, ChildStdin, Command};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::ending;
use super::group::Group;
use crate::contract::{Failure, Fault, Receipt};
use crate::message::Run;
use crate::text::{cut, neutral};

/// How much of what a program says is kept, in bytes.
const KEPT: usize = 64 * 1024;

/// How much of it is the receipt's excerpt, in bytes.
const SHOWN: usize = 1024;

/// The longest time that a program has to end by itself after it was asked to.
const GRACE: Duration = Duration::from_secs(2);

/// How long a program's last words are waited for when it has ended.
const LINGER: Duration = Duration::from_millis(100);

/// Shorter secrets are not looked for: covering every `a` would make texts unreadable.
const SHORTEST: usize = 4;

/// Runs a program once, within the deadline.
pub(super) async fn run(run: &Run, deadline: Duration) -> Result<Receipt, Failure> {
    // The deadline's last part is for ending what doesn't end by itself.
    let grace = GRACE.min(deadline / 4);
    let mut running = match timeout(deadline, start(run)).await {
        Ok(started) => started?,
        Err(_) => return Err(ending::too_late(run, deadline)),
    };
    let input = running.input.take();
    let feed = feed(input, &run.input);
    let limit = deadline.saturating_sub(grace + LINGER);
    let Some(ended) = running.watch(limit, feed).await else {
        let said = running.stop(grace).await;
        let failure = ending::too_late(run, limit);
        return Err(Failure { excerpt: said.shown(run), ..failure });
    };
    let said = running.finish().await;
    let judged = match ended {
        Ok(status) => ending::judge(run, status),
        Err(error) => Err(ending::unknown(run, &error)),
    };
    match judged {
        Ok(receipt) => Ok(Receipt { excerpt: said.shown(run), ..receipt }),
        Err(failure) => Err(Failure { excerpt: said.shown(run), ..failure }),
    }
}

/// A program that runs. The group stands first, so that it is ended before the program is waited
/// for, as long as its number can't be another's.
struct Running {
    group: Group,
    child: Child,
    input: Option<ChildStdin>,
    said: Said,
}

/// What a program says, as far as it was read.
struct Said {
    pipe: Receiver,
    kept: Vec<u8>,
}

/// Starts the program on a thread of its own: its file may lie on a disk that doesn't answer.
async fn start(run: &Run) -> Result<Running, Failure> {
    let copy = run.clone();
    match spawn_blocking(move || spawn(&copy)).await {
        Ok(started) => started.map_err(|error| ending::not_started(run, &error)),
        Err(error) => {
            let reason = format!("{} could not be started: {error}", run.program.display());
            Err(Failure::new(Fault::Unavailable { retry_after: None }, reason))
        }
    }
}

fn spawn(run: &Run) -> io::Result<Running> {
    let (ours, theirs) = io::pipe()?;
    let secrets = run.secrets.iter().map(|(name, secret)| (name.as_str(), secret.expose()));
    let mut command = std::process::Command::new(&run.program);
    command
        .args(&run.arguments)
        .env_clear()
        .envs(run.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())))
        .envs(secrets)
        .current_dir(&run.directory)
        .stdin(Stdio::piped())
        .stdout(theirs.try_clone()?)
        .stderr(theirs)
        .process_group(0);
    let pipe = Receiver::from_owned_fd(ours.into())?;
    let mut child = Command::from(command).kill_on_drop(true).spawn()?;
    let group = Group::of(child.id());
    let input = child.stdin.take();
    Ok(Running { group, child, input, said: Said { pipe, kept: Vec::new() } })
}

/// Gives the program its input. One that doesn't read it may do so.
async fn feed(input: Option<ChildStdin>, bytes: &[u8]) {
    if let Some(mut input) = input {
        let _ = input.write_all(bytes).await;
    }
}

impl Running {
    /// Listens until the program has ended or the time is over, and does something else meanwhile.
    async fn watch(
        &mut self,
        within: Duration,
        meanwhile: impl Future<Output = ()>,
    ) -> Option<io::Result<ExitStatus>> {
        let Running { child, said, .. } = self;
        let busy = async {
            join(said.read(), meanwhile).await;
            pending::<Infallible>().await
        };
        tokio::select! {
            ended = timeout(within, child.wait()) => ended.ok(),
            never = busy => match never {},
        }
    }

    /// Asks all to end, and makes them when they don't.
    async fn stop(mut self, grace: Duration) -> Said {
        self.group.ask_to_end();
        if self.watch(grace, async {}).await.is_none() {
            self.group.end();
            // What the system doesn't end at once it ends later, without us.
            let _ = self.watch(LINGER / 2, async {}).await;
        }
        self.finish().await
    }

    /// Ends what the program left running, and hears its last words.
    async fn finish(self) -> Said {
        let Running { group, mut said, .. } = self;
        group.end_rest();
        let _ = timeout(LINGER / 2, said.read()).await;
        said
    }
}

impl Said {
    /// Reads until nobody can say more.
    async fn read(&mut self) {
        let mut chunk = vec![0; 8 * 1024];
        while let Ok(count @ 1..) = self.pipe.read(&mut chunk).await {
            let room = KEPT - self.kept.len();
            self.kept.extend_from_slice(&chunk[..count.min(room)]);
        }
    }

    /// Its beginning as a text that is safe to show, without the program's own secrets.
    fn shown(&self, run: &Run) -> Option<String> {
        let mut secrets: Vec<&str> = run.secrets.iter().map(|(_, value)| value.expose()).collect();
        secrets.retain(|secret| secret.len() >= SHORTEST);
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        let mut covered = String::from_utf8_lossy(&self.kept).into_owned();
        for secret in secrets {
            covered = covered.replace(secret, "***");
        }
        let text = neutral(covered.trim());
        (!text.is_empty()).then(|| cut(&text, SHOWN).into_owned())
    }
}
