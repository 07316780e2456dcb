//! agnox-bridge: an Agnox event comes in once, signed, and the right people hear of it.

pub mod admin;
pub mod app;
pub mod caught;
pub mod conduct;
pub mod config;
pub mod deliver;
pub mod heartbeat;
pub mod journal;
pub mod model;
pub mod notice;
pub mod receive;
pub mod route;
pub mod telemetry;
