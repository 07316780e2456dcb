//! The HTTP edge for people and their programs: state, events, groups, incidents, deliveries, sinks,
//! silences, metrics.
//!
//! [`Desk`] holds the operations. The running gateway serves them over its own listener
//! ([`listen`]); the command line reaches them there with an [`AdminClient`], or on the file of a
//! stopped gateway with a desk of its own. [`shapes`] are the requests and answers of both ways.
//! [`guard`] decides who may ask.
//!
//! This room changes nothing by itself: what it is asked to do is done by the journal, or by the
//! running parts behind [`Running`].

mod client;
mod desk;
mod guard;
#[cfg(test)]
mod history_tests;
mod routes;
mod server;
pub mod shapes;
#[cfg(test)]
mod tests;

pub use client::{AdminClient, ClientError};
pub use desk::{Desk, DeskError, Rules, Running};
pub use guard::Guard;
pub use routes::ROUTES;
pub use server::{Listening, listen};
