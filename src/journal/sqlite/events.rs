//! The verbs that write events: keep a new one, keep one again, decide.

use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::encode::{micros, time};
use super::failure::Failure;
use super::memory::Change;
use super::plan::Plan;
use super::recent::NewEvent;
use super::writer::Tx;
use crate::journal::id::{Kind, claimed_seq};
use crate::journal::{Accepted, Arrival, JournalError, Lane};
use crate::model::{Decision, EventSeq};

/// A decision, ready to be written.
pub(super) struct Verdict {
    event: EventSeq,
    plans: Vec<Plan>,
    unmatched: bool,
    parked: Option<String>,
    account: Option<String>,
}

impl Verdict {
    /// Prepares a decision on the caller's side, so that the writer only writes.
    pub(super) fn of(decision: Decision) -> Self {
        let account = decision.account.map(|account| {
            serde_json::to_string(&account)
                .expect("an account is texts, numbers and times in fields and lists")
        });
        Verdict {
            event: decision.event,
            plans: decision.planned.into_iter().map(Plan::of).collect(),
            unmatched: decision.unmatched,
            parked: decision.parked,
            account,
        }
    }
}

/// The first bytes of SHA-256 over the source and the body: they find a repeat, which comparing
/// all bytes then confirms.
pub(super) fn fingerprint(arrival: &Arrival) -> i64 {
    let mut hash = Sha256::new();
    hash.update((arrival.source.len() as u64).to_be_bytes());
    hash.update(arrival.source.as_bytes());
    hash.update(&arrival.body);
    let digest = hash.finalize();
    digest.iter().take(8).fold(0, |sum, byte| sum << 8 | i64::from(*byte))
}

const FIND: &str = "SELECT seq, received_at, source, body FROM event INDEXED BY identity
    WHERE finished_at = ?1 AND fingerprint = ?2 AND replay_of IS NULL ORDER BY seq";
const INSERT: &str = "INSERT INTO event (seq, received_at, finished_at, fingerprint, source,
    unreadable, group_name, status, execution, body) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)";
const ACCOUNT: &str = "INSERT INTO account VALUES (?1, ?2)";
const REPLAY: &str = "INSERT INTO event SELECT ?1, ?2, finished_at, fingerprint, source,
    unreadable, seq, group_name, status, execution, body FROM event WHERE seq = ?3";

