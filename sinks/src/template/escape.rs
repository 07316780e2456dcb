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
//! inside a plain word.
//!
//! No service offers an escape against pinging somebody: a backslash shows, and pings all the same.
//! So a zero-width space goes in behind an `@`, and wherever else a service would act on what a
//! backslash doesn't reach (a line that begins with `/`, a `#` before a number).

use std::borrow::Cow;

use super::limit::Amount;

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
    /// HTML text and attributes; and an `@` that begins a word, for services that find people's
    /// names in what they show.
    Html,
    /// Markdown of any kind: its punctuation, `@` so that nobody is pinged, `#1` so that nothing
    /// is linked, and `/` where it begins a line and would be an order.
    Markdown,
    /// For a markup that knows no way to escape: what would act in it (a mention, a link, a tag, a
    /// heading) is parted by a zero-width space.
    Defused,
    /// Jira's wiki markup: its punctuation, `h1.` and `bq.` where they begin a line, and the
    /// smileys. A backslash becomes an entity, since two of them would be a line break.
    Wiki,
}

/// The punctuation that means something in one Markdown or another.
const MARKDOWN: &str = r"\`*_{}[]()#+-.!|~<>&=";

/// The punctuation that means something in Jira's wiki markup.
const WIKI: &str = r"*_{}[]#+-!|~^?";

/// What would act in a markup that knows no way to escape, `@` aside. Without `](` there is no link.
const ACTS: &str = "<]#*`";

/// Which ASCII characters go out as they are, for each escape: texts consist of little else.
static PASSES: [[bool; 128]; 7] = [
    passes(Escape::None),
    passes(Escape::Plain),
    passes(Escape::Slack),
    passes(Escape::Html),
    passes(Escape::Markdown),
    passes(Escape::Defused),
    passes(Escape::Wiki),
];

const fn passes(escape: Escape) -> [bool; 128] {
    let mut table = [false; 128];
    let mut byte = 0;
    while byte < 128 {
        table[byte as usize] = escape.passes(byte);
        byte += 1;
    }
    table
}

/// Breaks a mention and shows nothing.
const DEFUSE: char = '\u{200b}';

/// How far [`cut`] goes back to keep an emoji or an accented letter whole.
const CLUSTER: usize = 16;

/// The longest name of an entity that is looked for.
const ENTITY: usize = 32;

impl Escape {
    /// The text, harmless for this escape's reader.
    pub fn apply(self, text: &str) -> Cow<'_, str> {
        if self.passing(text) == text.len() {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(text.len() + text.len() / 4);
        self.write(text, &mut out);
        Cow::Owned(out)
    }

    /// Adds a text, harmless for this escape's reader, to what stands before it.
    pub(super) fn write(self, text: &str, out: &mut String) {
        let mut before = None;
        let mut rest = text;
        loop {
            let (passing, others) = rest.split_at(self.passing(rest));
            out.push_str(passing);
            before = passing.chars().next_back().or(before);
            let mut chars = others.chars();
            let Some(c) = chars.next() else { return };
            rest = chars.as_str();
            before = self.put(c, before, rest, out).or(before);
        }
    }

    /// Adds as much of a text as there is room for, and gives how much of it that is, in bytes.
    pub(super) fn fill(self, text: &str, room: usize, of: Amount, out: &mut String) -> usize {
        let (mut left, mut before) = (room, None);
        let mut rest = text;
        while !rest.is_empty() {
            let at = text.len() - rest.len();
            let (passing, others) = rest.split_at(self.passing(rest));
            let kept = of.head(passing, left);
            out.push_str(kept);
            if kept.len() < passing.len() {
                return at + kept.len();
            }
            left -= of.length(kept);
            before = passing.chars().next_back().or(before);
            let mut chars = others.chars();
            let Some(c) = chars.next() else { break };
            rest = chars.as_str();
            let from = out.len();
            before = self.put(c, before, rest, out).or(before);
            match left.checked_sub(of.length(&out[from..])) {
                Some(still) => left = still,
                None => {
                    out.truncate(from);
                    return at + passing.len();
                }
            }
        }
        text.len()
    }

    /// An address that the helper `url` gave: nothing in it breaks markup, but where entities are
    /// read its `&` is written as one.
    pub(super) fn address(self, address: &str) -> Cow<'_, str> {
        match self {
            Escape::Slack | Escape::Html if address.contains('&') => {
                Cow::Owned(address.replace('&', "&amp;"))
            }
            _ => Cow::Borrowed(address),
        }
    }

    /// Whether its reader takes `&lt;` for `<`.
    pub(super) fn reads_entities(self) -> bool {
        !matches!(self, Escape::None | Escape::Plain | Escape::Defused)
    }

    /// How much of a text's beginning goes out as it is, wherever it stands.
    fn passing(self, text: &str) -> usize {
        let passes = &PASSES[self as usize];
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            if byte.is_ascii() {
                if !passes[usize::from(*byte)] {
                    break;
                }
                at += 1;
            } else {
                let c = text[at..].chars().next();
                match c.filter(|c| self == Escape::None || c.is_alphanumeric()) {
                    Some(c) => at += c.len_utf8(),
                    None => break,
                }
            }
        }
        at
    }

    /// The same of one ASCII character.
    const fn passes(self, byte: u8) -> bool {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b' ' | b'\n' | b',' | b'%' => true,
            b'/' => !matches!(self, Escape::Markdown),
            b':' | b'?' => !matches!(self, Escape::Wiki),
            b'.' | b'-' | b'_' | b'(' | b')' | b';' => {
                !matches!(self, Escape::Markdown | Escape::Wiki)
            }
            _ => matches!(self, Escape::None),
        }
    }

    /// Writes a character, and gives it back if it may be seen.
    fn put(self, c: char, before: Option<char>, rest: &str, out: &mut String) -> Option<char> {
        if self != Escape::None && !is_seen(before, c, rest) {
            return None;
        }
        match (self, c) {
            (Escape::Slack | Escape::Html, '&') => out.push_str("&amp;"),
            (Escape::Slack | Escape::Html, '<') => out.push_str("&lt;"),
            (Escape::Slack | Escape::Html, '>') => out.push_str("&gt;"),
            (Escape::Html, '"') => out.push_str("&quot;"),
            (Escape::Html, '\'') => out.push_str("&#39;"),
            (Escape::Slack | Escape::Html | Escape::Defused, '@')
                if !before.is_some_and(char::is_alphanumeric) =>
            {
                out.extend(['@', DEFUSE]);
            }
            (Escape::Defused, _) if ACTS.contains(c) => out.extend([c, DEFUSE]),
            (Escape::Markdown, _) => markdown(c, rest, out),
            (Escape::Wiki, _) => wiki(c, rest, out),
            _ => out.push(c),
        }
        Some(c)
    }
}

