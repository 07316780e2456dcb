//! Our services against what really is there: servers that run on this machine, and the types,
//! schemas and libraries that the services' own makers publish.
//!
//! `.ci/run` installs the parts; [`parts`] says where they are, and skips a test loudly
//! where one is missing, except under `CI`. Each test starts its own server on a free port, and a
//! guard ends it. What can't be had this way is played by the stand-ins of `tests/conformance`.

#![allow(clippy::unwrap_used, reason = "what supports a test fails by panicking, as the test does")]

mod alertmanager;
mod apprise;
#[path = "../conformance/corpus.rs"]
mod corpus;
mod matrix;
mod messages;
mod node_red;
mod parts;
mod process;
#[allow(dead_code, reason = "the conformance suite needs more of it")]
#[path = "../conformance/server.rs"]
mod server;
mod signatures;
mod telling;
mod web;
mod wrong;
