//! The HTTP edge for Agnox: it verifies the bytes and hands them to the journal.
//!
//! A request's way: [`source`] finds whose hook it is, [`body`] reads the raw bytes to a limit and
//! under a deadline, [`verified`] checks the signature over exactly those bytes and is the only
//! maker of a [`VerifiedBody`], [`handler`] hands that to the journal and answers 202 once it is
//! on disk. Whatever gets no 2xx is a [`Refusal`] with a name, counted; its log line is limited by
//! [`hush`], the verification never is. [`health`] answers probes, [`server`] owns the sockets.
//!
//! This room knows nothing of rules or sinks, and nothing in a body can make it refuse one.

mod body;
mod connection;
mod handler;
mod health;
mod hush;
mod refusal;
mod server;
mod source;
#[cfg(test)]
mod tests;
mod tls;
mod verified;

pub use handler::Edge;
pub use health::{Health, Standing};
pub use refusal::Refusal;
pub use server::{Limits, Listening, listen};
pub use source::{Source, Sources, Trust};
pub use tls::{TlsError, TlsFiles};
pub use verified::VerifiedBody;
