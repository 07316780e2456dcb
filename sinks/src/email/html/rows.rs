//! The table of a digest's groups inside the card: one row a group, those that fail first.
//!
//! The state of a group stands in words beside its coloured dot, so that nothing hangs on the
//! colour; all data is escaped here.

use super::{color, escape};
use crate::digest::{Digest, Row};
use crate::{facts, report, story};

/// How long the rows may be together, in bytes: Gmail cuts mails off at about 100 kB.
const BYTES: usize = 80_000;
/// The most rows.
const ROWS: usize = 200;

/// The table, and how many groups it leaves out.
pub(super) fn table(digest: &Digest) -> String {
    let (rows, left_out) = report::fitting(digest, ROWS, BYTES, |row| one(row, digest));
    if rows.is_empty() && left_out == 0 {
        return String::new();
    }
    let rest = report::rest(left_out).map(|rest| {
        format!(
            "<tr><td class=\"dim\" colspan=\"4\" style=\"{CELL};padding-left:0;color:#6b7280\">\
             {rest}</td></tr>"
        )
    });
    format!(
        "<tr><td style=\"padding:18px 28px 0\"><table width=\"100%\" cellpadding=\"0\" \
         cellspacing=\"0\" border=\"0\" style=\"font-size:14px;line-height:20px;\
         border-collapse:collapse\">{}{}{}</table></td></tr>",
        head(),
        rows.concat(),
        rest.unwrap_or_default(),
    )
}

const CELL: &str = "padding:10px 0 10px 16px;vertical-align:top";

fn head() -> String {
    let cell = |name: &str, style: &str| {
        format!(
            "<th class=\"dim\" style=\"padding:0 0 6px 16px;font-size:12px;line-height:18px;\
             font-weight:600;color:#6b7280;{style}\">{name}</th>"
        )
    };
    let right = "text-align:right;white-space:nowrap";
    format!(
        "<tr>{}{}{}{}</tr>",
        cell("Group", "text-align:left;padding-left:0"),
        cell("Runs", right),
        cell("Passed", right),
        cell("Slowest", right),
    )
}

fn one(row: &Row, digest: &Digest) -> String {
    let rate = row.pass_rate.as_deref().map(|rate| rate.replace(' ', "\u{a0}"));
    format!(
        "<tr class=\"line\" style=\"border-top:1px solid #e5e7eb\"><td style=\"{CELL};\
         padding-left:0;word-break:break-word;overflow-wrap:anywhere\">{}{}{}</td>{}{}{}</tr>",
        name(row),
        state(row, digest),
        summary(row),
        number(&row.runs.to_string()),
        number(&rate.unwrap_or_default()),
        number(row.slowest.as_deref().unwrap_or_default()),
    )
}

fn name(row: &Row) -> String {
    let group = story::group(row);
    let group = escape(&group);
    let style = "color:#111827;font-weight:600;text-decoration:none";
    match row.link.as_deref().filter(|link| link.len() <= 500) {
        Some(link) => {
            format!("<a class=\"ink\" href=\"{}\" style=\"{style}\">{group}</a>", escape(link))
        }
        None => format!("<span class=\"ink\" style=\"{style}\">{group}</span>"),
    }
}

/// The dot and the words of how it stands: below the name, or beside it where all is well.
fn state(row: &Row, digest: &Digest) -> String {
    let before = if row.net == "passing" { "&nbsp; " } else { "<br>" };
    format!(
        "{before}<span style=\"color:{}\">&#9679;</span>&nbsp;<span class=\"dim\" \
         style=\"color:#4b5563\">{}</span>",
        color(&row.color),
        escape(&report::standing(row, digest)),
    )
}

fn summary(row: &Row) -> String {
    let Some(summary) = story::summary(row) else { return String::new() };
    format!("<br><span class=\"dim\" style=\"color:#6b7280\">{}</span>", escape(&summary))
}

fn number(text: &str) -> String {
    format!(
        "<td class=\"ink\" style=\"{CELL};color:#1f2937;text-align:right;white-space:nowrap\">{}</td>",
        escape(&facts::line(text, 40))
    )
}
