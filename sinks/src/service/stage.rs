//! Which part of a service's life cycle a message belongs to. Pure: what is open and what the
//! notice tells of decide.

use serde::{Deserialize, Serialize};

use crate::contract::Notice;

/// A part of a service's life cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// A message that stands alone.
    Send,
    /// A thing is opened for an incident.
    Open,
    /// Something is added to it.
    Update,
    /// It is closed.
    Resolve,
}

impl Stage {
    /// All of them, in the order of [`super::form::Form::stages`].
    pub const ALL: [Stage; 4] = [Stage::Send, Stage::Open, Stage::Update, Stage::Resolve];

    /// The key in a service's file.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Send => "send",
            Stage::Open => "open",
            Stage::Update => "update",
            Stage::Resolve => "resolve",
        }
    }

    /// The stage of a notice. `holds` says whether the service has a life cycle, `open` whether it
    /// holds a thing open for the notice's incident.
    pub fn of(notice: &Notice, holds: bool, open: bool) -> Stage {
        let several = notice.digest.is_some() || notice.dead.is_some();
        if !holds || several || notice.incident.is_none() {
            return Stage::Send;
        }
        let ends = notice.recovery || notice.transition.as_deref() == Some("recovered");
        match (ends || notice.failing == Some(false), notice.failing, open) {
            (true, _, true) => Stage::Resolve,
            (true, _, false) => Stage::Send,
            (false, Some(true), true) => Stage::Update,
            // What finished before the newest run opens nothing: it may be over already.
            (false, Some(true), false) if !notice.late => Stage::Open,
            _ => Stage::Send,
        }
    }

    /// Why nothing is sent where the service's file has no step for it.
    pub fn idle(self) -> &'static str {
        match self {
            Stage::Send => "nothing is open, and the service says nothing else",
            Stage::Open => "the service opens nothing for this",
            Stage::Update => "it was told when it began, and the service adds nothing meanwhile",
            Stage::Resolve => "the service sends nothing at the end",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Dead;
    use crate::variables::sample;

    fn failing() -> Notice {
        Notice { failing: Some(true), transition: Some("still_failing".into()), ..sample() }
    }

    fn ended() -> Notice {
        Notice { failing: Some(false), transition: Some("recovered".into()), ..sample() }
    }

    #[test]
    fn an_incident_is_opened_added_to_and_closed() {
        let first = Notice { transition: Some("first_failure".into()), ..failing() };
        let missing = Notice { status: Some("MISSING".into()), ..first.clone() };
        let owed = Notice { recovery: true, ..ended() };
        let untold = Notice { untold: true, ..owed.clone() };
        for (name, notice, closed, open) in [
            ("first failure", first, Stage::Open, Stage::Update),
            ("still failing", failing(), Stage::Open, Stage::Update),
            ("missing", missing, Stage::Open, Stage::Update),
            ("recovered", ended(), Stage::Send, Stage::Resolve),
            ("recovery that is owed", owed, Stage::Send, Stage::Resolve),
            ("recovery of an untold failure", untold, Stage::Send, Stage::Resolve),
        ] {
            assert_eq!(Stage::of(&notice, true, false), closed, "{name}");
            assert_eq!(Stage::of(&notice, true, true), open, "{name}, open");
            assert_eq!(Stage::of(&notice, false, true), Stage::Send, "{name}, no life cycle");
        }
    }

    #[test]
    fn what_belongs_to_no_incident_stands_alone() {
        let passing = Some("still_passing".to_owned());
        let dead = Dead { sink: "a".into(), reason: "b".into(), count: 1 };
        for (name, notice) in [
            ("passing", Notice { incident: None, transition: passing, ..ended() }),
            ("late", Notice { late: true, incident: None, transition: None, ..failing() }),
            ("unknown status", Notice { failing: None, transition: None, ..sample() }),
            ("digest", Notice { digest: Some(Box::default()), ..failing() }),
            ("dead", Notice { dead: Some(dead), ..failing() }),
            ("bare", Notice::default()),
        ] {
            assert_eq!(Stage::of(&notice, true, true), Stage::Send, "{name}");
            assert_eq!(Stage::of(&notice, true, false), Stage::Send, "{name}");
        }
    }

    #[test]
    fn a_late_run_adds_to_what_is_open_and_opens_nothing() {
        let late = Notice { late: true, transition: None, ..failing() };
        assert_eq!(Stage::of(&late, true, true), Stage::Update);
        assert_eq!(Stage::of(&late, true, false), Stage::Send);
    }
}
