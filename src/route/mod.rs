//! What the rules answer: pure, with no clock, no I/O and no journal.
//!
//! [`Router::compile`] turns `rules:` and `groups:` into matchers, or says all that is wrong with
//! them. [`Router::decide`] answers for one event which deliveries are to be made, against what a
//! [`State`] remembers, which it changes; its time is the event's own time of arrival, so that
//! deciding again gives the same. [`Router::explain`] says rule by rule why. This room knows sinks
//! by name and kind only, and sends nothing.
//!
//! Inside:
//! - What a person writes: `config` and `shapes` read it. `conditions` and `rule` compile it, with
//!   `pattern` (and its `glob`), `comparison`, `moment`, `past` and `body_path`; `groups`, `hold`,
//!   `watch` and `silence` compile the rest. What is wrong becomes `findings`; `warnings` says what
//!   is probably not meant, and `unclosed` what would stay open, as far as `implied` can be sure.
//! - An event: `index` finds by `anchor`s and `literal`s the few rules worth trying, and `cache`
//!   keeps what a group's name alone decides. `history` says what the run means; each `condition`
//!   is tried on the `facts`. `deciding` takes the rules that matched past silences, repeats and
//!   their `gate`, has `plan` make deliveries, and keeps each incident's `duty`; where the incident
//!   ends, `answering` says who hears of it.
//! - What a match becomes under `throttle`, `mute` and `digest`: `gate` asks what `hold` compiled,
//!   `throttle` counts, `collect` keeps a `row` for each group.
//! - Time: when a timer is due, `fire` has `report` make of a collection an event of the bridge's
//!   own, with a `sentence`; `own` writes its body, and reads it back when that event is decided.
//!   `missed` waits for runs that should report.
//! - `state` is what all of it remembers: groups, and under their names the `note`s.
//! - Seeing why: `verdict` is what each rule says of an event, `why` puts it into words.

mod anchor;
mod answering;
mod body_path;
mod cache;
mod collect;
mod comparison;
mod condition;
mod conditions;
mod config;
mod deciding;
mod duty;
mod facts;
mod findings;
mod fire;
mod gate;
mod glob;
mod groups;
mod history;
mod hold;
mod implied;
mod index;
mod literal;
mod missed;
mod moment;
mod note;
mod own;
mod past;
mod pattern;
mod plan;
mod report;
mod router;
mod row;
mod rule;
mod sentence;
mod shapes;
mod silence;
mod state;
mod throttle;
mod unclosed;
mod verdict;
mod warnings;
mod watch;
mod why;

pub use config::{
    By, Conditions, DigestConfig, FieldConfig, GroupConfig, HistoryMode, MissedConfig, MuteConfig,
    MuteThen, OncePer, RuleConfig, SendConfig, TextConfig, ThrottleConfig, WhenConfig,
};
pub use missed::Unjudged;
pub use pattern::text_test;
pub use router::{Ingredients, Router};
pub use shapes::OneOrMany;
pub use silence::check_silence;
pub use state::State;
pub use verdict::{Finding, Miss, Telling, Verdict};
