//! What a digest looks like in Slack, in each format: a title, the time it tells of, and a group a
//! block (or a line), as many as Slack takes.
//!
//! The blocks stand in the message itself and not beside a coloured bar, since Slack folds long
//! attachments away; each group has its own emoji instead.

use serde_json::{Value, json};

use super::look::{TEXT, color, context, notes};
use super::markup::{address, fitted, shortened};
use super::options::Format;
use crate::contract::Notice;
use crate::digest::{Digest, Row};
use crate::{facts, report, story};

/// The most groups; with the title they stay below Slack's 50 blocks.
const ROWS: usize = 30;
/// How long the groups may be together, in bytes; Slack takes about 13,000 characters in all.
const ROWS_BYTES: usize = 7_000;

/// The message in a format.
pub(super) fn message(format: Format, notice: &Notice, digest: &Digest) -> Value {
    match format {
        Format::Blocks => blocks(notice, digest),
        Format::Attachments => attachments(notice, digest),
        Format::Text => json!({ "text": shortened(&text(notice, digest), TEXT) }),
    }
}

/// The title on one line: `📋 *morning report* · 3 of 12 groups failing`.
pub(super) fn headline(digest: &Digest) -> String {
    let (emblem, title) = (report::emblem(digest), fitted(&report::title(digest), 400));
    format!("{emblem} *{title}* · {}", report::verdict(digest))
}

fn blocks(notice: &Notice, digest: &Digest) -> Value {
    let mut blocks = vec![section(&headline(digest))];
    blocks.push(context(&notes(notice).join("\n")));
    let (rows, left_out) = rows(digest, ROWS_BYTES);
    if !rows.is_empty() {
        blocks.push(json!({ "type": "divider" }));
    }
    blocks.extend(paragraphs(rows).iter().map(|rows| section(rows)));
    blocks.extend(report::rest(left_out).map(|rest| context(&rest)));
    json!({ "text": headline(digest), "blocks": blocks })
}

/// Groups with nothing to explain share a block, a line each; the others have one of their own.
fn paragraphs(rows: Vec<String>) -> Vec<String> {
    let mut paragraphs: Vec<String> = Vec::new();
    let mut open = false;
    for row in rows {
        let short = !row.contains('\n');
        match paragraphs.last_mut() {
            Some(last) if open && short && last.len() + row.len() < 2_500 => {
                last.push('\n');
                last.push_str(&row);
            }
            _ => paragraphs.push(row),
        }
        open = short;
    }
    paragraphs
}

fn section(text: &str) -> Value {
    json!({ "type": "section", "text": { "type": "mrkdwn", "text": text } })
}

fn attachments(notice: &Notice, digest: &Digest) -> Value {
    let (rows, left_out) = rows(digest, ROWS_BYTES);
    let mut lines = notes(notice);
    lines.extend(rows);
    lines.extend(report::rest(left_out));
    let bar = json!({
        "color": color(notice),
        "fallback": headline(digest),
        "text": lines.join("\n"),
        "mrkdwn_in": ["text"],
    });
    json!({ "text": headline(digest), "attachments": [bar] })
}

fn text(notice: &Notice, digest: &Digest) -> String {
    let (rows, left_out) = rows(digest, TEXT / 2);
    let mut lines = vec![headline(digest)];
    lines.extend(notes(notice));
    lines.extend(rows);
    lines.extend(report::rest(left_out));
    lines.join("\n")
}

fn rows(digest: &Digest, bytes: usize) -> (Vec<String>, u32) {
    report::fitting(digest, ROWS, bytes, |row| one(row, digest))
}

/// `🔴 *checkout-eu* · FAILED, 3 in a row since Fri 23:10`, and below it what else is known; all on
/// one line where the group passes.
fn one(row: &Row, digest: &Digest) -> String {
    let name = fitted(&story::group(row), 200);
    let link = row.link.as_deref().and_then(address).filter(|url| url.len() < 300);
    let name = match link {
        Some(url) => format!("<{}|{name}>", url.replace('&', "&amp;")),
        None => name,
    };
    let standing = fitted(&report::standing(row, digest), 300);
    let parts = story::summary(row).into_iter().chain(story::tally(row));
    let below = fitted(&parts.collect::<Vec<_>>().join("  ·  "), 600);
    let between = if row.net == "passing" { " · " } else { "\n" };
    format!("{} *{name}* · {standing}{between}{below}", fitted(&facts::line(&row.emoji, 8), 40))
}
