//! Rates, bursts, and what becomes of them when the configuration changes.

use super::*;

fn tempo(rate: &str, burst: Option<u32>) -> Option<Tempo> {
    Some(Tempo { rate: Rate::parse(rate).unwrap(), burst })
}

fn paced(rate: &str, burst: Option<u32>) -> Pace {
    let mut pace = Pace::default();
    pace.set(tempo(rate, burst));
    pace
}

/// Sends whatever may go in each of so many milliseconds, and gives the millisecond of each.
fn sent_in(pace: &mut Pace, from: Instant, millis: u64) -> Vec<u64> {
    let mut sent = Vec::new();
    for step in 0..millis {
        let now = from + Duration::from_millis(step);
        while pace.next(now).is_none() && sent.len() < 100_000 {
            pace.note(now);
            sent.push(step);
        }
    }
    sent
}

/// The most that any window of so many milliseconds holds.
fn most_in(sent: &[u64], window: u64) -> usize {
    let within =
        |first: &u64| sent.iter().filter(|at| (*first..first + window).contains(at)).count();
    sent.iter().map(within).max().unwrap_or(0)
}

#[test]
fn no_window_holds_more_than_the_rate_allows() {
    let from = Instant::now();
    for (text, most) in [("1/s", 10), ("3/s", 30), ("20/m", 20), ("5/10s", 5), ("2500/s", 25_000)] {
        let sent = sent_in(&mut paced(text, None), from, 10_000).len();
        assert!(sent <= most && sent * 10 >= most * 9, "{text}: {sent}");
    }
}

#[test]
fn a_burst_goes_at_once_and_is_earned_again_at_the_rate() {
    let from = Instant::now();
    let mut pace = paced("1/5s", Some(60));
    let sent = sent_in(&mut pace, from, 60_001);
    assert_eq!(sent.iter().filter(|at| **at == 0).count(), 60);
    assert_eq!(sent.len(), 60 + 12);
    for pair in sent[59..].windows(2) {
        assert!((5_000..=5_001).contains(&(pair[1] - pair[0])), "{pair:?}");
    }
    let rested = from + Duration::from_secs(60 + 150);
    assert!((29..=30).contains(&sent_in(&mut pace, rested, 1).len()));
    let long_after = from + Duration::from_secs(100_000);
    assert_eq!(sent_in(&mut pace, long_after, 1).len(), 60);
}

#[test]
fn no_window_holds_more_than_the_burst_and_what_is_earned_within_it() {
    let from = Instant::now();
    for (rate, burst, each) in [("1/s", 5, 1_000), ("4/s", 10, 250), ("30/m", 40, 2_000)] {
        let mut pace = paced(rate, Some(burst));
        let mut sent = sent_in(&mut pace, from, 7_000);
        let later = sent_in(&mut pace, from + Duration::from_millis(9_500), 7_000);
        sent.extend(later.iter().map(|at| at + 9_500));
        for window in [1, 500, 1_000, 3_000, 10_000] {
            let most = burst as usize + (window / each) as usize;
            assert!(most_in(&sent, window) <= most, "{rate} {burst} in {window} ms");
        }
    }
}

#[test]
fn a_burst_below_the_rate_spreads_it() {
    let sent = sent_in(&mut paced("80/m", Some(10)), Instant::now(), 120_000);
    assert!(most_in(&sent, 60_000) <= 80 && most_in(&sent, 1) == 10, "{sent:?}");
    assert_eq!(sent.len(), 160);
    assert_eq!(sent_in(&mut paced("3/s", Some(0)), Instant::now(), 1), [0]);
}

#[test]
fn a_new_pace_counts_what_went_out_before() {
    let from = Instant::now();
    let mut pace = paced("2/m", None);
    assert_eq!(sent_in(&mut pace, from, 1).len(), 2);
    pace.set(tempo("1/h", None));
    assert!(pace.next(from + Duration::from_secs(3599)).is_some());
    pace.set(None);
    assert!(pace.next(from).is_none());
}

#[test]
fn a_burst_that_is_spent_stays_spent_when_the_pace_changes() {
    let from = Instant::now();
    let mut pace = paced("1/5s", Some(60));
    assert_eq!(sent_in(&mut pace, from, 1).len(), 60);
    pace.set(tempo("1/5s", Some(60)));
    assert_eq!(pace.next(from), Some(from + Duration::from_secs(5)));
    pace.set(tempo("1/m", Some(10)));
    assert_eq!(pace.next(from), Some(from + Duration::from_secs(60)));
    let mut pace = paced("1/5s", Some(60));
    assert_eq!(sent_in(&mut pace, from, 1).len(), 60);
    pace.set(tempo("20/m", None));
    assert_eq!(pace.next(from), Some(from + Duration::from_secs(60)));
}

#[test]
fn what_a_plain_rate_let_through_is_taken_off_a_burst() {
    let from = Instant::now();
    let mut pace = paced("20/m", None);
    assert_eq!(sent_in(&mut pace, from, 1).len(), 20);
    pace.set(tempo("1/5s", Some(60)));
    assert_eq!(sent_in(&mut pace, from, 1).len(), 40);
}

#[test]
fn the_time_of_the_next_message_is_one_at_which_it_may_go() {
    let from = Instant::now();
    for (rate, burst) in
        [("7/s", Some(9)), ("3/10s", Some(4)), ("999/m", Some(2_000)), ("7/s", None)]
    {
        let mut pace = paced(rate, burst);
        let mut now = from;
        for _ in 0..5_000 {
            while let Some(next) = pace.next(now) {
                assert!(next > now, "{rate}");
                now = next;
            }
            pace.note(now);
        }
    }
}
