//! The built-in plain-text part: what a terminal, a watch or a screen reader shows.
//!
//! Knows the notice and nothing of mail.

use std::fmt::Write;

use crate::contract::Notice;
use crate::template::cut;
use crate::{facts, report, story};

/// The longest summary, in characters.
const SUMMARY: usize = 5_000;

/// The notice as plain text.
pub(super) fn text(notice: &Notice) -> String {
    let mut text = format!("{}\n", headline(notice));
    for note in report::notes(notice) {
        let _ = writeln!(text, "{note}");
    }
    match report::of(notice) {
        Some(digest) => {
            let _ = writeln!(text, "\n{}", report::lines(digest, true).join("\n"));
        }
        None => run(notice, &mut text),
    }
    text
}

fn headline(notice: &Notice) -> String {
    match report::of(notice) {
        Some(digest) => report::headline(digest),
        None => {
            let (label, group) = (story::label(notice), facts::group(notice));
            format!("{} {label}: {group}", notice.emoji).trim_start().to_owned()
        }
    }
}

fn run(notice: &Notice, text: &mut String) {
    if let Some(history) = story::history(notice) {
        let _ = writeln!(text, "{history}");
    }
    if let Some(summary) = &notice.summary {
        let _ = writeln!(text, "\n{}", cut(&facts::lines(summary), SUMMARY));
    }
    let facts: Vec<_> = facts::facts(notice).collect();
    let width = facts.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0) + 1;
    text.push('\n');
    for (name, value) in facts {
        let _ = writeln!(text, "{:width$} {value}", format!("{name}:"));
    }
    if let Some(link) = &notice.link {
        let _ = writeln!(text, "\nOpen the run: {link}");
    }
}
