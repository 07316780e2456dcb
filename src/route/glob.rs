//! A glob over a whole text: `*` is any run of characters, `?` any one, `[a-z]` and `[!a-z]` one
//! of a set. Nothing else is special.
//!
//! Written here rather than taken from a crate that turns each glob into a regular expression: ten
//! thousand of those take seconds to compile and hundreds of megabytes to keep.

use super::literal::{Literal, Place};

/// One glob.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Glob {
    /// What stands between the stars: with n stars there are n + 1 pieces, some empty.
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Literal(String),
    Units(Vec<Unit>),
}

/// What stands for one character.
#[derive(Clone, Debug, PartialEq)]
enum Unit {
    Char(char),
    AnyChar,
    Set { ranges: Vec<(char, char)>, negated: bool },
}

impl Glob {
    /// Reads a glob.
    ///
    /// # Errors
    /// If a `[` has no end or holds nothing.
    pub(super) fn parse(text: &str) -> Result<Glob, String> {
        let mut pieces = Vec::new();
        let mut units = Vec::new();
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            match c {
                '*' => pieces.push(Piece::new(std::mem::take(&mut units))),
                '?' => units.push(Unit::AnyChar),
                '[' => units.push(set(&mut rest)?),
                _ => units.push(Unit::Char(c)),
            }
        }
        pieces.push(Piece::new(units));
        Ok(Glob { pieces })
    }

    /// Whether the whole text matches.
    pub(super) fn matches(&self, text: &str) -> bool {
        let [first, between @ .., last] = &self.pieces[..] else {
            return self.pieces[0].at_start(text) == Some(text.len());
        };
        let Some(mut at) = first.at_start(text) else { return false };
        for piece in between {
            match piece.find(&text[at..]) {
                Some(end) => at += end,
                None => return false,
            }
        }
        last.at_end(&text[at..])
    }

    /// The longest piece that every matching text holds; `None` where there is none.
    pub(super) fn literal(&self) -> Option<Literal> {
        let last = self.pieces.len() - 1;
        let mut longest: Option<Literal> = None;
        for (number, piece) in self.pieces.iter().enumerate() {
            for (run, opens, closes) in piece.runs() {
                let place = match (number == 0 && opens, number == last && closes) {
                    (true, true) => Place::Whole,
                    (true, false) => Place::Start,
                    (false, true) => Place::End,
                    (false, false) => Place::Inside,
                };
                let literal = Literal::new(place, run);
                if longest.as_ref().is_none_or(|other| other.strength() < literal.strength()) {
                    longest = Some(literal);
                }
            }
        }
        longest
    }
}

/// Reads the rest of a set, after its `[`.
fn set(rest: &mut std::str::Chars<'_>) -> Result<Unit, String> {
    let Some((body, after)) = rest.as_str().split_once(']') else {
        return Err("`[` opens a set of characters that has no `]`".into());
    };
    let (body, negated) = match body.strip_prefix(['!', '^']) {
        Some(body) => (body, true),
        None => (body, false),
    };
    let mut ranges = Vec::new();
    let mut chars = body.chars();
    while let Some(from) = chars.next() {
        let mut ahead = chars.clone();
        match (ahead.next(), ahead.next()) {
            (Some('-'), Some(to)) => {
                ranges.push((from, to));
                chars = ahead;
            }
            _ => ranges.push((from, from)),
        }
    }
    if ranges.is_empty() {
        return Err("`[` opens a set of characters that holds none".into());
    }
    *rest = after.chars();
    Ok(Unit::Set { ranges, negated })
}

impl Piece {
    fn new(units: Vec<Unit>) -> Self {
        let char = |unit: &Unit| if let Unit::Char(c) = unit { Some(*c) } else { None };
        match units.iter().map(char).collect() {
            Some(text) => Piece::Literal(text),
            None => Piece::Units(units),
        }
    }

