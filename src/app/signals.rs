//! What the process is told from outside: stop, reload.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

/// What the gateway is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Finish what is in hand, and end.
    Stop,
    /// Take up the configuration as it is on disk.
    Reload,
}

/// What a shell shows for a process that was interrupted.
const INTERRUPTED: i32 = 130;

struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

/// Turns signals into commands: SIGTERM and SIGINT stop, SIGHUP reloads. A second stop ends the
/// process at once; what was acknowledged is on disk.
///
/// # Errors
/// If the system lets nobody listen.
pub fn listen() -> io::Result<mpsc::Receiver<Command>> {
    let signals = Signals {
        terminate: signal(SignalKind::terminate())?,
        interrupt: signal(SignalKind::interrupt())?,
        hang_up: signal(SignalKind::hangup())?,
    };
    let (tell, told) = mpsc::channel(4);
    tokio::spawn(pass_on(signals, tell));
    Ok(told)
}

async fn pass_on(mut signals: Signals, tell: mpsc::Sender<Command>) {
    let mut stopping = false;
    loop {
        let command = tokio::select! {
            _ = signals.terminate.recv() => Command::Stop,
            _ = signals.interrupt.recv() => Command::Stop,
            _ = signals.hang_up.recv() => Command::Reload,
        };
        if command == Command::Stop && stopping {
            tracing::warn!("told to stop twice: ending at once");
            std::process::exit(INTERRUPTED);
        }
        stopping |= command == Command::Stop;
        // Full only while commands wait already; a reload among them does for this one too.
        tell.try_send(command).ok();
    }
}
