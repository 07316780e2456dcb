//! Ids as the outside sees them: UUIDv7, made from a place in the journal's order.
//!
//! The timestamp is the item's own time in milliseconds; the 74 random bits hold its sequence (42
//! bits) and a keyed hash of both (32 bits). So the journal stores no id and keeps no index over
//! ids: it decodes the sequence, loads the row, and mints the id again to see that it is the same.
//! Nothing here knows where rows are.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// What an id names; ids of one kind are never taken for the other's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An event.
    Event = 1,
    /// A delivery.
    Delivery = 2,
}

const SEQ_BITS: u32 = 42;
const HASH_BITS: u32 = 32;

/// Makes the ids of one journal.
#[derive(Clone, Debug)]
pub struct Mint {
    salted: Sha256,
}

impl Mint {
    /// The mint of the journal with this random salt.
    pub fn new(salt: &[u8]) -> Self {
        Mint { salted: Sha256::new_with_prefix(salt) }
    }

    /// The id of the item at this place; the same whenever it is asked for.
    pub fn id(&self, kind: Kind, at: Timestamp, seq: i64) -> Uuid {
        let millis = at.as_millisecond().clamp(0, (1 << 48) - 1) as u128;
        let seq = (seq as u128) & ((1 << SEQ_BITS) - 1);
        let payload = seq << HASH_BITS | u128::from(self.hash(kind, millis as u64, seq as u64));
        let (high, low) = (payload >> 62, payload & ((1 << 62) - 1));
        Uuid::from_u128(millis << 80 | 7 << 76 | high << 64 | 2 << 62 | low)
    }

    fn hash(&self, kind: Kind, millis: u64, seq: u64) -> u32 {
        let mut hash = self.salted.clone();
        hash.update([kind as u8]);
        hash.update(millis.to_be_bytes());
        hash.update(seq.to_be_bytes());
        let digest = hash.finalize();
        u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
    }
}

/// The place that an id claims; only minting it again proves the claim.
pub fn claimed_seq(id: Uuid) -> Option<i64> {
    if id.get_version_num() != 7 {
        return None;
    }
    let bits = id.as_u128();
    let payload = (bits >> 64 & 0xfff) << 62 | bits & ((1 << 62) - 1);
    i64::try_from(payload >> HASH_BITS).ok()
}

#[cfg(test)]
mod tests {
    use uuid::Variant;

    use super::*;

    fn at() -> Timestamp {
        "2026-03-14T12:00:00.123456Z".parse().unwrap()
    }

    #[test]
    fn an_id_is_a_uuid_of_version_7_with_the_items_time() {
        let id = Mint::new(b"salt").id(Kind::Event, at(), 17);
        assert_eq!((id.get_version_num(), id.get_variant()), (7, Variant::RFC4122));
        let (seconds, nanos) = id.get_timestamp().unwrap().to_unix();
        assert_eq!((seconds as i64, nanos), (at().as_second(), 123_000_000));
    }

    #[test]
    fn the_sequence_comes_back_from_an_id() {
        let mint = Mint::new(b"salt");
        for seq in [0, 1, 4095, 4096, 1 << 30, (1 << 42) - 1] {
            assert_eq!(claimed_seq(mint.id(Kind::Delivery, at(), seq)), Some(seq));
        }
        assert_eq!(claimed_seq(Uuid::nil()), None);
        assert_eq!(claimed_seq(Uuid::new_v4()), None);
    }

    #[test]
    fn an_id_depends_on_journal_kind_time_and_place() {
        let mint = Mint::new(b"salt");
        let id = mint.id(Kind::Event, at(), 5);
        assert_eq!(id, mint.id(Kind::Event, at(), 5));
        assert_ne!(id, Mint::new(b"other").id(Kind::Event, at(), 5));
        assert_ne!(id, mint.id(Kind::Delivery, at(), 5));
        assert_ne!(id, mint.id(Kind::Event, at(), 6));
    }

    #[test]
    fn ids_of_one_millisecond_sort_by_their_place() {
        let mint = Mint::new(b"salt");
        let ids: Vec<Uuid> = (4090..4100).map(|seq| mint.id(Kind::Event, at(), seq)).collect();
        assert!(ids.is_sorted());
    }

    #[test]
    fn a_clock_before_1970_or_far_ahead_still_makes_an_id() {
        let mint = Mint::new(b"salt");
        for time in [Timestamp::MIN, Timestamp::MAX] {
            assert_eq!(claimed_seq(mint.id(Kind::Event, time, 3)), Some(3));
        }
    }
}
