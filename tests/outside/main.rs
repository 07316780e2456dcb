//! The bridge from the outside: the real program, real sockets, real files, a real mail server.
//!
//! Each module is one kind of behaviour; `support` holds the stand-ins for Agnox and for the places
//! that messages go to, `oracle` the judge of every fault.

mod attacks;
mod changes;
mod commands;
mod contents;
mod crashes;
mod delivering;
mod endurance;
mod examples;
mod flapping;
mod handover;
mod mail;
mod oracle;
mod programs;
mod recipe;
mod rehearsing;
mod scenarios;
mod secrets;
mod services;
mod speechless;
mod startup;
mod support;
mod things;
mod timers;
