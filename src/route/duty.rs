//! Duties: who was told of an incident, and who therefore hears of its recovery.
//!
//! They belong to the incident, not to the rules: a rule that is renamed and a sink that is gone
//! take nothing with them. What was told or collected spends a rule's `once_per: incident`; what
//! was silenced, throttled or dropped by a window does not, so that the incident is told when the
//! quiet is over. Where a throttle's count speaks of one group alone, it tells of the group's
//! incident all the same, so that the recovery is owed.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::gate::Destination;
use super::rule::Rule;
use crate::model::{Duty, Event, Incident, Told};

/// An incident remembers at most so many; a destination that is another one for each run would make
/// it grow for ever. Beyond, messages still go out, but nobody new is owed the recovery.
const MOST_TOLD: usize = 256;

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

/// The duty to tell a destination of an incident at once.
pub(super) fn of_incident(incident: Uuid, sink: &str, with: &BTreeMap<String, String>) -> Duty {
    let mut buffer = Uuid::encode_buffer();
    Duty::of(incident.as_hyphenated().encode_lower(&mut buffer), sink, with)
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
        let room = incident.told.len() < MOST_TOLD;
        let told = &mut incident.told;
        match told.iter_mut().find(|old| is_same(old, &new)) {
            // The rule may have been given `send_recovery` since.
            Some(old) => old.recovery |= new.recovery,
            None if room => told.push(new),
            None => {}
        }
    }
}

fn is_same(a: &Told, b: &Told) -> bool {
    (&a.rule, &a.sink, &a.with, a.duty) == (&b.rule, &b.sink, &b.with, b.duty)
}
