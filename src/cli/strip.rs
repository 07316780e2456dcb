//! The strip of a group's newest runs: a mark for each, oldest first.
//!
//! Where the terminal takes colours the marks are coloured signs, otherwise letters. A table lays
//! out cells by their width and disarms what stands in them, so a strip goes through it as
//! placeholders, one character a run, and is painted in the finished line.

use super::Output;
use crate::admin::shapes::RunView;

/// What a status looks like.
struct Mark {
    status: &'static str,
    /// Stands for it until the line is painted; of Unicode's private use, which nothing else has.
    placeholder: char,
    letter: char,
    sign: char,
    /// The terminal's colour.
    color: u8,
}

const MARKS: [Mark; 6] = [
    Mark { status: "PASSED", placeholder: '\u{e001}', letter: 'p', sign: '✓', color: 32 },
    Mark { status: "FAILED", placeholder: '\u{e002}', letter: 'F', sign: '✗', color: 31 },
    Mark { status: "ERROR", placeholder: '\u{e003}', letter: 'E', sign: '!', color: 35 },
    Mark { status: "UNSTABLE", placeholder: '\u{e004}', letter: 'U', sign: '~', color: 33 },
    Mark { status: "MISSING", placeholder: '\u{e005}', letter: 'M', sign: '?', color: 31 },
    Mark { status: "another", placeholder: '\u{e006}', letter: 'x', sign: '·', color: 90 },
];

fn mark(status: &str) -> &'static Mark {
    let known = MARKS.iter().find(|mark| mark.status == status);
    known.unwrap_or(&MARKS[MARKS.len() - 1])
}

/// The runs as placeholders, to be [`painted`].
pub(super) fn strip(runs: &[RunView]) -> String {
    runs.iter().map(|run| mark(&run.status).placeholder).collect()
}

/// A line with its placeholders painted.
pub(super) fn painted(line: &str, output: &Output) -> String {
    let mut painted = String::with_capacity(line.len());
    for c in line.chars() {
        match MARKS.iter().find(|mark| mark.placeholder == c) {
            Some(mark) if output.colored() => {
                painted.push_str(&format!("\u{1b}[{}m{}\u{1b}[0m", mark.color, mark.sign));
            }
            Some(mark) => painted.push(mark.letter),
            None => painted.push(c),
        }
    }
    painted
}

/// What the marks mean that these runs use, to be [`painted`].
pub(super) fn legend<'a>(runs: impl Iterator<Item = &'a RunView>) -> String {
    let used: Vec<char> = runs.map(|run| mark(&run.status).placeholder).collect();
    let used = MARKS.iter().filter(|mark| used.contains(&mark.placeholder));
    let named = used.map(|mark| format!("{} {}", mark.placeholder, mark.status.to_lowercase()));
    named.collect::<Vec<_>>().join("  ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::output::Color;

    fn runs(statuses: &[&str]) -> Vec<RunView> {
        let run = |status: &&str| RunView {
            finished_at: jiff::Timestamp::UNIX_EPOCH,
            status: (*status).to_owned(),
            failing: false,
            seconds: None,
        };
        statuses.iter().map(run).collect()
    }

    #[test]
    fn a_strip_has_one_mark_a_run_and_colours_only_where_they_are_taken() {
        let runs = runs(&["PASSED", "FAILED", "ERROR", "MISSING", "SLOW"]);
        let plain = painted(&strip(&runs), &Output::new(Color::Never, false));
        assert_eq!(plain, "pFEMx");
        let colored = painted(&strip(&runs), &Output::new(Color::Always, false));
        assert!(colored.starts_with("\u{1b}[32m✓\u{1b}[0m\u{1b}[31m✗\u{1b}[0m"), "{colored:?}");
    }

    #[test]
    fn the_legend_names_what_is_there_once() {
        let runs = runs(&["FAILED", "PASSED", "FAILED"]);
        let plain = painted(&legend(runs.iter()), &Output::new(Color::Never, false));
        assert_eq!(plain, "p passed  F failed");
    }

    #[test]
    fn each_mark_has_a_placeholder_a_letter_and_a_sign_of_its_own() {
        for (number, mark) in MARKS.iter().enumerate() {
            for other in &MARKS[number + 1..] {
                assert_ne!(mark.placeholder, other.placeholder);
                assert_ne!(mark.letter, other.letter);
                assert_ne!(mark.sign, other.sign);
            }
        }
    }
}
