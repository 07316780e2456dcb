//! What the built-in Slack message looks like, in each format, as JSON.
//!
//! The headline stands in `text`: Slack shows it above the coloured bar and in the notification.
//! Everything from an event passes [`super::markup`], so that it pings nobody and fits the limits.

use serde_json::{Value, json};

use super::digest;
use super::markup::{address, fitted, shortened};
use super::options::Format;
use crate::contract::Notice;
use crate::{facts, report, story};

/// The longest section and context text that Slack takes, in characters.
const SECTION: usize = 3_000;
/// The longest summary beside the line about the history.
const SUMMARY: usize = 2_400;
/// The longest line about the history or the message itself.
const LINE: usize = 400;
/// The longest context line that is still a line.
const CONTEXT: usize = 1_500;
/// The longest `text` that every server takes.
pub(super) const TEXT: usize = 4_000;

/// The message in a format; `words` (finished markup) stand in for the summary.
pub(super) fn message(format: Format, notice: &Notice, words: Option<&str>) -> Value {
    if let (None, Some(digest)) = (words, report::of(notice)) {
        return digest::message(format, notice, digest);
    }
    let main = match words {
        Some(words) => shortened(words.trim(), SECTION),
        None => own_words(notice),
    };
    match format {
        Format::Blocks => blocks(notice, &main),
        Format::Attachments => attachments(notice, &main),
        Format::Text if words.is_some() => json!({ "text": main }),
        Format::Text => json!({ "text": shortened(&text(notice, &main), TEXT) }),
    }
}

/// What the run means against its history, and the sender's summary.
fn own_words(notice: &Notice) -> String {
    let summary = fitted(facts::lines(notice.summary.as_deref().unwrap_or("")).trim(), SUMMARY);
    match story::history(notice) {
        Some(history) => format!("_{}_\n{summary}", fitted(&history, LINE)).trim_end().to_owned(),
        None => summary,
    }
}

/// Status and group on one line: `🔴 *checkout-e2e* · FAILED`; of a digest, its title.
pub(super) fn headline(notice: &Notice) -> String {
    if let Some(digest) = report::of(notice) {
        return digest::headline(digest);
    }
    let group = fitted(&facts::group(notice), 400);
    let (emoji, status) = (facts::line(&notice.emoji, 8), fitted(&story::label(notice), 100));
    format!("{emoji} *{group}* · {status}").trim_start().to_owned()
}

fn blocks(notice: &Notice, main: &str) -> Value {
    let mut blocks = Vec::new();
    blocks.extend(notes(notice).iter().map(|note| context(note)));
    if !main.is_empty() {
        blocks.push(json!({ "type": "section", "text": { "type": "mrkdwn", "text": main } }));
    }
    blocks.push(context(&context_line(notice)));
    if let Some(url) = notice.link.as_deref().and_then(address) {
        let label = json!({ "type": "plain_text", "text": "Open the run", "emoji": true });
        let button =
            json!({ "type": "button", "text": label, "url": url, "action_id": "open_run" });
        blocks.push(json!({ "type": "actions", "elements": [button] }));
    }
    let bar = json!({ "color": color(notice), "blocks": blocks });
    json!({ "text": headline(notice), "attachments": [bar] })
}

/// What stands before everything else, a line each.
pub(super) fn notes(notice: &Notice) -> Vec<String> {
    report::notes(notice).iter().map(|note| fitted(note, LINE)).collect()
}

pub(super) fn context(text: &str) -> Value {
    json!({ "type": "context", "elements": [{ "type": "mrkdwn", "text": text }] })
}

fn context_line(notice: &Notice) -> String {
    let facts: Vec<String> =
        facts::facts(notice).iter().map(|(name, value)| format!("{name}: {value}")).collect();
    fitted(&facts.join("  ·  "), CONTEXT)
}

fn attachments(notice: &Notice, main: &str) -> Value {
    let mut text = notes(notice);
    text.push(main.to_owned());
    text.retain(|part| !part.is_empty());
    let fields: Vec<Value> = facts::facts(notice)
        .iter()
        .take(10)
        .map(|(name, value)| json!({ "title": fitted(name, 100), "value": fitted(value, 400), "short": true }))
        .collect();
    let mut bar = json!({
        "color": color(notice),
        "fallback": headline(notice),
        "text": text.join("\n"),
        "fields": fields,
        "mrkdwn_in": ["text"],
    });
    if let Some(url) = notice.link.as_deref().and_then(address) {
        bar["title"] = "Open the run".into();
        bar["title_link"] = url.into();
    }
    json!({ "text": headline(notice), "attachments": [bar] })
}

fn text(notice: &Notice, main: &str) -> String {
    let mut lines = vec![headline(notice)];
    lines.extend(notes(notice));
    // Short enough that the lines behind it are never cut off.
    lines.push(shortened(main, TEXT / 4));
    lines.push(shortened(&context_line(notice), TEXT / 4));
    if let Some(url) = notice.link.as_deref().and_then(address).filter(|url| url.len() < 500) {
        lines.push(format!("<{}|Open the run>", url.replace('&', "&amp;")));
    }
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

/// The status's colour, if it is one.
pub(super) fn color(notice: &Notice) -> &str {
    let digits = notice.color.strip_prefix('#').unwrap_or("");
    match digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        true => &notice.color,
        false => "#6b7280",
    }
}
