//! The built-in HTML part: a card that mail programs from Outlook to a phone show alike.
//!
//! Tables and inline styles, since that is what mail programs agree on; the colours hold in dark
//! mode, by `prefers-color-scheme` where it is known and by being readable when inverted. All data
//! is escaped here, at the one place where it is put in.

use std::borrow::Cow;

use crate::contract::Notice;
use crate::template::{Escape, cut};
use crate::{facts, report, story};

mod rows;

/// The longest text in the card, in characters: Gmail cuts mails off at about 100 kB.
const TEXT: usize = 8_000;

/// The card with the summary and the facts.
pub(super) fn standard(notice: &Notice) -> String {
    if let Some(digest) = report::of(notice) {
        let introduction: String =
            report::introduction(notice, digest).iter().map(|line| lead(line)).collect();
        return card(notice, &introduction, &rows::table(digest));
    }
    let history = story::history(notice).map(|history| lead(&history)).unwrap_or_default();
    let summary = paragraph(notice.summary.as_deref().unwrap_or_default());
    card(notice, &format!("{history}{summary}"), &table(facts::facts(notice)))
}

/// The card around somebody's own words.
pub(super) fn with_words(notice: &Notice, words: &str) -> String {
    card(notice, &paragraph(words), "")
}

fn card(notice: &Notice, text: &str, facts: &str) -> String {
    let (emoji, status, title) = masthead(notice);
    FRAME
        .split("@@")
        .map(|part| match part {
            "TITLE" => escape(&title).into_owned(),
            "PREHEADER" => escape(&preheader(notice)).into_owned(),
            "COLOR" => color(&notice.color).to_owned(),
            "EMOJI" => escape(&emoji).into_owned(),
            "STATUS" => escape(&status).into_owned(),
            "NOTES" => notes(notice),
            "TEXT" => text.to_owned(),
            "FACTS" => facts.to_owned(),
            "BUTTON" => button(notice).unwrap_or_default(),
            "DELIVERY" => escape(&facts::line(&notice.delivery_id, 60)).into_owned(),
            "SINK" => escape(&facts::line(&notice.sink, 100)).into_owned(),
            markup => markup.to_owned(),
        })
        .collect()
}

/// Emoji, status and title; of a report, its emblem, its counts and its name.
fn masthead(notice: &Notice) -> (String, String, String) {
    match report::of(notice) {
        Some(digest) => {
            let verdict = facts::capitalised(&report::verdict(digest));
            (report::emblem(digest).to_owned(), verdict, report::title(digest))
        }
        None => (facts::line(&notice.emoji, 8), story::label(notice), facts::group(notice)),
    }
}

/// What a list of mails shows behind the subject.
fn preheader(notice: &Notice) -> String {
    if let Some(digest) = report::of(notice) {
        let rows: Vec<&str> = digest.rows.iter().take(3).map(|row| row.line.as_str()).collect();
        return facts::line(&rows.join(" · "), 150);
    }
    let said = story::history(notice).or_else(|| notice.summary.clone()).unwrap_or_default();
    facts::line(&format!("{} {} {said}", notice.emoji, story::label(notice)), 150)
}

/// What it means against the history, above the summary.
fn lead(history: &str) -> String {
    format!(
        "<tr><td class=\"dim\" style=\"padding:6px 28px 0;font-size:15px;line-height:22px;\
         color:#4b5563;word-break:break-word;overflow-wrap:anywhere\">{}</td></tr>",
        escape(history)
    )
}

fn paragraph(text: &str) -> String {
    let lines = facts::lines(text);
    let text = cut(lines.trim(), TEXT);
    if text.is_empty() {
        return String::new();
    }
    let text = escape(&text).replace('\n', "<br>");
    format!(
        "<tr><td class=\"ink\" style=\"padding:14px 28px 0;font-size:16px;line-height:24px;\
         color:#1f2937;word-break:break-word;overflow-wrap:anywhere\">{text}</td></tr>"
    )
}

fn table(facts: impl Iterator<Item = (String, String)>) -> String {
    let mut rows = String::new();
    for (name, value) in facts {
        let (name, value) = (escape(&name), escape(&value));
        rows.push_str(&format!(
            "<tr><td class=\"dim\" valign=\"top\" style=\"padding:5px 20px 5px 0;color:#6b7280;\
             max-width:180px;word-break:break-word\">{name}</td>\
             <td class=\"ink\" valign=\"top\" style=\"padding:5px 0;color:#1f2937;\
             word-break:break-word;overflow-wrap:anywhere\">{value}</td></tr>"
        ));
    }
    format!(
        "<tr><td style=\"padding:18px 28px 0\"><table role=\"presentation\" cellpadding=\"0\" \
         cellspacing=\"0\" border=\"0\" style=\"font-size:14px;line-height:20px\">{rows}</table>\
         </td></tr>"
    )
}

/// That it is a test, delayed or was held back; a report says the latter below its title.
fn notes(notice: &Notice) -> String {
    match report::of(notice) {
        Some(_) => facts::notes(notice).iter().map(|note| note_row(note)).collect(),
        None => report::notes(notice).iter().map(|note| note_row(note)).collect(),
    }
}

fn note_row(note: &str) -> String {
    format!(
        "<tr><td style=\"padding:14px 28px 0\"><span style=\"display:inline-block;padding:4px 10px;\
         border-radius:4px;background-color:#fef3c7;color:#78350f;font-size:13px;\
         line-height:18px\">{}</span></td></tr>",
        escape(note)
    )
}

fn button(notice: &Notice) -> Option<String> {
    let link = notice.link.as_deref().filter(|_| report::of(notice).is_none())?;
    let (link, color) = (escape(link), color(&notice.color));
    Some(format!(
        "<tr><td style=\"padding:24px 28px 0\"><table role=\"presentation\" cellpadding=\"0\" \
         cellspacing=\"0\" border=\"0\"><tr><td class=\"go\" bgcolor=\"{BUTTON}\" style=\"border-radius:6px;\
         background-color:{BUTTON};border-bottom:2px solid {color}\">\
         <a href=\"{link}\" style=\"display:inline-block;padding:11px 22px;font-size:15px;\
         line-height:20px;font-weight:600;color:#ffffff;text-decoration:none\">\
         Open the run&nbsp;&rarr;</a></td></tr></table></td></tr>"
    ))
}

/// The button's colour: dark enough for white letters whatever the status's colour is.
const BUTTON: &str = "#1f2937";

/// A status's colour, if it is one; it stands inside a `style`.
fn color(color: &str) -> &str {
    let digits = color.strip_prefix('#').unwrap_or("");
    match digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        true => color,
        false => "#6b7280",
    }
}

fn escape(text: &str) -> Cow<'_, str> {
    Escape::Html.apply(text)
}

/// The page around the card; what stands between two `@@` is filled in.
const FRAME: &str = include_str!("frame.html");
