//! Why the gateway can't start or go on, and the exit code that tells a supervisor.

use std::io;
use std::net::SocketAddr;

use crate::journal::JournalError;
use crate::receive::TlsError;

/// Why the gateway can't start or go on.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Somebody listens there already.
    #[error(
        "port {} is in use ({option}: {address}): stop what listens there (`ss -ltnp` names it), \
         or choose another port in `{option}`",
        address.port()
    )]
    PortInUse {
        /// The option that names the address.
        option: &'static str,
        /// The address.
        address: SocketAddr,
    },
    /// The address can't be listened on.
    #[error("can't listen on {address} ({option}): {why}")]
    Bind {
        /// The option that names the address.
        option: &'static str,
        /// The address.
        address: SocketAddr,
        /// What the system says.
        why: io::Error,
    },
    /// A socket that was handed over is of no use.
    #[error("a socket that was handed over (LISTEN_FDS) can't be used: {0}")]
    HandedOver(io::Error),
    /// A listener can't be served.
    #[error("can't serve a listener: {0}")]
    Listen(io::Error),
    /// The certificate or key can't be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// A source's secret can't be used.
    #[error("`sources.{0}`: the secret is empty or blank; set one, or `allow_unsigned: true`")]
    Secret(String),
    /// The journal can't be opened.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The journal failed while it ran.
    #[error(
        "the journal failed, so nothing can be accepted any more: {0}. \
         The process ends so that its supervisor starts it anew; what was acknowledged is on disk"
    )]
    JournalFailed(String),
    /// The process's signals can't be listened to.
    #[error("can't listen to signals: {0}")]
    Signals(io::Error),
}

/// `EX_IOERR` of sysexits(3): restart and it may work.
const FAILED_INPUT_OUTPUT: u8 = 74;

/// `EX_CONFIG` of sysexits(3): a person has to act first.
const NEEDS_A_PERSON: u8 = 78;

impl AppError {
    /// The process's exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            AppError::JournalFailed(_) | AppError::Listen(_) | AppError::Signals(_) => {
                FAILED_INPUT_OUTPUT
            }
            AppError::Journal(error) => match error {
                JournalError::Newer(_) | JournalError::Corrupt(_) => NEEDS_A_PERSON,
                _ => FAILED_INPUT_OUTPUT,
            },
            _ => NEEDS_A_PERSON,
        }
    }
}
