//! The variables that a program always gets: a few of the system's, and what a script needs most of
//! the notice. All of it is on standard input.
//!
//! Each is always there, empty where nothing is known, so that a strict script meets no missing
//! name. The page of programs shows this very list; a test holds the two together.

use super::fit::Variables;
use crate::contract::Notice;

/// What the bridge's own names begin with.
const OURS: &str = "AGNOX_";

/// Where programs that the program runs are looked for.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// One variable of a program's environment.
pub struct Given {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub about: &'static str,
    value: Value,
}

enum Value {
    Fixed(&'static str),
    Of(fn(&Notice) -> String),
    /// The message in the bridge's own words.
    Text,
}

/// Every variable that a program gets beside those of its `env`.
pub const ENVIRONMENT: &[Given] = &[
    fixed("PATH", "where the system's programs are", PATH),
    fixed("LANG", "`C.UTF-8`, so that texts are UTF-8", "C.UTF-8"),
    of("AGNOX_STATUS", "the status in upper case", |n| text(&n.status)),
    of("AGNOX_FAILING", "`true`, `false`, or empty for an unknown status", |n| {
        n.failing.map(|failing| failing.to_string()).unwrap_or_default()
    }),
    of("AGNOX_GROUP", "the group's name", |n| n.group.clone()),
    of("AGNOX_SOURCE", "the source that posted the event", |n| n.source.clone()),
    of("AGNOX_SUMMARY", "Agnox's summary", |n| text(&n.summary)),
    of("AGNOX_LINK", "the run in Agnox", |n| text(&n.link)),
    of("AGNOX_DURATION_SECONDS", "how long the run took", |n| {
        n.duration_seconds.map(|seconds| seconds.to_string()).unwrap_or_default()
    }),
    of("AGNOX_TRANSITION", "how the run stands to the one before, such as `recovered`", |n| {
        text(&n.transition)
    }),
    of("AGNOX_FAILURES_IN_A_ROW", "so many failing runs in a row", |n| {
        n.failures_in_a_row.map(|count| count.to_string()).unwrap_or_default()
    }),
    of("AGNOX_INCIDENT", "the incident's id, the same from first failure to recovery", |n| {
        text(&n.incident)
    }),
    of("AGNOX_RECOVERY", "`true` where a failure that was told has ended, else `false`", |n| {
        n.recovery.to_string()
    }),
    of("AGNOX_DIGEST", "`true` for a message about several runs, else `false`", |n| {
        n.digest.is_some().to_string()
    }),
    of("AGNOX_RULE", "the first rule that asked for the message", |n| text(&n.rule)),
    of("AGNOX_SINK", "the sink's name in the configuration", |n| n.sink.clone()),
    of("AGNOX_EVENT_ID", "the event's id in the bridge", |n| n.event_id.clone()),
    of("AGNOX_DELIVERY_ID", "the delivery's id, the same over all its attempts", |n| {
        n.delivery_id.clone()
    }),
    Given {
        name: "AGNOX_TEXT",
        about: "the whole message in a few lines, as `console` prints it",
        value: Value::Text,
    },
];

const fn fixed(name: &'static str, about: &'static str, value: &'static str) -> Given {
    Given { name, about, value: Value::Fixed(value) }
}

const fn of(name: &'static str, about: &'static str, value: fn(&Notice) -> String) -> Given {
    Given { name, about, value: Value::Of(value) }
}

/// The variables for a notice, with the message in the bridge's own words.
pub(super) fn of_notice(notice: &Notice, words: &str) -> Variables {
    let mut all = Vec::with_capacity(ENVIRONMENT.len());
    for given in ENVIRONMENT {
        let value = match given.value {
            Value::Fixed(value) => value.to_owned(),
            Value::Of(value) => value(notice),
            Value::Text => words.to_owned(),
        };
        all.push((given.name.to_owned(), value));
    }
    all
}

/// Whether a name belongs to the bridge, now or later.
pub(super) fn is_ours(name: &str) -> bool {
    name.starts_with(OURS)
}

fn text(known: &Option<String>) -> String {
    known.clone().unwrap_or_default()
}
