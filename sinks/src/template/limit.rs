//! How long a field may be, and how that is counted.

/// A field's limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How many.
    pub most: usize,
    /// Of what.
    pub of: Amount,
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// Characters as UTF-16 counts them.
    Characters,
    /// Bytes of UTF-8.
    Bytes,
    /// Items of a list.
    Items,
}

impl Limit {
    /// Whether a text is short enough. A limit of items says nothing about texts.
    pub(super) fn allows(self, text: &str) -> bool {
        // No text has more characters than bytes, so that most need no counting.
        text.len() <= self.most || self.of == Amount::Items || self.of.length(text) <= self.most
    }

    /// Whether a text of so many bytes has no chance, if all of it can be seen.
    pub(super) fn excludes(self, bytes: usize) -> bool {
        self.of != Amount::Items && self.of.least(bytes) > self.most
    }
}

impl Amount {
    /// The fewest that a text can be which has so many bytes.
    pub(super) fn least(self, bytes: usize) -> usize {
        match self {
            Amount::Characters => bytes / 3,
            Amount::Bytes | Amount::Items => bytes,
        }
    }

    /// How long a text is.
    pub(super) fn length(self, text: &str) -> usize {
        match self {
            // Every first byte of a character is one, and one that begins four bytes is two.
            Amount::Characters => text
                .bytes()
                .map(|byte| usize::from(byte & 0xc0 != 0x80) + usize::from(byte >= 0xf0))
                .sum(),
            Amount::Bytes | Amount::Items => text.len(),
        }
    }

    /// The longest beginning of a text that fits.
    pub(super) fn head(self, text: &str, room: usize) -> &str {
        if text.len() <= room {
            return text;
        }
        let mut used = 0;
        for (at, c) in text.char_indices() {
            used += match self {
                Amount::Characters => c.len_utf16(),
                Amount::Bytes | Amount::Items => c.len_utf8(),
            };
            if used > room {
                return &text[..at];
            }
        }
        text
    }
}
