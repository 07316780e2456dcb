//! How long to wait after a failure: a sink's schedule, a delivery's schedule, and Retry-After.
//!
//! Every wait is shortened at random by up to a fifth, so that what failed together does not come
//! back together. Nothing here knows what failed or why.

use std::time::Duration;

use uuid::Uuid;

/// Between the probes of an unavailable sink: quick at first, then at most 30 s apart.
const SINK_STEPS: [u64; 6] = [1, 2, 5, 10, 20, 30];

/// Between the tries of a delivery that has its own trouble, in seconds.
const OWN_STEPS: [u64; 8] = [10, 30, 60, 120, 300, 600, 1200, 1800];

/// A delivery in its own trouble holds its lane while the next try is no further off than this,
/// which the first four waits are: under four minutes in all. Then the lane passes it.
pub(super) const HOLD: Duration = Duration::from_secs(150);

/// No delivery waits longer than this, whatever due time is stored with it.
pub(super) const LONGEST_OWN: Duration = Duration::from_secs(1800);

/// Between the probes of a suspended sink.
pub(super) const SUSPENDED: Duration = Duration::from_secs(3600);

/// What an endpoint may ask for with Retry-After.
pub(super) const RETRY_AFTER: (Duration, Duration) =
    (Duration::from_secs(1), Duration::from_secs(3600));

/// How long a sink waits after so many failed tries in a row (1 for the first).
pub(super) fn sink(failures: u32) -> Duration {
    let index = (failures.max(1) as usize - 1).min(SINK_STEPS.len() - 1);
    jittered(SINK_STEPS[index])
}

/// How long a delivery waits that waited this long before its last try.
pub(super) fn own(before: Option<Duration>) -> Duration {
    let before = before.unwrap_or_default();
    let longer = |step: &&u64| Duration::from_secs(**step).mul_f64(1.0 - JITTER) > before;
    jittered(*OWN_STEPS.iter().find(longer).unwrap_or(&OWN_STEPS[OWN_STEPS.len() - 1]))
}

/// What Retry-After asks for, within bounds.
pub(super) fn asked(retry_after: Duration) -> Duration {
    retry_after.clamp(RETRY_AFTER.0, RETRY_AFTER.1)
}

const JITTER: f64 = 0.2;

fn jittered(seconds: u64) -> Duration {
    let random = (Uuid::new_v4().as_u128() & 0xffff) as f64 / 65_535.0;
    Duration::from_secs(seconds).mul_f64(1.0 - JITTER * random)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sinks_waits_grow_to_half_a_minute_and_no_further() {
        for _ in 0..100 {
            let waits: Vec<Duration> = (1..50).map(sink).collect();
            assert!(waits[0] >= Duration::from_millis(800) && waits[0] <= Duration::from_secs(1));
            assert!(waits.iter().all(|wait| *wait <= Duration::from_secs(30)));
            assert!(waits[10] >= Duration::from_secs(24));
        }
    }

    #[test]
    fn a_deliverys_waits_grow_and_hold_its_lane_for_minutes_only() {
        for _ in 0..100 {
            let (mut before, mut held, mut waits) = (None, Duration::ZERO, Vec::new());
            for _ in 0..12 {
                let wait = own(before);
                held += if wait <= HOLD { wait } else { Duration::ZERO };
                waits.push(wait);
                before = Some(wait);
            }
            assert!(waits[..8].is_sorted(), "{waits:?}");
            assert!(waits[11] <= LONGEST_OWN && waits[11] > Duration::from_secs(1200));
            assert!(held < Duration::from_secs(240), "{held:?}");
        }
    }

    #[test]
    fn retry_after_is_honoured_within_bounds() {
        assert_eq!(asked(Duration::ZERO), Duration::from_secs(1));
        assert_eq!(asked(Duration::from_secs(90)), Duration::from_secs(90));
        assert_eq!(asked(Duration::from_secs(1_000_000_000)), Duration::from_secs(3600));
    }
}
