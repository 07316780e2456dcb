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
//!               │         ▲ ▲ ▲         │  ▲          │
//!               └─ 202 ◄──┘ │ └─────────┘  └ timers   │
//!                           │ decisions, memory,      │
//!                           │ events of its own       │
//!                           └─────────────────────────┘
//!                                     attempts
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
//! # What is remembered
//! **Memory.** What deciding knows from one event to the next is a [`route::State`] in memory, and
//! named rows in the journal ([`model::Memo`]). Deciding changes the state; what changed is
//! committed as one [`model::Patch`] with the decisions that changed it. Whoever fails to commit
//! drops the state and reads it again, so memory and journal never disagree.
//!
//! **History.** Each group has such a row: its newest runs, how many of them failed in a row, and
//! its open incident, an unbroken run of failing events. Against it an event gets its meaning (a
//! [`model::Transition`]). The order is that of the runs' ends, and a late run changes nothing. An
//! incident remembers whom rules told of it, each under a [`model::Duty`]; a recovery that answers
//! one waits in the journal until it is known whether the failure arrived ([`model::ruling`]).
//!
//! **Things held open.** A sink may hold a thing open for an incident: an issue, a page, a thread.
//! What its service answered when it was opened is a [`model::Thing`], known by the duty to tell that
//! sink of that incident. It is written with the attempt that opened it, also where the attempt
//! failed at a later step, and given to whatever is delivered for the incident after that. Two
//! messages of one incident to one destination are never under way at once, so that nothing is opened
//! twice. The recovery closes it, and so forgets it.
//!
//! **Timers.** A row with a due time is a timer: a throttle's end, a digest, the end of a quiet
//! window, a run that should have reported. `conduct` fires what is due before it decides an event
//! that came later, and by its clock where nothing comes in. What a timer does is committed like a
//! decision, so it fires once, and survives a restart. *When* is [`schedule`]'s to say.
//!
//! **Own events.** A timer that has something to say makes an event, stored and decided like those
//! of others: a missing run is one of its group's source and goes through all rules; a digest is
//! one of a source that nobody can post to, and its decision is the one delivery that it names.
//!
//! **Accounts.** Each event keeps why it was decided so ([`model::Account`]): `explain` reads it
//! back. What a configuration would decide and say can be tried without a gateway: [`rehearse`]
//! plays the configuration's own tests through the same `route` and sinks.
//!
//! # Services
//! A kind of sink is a word in the configuration. A few are written in Rust; most are **services**,
//! which are data: one YAML file each says the options, the requests, what the answers mean, the pace,
//! what is opened and closed for an incident, and examples that are its tests. Those in
//! `sinks/catalog/` are compiled into the program; [`config`] adds a person's own from the folder beside
//! the configuration. Both become one [`agnox_bridge_sinks::catalog::Catalog`], and nothing else in the
//! house names a kind: checks, schema, reference pages, commands and the conformance suite loop over it.
//!
//! A service is compiled once for each configuration and shared by its sinks. What it renders from a
//! notice are plain requests, so [`deliver`] treats it as any other sink; several steps, and where a
//! retry goes on, are its own affair. `docs/services.md` is the form of such a file.
//!
//! # Who may import whom
//! | room | may import |
//! |---|---|
//! | [`telemetry`], [`caught`] | nothing |
//! | [`model`] | sinks (their units, and the words for what they hold open) |
//! | [`journal`] | model |
//! | [`notice`] | model, sinks |
//! | [`schedule`] | model |
//! | [`route`] | model, notice, schedule, sinks (their pure parts: templates, kinds, times) |
//! | [`receive`] | model, journal, sinks (their signature) |
//! | [`conduct`] | model, journal, route, caught |
//! | [`deliver`] | model, journal, route, notice, sinks, caught |
//! | [`heartbeat`] | model, journal, sinks (their client) |
//! | [`rehearse`] | model, route, notice, deliver, sinks |
//! | [`config`] | everything above (each room's own part of the configuration) |
//! | [`admin`] | model, journal, route, deliver, config, sinks |
//! | [`app`] | everything above |
//! | [`cli`] | everything above |
//!
//! `sinks` is the crate `agnox-bridge-sinks`, which knows nothing of ours; `telemetry` may be
//! imported by all. `tests/house/rooms.rs` reads this table and holds it against the code, so that
//! a new arrow is a decision and not an accident; tests may import what they need. Three arrows came
//! later than the first plan: `notice`, since the same plain data is needed to resolve a rule's
//! parameters, to deliver, and to show a person what would be sent; from `route` to the sinks'
//! templates, since a rule brings words of its own that are compiled and checked with it; and from
//! `model` to the sinks' units and to what a sink says of the thing that it holds open, so that each
//! of them has one type from the sink to the journal's door.
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
