//! Ending a text where it is full, for templates whose own text is too long already.
//!
//! Then everything from there on goes: the cut falls neither within an entity nor within a tag nor
//! behind a lone backslash, and in HTML what is open there is closed.

use super::{ELLIPSIS, Part};
use crate::template::Escape;
use crate::template::escape::whole;
use crate::template::limit::{Amount, Limit};

/// Elements that hold nothing and are never closed.
const VOID: [&str; 5] = ["br", "hr", "img", "input", "wbr"];

/// The beginning of the parts that fits, with `…`.
pub(super) fn clipped(parts: &[Part<'_>], escape: Escape, limit: Limit) -> String {
    let Some(mut room) = limit.most.checked_sub(limit.of.length(ELLIPSIS)) else {
        return String::new();
    };
    loop {
        let mut text = beginning(parts, room, limit.of);
        mend(&mut text, escape);
        let closing = if escape == Escape::Html { closing(&text) } else { String::new() };
        if !text.ends_with(ELLIPSIS) {
            text.push_str(ELLIPSIS);
        }
        text.push_str(&closing);
        let over = limit.of.length(&text).saturating_sub(limit.most);
        if over == 0 {
            return text;
        }
        if room == 0 {
            return String::new();
        }
        room = room.saturating_sub(over);
    }
}

/// As much as there is room for.
fn beginning(parts: &[Part<'_>], room: usize, of: Amount) -> String {
    let mut text = String::new();
    for (part, escape) in parts {
        let before = text.len();
        match escape {
            Some(escape) => escape.write(part, &mut text),
            None => text.push_str(part),
        }
        if of.length(&text) > room {
            text.truncate(before);
            let left = room - of.length(&text);
            match escape {
                Some(escape) => super::write(part, *escape, left, of, &mut text),
                None => {
                    let head = of.head(part, left);
                    text.push_str(&part[..whole(part, head.len())]);
                }
            }
            break;
        }
    }
    text
}

/// Takes away what the cut left half.
fn mend(text: &mut String, escape: Escape) {
    if matches!(escape, Escape::Markdown | Escape::Wiki) {
        let slashes = text.bytes().rev().take_while(|byte| *byte == b'\\').count();
        text.truncate(text.len() - slashes % 2);
    }
    if matches!(escape, Escape::Html | Escape::Slack) && text.rfind('<') > text.rfind('>') {
        text.truncate(text.rfind('<').unwrap_or(text.len()));
    }
    if let Some(at) = text.rfind('&').filter(|_| escape.reads_entities()) {
        let half = |c: char| c.is_ascii_alphanumeric() || c == '#';
        if text.len() - at < 10 && text[at + 1..].chars().all(half) {
            text.truncate(at);
        }
    }
}

/// What closes the elements that are open, the innermost first.
fn closing(text: &str) -> String {
    let mut open: Vec<&str> = Vec::new();
    for rest in text.split('<').skip(1) {
        let Some((tag, _)) = rest.split_once('>') else { continue };
        if let Some(closed) = tag.strip_prefix('/') {
            let closed = name(closed);
            if let Some(at) = open.iter().rposition(|open| open.eq_ignore_ascii_case(closed)) {
                open.truncate(at);
            }
        } else if !tag.ends_with('/') && !tag.starts_with('!') && !is_void(name(tag)) {
            open.push(name(tag));
        }
    }
    open.iter().rev().map(|name| format!("</{name}>")).collect()
}

/// A tag's name, without its attributes.
fn name(tag: &str) -> &str {
    tag.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or(tag)
}

fn is_void(name: &str) -> bool {
    VOID.iter().any(|void| void.eq_ignore_ascii_case(name))
}
