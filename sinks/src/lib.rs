//! What a message of agnox-bridge looks like, and how it is sent.
//!
//! The bridge gives a [`contract::Notice`] to a [`contract::Sink`] and gets a [`message::Message`]
//! back; it gives the message back for one try, and gets a receipt or a named failure. This crate
//! knows nothing of rules, journals or configuration files.

/// So that the recipe's file in `sinks/README.md` reads the same within this crate.
#[allow(unused_extern_crates, reason = "a file that follows the recipe uses it")]
extern crate self as agnox_bridge_sinks;

pub mod catalog;
pub mod client;
pub mod console;
pub mod contract;
pub mod digest;
pub mod email;
pub mod exec;
mod facts;
pub mod file;
pub mod forward;
pub mod http;
pub mod kind;
pub mod laid_out;
pub mod message;
pub mod moment;
pub mod moments;
pub mod options;
mod picked;
mod report;
mod request;
pub mod secret;
pub mod service;
pub mod signature;
pub mod story;
pub mod summary;
pub mod template;
pub mod text;
pub mod units;
pub mod variables;

/// The recipes of `sinks/README.md` compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
