//! What a rendering writes to: a text, and where a limit may ask for it, which parts of it are data.

use super::escape::Escape;
use super::limit::Limit;

/// A text as it grows.
pub(super) struct Out {
    text: String,
    /// The parts so far, where they are asked for; data then stands in the text as it came.
    pieces: Option<Vec<Piece>>,
    /// How long the text may be, where it is finished as it grows.
    limit: Option<Limit>,
    /// Whether it is too long for certain, so that nobody will want it.
    over: bool,
}

/// A part of the text, from the end of the one before.
struct Piece {
    end: usize,
    /// What is done to data; the templates' own text has none.
    escape: Option<Escape>,
}

impl Out {
    /// A text that is written once, with its data escaped. What has no chance to fit isn't written.
    pub(super) fn finished(limit: Option<Limit>) -> Self {
        Out { text: String::new(), pieces: None, limit, over: false }
    }

    /// A text in pieces.
    pub(super) fn pieces() -> Self {
        Out { text: String::new(), pieces: Some(Vec::new()), limit: None, over: false }
    }

    /// Adds a template's own text.
    pub(super) fn literal(&mut self, text: &str) {
        self.text.push_str(text);
        self.mark(None);
    }

    /// Adds data.
    pub(super) fn data(&mut self, text: &str, escape: Escape) {
        if self.pieces.is_some() {
            self.text.push_str(text);
            self.mark(Some(escape));
        } else if self.limit.is_some_and(|limit| limit.excludes(text.len())) {
            self.over = true;
        } else {
            escape.write(text, &mut self.text);
        }
    }

    fn mark(&mut self, escape: Option<Escape>) {
        if let Some(pieces) = &mut self.pieces {
            pieces.push(Piece { end: self.text.len(), escape });
        }
    }

    /// How much there is, in bytes.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether it is no longer than it may be.
    pub(super) fn fits(&self) -> bool {
        !self.over && self.limit.is_none_or(|limit| limit.allows(&self.text))
    }

    /// The text.
    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// Each part with what is done to it; none where they weren't asked for.
    pub(super) fn parts(&self) -> impl Iterator<Item = (&str, Option<Escape>)> {
        let mut from = 0;
        self.pieces.iter().flatten().map(move |piece| {
            let part = &self.text[from..piece.end];
            from = piece.end;
            (part, piece.escape)
        })
    }
}
