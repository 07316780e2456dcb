//! Messages of the bridge's own: an event that names whom to tell of which digest.

use serde::Deserialize;

use crate::model::memory::OWN_SOURCE;
use crate::model::{Brief, Event, OwnMessage, Planned};

/// The one delivery that such an event is for; `None` where it is none.
pub(super) fn plan(event: &Event) -> Option<Planned> {
    if &*event.source != OWN_SOURCE {
        return None;
    }
    let own = OwnMessage::deserialize(event.reading.body.get("bridge")?).ok()?;
    let brief = Brief {
        rules: vec![own.digest.rule],
        words: own.words,
        labels: own.labels,
        with: own.with,
        ..Brief::default()
    };
    Some(Planned { duty: own.duty, ..Planned::new(own.sink, brief) })
}
