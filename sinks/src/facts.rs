//! What the built-in messages say of a run, in words for a person.
//!
//! Sinks that bring their own default message (`email`, `slack`) take these parts and add the
//! service's escape and layout. Everything here is plain text, with hostile characters taken out
//! and cut to a length that a screen can bear; nothing here knows a service.

use std::borrow::Cow;

use jiff::fmt::temporal::Pieces;

use crate::contract::Notice;
use crate::template::cut;
use crate::text::neutral;

/// What Agnox calls a run without a group.
pub(crate) const UNGROUPED: &str = "__ungrouped__";

/// What the bridge calls itself as the source of a digest over several sources.
const BRIDGE: &str = "(bridge)";

/// The longest group name or label that a built-in message prints, in characters.
const NAME: usize = 200;

/// The status as one word; a dash where the event has none.
pub(crate) fn status(notice: &Notice) -> String {
    match &notice.status {
        Some(status) => line(status, 40),
        None => "NO STATUS".to_owned(),
    }
}

/// The group's name as a person reads it.
pub(crate) fn group(notice: &Notice) -> String {
    match notice.group.as_str() {
        UNGROUPED => "Run without a group".to_owned(),
        name => line(name, NAME),
    }
}

/// The facts about a run that are known, each with its name, most telling first.
pub(crate) fn facts(notice: &Notice) -> impl Iterator<Item = (String, String)> {
    let named = |(name, value): (&str, Option<String>)| {
        let value = value.filter(|value| !value.is_empty())?;
        Some((line(name, 60), value))
    };
    let of_run = [
        ("Duration", notice.duration.clone()),
        ("Finished", notice.finished_at.as_deref().map(moment)),
    ];
    let labels = notice.labels.iter().filter_map(move |(label, value)| {
        named((&capitalised(label), value.as_deref().map(|value| line(value, NAME))))
    });
    let origin = [
        ("Source", Some(line(&notice.source, NAME)).filter(|source| source != BRIDGE)),
        ("Rule", notice.rule.as_deref().map(|rule| line(rule, NAME))),
    ];
    let [of_run, origin] = [of_run, origin].map(|facts| facts.into_iter().filter_map(named));
    of_run.chain(labels).chain(origin)
}

/// What a message says of itself before anything else: that it is a test, that it is late. What could
/// not be delivered stands in the summary already.
pub(crate) fn notes(notice: &Notice) -> Vec<String> {
    let test = notice.test.then(|| "🧪 A test message, sent by hand".to_owned());
    let late = notice.delayed.as_ref().map(|delay| format!("⏳ This message is {delay} late."));
    test.into_iter().chain(late).collect()
}

/// A moment as the notice writes it (RFC 3339), for a person; as it is, if it isn't one.
pub(crate) fn moment(text: &str) -> String {
    readable(text).unwrap_or_else(|| line(text, 60))
}

fn readable(text: &str) -> Option<String> {
    let pieces = Pieces::parse(text).ok()?;
    let day = pieces.date().strftime("%a %-d %b %Y");
    let time = pieces.time()?.strftime("%H:%M");
    let zone = match pieces.to_numeric_offset() {
        None => String::new(),
        Some(offset) if offset.is_zero() => " UTC".to_owned(),
        Some(offset) => format!(" (UTC{})", signed(offset.seconds())),
    };
    Some(format!("{day}, {time}{zone}"))
}

fn signed(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

pub(crate) fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// The text on one line: control characters become spaces, then it is cut.
pub(crate) fn line(text: &str, most: usize) -> String {
    // No more is read than can be shown, whatever an event brought in.
    let text = text.trim_start();
    let head = &text[..text.floor_char_boundary(most.saturating_add(8))];
    if is_plain(head.as_bytes()) {
        return cut(head.trim_end(), most).into_owned();
    }
    let text = text.chars().take(most.saturating_add(8));
    let flat: String = text.map(|c| if c.is_control() { ' ' } else { c }).collect();
    cut(neutral(flat.trim()).trim(), most).into_owned()
}

/// The text with its line breaks as `\n`, without other control characters.
pub(crate) fn lines(text: &str) -> Cow<'_, str> {
    if text.lines().all(|line| is_plain(line.as_bytes())) && !text.contains('\r') {
        return Cow::Borrowed(text);
    }
    let broken = text.replace("\r\n", "\n").replace('\r', "\n");
    let kept: String =
        broken.chars().filter(|&c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    Cow::Owned(neutral(&kept).into_owned())
}

/// Whether there is nothing to take out, as in most texts: no character but ASCII's, all visible.
/// In pieces, which a processor looks at sixteen bytes at a time.
fn is_plain(text: &[u8]) -> bool {
    let is_visible = |byte: &u8| (b' '..=b'~').contains(byte);
    text.chunks(64).all(|piece| piece.iter().fold(true, |all, byte| all & is_visible(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_like_a_date() {
        assert_eq!(moment("2026-03-14T13:00:00+01:00"), "Sat 14 Mar 2026, 13:00 (UTC+01:00)");
        assert_eq!(moment("2026-03-14T12:00:00Z"), "Sat 14 Mar 2026, 12:00 UTC");
        assert_eq!(moment("soon"), "soon");
    }

    #[test]
    fn one_line_holds_no_break_and_no_change_of_direction() {
        assert_eq!(line("a\r\nBcc: x\u{202e}y\0", 50), "a  Bcc: x\u{fffd}y");
    }
}
