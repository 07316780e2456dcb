//! Comparisons of figures: `> 10m` for the duration of a run, `>= 3` for a number in the body.

use crate::model::units::Span;

/// A figure and how to compare with it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Comparison {
    sign: Sign,
    figure: f64,
    shown: String,
}

/// How two figures are to stand to each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sign {
    Greater,
    AtLeast,
    Less,
    AtMost,
    Equal,
}

/// Longer signs first, since they begin with the shorter ones.
const SIGNS: [(&str, Sign); 6] = [
    (">=", Sign::AtLeast),
    ("<=", Sign::AtMost),
    ("==", Sign::Equal),
    (">", Sign::Greater),
    ("<", Sign::Less),
    ("=", Sign::Equal),
];

impl Comparison {
    /// Reads a comparison of a length of time, in seconds.
    pub(super) fn of_duration(text: &str) -> Result<Comparison, String> {
        let (sign, rest) = split(text).ok_or_else(|| {
            let meant = Span::parse(text).map_or("10m", |_| text.trim());
            format!("`{text}` says no comparison; write `\"> {meant}\"`, or >=, <, <=, =")
        })?;
        let Span(figure) = Span::parse(rest)?;
        Ok(Comparison { sign, figure: figure.as_secs_f64(), shown: text.trim().to_owned() })
    }

    /// Reads a comparison of numbers; `None` where the text is none at all.
    pub(super) fn of_number(text: &str) -> Option<Result<Comparison, String>> {
        let (sign, rest) = split(text)?;
        let figure = rest.parse().ok().filter(|figure: &f64| figure.is_finite());
        let wrong = || format!("`{text}` begins like a comparison, but `{rest}` is no number");
        let shown = text.trim().to_owned();
        Some(figure.map(|figure| Comparison { sign, figure, shown }).ok_or_else(wrong))
    }

    /// Exactly this number.
    pub(super) fn equal(number: f64) -> Comparison {
        Comparison { sign: Sign::Equal, figure: number, shown: number.to_string() }
    }

    pub(super) fn holds(&self, figure: f64) -> bool {
        match self.sign {
            Sign::Greater => figure > self.figure,
            Sign::AtLeast => figure >= self.figure,
            Sign::Less => figure < self.figure,
            Sign::AtMost => figure <= self.figure,
            Sign::Equal => figure == self.figure,
        }
    }

    /// The comparison as it was written.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }
}

/// The sign that a comparison begins with, and what follows it.
pub(super) fn split(text: &str) -> Option<(Sign, &str)> {
    let text = text.trim();
    SIGNS.iter().find_map(|(sign, meaning)| Some((*meaning, text.strip_prefix(sign)?.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sign_compares_as_it_is_read() {
        for (text, below, equal, above) in [
            ("> 10m", false, false, true),
            (">=10m", false, true, true),
            ("< 10m", true, false, false),
            ("<= 10m", true, true, false),
            ("= 600s", false, true, false),
        ] {
            let comparison = Comparison::of_duration(text).unwrap();
            let answers = [599.0, 600.0, 601.0].map(|seconds| comparison.holds(seconds));
            assert_eq!(answers, [below, equal, above], "{text}");
        }
    }

    #[test]
    fn what_is_no_comparison_is_told_from_one_that_is_wrong() {
        assert!(Comparison::of_duration("10m").unwrap_err().contains("> 10m"));
        assert!(Comparison::of_duration("> 10").unwrap_err().contains("unit"));
        assert_eq!(Comparison::of_number("3"), None);
        assert!(Comparison::of_number("> -2.5").unwrap().unwrap().holds(-2.0));
        assert!(Comparison::of_number("> three").unwrap().is_err());
        assert!(Comparison::of_number("> NaN").unwrap().is_err());
    }
}
