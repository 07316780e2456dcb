//! The journal's verbs, each handed to the writer or to a reader.

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use uuid::Uuid;

use super::events::{Verdict, fingerprint};
use super::failure::Failure;
use super::memory::Change;
use super::plan::Plan;
use super::queue::Class;
use super::recent::NewEvent;
use super::retry::Progress;
use super::shared::Shared;
use super::{SqliteJournal, incidents, list, memory, read, silences, things, upkeep};
use crate::journal::{
    Accepted, Answer, Arrival, Backlog, Delivery, DeliveryFilter, EventFilter, Fate, Figures,
    IncidentFilter, Journal, JournalError, Lane, Signals, Trouble, Waiting, Work,
};
use crate::model::{
    AttemptRecord, Decision, DeliverySeq, Duty, Event, EventSeq, Incident, Memo, Patch, Planned,
    Settlement, Silence, Thing,
};

impl Journal for SqliteJournal {
    fn accept(&self, arrival: Arrival) -> Answer<'_, Accepted> {
        let fingerprint = fingerprint(&arrival);
        let size = arrival.body.len();
        let arrival = Arc::new(arrival);
        self.write(Class::Event(size), move |tx| tx.accept(&arrival, fingerprint))
    }

    fn undecided(&self, limit: usize) -> Answer<'_, Vec<Event>> {
        match self.at_hand(|shared| shared.undecided(limit)) {
            Some(Ok(new)) => async move { Ok(new.iter().map(NewEvent::event).collect()) }.boxed(),
            Some(Err(error)) => async move { Err(error) }.boxed(),
            None => self.read(move |conn, mint| read::undecided(conn, mint, limit)),
        }
    }

    fn decide(&self, decisions: Vec<Decision>, patch: Patch) -> Answer<'_, ()> {
        let verdicts: Vec<Verdict> = decisions.into_iter().map(Verdict::of).collect();
        let change = Change::of(patch);
        self.write(Class::Decision, move |tx| tx.decide(&verdicts, &change))
    }

    fn recall(&self, names: Vec<String>) -> Answer<'_, Vec<Memo>> {
        self.read(move |conn, _| memory::recall(conn, &names))
    }

    fn recall_all(&self, begin: &str, so: bool) -> Answer<'_, Vec<Memo>> {
        let begin = begin.to_owned();
        self.read(move |conn, _| memory::recall_all(conn, &begin, so))
    }

    fn ended_incidents(&self, filter: IncidentFilter) -> Answer<'_, Vec<Incident>> {
        self.read(move |conn, _| incidents::ended(conn, &filter))
    }

    fn ended_incident(&self, id: Uuid) -> Answer<'_, Option<Incident>> {
        self.read(move |conn, _| incidents::one(conn, id))
    }

    fn of_duties(&self, duties: Vec<Duty>) -> Answer<'_, Vec<Delivery>> {
        self.read(move |conn, mint| list::of_duties(conn, mint, &duties))
    }

    fn silences(&self) -> Answer<'_, Vec<Silence>> {
        self.read(|conn, _| silences::all(conn))
    }

    fn silence(&self, silence: Silence) -> Answer<'_, ()> {
        self.write(Class::Rest, move |tx| tx.silence(&silence))
    }

    fn add(&self, event: EventSeq, planned: Vec<Planned>) -> Answer<'_, ()> {
        let plans: Vec<Plan> = planned.into_iter().map(Plan::of).collect();
        self.write(Class::Decision, move |tx| tx.plan(event, &plans))
    }

    fn waiting(&self, sink: &str, after: DeliverySeq, limit: usize) -> Answer<'_, Vec<Waiting>> {
        let sink = sink.to_owned();
        self.read(move |conn, _| read::waiting(conn, &sink, after, limit))
    }

    fn waiting_in_lane(
        &self,
        sink: &str,
        lane: Lane,
        from: DeliverySeq,
        limit: usize,
    ) -> Answer<'_, Vec<Waiting>> {
        let sink = sink.to_owned();
        self.read(move |conn, _| read::waiting_in_lane(conn, &sink, lane, from, limit))
    }

    fn backlog(&self) -> Answer<'_, Vec<Backlog>> {
        let shared = Arc::clone(&self.shared);
        self.read(move |conn, _| read::backlog(conn, &shared.counts()))
    }

    fn work(&self, delivery: DeliverySeq) -> Answer<'_, Option<Work>> {
        match self.at_hand(|shared| shared.work(delivery)) {
            Some(work) => async move { work.map(Some) }.boxed(),
            None => {
                let cut_off = self.shared.cut_off;
                self.read(move |conn, mint| read::work(conn, mint, delivery, cut_off))
            }
        }
    }

    fn held(&self, duty: Duty) -> Answer<'_, Option<Thing>> {
        self.read(move |conn, _| things::open(conn, duty))
    }

    fn held_for(&self, incident: Uuid) -> Answer<'_, Vec<Thing>> {
        self.read(move |conn, _| things::of_incident(conn, incident))
    }

    fn settle(&self, settlements: Vec<Settlement>) -> Answer<'_, ()> {
        self.write(Class::Settlement, move |tx| tx.settle(&settlements))
    }

    fn sink_troubles(&self) -> Answer<'_, Vec<(String, Trouble)>> {
        self.read(|conn, _| read::troubles(conn))
    }

    fn set_sink_trouble(&self, sink: &str, trouble: Option<Trouble>) -> Answer<'_, ()> {
        let sink = sink.to_owned();
        self.write(Class::Rest, move |tx| tx.set_trouble(&sink, trouble.as_ref()))
    }

    fn events(&self, filter: EventFilter) -> Answer<'_, Vec<Event>> {
        self.read(move |conn, mint| list::events(conn, mint, &filter))
    }

    fn event(&self, id: Uuid) -> Answer<'_, Option<(Event, Vec<Delivery>)>> {
        self.read(move |conn, mint| list::event(conn, mint, id))
    }

    fn fate(&self, id: Uuid) -> Answer<'_, Option<Fate>> {
        self.read(move |conn, mint| list::fate(conn, mint, id))
    }

    fn deliveries(&self, filter: DeliveryFilter) -> Answer<'_, Vec<Delivery>> {
        self.read(move |conn, mint| list::deliveries(conn, mint, &filter))
    }

    fn delivery(&self, id: Uuid) -> Answer<'_, Option<(Delivery, Vec<AttemptRecord>)>> {
        self.read(move |conn, mint| list::delivery(conn, mint, id))
    }

    fn retry(&self, filter: DeliveryFilter) -> Answer<'_, u64> {
        self.in_steps(filter, |tx, filter, from| tx.retry(filter, from))
    }

    fn acknowledge(&self, filter: DeliveryFilter) -> Answer<'_, u64> {
        self.in_steps(filter, |tx, filter, from| tx.acknowledge(filter, from))
    }

    fn replay(&self, id: Uuid, at: Timestamp) -> Answer<'_, Option<Uuid>> {
        self.write(Class::Rest, move |tx| tx.replay(id, at))
    }

    fn prune(&self, older_than: Timestamp) -> Answer<'_, u64> {
        self.prune_step(older_than)
    }

    fn backup(&self, to: PathBuf) -> Answer<'_, ()> {
        self.apart(move |conn, shared| upkeep::backup(conn, &shared.path, &to))
    }

    fn verify(&self) -> Answer<'_, Vec<String>> {
        self.apart(|conn, shared| upkeep::verify(conn, &shared.path))
    }

    fn beat(&self) -> Answer<'_, ()> {
        self.prove_writable()
    }

    fn figures(&self) -> Answer<'_, Figures> {
        self.count()
    }

    fn signals(&self) -> &Signals {
        &self.shared.signals
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.finish()
    }
}

impl SqliteJournal {
    /// What is in memory, or why nothing may be answered any more; `None` sends to the file.
    fn at_hand<T>(
        &self,
        find: impl FnOnce(&Shared) -> Option<T>,
    ) -> Option<Result<T, JournalError>> {
        match self.shared.alive() {
            Ok(()) => find(&self.shared).map(Ok),
            Err(error) => Some(Err(error)),
        }
    }

    /// Steps until nothing is left, each in its own transaction. What becomes dead meanwhile may
    /// or may not be among it.
    fn in_steps<F>(&self, filter: DeliveryFilter, step: F) -> Answer<'_, u64>
    where
        F: Fn(&mut super::Tx<'_>, &DeliveryFilter, Progress) -> Result<Progress, Failure>
            + Copy
            + Send
            + 'static,
    {
        let filter = Arc::new(filter);
        async move {
            let mut progress = Progress::default();
            while !progress.done {
                let filter = Arc::clone(&filter);
                let from = progress;
                progress = self.write(Class::Rest, move |tx| step(tx, &filter, from)).await?;
            }
            Ok(progress.changed)
        }
        .boxed()
    }
}
