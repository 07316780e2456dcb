//! How a rule's `throttle`, `mute` and `digest` are compiled, and what they can't be together with.
//!
//! What comes out answers questions about a time only; the gate asks them for each match.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::config::{By, DigestConfig, MuteConfig, MuteThen, RuleConfig, ThrottleConfig};
use super::findings::Findings;
use super::rule::{Entry, Means, Parameter};
use super::shapes::OneOrMany;
use crate::schedule::{Recurrence, RecurrenceConfig, Window};

/// What may hold a rule's matches back.
#[derive(Default)]
pub(super) struct Hold {
    pub(super) throttle: Option<Limit>,
    pub(super) mute: Option<Mute>,
    pub(super) digest: Option<Gathering>,
}

/// A rule's throttle.
pub(super) struct Limit {
    pub(super) limit: u32,
    pub(super) per: Duration,
    pub(super) by: Vec<By>,
}

/// A rule's windows.
pub(super) struct Mute {
    pub(super) then: MuteThen,
    windows: Vec<(String, Window)>,
}

/// A rule's digest.
pub(super) struct Gathering {
    pub(super) by: Vec<By>,
    pub(super) max: u32,
    pub(super) even_if_empty: bool,
    when: Recurrence,
}

/// Windows that follow each other are walked through to their common end, so many at most.
const MOST_WINDOWS_IN_A_ROW: usize = 100;

impl Mute {
    /// The window that holds a time, and when the rule speaks again.
    pub(super) fn at(&self, now: Timestamp) -> Option<(&str, Timestamp)> {
        let first = self.windows.iter().find(|(_, window)| window.end_of(now).is_some());
        let (name, _) = first?;
        let mut end = now;
        for _ in 0..MOST_WINDOWS_IN_A_ROW {
            let further = self.windows.iter().filter_map(|(_, window)| window.end_of(end)).max();
            match further.filter(|further| *further > end) {
                Some(further) => end = further,
                None => break,
            }
        }
        Some((name, end))
    }
}

impl Gathering {
    /// When a digest that began at a time goes out; at once if its schedule has no more times.
    pub(super) fn due(&self, began: Timestamp) -> Timestamp {
        self.when.next(began).unwrap_or(began)
    }
}