impl Tx<'_> {
    /// Keeps a body, unless the same source posted the same bytes before.
    pub(super) fn accept(
        &mut self,
        new: &Arc<Arrival>,
        fingerprint: i64,
    ) -> Result<Accepted, Failure> {
        let source = self.state.name(self.conn, &new.source)?;
        let finished_at = new.reading.finished_at.map_or(0, micros);
        if let Some(id) = self.find(new, source, finished_at, fingerprint)? {
            return Ok(Accepted { id, duplicate: true });
        }
        let seq = self.state.counts.last_event + 1;
        self.conn.prepare_cached(INSERT)?.execute(params![
            seq,
            micros(new.received_at),
            finished_at,
            fingerprint,
            source,
            new.reading.unreadable.is_some(),
            &*new.reading.group,
            new.reading.status.as_ref().map(|status| status.as_str()),
            new.reading.execution_id,
            &*new.body,
        ])?;
        let (id, received_at) = self.added(seq, new.received_at);
        self.state.lanes.add(EventSeq(seq), Lane::of(&new.source, &new.reading.group));
        let arrival = Arc::clone(new);
        self.news.events.push(NewEvent { seq: EventSeq(seq), id, received_at, arrival });
        Ok(Accepted { id, duplicate: false })
    }

    /// Stores an event's bytes again as a new event.
    pub(super) fn replay(&mut self, id: Uuid, at: Timestamp) -> Result<Option<Uuid>, Failure> {
        let Some(original) = self.event_with(id)? else { return Ok(None) };
        let seq = self.state.counts.last_event + 1;
        self.conn.prepare_cached(REPLAY)?.execute((seq, micros(at), original.0))?;
        Ok(Some(self.added(seq, at).0))
    }

    /// Commits decisions, which are those of the oldest undecided events, in order, with what they
    /// change in memory.
    pub(super) fn decide(&mut self, verdicts: &[Verdict], change: &Change) -> Result<(), Failure> {
        self.refuse_disorder(verdicts)?;
        let conn = self.conn;
        let mut account = conn.prepare_cached(ACCOUNT)?;
        for verdict in verdicts {
            self.plan(verdict.event, &verdict.plans)?;
            if verdict.unmatched || verdict.parked.is_some() {
                self.remark(verdict)?;
            }
            if let Some(doc) = &verdict.account {
                account.execute((verdict.event.0, doc))?;
            }
        }
        if let Some(last) = verdicts.last() {
            self.state.counts.watermark = last.event.0;
            super::state::set_meta(self.conn, "watermark", last.event.0)?;
        }
        self.remember(change)
    }

    /// The source and group of an event; `None` if it is gone.
    pub(super) fn lane(&mut self, event: EventSeq) -> Result<Option<Lane>, Failure> {
        if let Some(lane) = self.state.lanes.take(event) {
            return Ok(Some(lane));
        }
        let mut select = self.conn.prepare_cached(
            "SELECT s.text, e.group_name FROM event e JOIN name s ON s.id = e.source
             WHERE e.seq = ?1",
        )?;
        let lane = select.query_row([event.0], |row| {
            Ok(Lane::of(row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?))
        });
        Ok(lane.optional()?)
    }

    fn find(
        &self,
        new: &Arrival,
        source: i64,
        finished_at: i64,
        fingerprint: i64,
    ) -> rusqlite::Result<Option<Uuid>> {
        let mut find = self.conn.prepare_cached(FIND)?;
        let mut rows = find.query((finished_at, fingerprint))?;
        while let Some(row) = rows.next()? {
            if row.get::<_, i64>(2)? == source && row.get_ref(3)?.as_bytes()? == &*new.body {
                return Ok(Some(self.mint.id(Kind::Event, time(row, 1)?, row.get(0)?)));
            }
        }
        Ok(None)
    }

    /// Counts a new event; its id, and its time as it is stored, which the id is checked against.
    fn added(&mut self, seq: i64, received_at: Timestamp) -> (Uuid, Timestamp) {
        self.state.counts.last_event = seq;
        self.new_events = true;
        let stored = Timestamp::from_microsecond(micros(received_at)).unwrap_or(received_at);
        (self.mint.id(Kind::Event, stored, seq), stored)
    }

    fn event_with(&self, id: Uuid) -> rusqlite::Result<Option<EventSeq>> {
        let Some(seq) = claimed_seq(id) else { return Ok(None) };
        let mut select =
            self.conn.prepare_cached("SELECT received_at FROM event WHERE seq = ?1")?;
        let at = select.query_row([seq], |row| time(row, 0)).optional()?;
        let is_it = |at| self.mint.id(Kind::Event, at, seq) == id;
        Ok(at.is_some_and(is_it).then_some(EventSeq(seq)))
    }

    fn refuse_disorder(&self, verdicts: &[Verdict]) -> Result<(), Failure> {
        let mut expected = self.state.next_undecided();
        for verdict in verdicts {
            if verdict.event != expected || expected.0 > self.state.counts.last_event {
                return Err(Failure::Refused(JournalError::Other(format!(
                    "event {} can't be decided now: the next undecided one is {}",
                    verdict.event.0, expected.0
                ))));
            }
            expected.0 += 1;
        }
        Ok(())
    }

    fn remark(&self, verdict: &Verdict) -> rusqlite::Result<()> {
        let mut insert = self.conn.prepare_cached("INSERT INTO remark VALUES (?1, ?2, ?3)")?;
        insert.execute((verdict.event.0, verdict.unmatched, &verdict.parked)).map(drop)
    }
}
