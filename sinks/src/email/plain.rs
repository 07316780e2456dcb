//! The built-in plain-text part: what a terminal, a watch or a screen reader shows.
//!
//! Knows the notice and nothing of mail.

use std::fmt::Write;

use crate::contract::Notice;
use crate::facts;
use crate::template::cut;

/// The longest summary, in characters.
const SUMMARY: usize = 5_000;

/// The notice as plain text.
pub(super) fn text(notice: &Notice) -> String {
    let headline = format!("{} {}: {}", notice.emoji, facts::status(notice), facts::group(notice));
    let mut text = format!("{}\n", headline.trim_start());
    if let Some(note) = facts::delayed(notice) {
        let _ = writeln!(text, "{note}");
    }
    if let Some(summary) = &notice.summary {
        let _ = writeln!(text, "\n{}", cut(&facts::lines(summary), SUMMARY));
    }
    let facts = facts::facts(notice);
    let width = facts.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0) + 1;
    text.push('\n');
    for (name, value) in facts {
        let _ = writeln!(text, "{:width$} {value}", format!("{name}:"));
    }
    if let Some(link) = &notice.link {
        let _ = writeln!(text, "\nOpen the run: {link}");
    }
    text
}
