//! What goes before a made-up run, so that `render` and `explain` can show more than a first failure:
//! the runs that give it a transition, or those that a rule collects and tells of later.
//!
//! The runs go through the configuration's own router, so what it plans is what it would plan. This
//! file knows no sink and renders nothing.

use anyhow::{Context, bail};
use clap::Args;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::sample::Sample;
use crate::model::memory::OWN_SOURCE;
use crate::model::{
    Account, Brief, Decision, Event, EventSeq, GroupKey, Match, OwnEvent, Planned, Reading,
    RecoveryNote, Transition,
};
use crate::route::{Router, State};

/// So many timers are looked at for what they tell.
const TIMERS: usize = 1000;

/// What the event is to be seen as.
#[derive(Args, Debug, Clone, Default)]
pub struct Scene {
    /// Show a run that is this to the runs before it, which are made up: `recovered`, `still_failing`.
    #[arg(long, value_parser = transition, value_name = "TRANSITION")]
    transition: Option<Transition>,
}

/// An event, and what the rules say to it.
pub struct Told {
    /// The event that it is about.
    pub event: Event,
    /// What the rules planned for it.
    pub planned: Vec<Planned>,
    /// What the rules that matched did with it.
    pub matched: Vec<Match>,
    /// What a message about it remembers where no rule asked for one.
    pub bare: Brief,
}

impl Scene {
    /// Plays it, and says what came of it.
    ///
    /// # Errors
    /// If the sample can't be what is asked for.
    pub fn play(&self, router: &Router, mut sample: Sample, source: &str) -> anyhow::Result<Told> {
        if let Some(Transition::Recovered | Transition::StillPassing) = self.transition {
            sample.status.get_or_insert_with(|| "PASSED".to_owned());
        }
        let mut stage = Stage { router, state: State::default() };
        let event = sample.event(source)?;
        if let Some(wanted) = self.transition {
            stage.lead_up(wanted, &event, source)?;
        }
        let decision = stage.decide(&event);
        let Account { standing, matched, .. } = decision.account.unwrap_or_default();
        if let Some(wanted) = self.transition.filter(|wanted| standing.transition != Some(*wanted))
        {
            bail!(
                "a run of `{}` that is {} can't be `{wanted}`; try another --status or --group",
                event.reading.group,
                event
                    .reading
                    .status
                    .as_ref()
                    .map_or("of no status".to_owned(), ToString::to_string),
            );
        }
        let recovered = standing.transition == Some(Transition::Recovered);
        let bare = Brief {
            standing: Some(standing),
            recovery: recovered.then(RecoveryNote::default),
            ..router.bare_brief(&event)
        };
        Ok(Told { event, planned: decision.planned, matched, bare })
    }
}

/// What a rule's digest or throttle tells at its end, of runs of three groups.
///
/// # Errors
/// If no rule collects them.
pub fn collected(router: &Router, sample: &Sample, source: &str) -> anyhow::Result<Vec<Told>> {
    Stage { router, state: State::default() }.collected(sample, source)
}

/// A router, and what it remembers.
struct Stage<'a> {
    router: &'a Router,
    state: State,
}

impl Stage<'_> {
    /// The runs before an event that make a transition of it.
    fn lead_up(&mut self, wanted: Transition, event: &Event, source: &str) -> anyhow::Result<()> {
        let status = event.reading.status.as_ref().map(ToString::to_string).unwrap_or_default();
        let other = if status == "FAILED" { "ERROR" } else { "FAILED" };
        let statuses = match wanted {
            Transition::FirstFailure | Transition::StillPassing => vec!["PASSED"],
            Transition::StillFailing => vec!["PASSED", &status, &status, &status],
            Transition::KindChanged => vec!["PASSED", other, other],
            Transition::Recovered => vec!["PASSED", "FAILED", "FAILED", "FAILED"],
        };
        let end = event.reading.finished_at.unwrap_or(event.received_at);
        for (status, hours) in statuses.iter().rev().zip(1..).collect::<Vec<_>>().into_iter().rev()
        {
            let at = end - SignedDuration::from_hours(hours);
            self.decide(&run(&event.reading.group, status, source, at)?);
        }
        Ok(())
    }

    /// What is told later of three groups' runs: one that fails, one that recovered, one that passes.
    fn collected(&mut self, sample: &Sample, source: &str) -> anyhow::Result<Vec<Told>> {
        let (group, status) = (&*sample.group, sample.status());
        let (second, third) = (format!("{group}-2"), format!("{group}-3"));
        let runs = [
            (group, "PASSED", 6),
            (&second, status, 5),
            (group, status, 4),
            (&third, "PASSED", 3),
            (&second, "PASSED", 2),
            (group, status, 1),
        ];
        let now = Timestamp::now();
        for (group, status, minutes) in runs {
            let at = now - SignedDuration::from_mins(minutes);
            self.decide(&run(group, status, source, at)?);
        }
        let told = self.told_later();
        if told.is_empty() {
            bail!(
                "no rule collects runs of `{group}`, `{second}` and `{third}`; name a --group and a \
                 --status that a rule with `digest` or `throttle` matches"
            );
        }
        Ok(told)
    }

    /// What the timers tell, soonest first; nothing of what was collected after that.
    fn told_later(&mut self) -> Vec<Told> {
        let mut told = Vec::new();
        for _ in 0..TIMERS {
            let Some(due) = self.state.next_due() else { break };
            self.router.fire_next(&mut self.state, due);
            for own in self.state.take_patch().events {
                let event = own_event(own);
                let runs = &event.reading.body["bridge"]["digest"]["runs"];
                if &*event.source == OWN_SOURCE && runs.as_u64() != Some(0) {
                    let planned = self.decide(&event).planned;
                    let bare = self.router.bare_brief(&event);
                    told.push(Told { event, planned, matched: Vec::new(), bare });
                }
            }
        }
        told
    }

    fn decide(&mut self, event: &Event) -> Decision {
        let key = GroupKey { source: event.source.clone(), group: event.reading.group.clone() };
        if !self.state.knows(&key) {
            // Nothing is read, so nothing can be unreadable.
            let _ = self.state.learn(key, None);
        }
        self.router.decide(event, &mut self.state)
    }
}

/// A run that finished and arrived at a time.
fn run(group: &str, status: &str, source: &str, at: Timestamp) -> anyhow::Result<Event> {
    let body = Sample::of(group, status).made_up(at)?;
    Ok(event(source, at, body))
}

fn own_event(own: OwnEvent) -> Event {
    event(&own.source, own.at, own.body)
}

fn event(source: &str, at: Timestamp, body: Vec<u8>) -> Event {
    Event {
        seq: EventSeq(0),
        id: Uuid::now_v7(),
        source: source.into(),
        received_at: at,
        reading: Reading::of(&body),
        body: body.into(),
        replay_of: None,
    }
}

fn transition(word: &str) -> anyhow::Result<Transition> {
    let known = || Transition::ALL.map(Transition::as_str).join(", ");
    Transition::parse(word).with_context(|| format!("`{word}` is none of {}", known()))
}
