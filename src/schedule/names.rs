//! The names of days, months and zones, and the nearest one to a name that isn't known.

use jiff::tz::TimeZone;

use crate::model::Problem;
use crate::model::problem::likest;

pub(super) const DAYS: [&str; 7] =
    ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"];

pub(super) const MONTHS: [&str; 12] = [
    "JANUARY",
    "FEBRUARY",
    "MARCH",
    "APRIL",
    "MAY",
    "JUNE",
    "JULY",
    "AUGUST",
    "SEPTEMBER",
    "OCTOBER",
    "NOVEMBER",
    "DECEMBER",
];

/// The place of a name in a list: written in full or by its first letters, three at least.
pub(super) fn place(word: &str, names: &[&str]) -> Option<usize> {
    let upper = word.to_uppercase();
    let known = upper.len() >= 3;
    names.iter().position(|name| known && name.starts_with(&upper))
}

/// The first three letters of the name that begins most like a word, where one does.
pub(super) fn nearest_short(word: &str, names: &[&'static str]) -> Option<&'static str> {
    let begin: String = word.to_uppercase().chars().take(3).collect();
    let plain = word.chars().all(char::is_alphabetic);
    // A long word that begins so is meant only if it goes on so: `weekend` is no Wednesday.
    let likely = |name: &str| {
        word.chars().count() <= 4 || strsim::jaro_winkler(&word.to_uppercase(), name) >= 0.8
    };
    let likely = names.iter().filter(|name| likely(name));
    let shorts = likely.filter_map(|name| name.get(..3));
    let scored = shorts.map(|short| (strsim::damerau_levenshtein(&begin, short), short));
    let (distance, best) = scored.min_by_key(|(distance, _)| *distance)?;
    (plain && distance <= 1).then_some(best)
}

/// The zone of a name.
pub(super) fn zone(name: &str) -> Result<TimeZone, Problem> {
    TimeZone::get(name).map_err(|_| {
        let known: Vec<String> =
            jiff::tz::db().available().map(|name| name.as_str().to_owned()).collect();
        let problem = Problem::new("timezone", format!("`{name}` is no time zone"));
        // There are hundreds of zones, and one that is a little like the name is always among them.
        match likest(name, known.iter().map(String::as_str), 0.8) {
            Some(near) => problem.hint(format!("did you mean `{near}`?")),
            None => problem.hint("write its IANA name, such as Europe/Berlin"),
        }
    })
}