    /// Where the piece ends if the text starts with it.
    fn at_start(&self, text: &str) -> Option<usize> {
        match self {
            Piece::Literal(literal) => text.starts_with(literal.as_str()).then_some(literal.len()),
            Piece::Units(units) => {
                let mut rest = text.chars();
                units
                    .iter()
                    .all(|unit| rest.next().is_some_and(|c| unit.holds(c)))
                    .then(|| text.len() - rest.as_str().len())
            }
        }
    }

    fn at_end(&self, text: &str) -> bool {
        match self {
            Piece::Literal(literal) => text.ends_with(literal.as_str()),
            Piece::Units(units) => {
                let mut rest = text.chars().rev();
                units.iter().rev().all(|unit| rest.next().is_some_and(|c| unit.holds(c)))
            }
        }
    }

    /// Where the piece ends at its first place in the text.
    fn find(&self, text: &str) -> Option<usize> {
        match self {
            Piece::Literal(literal) => text.find(literal.as_str()).map(|at| at + literal.len()),
            Piece::Units(_) => text
                .char_indices()
                .find_map(|(at, _)| self.at_start(&text[at..]).map(|length| at + length)),
        }
    }

    /// The runs of plain characters, each with whether it opens and whether it closes the piece.
    fn runs(&self) -> Vec<(String, bool, bool)> {
        let units = match self {
            Piece::Literal(text) if text.is_empty() => return Vec::new(),
            Piece::Literal(text) => return vec![(text.clone(), true, true)],
            Piece::Units(units) => units,
        };
        let mut runs: Vec<(String, bool, bool)> = Vec::new();
        let mut inside = false;
        for (at, unit) in units.iter().enumerate() {
            let Unit::Char(c) = unit else {
                inside = false;
                continue;
            };
            if !inside {
                runs.push((String::new(), at == 0, false));
                inside = true;
            }
            if let Some((run, _, closes)) = runs.last_mut() {
                run.push(*c);
                *closes = at + 1 == units.len();
            }
        }
        runs
    }
}

impl Unit {
    fn holds(&self, c: char) -> bool {
        match self {
            Unit::Char(own) => *own == c,
            Unit::AnyChar => true,
            Unit::Set { ranges, negated } => {
                ranges.iter().any(|(from, to)| (*from..=*to).contains(&c)) != *negated
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_covers_the_whole_text() {
        for (glob, text, expected) in [
            ("prod", "prod", true),
            ("prod", "prod-eu", false),
            ("prod-*", "prod-", true),
            ("prod-*", "nonprod-x", false),
            ("*-smoke", "eu-smoke", true),
            ("*-smoke", "eu-smoke-2", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "acb", false),
            ("ab*ba", "aba", false),
            ("*", "", true),
            ("**", "x\ny", true),
            ("?", "é", true),
            ("?", "", false),
            ("v[0-9].?", "v3.x", true),
            ("[!a]*", "b", true),
            ("[!a]*", "a", false),
            ("*[0-9]?*x", "a1bx", true),
            ("*?é", "né", true),
            ("[*]", "*", true),
            ("{a,b}", "{a,b}", true),
        ] {
            assert_eq!(Glob::parse(glob).unwrap().matches(text), expected, "{glob} on {text}");
        }
    }

    #[test]
    fn a_set_without_an_end_or_without_anything_is_refused() {
        for glob in ["[ab", "a[", "[]", "[!]"] {
            assert!(Glob::parse(glob).is_err(), "{glob}");
        }
    }

    #[test]
    fn the_longest_literal_is_known_with_its_place() {
        for (glob, place, literal) in [
            ("prod-*", Place::Start, "prod-"),
            ("*-smoke", Place::End, "-smoke"),
            ("*time*", Place::Inside, "time"),
            ("ab?cde", Place::End, "cde"),
            ("?abc?", Place::Inside, "abc"),
        ] {
            let expected = Some(Literal::new(place, literal));
            assert_eq!(Glob::parse(glob).unwrap().literal(), expected, "{glob}");
        }
        assert_eq!(Glob::parse("*?*").unwrap().literal(), None);
    }
}
