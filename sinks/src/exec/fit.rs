//! Arguments and environment, cut to what the system is sure to take.
//!
//! Linux refuses to start a program whose arguments and environment are too long: a single text of
//! 128 KiB, or all of them together beyond a quarter of the stack's limit, which is never less than
//! 128 KiB. A message that is refused for its length would be lost, so the longest texts are cut
//! until all fit; standard input carries everything.

use crate::text::cut;

/// The room for all texts together. What is left of 128 KiB is for names, paths and pointers.
const ROOM: usize = 96 * 1024;

/// Names and values of variables.
pub(super) type Variables = Vec<(String, String)>;

/// What a program is given beside its standard input.
pub(super) struct Texts {
    /// Its arguments.
    pub arguments: Vec<String>,
    /// The variables that it always gets.
    pub environment: Variables,
    /// The variables of the configuration.
    pub own: Variables,
}

impl Texts {
    /// Makes them fit: no NUL, which would end a text early, and no more than there is room for.
    /// A variable of the configuration takes the place of one that is always there.
    pub fn fit(&mut self) {
        let Texts { arguments, environment, own } = self;
        environment.retain(|(name, _)| own.iter().all(|(taken, _)| taken != name));
        let values = environment.iter_mut().chain(own).map(|(_, value)| value);
        let mut all: Vec<&mut String> = arguments.iter_mut().chain(values).collect();
        all.iter_mut().for_each(|text| text.retain(|letter| letter != '\0'));
        let longest = longest(all.iter().map(|text| text.len()).collect(), ROOM);
        for text in all {
            if text.len() > longest {
                *text = cut(text, longest).into_owned();
            }
        }
    }
}

/// The greatest length that texts can be cut to so that they have room together.
fn longest(mut lengths: Vec<usize>, room: usize) -> usize {
    lengths.sort_unstable();
    let mut left = room;
    for (at, length) in lengths.iter().enumerate() {
        let share = left / (lengths.len() - at);
        if *length > share {
            return share;
        }
        left -= length;
    }
    usize::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_texts_stay_whole_and_the_longest_share_what_is_left() {
        assert_eq!(longest(vec![], 10), usize::MAX);
        assert_eq!(longest(vec![5, 5], 10), usize::MAX);
        assert_eq!(longest(vec![2, 100, 100], 10), 4);
        assert_eq!(longest(vec![100, 3, 6], 10), 3);
        let lengths: Vec<usize> = (0..500).collect();
        let most = longest(lengths.clone(), 9_000);
        let taken: usize = lengths.into_iter().map(|length| length.min(most)).sum();
        assert!((8_000..=9_000).contains(&taken), "{taken}");
    }

    #[test]
    fn what_is_too_long_is_cut_between_characters_and_has_no_nul() {
        let mut texts = Texts {
            arguments: vec!["é\0".repeat(100_000), "short\0".to_owned()],
            environment: vec![("A".to_owned(), "🔥".repeat(100_000)), ("B".into(), "b".into())],
            own: vec![("B".to_owned(), "own".to_owned())],
        };
        texts.fit();
        assert_eq!(texts.arguments[1], "short");
        assert_eq!(texts.own, [("B".to_owned(), "own".to_owned())]);
        assert_eq!(texts.environment.len(), 1);
        let long = [&texts.arguments[0], &texts.environment[0].1];
        assert!(long.iter().all(|text| text.ends_with('…') && !text.contains('\0')));
        let all: usize = long.iter().map(|text| text.len()).sum();
        assert!((ROOM - 100..=ROOM).contains(&all), "{all}");
    }
}
