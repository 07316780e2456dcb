//! Limits the log lines about refused requests, so that a flood of them can't fill a disk.
//!
//! One line for each source and cause in ten seconds; the next one says how many were held back.
//! Only lines are limited: every request is verified and counted.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long a cause stays silent after its line.
const SILENCE: Duration = Duration::from_secs(10);

/// Who was refused and why. Requests for sources that don't exist share one entry, so that
/// whoever invents names can't make this grow.
type Key = (Option<Arc<str>>, &'static str);

/// Remembers what was said lately.
#[derive(Default)]
pub struct Hush(Mutex<HashMap<Key, Entry>>);

struct Entry {
    said: Instant,
    held_back: u64,
}

impl Hush {
    /// Whether to write a line now; if so, how many were held back since the last one.
    pub fn may_say(
        &self,
        source: Option<Arc<str>>,
        cause: &'static str,
        now: Instant,
    ) -> Option<u64> {
        let mut entries = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        match entries.get_mut(&(source.clone(), cause)) {
            Some(entry) if now.duration_since(entry.said) < SILENCE => {
                entry.held_back += 1;
                None
            }
            Some(entry) => {
                entry.said = now;
                Some(std::mem::take(&mut entry.held_back))
            }
            None => {
                entries.insert((source, cause), Entry { said: now, held_back: 0 });
                Some(0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_gets_one_line_in_ten_seconds_and_the_next_says_how_many_were_held_back() {
        let hush = Hush::default();
        let start = Instant::now();
        let main: Option<Arc<str>> = Some("main".into());
        assert_eq!(hush.may_say(main.clone(), "signature", start), Some(0));
        for _ in 0..99 {
            assert_eq!(hush.may_say(main.clone(), "signature", start + SILENCE / 2), None);
        }
        assert_eq!(hush.may_say(None, "signature", start), Some(0), "another source");
        assert_eq!(hush.may_say(main.clone(), "too_large", start), Some(0), "another cause");
        assert_eq!(hush.may_say(main, "signature", start + SILENCE), Some(99));
    }
}
