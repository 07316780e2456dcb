//! What the templates of services know as `said.…`: the words of the built-in messages, by name.
//!
//! The list is what templates are checked against and what the reference shows. Who fills it in
//! stands elsewhere; a test there holds the two together.

use crate::variables::Variable;

/// Every name below `said`, in the order of the reference.
pub const SAID: &[Variable] = &[
    said("said.headline", "what it is about, on one line", "🔴 checkout-eu · FAILED"),
    said("said.emoji", "the emoji that a headline begins with", "🔴"),
    said("said.color", "the colour as `#rrggbb`, always one", "#d73a49"),
    said("said.color_number", "the same as a number", "14105161"),
    said("said.title", "the group as a person reads it; of a report, its title", "checkout-eu"),
    said("said.label", "how it stands, in capitals; of a report, how many fail", "FAILED"),
    said("said.level", "`ok`, `info`, `warning` or `error`", "error"),
    said(
        "said.notes",
        "what a message says before anything else, as a list: that it is a test, how late it is, \
         why it was held back",
        "12m late",
    ),
    said(
        "said.history",
        "what the run means against its group's history; null where unknown",
        "Still failing: 4 in a row since 03:00 (10h)",
    ),
    said(
        "said.summary",
        "Agnox's summary with its line breaks; null in a report",
        "3 tests failed in My Test Suite",
    ),
    said("said.facts", "duration, finish, rule and so on, as a list", "{…}"),
    said("said.facts.name", "what the fact is", "Duration"),
    said("said.facts.value", "the fact", "4m"),
    said(
        "said.link",
        "the run in Agnox, a web address; null where there is none",
        "https://agnox.dev/dashboard?drawerId=task_abc123",
    ),
    said(
        "said.text",
        "notes, history, summary and facts (or the rows of a report) as lines of plain text",
        "3 tests failed in My Test Suite",
    ),
    said("said.report", "whether it tells of several groups", "false"),
    said("said.rows", "the groups of a report, as a list", "{…}"),
    said("said.rows.emoji", "the emoji of how the group stands", "🔴"),
    said("said.rows.color", "the colour of how it stands", "#d73a49"),
    said("said.rows.title", "the group as a person reads it", "checkout-eu"),
    said("said.rows.standing", "how it stands, in words", "FAILED, 3 in a row since Fri 23:10"),
    said("said.rows.summary", "what Agnox says of it", "3 tests failed"),
    said("said.rows.tally", "how many of its runs passed", "1 of 4 passed"),
    said(
        "said.rows.net",
        "how it stands at the end: `failing`, `recovered`, `unknown` or `passing`",
        "failing",
    ),
    said("said.rows.link", "the run in Agnox", "https://agnox.dev/dashboard?drawerId=task_abc123"),
    said(
        "said.rows.line",
        "the row in one sentence",
        "checkout-eu: FAILED, 3 in a row since Fri 23:10 — 3 tests failed",
    ),
    said("said.rest", "what is left out; null where all groups are there", "and 5 more groups"),
];

const fn said(name: &'static str, about: &'static str, example: &'static str) -> Variable {
    Variable { name, about, example }
}
