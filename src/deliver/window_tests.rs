use std::time::Duration;

use jiff::Timestamp;

use super::*;

fn clock() -> Clock {
    Clock::now()
}

fn key(seq: i64, lane: u64) -> Waiting {
    Waiting { seq: DeliverySeq(seq), lane: Lane(lane), due: None }
}

fn due(seq: i64, lane: u64, clock: Clock, seconds: u64) -> Waiting {
    let due = clock.after(Duration::from_secs(seconds));
    Waiting { due: Some(due), ..key(seq, lane) }
}

/// A journal's waiting deliveries, read by a window as a worker does.
struct Backlog {
    waiting: BTreeMap<i64, Waiting>,
    window: Window,
    reads: usize,
}

impl Backlog {
    fn new(waiting: impl IntoIterator<Item = Waiting>) -> Self {
        let waiting = waiting.into_iter().map(|waiting| (waiting.seq.0, waiting)).collect();
        Backlog { waiting, window: Window::default(), reads: 0 }
    }

    fn scan(&mut self) {
        while let Some(after) = self.window.scan() {
            let read = self.waiting.range(after.0 + 1..).map(|(_, w)| *w).take(100).collect();
            self.window.admit(read, 100, clock());
        }
    }

    fn take(&mut self) -> Option<(Lane, DeliverySeq)> {
        self.take_but(None)
    }

    fn take_but(&mut self, avoid: Option<DeliverySeq>) -> Option<(Lane, DeliverySeq)> {
        loop {
            match self.window.take(avoid)? {
                Turn::Go(lane, seq) => return Some((lane, seq)),
                Turn::Refill(lane, from) => {
                    self.reads += 1;
                    let of = self.waiting.range(from.0..).map(|(_, w)| *w);
                    let read = of.filter(|w| w.lane == lane).take(PER_LANE).collect();
                    self.window.refill(lane, read, PER_LANE, clock());
                }
            }
        }
    }

    /// Delivers everything that has a turn, one by one.
    fn drain(&mut self) -> Vec<(u64, i64)> {
        let mut order = Vec::new();
        while let Some((lane, seq)) = self.take() {
            order.push((lane.0, seq.0));
            self.waiting.remove(&seq.0);
            self.window.done(lane, clock());
        }
        order
    }
}

#[test]
fn a_deep_lane_takes_turns_with_the_others_and_keeps_its_order() {
    let deep = (1..=10_000).map(|seq| key(seq, 1));
    let mut backlog = Backlog::new(deep.chain((10_001..=10_010).map(|seq| key(seq, 2))));
    backlog.scan();
    assert!(backlog.window.keys <= PER_LANE + 10, "{}", backlog.window.keys);
    let order = backlog.drain();
    assert_eq!(order.len(), 10_010);
    let second: Vec<usize> = (0..order.len()).filter(|i| order[*i].0 == 2).collect();
    assert!(*second.last().unwrap() <= 20, "{second:?}");
    let first: Vec<i64> = order.iter().filter(|(lane, _)| *lane == 1).map(|(_, s)| *s).collect();
    assert_eq!(first, (1..=10_000).collect::<Vec<_>>());
    assert!(backlog.window.lanes.is_empty() && backlog.window.keys == 0);
}

#[test]
fn memory_is_bounded_by_the_window_however_deep_the_lanes_are() {
    let mut backlog = Backlog::new((1..=100_000).map(|seq| key(seq, seq as u64 % 1_000)));
    backlog.scan();
    assert!(backlog.window.keys < KEYS + 1_100, "{}", backlog.window.keys);
    assert_eq!(backlog.window.lanes.len(), 1_000);
    let first_thousand: Vec<u64> = (0..1_000).map(|_| backlog.take().unwrap().0.0).collect();
    let lanes: BTreeSet<u64> = first_thousand.into_iter().collect();
    assert_eq!(lanes.len(), 1_000, "each lane has one turn before any has two");
}

#[test]
fn many_lanes_are_read_as_earlier_ones_are_done() {
    let mut backlog = Backlog::new((1..=40_000).map(|seq| key(seq, seq as u64)));
    let mut delivered = Vec::new();
    loop {
        backlog.scan();
        assert!(backlog.window.lanes.len() <= LANES + 100);
        let before = delivered.len();
        for _ in 0..1_000 {
            let Some((lane, seq)) = backlog.take() else { break };
            delivered.push(seq.0);
            backlog.waiting.remove(&seq.0);
            backlog.window.done(lane, clock());
        }
        if delivered.len() == before {
            break;
        }
    }
    assert_eq!(delivered, (1..=40_000).collect::<Vec<_>>());
}

