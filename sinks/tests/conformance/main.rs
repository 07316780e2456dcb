//! One suite that every sink runs through: what it makes of each answer, each trouble on the way,
//! and each hostile text, with real sockets on this machine.
//!
//! A kind takes part by its line in [`subjects::SUBJECTS`]. Every text that an attempt produces is
//! searched for the canaries that stand in the options' secrets.

#![allow(clippy::unwrap_used, reason = "what supports a test fails by panicking, as the test does")]

mod answers;
mod content;
mod corpus;
mod local;
mod seen;
mod server;
mod services;
mod subjects;
mod troubles;
mod wire;
