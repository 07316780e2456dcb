//! Escapes: how data is made harmless where a template prints it, and how a text is cut.
//!
//! Names and messages in an event belong to whoever writes the tests, so they may hold anything.
//! An escape is applied to every value that a template prints and to nothing else: the template's
//! own text is the configuration's and passes as it is. Knows no template and no service.
//!
//! Every escape but [`Escape::None`] also takes out what a reader can't see: control characters
//! (all but line feed and tab), the characters that turn the direction of writing, zero-width
//! characters, and invisible tag characters. The joiners U+200C and U+200D stay beside characters
//! beyond ASCII, where emoji and several scripts need them, and go where they could only hide
//! inside a plain word. A zero-width space goes in after an `@` that would ping somebody.

use std::borrow::Cow;

/// How data is escaped where a template prints it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Escape {
    /// As it is.
    None,
    /// For texts that nobody interprets: only what can't be seen is taken out.
    Plain,
    /// Slack's three characters `&`, `<`, `>`: that disarms `<!here>`, `<@U1>` and `<url|spoof>`.
    /// An `@` that begins a word is defused too, for servers that take Slack's format and ping on
    /// a plain `@channel`.
    Slack,
    /// HTML text and attributes.
    Html,
    /// Markdown: its punctuation, and `@` so that nobody is pinged.
    Markdown,
    /// Jira's wiki markup: its punctuation.
    Wiki,
}

/// The punctuation that means something in one Markdown or another.
const MARKDOWN: &str = r"\`*_{}[]()#+-.!|~<>&=";

/// The punctuation that means something in Jira's wiki markup.
const WIKI: &str = r"\*_{}[]#+-!|~^?@";

/// Breaks a mention and shows nothing.
const DEFUSE: char = '\u{200b}';

/// How far [`cut`] goes back to keep an emoji or an accented letter whole.
const CLUSTER: usize = 16;

impl Escape {
    /// The text, harmless for this escape's reader.
    pub fn apply(self, text: &str) -> Cow<'_, str> {
        if self == Escape::None || text.chars().all(|c| self.passes(c)) {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(text.len() + text.len() / 4);
        let mut before = None;
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            if is_seen(before, c, rest.as_str().chars().next()) {
                self.push(&mut out, before, c);
                before = Some(c);
            }
        }
        Cow::Owned(out)
    }

    /// Whether a character needs no second look.
    fn passes(self, c: char) -> bool {
        c.is_alphanumeric() || matches!(c, ' ' | '\n' | '/' | ':' | ',' | '%' | '?')
    }

    fn push(self, out: &mut String, before: Option<char>, c: char) {
        match (self, c) {
            (Escape::Slack | Escape::Html, '&') => out.push_str("&amp;"),
            (Escape::Slack | Escape::Html, '<') => out.push_str("&lt;"),
            (Escape::Slack | Escape::Html, '>') => out.push_str("&gt;"),
            (Escape::Html, '"') => out.push_str("&quot;"),
            (Escape::Html, '\'') => out.push_str("&#39;"),
            (Escape::Markdown, _) if MARKDOWN.contains(c) => out.extend(['\\', c]),
            (Escape::Wiki, _) if WIKI.contains(c) => out.extend(['\\', c]),
            (Escape::Markdown, '@') => out.extend(['@', DEFUSE]),
            (Escape::Slack, '@') if !before.is_some_and(char::is_alphanumeric) => {
                out.extend(['@', DEFUSE]);
            }
            _ => out.push(c),
        }
    }
}

/// Whether a character may stay: it shows, or joins what shows.
fn is_seen(before: Option<char>, c: char, after: Option<char>) -> bool {
    match c {
        '\n' | '\t' => true,
        '\u{200c}' | '\u{200d}' => ![before, after].iter().any(|c| c.is_none_or(|c| c.is_ascii())),
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}' => {
            false
        }
        '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{e0000}'..='\u{e007f}' => false,
        _ => !c.is_control(),
    }
}

/// The text in at most so many characters, with `…` as the last one where something is missing.
///
/// Cut before escaping: a cut through `&lt;` would break it. Emoji that are joined from several
/// characters and accented letters stay whole.
pub fn cut(text: &str, max_chars: usize) -> Cow<'_, str> {
    if text.len() <= max_chars || text.char_indices().nth(max_chars).is_none() {
        return Cow::Borrowed(text);
    }
    let Some(keep) = max_chars.checked_sub(1) else { return Cow::Borrowed("") };
    let at = text.char_indices().nth(keep).map_or(text.len(), |(at, _)| at);
    let mut kept = text[..whole(text, at)].to_owned();
    kept.push('…');
    Cow::Owned(kept)
}

/// The nearest place at or before `at` that doesn't tear a joined character apart.
fn whole(text: &str, at: usize) -> usize {
    let mut place = at;
    for (start, before) in text[..at].char_indices().rev().take(CLUSTER) {
        let next = text[place..].chars().next();
        if before != '\u{200d}' && !next.is_some_and(extends) {
            return place;
        }
        place = start;
    }
    if place == 0 { 0 } else { at }
}

/// Whether a character only adds to the one before it.
fn extends(c: char) -> bool {
    matches!(c, '\u{200d}' | '\u{300}'..='\u{36f}' | '\u{fe00}'..='\u{fe0f}' | '\u{20d0}'..='\u{20ff}'
        | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}')
}
