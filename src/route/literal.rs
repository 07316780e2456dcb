//! Finds, for one text, the few patterns that could match it.
//!
//! Every pattern is known by literals of which a matching text must hold one: the whole text, or
//! its start, its end, or something inside. Whole texts are looked up, all others are found in one
//! pass of an automaton, so the time depends on the text and on what is found, not on how many
//! patterns there are. A pattern that is found still has to be tried.

use std::collections::HashMap;

use aho_corasick::AhoCorasick;

/// Where in a text a literal must stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    Whole,
    Start,
    End,
    Inside,
}

/// A piece that a text must hold for a pattern to match. Bytes, since a piece of a regular
/// expression may end inside a character.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Literal {
    pub(super) place: Place,
    pub(super) bytes: Vec<u8>,
}

impl Literal {
    pub(super) fn new(place: Place, bytes: impl Into<Vec<u8>>) -> Self {
        Literal { place, bytes: bytes.into() }
    }

    /// How few texts hold it, as a rough figure.
    pub(super) fn strength(&self) -> i32 {
        match self.place {
            Place::Whole => 100,
            _ => self.bytes.len().min(50) as i32,
        }
    }
}

/// Numbered patterns, found by their literals.
#[derive(Default)]
pub(super) struct LiteralIndex {
    whole: HashMap<Vec<u8>, Vec<u32>>,
    parts: Option<AhoCorasick>,
    found_by_part: Vec<Vec<(Place, u32)>>,
    /// Those that the automaton could not take.
    everywhere: Vec<u32>,
}

impl LiteralIndex {
    /// Knows these literals, each with the number of its pattern.
    pub(super) fn new(literals: impl IntoIterator<Item = (Literal, u32)>) -> Self {
        let mut index = LiteralIndex::default();
        let mut parts: HashMap<Vec<u8>, Vec<(Place, u32)>> = HashMap::new();
        for (literal, number) in literals {
            match literal.place {
                Place::Whole => index.whole.entry(literal.bytes).or_default().push(number),
                place => parts.entry(literal.bytes).or_default().push((place, number)),
            }
        }
        index.take_parts(parts);
        index
    }

    fn take_parts(&mut self, parts: HashMap<Vec<u8>, Vec<(Place, u32)>>) {
        if parts.is_empty() {
            return;
        }
        let (pieces, numbers): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        match AhoCorasick::new(&pieces) {
            Ok(automaton) => {
                self.parts = Some(automaton);
                self.found_by_part = numbers;
            }
            Err(_) => self.everywhere = numbers.concat().into_iter().map(|(_, n)| n).collect(),
        }
    }

    /// Adds the numbers of all patterns that could match, in no order, some perhaps twice.
    pub(super) fn find(&self, text: &str, numbers: &mut Vec<u32>) {
        numbers.extend(&self.everywhere);
        numbers.extend(self.whole.get(text.as_bytes()).into_iter().flatten());
        let Some(parts) = &self.parts else { return };
        for found in parts.find_overlapping_iter(text) {
            for (place, number) in &self.found_by_part[found.pattern().as_usize()] {
                let fits = match place {
                    Place::Whole => found.start() == 0 && found.end() == text.len(),
                    Place::Start => found.start() == 0,
                    Place::End => found.end() == text.len(),
                    Place::Inside => true,
                };
                if fits {
                    numbers.push(*number);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(index: &LiteralIndex, text: &str) -> Vec<u32> {
        let mut numbers = Vec::new();
        index.find(text, &mut numbers);
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    #[test]
    fn a_pattern_is_found_only_where_its_literal_stands_in_its_place() {
        let index = LiteralIndex::new([
            (Literal::new(Place::Whole, "prod"), 0),
            (Literal::new(Place::Start, "prod"), 1),
            (Literal::new(Place::End, "prod"), 2),
            (Literal::new(Place::Inside, "prod"), 3),
            (Literal::new(Place::Start, "pro"), 4),
            (Literal::new(Place::Inside, "-"), 5),
        ]);
        assert_eq!(found(&index, "prod"), [0, 1, 2, 3, 4]);
        assert_eq!(found(&index, "prod-eu"), [1, 3, 4, 5]);
        assert_eq!(found(&index, "non-prod"), [2, 3, 5]);
        assert_eq!(found(&index, "qa"), [0_u32; 0]);
    }
}
