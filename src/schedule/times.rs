//! At which times of a day a window is: from one clock time to another, possibly past midnight.

use super::config::Words;
use super::days::some;
use crate::model::Problem;

/// A time of the day, in minutes from the midnight at which the day begins. It may end on the next
/// day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Time {
    pub(super) from: u16,
    /// The first minute that is outside.
    pub(super) to: u16,
}

const DAY: u16 = 24 * 60;

const HINT: &str = "write it as \"22:00-07:00\"; 24:00 is the end of a day";

/// Reads `times`; the whole day where they are left out.
pub(super) fn read(times: Option<&Words>, problems: &mut Vec<Problem>) -> Vec<Time> {
    let Some(words) = times else { return vec![Time { from: 0, to: DAY }] };
    let mut times = Vec::new();
    for (path, text) in some(words, "times", problems) {
        match time(text) {
            Ok(time) => times.push(time),
            Err(problem) => problems.push(Problem { path, ..problem }),
        }
    }
    times
}

fn time(text: &str) -> Result<Time, Problem> {
    let wrong = |why: &str| Problem::new("", format!("`{text}` is no time of the day: {why}"));
    let (from, to) = text.split_once('-').ok_or_else(|| wrong("it has no end").hint(HINT))?;
    let clock = |text: &str| {
        clock(text.trim())
            .ok_or_else(|| wrong(&format!("`{}` is on no clock", text.trim())).hint(HINT))
    };
    let (from, to) = (clock(from)?, clock(to)?);
    match from {
        _ if from == to => {
            Err(wrong("it ends where it begins").hint("write \"00:00-24:00\" for the whole day"))
        }
        DAY => Err(wrong("24:00 is the end of a day").hint("begin it at 00:00")),
        _ if to < from => Ok(Time { from, to: to + DAY }),
        _ => Ok(Time { from, to }),
    }
}

/// Minutes from midnight.
fn clock(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let number = |text: &str, digits: std::ops::RangeInclusive<usize>| -> Option<u16> {
        let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && digits.contains(&text.len());
        plain.then(|| text.parse().ok())?
    };
    let minutes = number(hour, 1..=2)? * 60 + number(minute, 2..=2).filter(|m| *m < 60)?;
    (minutes <= DAY).then_some(minutes)
}