fn markdown(c: char, rest: &str, out: &mut String) {
    match c {
        '@' => out.extend(['@', DEFUSE]),
        // `#1` refers to an issue, however it is escaped.
        '#' if rest.starts_with(char::is_alphanumeric) => out.extend(['\\', '#', DEFUSE]),
        // `/close` at the start of a line is an order to GitLab.
        '/' if begins_line(out) => out.extend([DEFUSE, '/']),
        // A bare address of a person's page is a mention in Linear.
        '.' if ends_with(out, "linear") && starts_with(rest, "app/") => {
            out.extend(['\\', '.', DEFUSE]);
        }
        _ if MARKDOWN.contains(c) => out.extend(['\\', c]),
        _ => out.push(c),
    }
}

fn wiki(c: char, rest: &str, out: &mut String) {
    match c {
        '\\' => out.push_str("&#92;"),
        '&' if is_entity(rest) => out.push_str("&amp;"),
        '@' => out.extend(['@', DEFUSE]),
        '.' if is_wiki_mark(out) => out.extend([DEFUSE, '.']),
        ':' if rest.starts_with([')', '(', 'D', 'P']) => out.extend(['\\', ':']),
        _ if WIKI.contains(c) => out.extend(['\\', c]),
        _ => out.push(c),
    }
}

/// Whether nothing but blanks stands on the line so far.
fn begins_line(out: &str) -> bool {
    let mut before = out.chars().rev().skip_while(|c| is_blank(*c));
    before.next().is_none_or(|c| matches!(c, '\n' | '\u{2028}' | '\u{2029}'))
}

fn is_blank(c: char) -> bool {
    (c.is_whitespace() && !matches!(c, '\n' | '\u{2028}' | '\u{2029}')) || c == DEFUSE
}

/// Whether a full stop would make what the line begins with a heading or a quotation.
fn is_wiki_mark(out: &str) -> bool {
    let Some((at, _)) = out.char_indices().rev().nth(1) else { return false };
    let is_mark = matches!(&out[at..], "bq" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6");
    is_mark && begins_line(&out[..at])
}

/// Whether an `&` before this would be read as the beginning of an entity.
fn is_entity(rest: &str) -> bool {
    let name = rest.bytes().take(ENTITY).take_while(u8::is_ascii_alphanumeric).count();
    name > 0 && rest.as_bytes().get(name) == Some(&b';')
}

fn ends_with(text: &str, end: &str) -> bool {
    let tail = text.len().checked_sub(end.len()).and_then(|from| text.get(from..));
    tail.is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}

fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

/// Whether a character may stay: it shows, or joins what shows.
fn is_seen(before: Option<char>, c: char, rest: &str) -> bool {
    match c {
        '\n' | '\t' => true,
        '\u{200c}' | '\u{200d}' => {
            ![before, rest.chars().next()].iter().any(|c| c.is_none_or(|c| c.is_ascii()))
        }
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
    if text.len() <= max_chars || behind(text, max_chars) == text.len() {
        return Cow::Borrowed(text);
    }
    let Some(keep) = max_chars.checked_sub(1) else { return Cow::Borrowed("") };
    let at = behind(text, keep);
    let mut kept = text[..whole(text, at)].to_owned();
    kept.push('…');
    Cow::Owned(kept)
}

/// The place behind so many characters; the text's end where it has fewer.
fn behind(text: &str, count: usize) -> usize {
    let mut chars = text.chars();
    // Whole blocks of characters are stepped over here, and one by one in `char_indices`.
    count.checked_sub(1).and_then(|last| chars.nth(last));
    text.len() - chars.as_str().len()
}

/// The nearest place at or before `at` that doesn't tear a joined character apart.
pub(super) fn whole(text: &str, at: usize) -> usize {
    let place = unjoined(text, at);
    // A flag is two letters of their own alphabet.
    let letters = text[..place].chars().rev().take(CLUSTER).take_while(|c| is_flag(*c)).count();
    let torn = letters % 2 == 1 && text[place..].starts_with(is_flag);
    if torn { place - '\u{1f1e6}'.len_utf8() } else { place }
}

fn is_flag(c: char) -> bool {
    matches!(c, '\u{1f1e6}'..='\u{1f1ff}')
}

fn unjoined(text: &str, at: usize) -> usize {
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
