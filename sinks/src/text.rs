//! Texts from elsewhere, made safe to show: no control character reaches a terminal or a log.
//!
//! An answer's beginning, a run's summary, a group's name: whoever wrote them may have put escape
//! sequences, line breaks or bidirectional overrides in. This file knows nothing of sinks.

use std::borrow::Cow;

/// The text with every character that moves the cursor, hides or reorders what stands around it
/// replaced by `�`. Line breaks stay.
pub fn neutral(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_hostile) {
        Cow::Owned(text.chars().map(|c| if is_hostile(c) { '\u{fffd}' } else { c }).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// The same, on one line.
pub fn neutral_line(text: &str) -> String {
    let words: Vec<&str> = text.split(char::is_whitespace).filter(|w| !w.is_empty()).collect();
    neutral(&words.join(" ")).into_owned()
}

/// The same, in at most so many bytes: no more is read than can be shown.
pub fn short_line(text: &str, bytes: usize) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if line.len() > bytes {
            break;
        }
        line.extend((!line.is_empty()).then_some(' '));
        line.push_str(word);
    }
    cut(&neutral(&line), bytes).into_owned()
}

/// At most so many bytes of the text, cut between characters and marked with `…` where cut.
pub fn cut(text: &str, bytes: usize) -> Cow<'_, str> {
    if text.len() <= bytes {
        return Cow::Borrowed(text);
    }
    let end = text.floor_char_boundary(bytes.saturating_sub('…'.len_utf8()));
    Cow::Owned(format!("{}…", &text[..end]))
}

/// Control characters but line breaks and tabs; zero-width and bidirectional formatting, except
/// the joiner that holds emoji together.
fn is_hostile(c: char) -> bool {
    match c {
        '\n' | '\t' | '\u{200d}' => false,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => true,
        '\u{feff}' | '\u{061c}' => true,
        other => other.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_reordering_are_disarmed_and_emoji_stay_whole() {
        assert_eq!(
            neutral("a\u{1b}[2Jb\rc\0d\u{202e}e"),
            "a\u{fffd}[2Jb\u{fffd}c\u{fffd}d\u{fffd}e"
        );
        assert_eq!(neutral("two\nlines\tand 👩\u{200d}💻"), "two\nlines\tand 👩\u{200d}💻");
        assert_eq!(neutral_line(" one\r\n two\u{2028}three "), "one two three");
    }

    #[test]
    fn a_cut_falls_between_characters() {
        assert_eq!(cut("short", 5), "short");
        for bytes in 0..20 {
            let long = " one\r\n two\u{2028}three \u{7} four five six ";
            assert_eq!(short_line(long, bytes), cut(&neutral_line(long), bytes));
        }
        for bytes in 0..20 {
            let cut = cut("🔥🔥🔥🔥🔥🔥", bytes);
            assert!(cut.ends_with('…') && cut.len() <= bytes.max('…'.len_utf8()), "{bytes}: {cut}");
        }
    }
}
