//! The alarm before the journal's disk is full.

use std::path::Path;

/// Below this share of the disk there is an alarm.
const SHARE: f64 = 0.10;

/// Below so many bytes there is an alarm, however small the disk.
const LEAST: u64 = 256 << 20;

/// What to tell a person while the disk is nearly full; `None` while it isn't.
pub fn alarm(free: u64, total: Option<u64>) -> Option<String> {
    let share = total.filter(|total| *total > 0).map(|total| free as f64 / total as f64);
    if free >= LEAST && share.is_none_or(|share| share >= SHARE) {
        return None;
    }
    let of = share.map_or_else(String::new, |share| format!(" ({:.0} %)", share * 100.0));
    Some(format!(
        "the journal's disk has {} MiB{of} free: make room, or shorten `journal.retention`; \
         on a full disk no event can be accepted",
        free >> 20
    ))
}

/// The size of the disk that this file is on.
pub fn size_of_disk(file: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(file).ok()?;
    disk.f_blocks.checked_mul(disk.f_frsize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alarm_comes_before_the_disk_is_full() {
        let gib = 1 << 30;
        assert_eq!(alarm(20 * gib, Some(100 * gib)), None);
        assert!(alarm(9 * gib, Some(100 * gib)).unwrap().contains("9 %"));
        assert!(alarm(200 << 20, Some(gib)).unwrap().contains("200 MiB (20 %)"));
        assert!(alarm(200 << 20, None).is_some());
        assert_eq!(alarm(gib, None), None);
    }
}