#[test]
fn a_lane_has_one_in_flight_and_what_comes_back_goes_first() {
    let mut backlog = Backlog::new([key(1, 7), key(2, 7)]);
    backlog.scan();
    assert_eq!(backlog.take(), Some((Lane(7), DeliverySeq(1))));
    assert_eq!(backlog.take(), None);
    backlog.window.give_back(key(1, 7), clock());
    assert_eq!(backlog.drain(), [(7, 1), (7, 2)]);
}

#[test]
fn a_short_wait_holds_the_lane_and_a_long_one_lets_it_pass() {
    let now = clock();
    let mut backlog = Backlog::new([key(1, 7), key(2, 7), key(3, 8), key(4, 8)]);
    backlog.scan();
    backlog.take();
    backlog.take();
    backlog.window.give_back(due(1, 7, now, 60), now);
    backlog.window.give_back(due(3, 8, now, 600), now);
    backlog.waiting.retain(|seq, _| *seq != 1 && *seq != 3);
    assert_eq!(backlog.drain(), [(8, 4)]);

    let later = |seconds| Clock { now: now.now + Duration::from_secs(seconds), ..now };
    assert_eq!(backlog.window.next_wake().map(|at| at <= later(60).now), Some(true));
    backlog.window.wake(later(61));
    assert_eq!(backlog.take(), Some((Lane(7), DeliverySeq(1))));
    backlog.window.done(Lane(7), now);
    assert_eq!(backlog.take(), Some((Lane(7), DeliverySeq(2))));
    backlog.window.done(Lane(7), now);
    backlog.window.wake(later(601));
    assert_eq!(backlog.take(), Some((Lane(8), DeliverySeq(3))));
}

#[test]
fn a_due_time_years_ahead_is_due_within_the_longest_backoff() {
    let now = clock();
    let far = Waiting { due: Some(now.after(Duration::from_secs(10 * 365 * 86_400))), ..key(1, 7) };
    let mut backlog = Backlog::new([far]);
    backlog.scan();
    assert_eq!(backlog.take(), None);
    let wake = backlog.window.next_wake().unwrap();
    assert!(wake <= now.now + LONGEST_OWN + Duration::from_secs(1));
    assert_eq!(now.until(Timestamp::MIN, LONGEST_OWN), Duration::ZERO);
}

#[test]
fn starting_over_finds_what_was_put_back_and_nothing_twice() {
    let mut backlog = Backlog::new((2..=200).map(|seq| key(seq, 7)));
    backlog.scan();
    assert_eq!(backlog.take(), Some((Lane(7), DeliverySeq(2))));
    backlog.waiting.insert(1, key(1, 7));
    backlog.window.start_over();
    backlog.window.give_back(key(2, 7), clock());
    backlog.scan();
    assert_eq!(backlog.drain(), (1..=200).map(|seq| (7, seq)).collect::<Vec<_>>());
}

#[test]
fn what_is_in_flight_is_not_taken_up_again_by_starting_over() {
    let mut backlog = Backlog::new([key(1, 7), key(2, 7), key(3, 8)]);
    backlog.scan();
    backlog.take();
    backlog.window.start_over();
    backlog.scan();
    assert_eq!(backlog.take(), Some((Lane(8), DeliverySeq(3))));
    assert_eq!(backlog.take(), None);
    backlog.window.done(Lane(7), clock());
    assert_eq!(backlog.take(), Some((Lane(7), DeliverySeq(2))));
}

#[test]
fn a_lone_lanes_second_goes_where_its_first_is_to_be_avoided() {
    let mut backlog = Backlog::new((1..=100).map(|seq| key(seq, 7)));
    backlog.scan();
    for _ in 0..3 {
        assert_eq!(backlog.take_but(Some(DeliverySeq(1))), Some((Lane(7), DeliverySeq(2))));
        backlog.window.give_back(key(2, 7), clock());
        assert_eq!(backlog.take_but(None), Some((Lane(7), DeliverySeq(1))));
        backlog.window.give_back(key(1, 7), clock());
    }
    let mut alone = Backlog::new([key(1, 7)]);
    alone.scan();
    assert_eq!(alone.take_but(Some(DeliverySeq(1))), Some((Lane(7), DeliverySeq(1))));
}
