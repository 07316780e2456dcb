//! agnox-bridge: an Agnox event comes in once, signed, and the right people hear of it, said well,
//! in the tool they use, and nobody hears what they need not.
//!
//! This page is the architecture. Each room below opens with what it is and what it must not know.
//!
//! # The way data flows
//! ```text
//! Agnox ──► receive ──► journal ──► conduct ──► deliver ──► sinks ──► the world
//!           verify      bytes are   asks route   render,     one kind
//!           the bytes   safe        and commits  send, retry per file
//!               │          ▲  ▲          │          │
//!               └─ 202 ◄───┘  └──────────┴──────────┘
//!                                decisions, attempts
//! ```
//! 1. [`receive`] reads the raw body to a limit, checks the signature over those bytes, and hands
//!    them to the journal. It knows nothing of rules or sinks. The 202 goes out when the bytes are
//!    on disk, not before and not later, whatever is inside.
//! 2. [`journal`] stores in groups: whatever waits (new events first, then decisions, then settled
//!    attempts) shares one transaction and one fsync. It is the only room that knows SQL.
//! 3. [`conduct`] takes events in order, once each, and timers that are due, asks [`route`], and
//!    commits what it answers. `route` is pure: no clock, no I/O, no async; "now" is the event's
//!    stored time of arrival, so that deciding again gives the same. A crash at any point decides
//!    the same event again with the same result.
//! 4. [`deliver`] takes waiting deliveries, builds a [`notice`] from the event and the decision, has
//!    the sink render and send it, and records the attempt. A sink that hangs slows nobody else.
//! 5. Everything that a person can see ([`cli`], [`admin`], metrics) reads the same journal.
//!
//! # Who may import whom
//! | room | may import |
//! |---|---|
//! | the crate `agnox-bridge-sinks`, [`model`], [`telemetry`] | nothing of ours |
//! | [`journal`] | model |
//! | [`notice`] | model, sinks |
//! | [`schedule`] | model |
//! | [`route`] | model, notice, schedule, and of the sinks their templates and kinds, which are pure too |
//! | [`receive`] | model, journal, the sinks' signature |
//! | [`conduct`] | model, journal, route, schedule, notice |
//! | [`deliver`] | model, journal, route, notice, sinks |
//! | [`heartbeat`] | model, journal, the sinks' client |
//! | [`rehearse`] | model, route, notice, deliver, sinks |
//! | [`config`] | each room's own part of the configuration, sinks |
//! | [`admin`] | model, journal, route, conduct, deliver, config, notice |
//! | [`app`] | everything above |
//! | [`cli`] | app and everything above |
//!
//! `telemetry` may be imported by all. `tests/house/rooms.rs` holds this table against the `use`
//! lines, so that a new arrow is a decision and not an accident. Two arrows came later than the
//! first plan: `notice`, since the same plain data is needed to resolve a rule's parameters, to
//! deliver, and to show a person what would be sent; and from `route` to the sinks' templates,
//! since a rule brings words of its own that are compiled and checked with it.
//!
//! # Promises
//! At least once to each sink; no duplicate without a fault; after a kill at most what was in flight
//! is repeated; forwarded bytes equal received bytes. The tests under `tests/outside` kill the
//! program at every fsync and compare.

pub mod admin;
pub mod app;
pub mod caught;
pub mod cli;
pub mod conduct;
pub mod config;
pub mod deliver;
pub mod heartbeat;
pub mod journal;
pub mod model;
pub mod notice;
pub mod receive;
pub mod rehearse;
pub mod route;
pub mod schedule;
pub mod telemetry;
