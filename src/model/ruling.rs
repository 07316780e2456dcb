//! Whether a recovery is owed: a ruling over the deliveries that it answers.
//!
//! Who was told of a failure is to hear that it is over, and who was not told is not. So a recovery
//! that is conditional is held until the deliveries of its duty have settled; one that still waits
//! then is cancelled in favour of the recovery, which says both. A failure that opened a thing (an
//! issue) and then failed at a later step counts as told: the recovery closes it. The journal asks it
//! when a recovery is planned and whenever a delivery of its duty settles, a rehearsal does as the
//! journal would.

use super::delivery::DeliveryState;

/// Why a recovery was cancelled of which nothing was told.
pub const NEVER_TOLD: &str = "what it answers was never delivered";

/// Why a delivery was cancelled whose recovery says both.
pub const SUPERSEDED: &str = "superseded by the recovery";

/// How a delivery that a recovery answers stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// It was delivered, or may have been, or it has opened a thing that is open still.
    Arrived,
    /// It is not settled.
    Open,
    /// It was cancelled, since the recovery takes its place.
    Superseded,
    /// It is dead, or a person cancelled it.
    Failed,
}

impl Answered {
    /// How a delivery in this state stands.
    pub fn of(state: DeliveryState, maybe_arrived: bool, superseded: bool) -> Self {
        match state {
            DeliveryState::Delivered => Answered::Arrived,
            _ if maybe_arrived => Answered::Arrived,
            DeliveryState::Waiting | DeliveryState::Held => Answered::Open,
            DeliveryState::Cancelled if superseded => Answered::Superseded,
            DeliveryState::Cancelled | DeliveryState::Dead => Answered::Failed,
        }
    }
}

/// What becomes of a conditional recovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// It is sent.
    Release {
        /// It is the first that is heard: the failure never arrived.
        untold: bool,
    },
    /// It waits for the ruling after the next settlement.
    Hold,
    /// It is not sent, unless one that failed is put back and arrives after all.
    Cancel,
}

/// Rules over all deliveries of a duty.
pub fn rule(answered: &[Answered]) -> Ruling {
    let any = |wanted| answered.contains(&wanted);
    if any(Answered::Arrived) {
        Ruling::Release { untold: false }
    } else if any(Answered::Open) {
        Ruling::Hold
    } else if any(Answered::Superseded) {
        Ruling::Release { untold: true }
    } else {
        Ruling::Cancel
    }
}

#[cfg(test)]
mod tests {
    use super::Answered::{Arrived, Failed, Open, Superseded};
    use super::*;

    #[test]
    fn one_that_arrived_releases_whatever_became_of_the_others() {
        for other in [Arrived, Open, Superseded, Failed] {
            assert_eq!(rule(&[other, Arrived]), Ruling::Release { untold: false });
            assert_eq!(rule(&[Arrived, other]), Ruling::Release { untold: false });
        }
    }

    #[test]
    fn one_that_is_open_holds_until_it_settles() {
        for other in [Open, Superseded, Failed] {
            assert_eq!(rule(&[other, Open]), Ruling::Hold);
        }
    }

    #[test]
    fn where_all_were_superseded_or_failed_the_recovery_says_both() {
        assert_eq!(rule(&[Failed, Superseded]), Ruling::Release { untold: true });
        assert_eq!(rule(&[Superseded]), Ruling::Release { untold: true });
    }

    #[test]
    fn nobody_who_was_not_told_hears_of_the_end() {
        assert_eq!(rule(&[Failed, Failed]), Ruling::Cancel);
        assert_eq!(rule(&[]), Ruling::Cancel);
    }

    #[test]
    fn what_may_have_arrived_counts_as_told_in_every_state() {
        use DeliveryState::{Cancelled, Dead, Delivered, Held, Waiting};
        for state in [Waiting, Delivered, Dead, Cancelled, Held] {
            assert_eq!(Answered::of(state, true, true), Arrived);
        }
        assert_eq!(Answered::of(Delivered, false, false), Arrived);
        assert_eq!(Answered::of(Waiting, false, false), Open);
        assert_eq!(Answered::of(Dead, false, false), Failed);
        assert_eq!(Answered::of(Cancelled, false, false), Failed);
        assert_eq!(Answered::of(Cancelled, false, true), Superseded);
    }
}
