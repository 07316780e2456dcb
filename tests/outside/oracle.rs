//! The judge of every fault: a producer that remembers what was acknowledged, a place that remembers
//! what it got, and a comparison once the faults stop.
//!
//! I1: every acknowledged event arrives. I2: its bytes are the bytes that were sent, and nothing else
//! arrives. I3: what arrives twice was in flight at a kill. I4: a fresh event is delivered within
//! 30 s of the last fault's end.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use crate::support::agnox;
use crate::support::bridge::{Bridge, Setup};
use crate::support::eventually;
use crate::support::place::Place;

/// A fresh event must be delivered so soon after the last fault.
const FRESH: Duration = Duration::from_secs(30);

/// The producer and the judge.
#[derive(Default)]
pub struct Oracle {
    sent: BTreeMap<String, Vec<u8>>,
    acknowledged: Vec<String>,
    /// Answers that were no 2xx.
    pub refused: usize,
    /// Requests that got no answer at all.
    pub unanswered: usize,
}

impl Oracle {
    /// Posts one event and remembers what came of it; whether the gateway answered at all.
    pub fn post(&mut self, at: SocketAddr, group: &str) -> bool {
        let body = agnox::event(group, "FAILED");
        let id = agnox::execution(&body);
        self.sent.insert(id.clone(), body.clone());
        match agnox::post(at, &body) {
            Ok(answer) if answer.status == 202 => self.acknowledged.push(id),
            Ok(_) => self.refused += 1,
            Err(_) => {
                self.unanswered += 1;
                return false;
            }
        }
        true
    }

    /// How many were acknowledged.
    pub fn acknowledged(&self) -> usize {
        self.acknowledged.len()
    }

    /// Takes up what another producer saw.
    pub fn absorb(&mut self, other: Oracle) {
        self.sent.extend(other.sent);
        self.acknowledged.extend(other.acknowledged);
        self.refused += other.refused;
        self.unanswered += other.unanswered;
    }

    /// Holds the place against what was acknowledged, with so many duplicates allowed.
    pub fn judge(&mut self, bridge: &Bridge, place: &Place, duplicates_allowed: usize) {
        let fresh = bridge.setup.public;
        assert!(self.post(fresh, "fresh"), "the gateway answers after the fault");
        eventually("I1, I4: everything acknowledged arrives", FRESH, || {
            let arrived = arrivals(place);
            self.acknowledged.iter().all(|id| arrived.contains_key(id)).then_some(())
        });
        let arrived = arrivals(place);
        for (id, copies) in &arrived {
            let sent = self.sent.get(id).unwrap_or_else(|| panic!("I2: {id} was never sent"));
            assert!(copies.iter().all(|copy| copy == sent), "I2: the bytes of {id} differ");
        }
        let twice: usize = arrived.values().map(|copies| copies.len() - 1).sum();
        assert!(
            twice <= duplicates_allowed,
            "I3: {twice} duplicates, {duplicates_allowed} allowed"
        );
    }
}

fn arrivals(place: &Place) -> BTreeMap<String, Vec<Vec<u8>>> {
    let mut arrived: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    for got in place.got() {
        arrived.entry(agnox::execution(&got.body)).or_default().push(got.body);
    }
    arrived
}

/// A gateway that forwards everything to the place.
pub fn forwarding(place: &Place) -> Setup {
    let url = place.url("/mirror");
    Setup::new(
        &format!(
            "  mirror: {{forward: {{url: \"{url}\", secret: a-secret-of-the-mirror-and-nobody-else}}}}"
        ),
        "  - {name: everything, when: always, send: mirror}",
    )
}
