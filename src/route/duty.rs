//! Duties: who was told of an incident, and who therefore hears of its recovery.
//!
//! They belong to the incident, not to the rules: a rule that is renamed and a sink that is gone
//! take nothing with them. What was told or collected spends a rule's `once_per: incident`; what
//! was silenced, throttled or dropped by a window does not, so that the incident is told when the
//! quiet is over. Where a throttle's count speaks of one group alone, it tells of the group's
//! incident all the same, so that the recovery is owed.

use super::gate::Destination;
use super::rule::Rule;
use crate::model::{Duty, Event, Incident, Told};

/// An incident remembers at most so many; a destination that is another one for each run would make
/// it grow for ever. Beyond, messages still go out, but nobody new is owed the recovery.
const MOST_TOLD: usize = 256;

/// What identifies them takes at most so many bytes, since parameters may hold what strangers wrote.
const MOST_BYTES: usize = 64 * 1024;

/// Of what one rule told one destination later on (a window's end, a throttle's count), so many are
/// remembered, the newest: an incident may last for months.
const MOST_COLLECTED: usize = 8;

/// Whether an earlier event of the incident was told by this rule to this sink. Parameters don't
/// count: a `thread` may be another one for each run.
pub(super) fn is_repeat(incident: &Incident, rule: &str, sink: &str) -> bool {
    incident.told.iter().any(|told| told.rule == rule && told.sink == sink && !told.counted)
}

/// Whether a recovery is owed already to a destination that this rule told.
pub(super) fn is_owed(incident: &Incident, rule: &str, to: &Destination) -> bool {
    incident.told.iter().any(|told| {
        told.recovery && (&*told.rule, &told.sink, &told.with) == (rule, &to.sink, &to.with)
    })
}

/// Whether the incident remembers already all that there is to remember of a rule that tells a
/// destination.
pub(super) fn is_known(incident: &Incident, rule: &Rule, to: &Destination, duty: Duty) -> bool {
    incident.told.iter().any(|told| {
        (&told.rule, &told.sink, &told.with, told.duty) == (&rule.name, &to.sink, &to.with, duty)
            && (told.recovery || !rule.send_recovery)
    })
}

/// What the incident remembers of a rule that tells a destination.
pub(super) fn told(event: &Event, rule: &Rule, to: &Destination, duty: Duty) -> Told {
    Told {
        rule: rule.name.clone(),
        sink: to.sink.clone(),
        with: to.with.clone(),
        words: to.words.clone(),
        recovery: rule.send_recovery,
        duty,
        collected: None,
        counted: false,
        event: event.id,
        at: event.received_at,
    }
}

/// Adds those who were told now.
pub(super) fn add(incident: &mut Incident, told: Vec<Told>) {
    for new in told {
        let told = &mut incident.told;
        forget_the_oldest(told, &new);
        let room = has_room(told, &new);
        match told.iter_mut().find(|old| is_same(old, &new)) {
            // The rule may have been given `send_recovery` since.
            Some(old) => old.recovery |= new.recovery,
            None if room => told.push(new),
            None => {}
        }
    }
}

/// Whether there is room for one more. The first of a rule and a sink always has some: it is what
/// the rule's `once_per` goes by.
fn has_room(told: &[Told], new: &Told) -> bool {
    let is_first = !told.iter().any(|old| (&old.rule, &old.sink) == (&new.rule, &new.sink));
    is_first || told.len() < MOST_TOLD && bytes(told) + size(new) <= MOST_BYTES
}

fn bytes(told: &[Told]) -> usize {
    told.iter().map(size).sum()
}

fn size(told: &Told) -> usize {
    let with = told.with.iter().map(|(name, value)| name.len() + value.len());
    let collected = told.collected.as_ref().map_or(0, |(name, _)| name.len());
    told.rule.len() + told.sink.len() + with.sum::<usize>() + collected
}

fn forget_the_oldest(told: &mut Vec<Told>, new: &Told) {
    if new.collected.is_none() || told.iter().any(|old| is_same(old, new)) {
        return;
    }
    let like = |old: &Told| {
        let same = (&old.rule, &old.sink, &old.with) == (&new.rule, &new.sink, &new.with);
        same && old.collected.is_some()
    };
    if told.iter().filter(|old| like(old)).count() >= MOST_COLLECTED
        && let Some(oldest) = told.iter().position(like)
    {
        told.remove(oldest);
    }
}

fn is_same(a: &Told, b: &Told) -> bool {
    (&a.rule, &a.sink, &a.with, a.duty) == (&b.rule, &b.sink, &b.with, b.duty)
}