/// A time so much later; the last that there is, if that is too late for any.
pub(super) fn later(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// The parameters of an entry that are the same for every event, if all of them are.
pub(super) fn fixed(entry: &Entry) -> Option<BTreeMap<String, String>> {
    let mut with = BTreeMap::new();
    for (name, parameter) in &entry.with {
        let Parameter::Fixed(text) = parameter else { return None };
        if !text.trim().is_empty() {
            with.insert(name.clone(), text.clone());
        }
    }
    Some(with)
}

impl Means<'_> {
    /// Compiles what may hold the rule's matches back.
    pub(super) fn hold(
        &self,
        config: &RuleConfig,
        send: &[Entry],
        findings: &mut Findings<'_>,
    ) -> Hold {
        apart_from_others(config, findings);
        somebody_for_nothing(config, send, findings);
        self.sinks_that_can(config, findings);
        Hold {
            throttle: config.throttle.as_ref().map(|throttle| self.limit(throttle, findings)),
            mute: config.mute.as_ref().map(|mute| self.mute(mute, findings)),
            digest: config.digest.as_ref().and_then(|digest| self.gathering(digest, findings)),
        }
    }

    fn limit(&self, config: &ThrottleConfig, findings: &mut Findings<'_>) -> Limit {
        if config.per.0.is_zero() {
            findings.problem("throttle.per", "a period can't be empty").hint("such as `1h`");
        }
        let by = match &config.by {
            Some(by) => self.by(by, "throttle.by", findings),
            None => vec![By::Group],
        };
        Limit { limit: config.limit.get(), per: config.per.0, by }
    }

    fn mute(&self, config: &MuteConfig, findings: &mut Findings<'_>) -> Mute {
        let items = config.during.items("mute.during");
        if items.is_empty() {
            findings.problem("mute.during", "the list is empty").hint("name a window");
        }
        let mut windows = Vec::new();
        for (path, name) in items {
            match self.windows.get(name) {
                Some(window) => windows.push((name.clone(), window.clone())),
                None => findings
                    .problem(&path, format!("there is no window `{name}`"))
                    .nearest(name, self.windows.keys().map(String::as_str)),
            }
        }
        Mute { then: config.then, windows }
    }

    fn gathering(&self, config: &DigestConfig, findings: &mut Findings<'_>) -> Option<Gathering> {
        let by = config.by.as_ref().map(|by| self.by(by, "digest.by", findings));
        let by = by.unwrap_or_default();
        if by.contains(&By::Rule) {
            let message = "a digest tells of one rule, so there is nothing to keep apart";
            findings.problem("digest.by", message).hint("leave `rule` out");
        }
        if config.even_if_empty && !by.is_empty() {
            let message = "a digest that is split by something can't go out empty";
            findings
                .problem("digest.even_if_empty", message)
                .hint("leave out `even_if_empty`, or `by`");
        }
        let (cron, every) = (config.cron.clone(), config.every);
        let when = RecurrenceConfig { cron, every, timezone: None };
        let (max, even_if_empty) = (config.max.get(), config.even_if_empty);
        match Recurrence::compile(&when, self.zone) {
            Ok(when) => Some(Gathering { by, max, even_if_empty, when }),
            Err(problems) => {
                for problem in problems {
                    let dot = if problem.path.is_empty() { "" } else { "." };
                    let path = format!("digest{dot}{}", problem.path);
                    let noted = findings.problem(&path, problem.message);
                    if let Some(hint) = problem.hint {
                        noted.hint(hint);
                    }
                }
                None
            }
        }
    }

    fn by(&self, by: &OneOrMany<By>, path: &str, findings: &mut Findings<'_>) -> Vec<By> {
        let items = by.items(path);
        if items.is_empty() {
            findings.problem(path, "the list is empty").hint("leave `by` out");
        }
        for (path, by) in &items {
            if let By::Label(label) = by
                && !self.labels.contains(label)
            {
                findings
                    .warning(path, format!("no group has a label `{label}`"))
                    .nearest_label(label, self.labels);
            }
        }
        items.into_iter().map(|(_, by)| by.clone()).collect()
    }

    /// What is told later is told as a digest, which some sinks can't say.
    fn sinks_that_can(&self, config: &RuleConfig, findings: &mut Findings<'_>) {
        let muted = config.mute.as_ref();
        let defers = muted.is_some_and(|mute| mute.then == MuteThen::Defer || config.send_recovery);
        let why = match (&config.digest, &config.throttle, defers) {
            (Some(_), _, _) => "it is one message about many events",
            (_, Some(_), _) => "the rule's `throttle` tells with one what it held back",
            (_, _, true) => "the rule's `mute` tells with one what it deferred",
            _ => return,
        };
        for (path, entry) in config.send.iter().flat_map(|send| send.items("send")) {
            let Some(kind) = self.sinks.get(&entry.sink).filter(|kind| !kind.digest()) else {
                continue;
            };
            let path = if entry.bare { path } else { format!("{path}.sink") };
            findings
                .problem(&path, format!("a `{}` sink can't take a digest: {why}", kind.name()))
                .hint(format!("send to `{}` from a rule of its own", entry.sink));
        }
    }
}

/// A digest tells how its groups stand in the end, which leaves nothing to the other ways of
/// telling less.
fn apart_from_others(config: &RuleConfig, findings: &mut Findings<'_>) {
    if config.digest.is_none() {
        return;
    }
    let others = [
        ("throttle", config.throttle.is_some(), "the digest is one message already"),
        ("mute", config.mute.is_some(), "let the digest's `cron` say when it goes out"),
        ("once_per", config.once_per.is_some(), "the digest tells of each group once already"),
        ("send_recovery", config.send_recovery, "the digest tells who recovered already"),
    ];
    for (key, given, hint) in others {
        if given {
            let message = format!("a rule with `digest` can't have `{key}`");
            findings.problem(key, message).hint(format!("leave it out: {hint}"));
        }
    }
}

/// An empty digest goes only where no event is needed to know the place.
fn somebody_for_nothing(config: &RuleConfig, send: &[Entry], findings: &mut Findings<'_>) {
    let empty = config.digest.as_ref().is_some_and(|digest| digest.even_if_empty);
    if empty && !send.is_empty() && send.iter().all(|entry| fixed(entry).is_none()) {
        let message = "nobody gets an empty digest: each place depends on the event";
        findings
            .warning("digest.even_if_empty", message)
            .hint("add an entry to `send` whose `with` has no templates");
    }
}
