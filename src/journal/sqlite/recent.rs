//! The newest events and deliveries, in memory, so that those who act on them at once need not
//! read them back from a file that has just changed.
//!
//! It holds only what a commit made durable, and of deliveries only those that nothing has
//! happened to since and that answer nothing. What nobody will ask for any more goes at once, while it is still in the
//! processor's cache. What isn't here is read from the file.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use crate::journal::{Arrival, Delivery, Work};
use crate::model::{Brief, DeliverySeq, DeliveryState, Duty, Event, EventSeq};

/// At most so many of each are kept.
const ITEMS: usize = 4096;

/// At most so many bytes of bodies are kept; what was read from them takes a few times that.
const BYTES: usize = 4 << 20;

/// A new event.
#[derive(Clone)]
pub(super) struct NewEvent {
    pub(super) seq: EventSeq,
    pub(super) id: Uuid,
    pub(super) received_at: Timestamp,
    pub(super) arrival: Arc<Arrival>,
}

impl NewEvent {
    /// The event, as the file would give it.
    pub(super) fn event(&self) -> Event {
        Event {
            seq: self.seq,
            id: self.id,
            source: Arc::clone(&self.arrival.source),
            received_at: self.received_at,
            body: Arc::clone(&self.arrival.body),
            reading: self.arrival.reading.clone(),
            replay_of: None,
        }
    }
}

/// A new delivery.
#[derive(Clone)]
pub(super) struct NewDelivery {
    pub(super) seq: DeliverySeq,
    pub(super) id: Uuid,
    pub(super) event: EventSeq,
    pub(super) sink: Arc<str>,
    pub(super) brief: Arc<Brief>,
    pub(super) created_at: Timestamp,
    pub(super) duty: Option<Duty>,
}

/// What one transaction adds and takes.
#[derive(Default)]
pub(super) struct News {
    pub(super) events: Vec<NewEvent>,
    pub(super) deliveries: Vec<NewDelivery>,
    /// Deliveries that something happened to, or of which more is to be told than is known here.
    pub(super) touched: Vec<DeliverySeq>,
}

/// The newest items, each list ascending.
#[derive(Default)]
pub(super) struct Recent {
    events: VecDeque<NewEvent>,
    bytes: usize,
    deliveries: VecDeque<Option<NewDelivery>>,
    first_delivery: i64,
}

impl Recent {
    /// Takes a commit in; events up to the watermark are decided with it.
    pub(super) fn add(&mut self, news: &mut News, watermark: i64) {
        for event in news.events.drain(..) {
            self.add_event(event);
        }
        for delivery in news.deliveries.drain(..) {
            self.add_delivery(delivery);
        }
        for delivery in news.touched.drain(..) {
            self.forget(delivery);
        }
        self.drop_done(watermark);
    }

    /// The oldest undecided events, unless one of them isn't here.
    pub(super) fn undecided(
        &self,
        watermark: i64,
        last: i64,
        limit: usize,
    ) -> Option<Vec<NewEvent>> {
        let wanted = usize::try_from(last - watermark).unwrap_or_default().min(limit);
        if wanted == 0 {
            return Some(Vec::new());
        }
        let start = self.place(EventSeq(watermark + 1))?;
        let end = start + wanted;
        let found = (end <= self.events.len()).then(|| self.events.range(start..end))?;
        // A replayed event is not kept here: the run of sequences has a gap there.
        let whole = self.events[end - 1].seq.0 == watermark + wanted as i64;
        whole.then(|| found.cloned().collect())
    }

    /// A delivery that nothing has happened to yet, with its event.
    pub(super) fn work(&self, delivery: DeliverySeq) -> Option<(NewDelivery, NewEvent)> {
        let place = usize::try_from(delivery.0 - self.first_delivery).ok()?;
        let delivery = self.deliveries.get(place)?.as_ref()?;
        let event = self.events.get(self.place(delivery.event)?)?;
        Some((delivery.clone(), event.clone()))
    }

    fn place(&self, event: EventSeq) -> Option<usize> {
        self.events.binary_search_by_key(&event.0, |event| event.seq.0).ok()
    }

    fn add_event(&mut self, event: NewEvent) {
        self.bytes += event.arrival.body.len();
        self.events.push_back(event);
        while self.events.len() > ITEMS || self.bytes > BYTES {
            self.pop_event();
        }
    }

    fn pop_event(&mut self) {
        if let Some(oldest) = self.events.pop_front() {
            self.bytes -= oldest.arrival.body.len();
        }
    }

    fn add_delivery(&mut self, delivery: NewDelivery) {
        let expected = self.first_delivery + self.deliveries.len() as i64;
        if delivery.seq.0 != expected {
            // Planned ones that are not to be sent leave gaps; the run begins anew.
            self.deliveries.clear();
            self.first_delivery = delivery.seq.0;
        }
        self.deliveries.push_back(Some(delivery));
        if self.deliveries.len() > ITEMS {
            self.deliveries.pop_front();
            self.first_delivery += 1;
        }
    }

    /// Drops deliveries at the front that something happened to, and events before what is left to
    /// decide and to deliver.
    fn drop_done(&mut self, watermark: i64) {
        while let Some(None) = self.deliveries.front() {
            self.deliveries.pop_front();
            self.first_delivery += 1;
        }
        let waits = self.deliveries.front().and_then(Option::as_ref).map(|first| first.event.0);
        let needed = waits.map_or(watermark + 1, |event| event.min(watermark + 1));
        while self.events.front().is_some_and(|event| event.seq.0 < needed) {
            self.pop_event();
        }
    }

    fn forget(&mut self, delivery: DeliverySeq) {
        let place = usize::try_from(delivery.0 - self.first_delivery).ok();
        if let Some(slot) = place.and_then(|place| self.deliveries.get_mut(place)) {
            *slot = None;
        }
    }
}

/// A delivery that nothing has happened to yet, whole.
pub(super) fn work(delivery: &NewDelivery, event: &NewEvent) -> Work {
    let delivery = Delivery {
        seq: delivery.seq,
        id: delivery.id,
        event: delivery.event,
        event_id: event.id,
        sink: delivery.sink.to_string(),
        brief: Brief::clone(&delivery.brief),
        created_at: delivery.created_at,
        state: DeliveryState::Waiting,
        reason: None,
        attempts: 0,
        first_attempt_at: None,
        last_attempt: None,
        due: None,
        seen: false,
        maybe_arrived: false,
        duty: delivery.duty,
        answers: None,
    };
    Work {
        delivery,
        event: event.event(),
        progress: None,
        superseded: false,
        cut_off: false,
        answers: Vec::new(),
    }
}
