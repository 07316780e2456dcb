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
}

impl Amount {
    /// How long a text is.
    pub(super) fn length(self, text: &str) -> usize {
        match self {
            Amount::Characters => text.encode_utf16().count(),
            Amount::Bytes | Amount::Items => text.len(),
        }
    }
}
