//! How a group's newest runs are written in its memory: small, since each of its events writes them
//! anew.
//!
//! A status is a word from outside, and nearly always one of a few: the words stand once each, and
//! a run is three numbers. These are the seconds since the run before it, its word's place, doubled,
//! and one more where it failed, and its own seconds and one more, or 0 where nobody knows them.

use std::borrow::Cow;
use std::collections::VecDeque;

use jiff::Timestamp;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::history::{RUNS, Run};
use super::status::Status;

/// The runs, as they are written.
#[derive(Serialize, Deserialize)]
struct Packed<'a>(Vec<Cow<'a, str>>, Vec<i64>);

/// Writes the runs.
pub(super) fn serialize<S: Serializer>(runs: &VecDeque<Run>, to: S) -> Result<S::Ok, S::Error> {
    let mut packed = Packed(Vec::with_capacity(4), Vec::with_capacity(3 * RUNS));
    let mut before = 0;
    for run in runs {
        let finished = run.finished_at.as_second();
        let word = packed.place(run.status.as_str());
        let seconds = run.seconds.map_or(0, |seconds| i64::from(seconds) + 1);
        packed.1.extend([finished - before, word * 2 + i64::from(run.failing), seconds]);
        before = finished;
    }
    packed.serialize(to)
}

/// Reads the runs.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<VecDeque<Run>, D::Error> {
    let packed = Packed::deserialize(from)?;
    let words: Vec<Status> = packed.0.iter().map(|word| Status::of_upper(word)).collect();
    let mut before = 0_i64;
    let runs = packed.1.chunks(3).map(|numbers| {
        let run = run(&words, numbers, before)?;
        before = run.finished_at.as_second();
        Some(run)
    });
    runs.collect::<Option<_>>().ok_or_else(|| D::Error::custom("these are no runs"))
}

impl<'a> Packed<'a> {
    fn place(&mut self, status: &'a str) -> i64 {
        let known = self.0.iter().position(|word| *word == status);
        let place = known.unwrap_or_else(|| {
            self.0.push(Cow::Borrowed(status));
            self.0.len() - 1
        });
        place as i64
    }
}

fn run(words: &[Status], numbers: &[i64], before: i64) -> Option<Run> {
    let [after, word, seconds] = numbers else { return None };
    let finished = before.checked_add(*after)?;
    let status = words.get(usize::try_from(*word).ok()? / 2)?;
    let seconds = match seconds {
        0 => None,
        more => Some(u32::try_from(more - 1).ok()?),
    };
    Some(Run {
        finished_at: Timestamp::from_second(finished).ok()?,
        status: status.clone(),
        failing: word % 2 == 1,
        seconds,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::GroupMemory;

    fn run(finished: i64, status: &str, failing: bool, seconds: Option<u32>) -> Run {
        let finished_at = Timestamp::from_second(finished).unwrap();
        Run { finished_at, status: Status::of_upper(status), failing, seconds }
    }

    #[test]
    fn runs_come_back_as_they_were_whatever_their_words_and_times() {
        let runs = VecDeque::from([
            run(1_773_500_000, "FAILED", true, Some(240)),
            run(1_773_586_400, "PASSED", false, None),
            run(1_773_500_001, "\u{1f}\"odd\\\n✓", true, Some(u32::MAX)),
            run(Timestamp::MIN.as_second(), "", false, Some(0)),
            run(Timestamp::MAX.as_second(), "FAILED", false, Some(1)),
        ]);
        let memory = GroupMemory { runs, ..GroupMemory::default() };
        let text = serde_json::to_string(&memory).unwrap();
        assert_eq!(serde_json::from_str::<GroupMemory>(&text).unwrap(), memory);
    }

    #[test]
    fn what_was_never_written_is_refused() {
        for text in
            [r#"[["A"],[1]]"#, r#"[[],[1,0,0]]"#, r#"[["A"],[1,-1,0]]"#, r#"[["A"],[1,0,-1]]"#]
        {
            let text = format!(r#"{{"runs":{text}}}"#);
            assert!(serde_json::from_str::<GroupMemory>(&text).is_err(), "{text}");
        }
    }
}
