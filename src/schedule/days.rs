//! On which days a window begins: days of the week, months, dates.

use jiff::civil::Date;

use super::config::Words;
use super::names::{self, DAYS, MONTHS};
use crate::model::Problem;

/// The days that fit.
#[derive(Clone, Debug)]
pub(super) struct Days {
    week: [bool; 7],
    months: [bool; 12],
    dates: Option<Vec<Dates>>,
}

/// Dates from one to another, both included.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Dates {
    Between(Date, Date),
    /// Month and day; the second may lie before the first, in the next year.
    Yearly((i8, i8), (i8, i8)),
}

/// One end of a range.
#[derive(Clone, Copy)]
enum End {
    Full(Date),
    Yearly(i8, i8),
}

const DATE_HINT: &str =
    "write 2026-12-24, 2026-12-24..2027-01-01, or 12-25 and 12-24..01-01 for each year";

/// Days of the week, dates and leap years repeat after this many years.
const CYCLE: i16 = 28;

/// So many days of a range of dates tell whether one of them fits the other keys.
const MOST_DAYS: usize = 10_000;

impl Days {
    /// Reads `days`, `months` and `dates`; what is left out doesn't narrow.
    pub(super) fn read(
        days: Option<&Words>,
        months: Option<&Words>,
        dates: Option<&Words>,
        problems: &mut Vec<Problem>,
    ) -> Days {
        let week = days.map_or([true; 7], |days| marked(days, "days", day, problems));
        let months = months.map_or([true; 12], |months| marked(months, "months", month, problems));
        let dates = dates.map(|dates| read_dates(dates, problems));
        Days { week, months, dates }
    }

    /// Whether a day fits.
    pub(super) fn hold(&self, date: Date) -> bool {
        self.week[date.weekday().to_monday_zero_offset().unsigned_abs() as usize]
            && self.months[date.month().unsigned_abs() as usize - 1]
            && self.dates.as_ref().is_none_or(|dates| dates.iter().any(|dates| dates.hold(date)))
    }

    /// Whether they come each year anew, none bound to a year of its own.
    pub(super) fn are_of_each_year(&self) -> bool {
        self.dates.iter().flatten().all(|dates| matches!(dates, Dates::Yearly(..)))
    }

    /// Whether any day fits at all.
    pub(super) fn ever_hold(&self) -> bool {
        let cycle =
            Dates::Between(Date::constant(2000, 1, 1), Date::constant(2000 + CYCLE, 12, 31));
        let ranges = self.dates.iter().flatten().filter(|d| matches!(d, Dates::Between(..)));
        [&cycle].into_iter().chain(ranges).any(|range| {
            let Dates::Between(first, last) = range else { return false };
            let days = std::iter::successors(Some(*first), |day| day.tomorrow().ok());
            days.take(MOST_DAYS + 366).take_while(|day| day <= last).any(|day| self.hold(day))
        })
    }
}

impl Dates {
    fn hold(self, date: Date) -> bool {
        match self {
            Dates::Between(first, last) => first <= date && date <= last,
            Dates::Yearly(first, last) => {
                let day = (date.month(), date.day());
                match first <= last {
                    true => first <= day && day <= last,
                    false => first <= day || day <= last,
                }
            }
        }
    }
}

/// Which of a fixed number of names are named, one by one or as a range that may wrap.
fn marked<const N: usize>(
    words: &Words,
    path: &str,
    read: impl Fn(&str) -> Result<usize, Problem>,
    problems: &mut Vec<Problem>,
) -> [bool; N] {
    let mut marked = [false; N];
    for (path, text) in some(words, path, problems) {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        match (read(first.trim()), read(last.trim())) {
            (Ok(first), Ok(last)) => {
                let steps = (last + N - first) % N;
                (0..=steps).for_each(|step| marked[(first + step) % N] = true);
            }
            (Err(problem), _) | (_, Err(problem)) => problems.push(Problem { path, ..problem }),
        }
    }
    marked
}

fn day(word: &str) -> Result<usize, Problem> {
    names::place(word, &DAYS).ok_or_else(|| {
        let problem = Problem::new("", format!("`{word}` is no day of the week"));
        match names::nearest_short(word, &DAYS) {
            Some(near) => problem.hint(format!("did you mean {near}?")),
            None => problem.hint("write MON-FRI, SAT, or a list: [SAT, SUN]"),
        }
    })
}

fn month(word: &str) -> Result<usize, Problem> {
    let number = word.parse().ok().filter(|number| (1..=12).contains(number));
    number.map(|number: usize| number - 1).or_else(|| names::place(word, &MONTHS)).ok_or_else(
        || {
            let problem = Problem::new("", format!("`{word}` is no month"));
            match names::nearest_short(word, &MONTHS) {
                Some(near) => problem.hint(format!("did you mean {near}?")),
                None => problem.hint("write DEC, JUN-AUG, a number from 1 to 12, or a list"),
            }
        },
    )
}

fn read_dates(words: &Words, problems: &mut Vec<Problem>) -> Vec<Dates> {
    let mut dates = Vec::new();
    for (path, text) in some(words, "dates", problems) {
        match range(text) {
            Ok(range) => dates.push(range),
            Err(problem) => problems.push(Problem { path, ..problem }),
        }
    }
    dates
}

fn range(text: &str) -> Result<Dates, Problem> {
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    match (end(first.trim())?, end(last.trim())?) {
        (End::Full(first), End::Full(last)) if first <= last => Ok(Dates::Between(first, last)),
        (End::Full(_), End::Full(_)) => {
            Err(Problem::new("", format!("`{text}` ends before it begins")).hint(DATE_HINT))
        }
        (End::Yearly(month, day), End::Yearly(to_month, to_day)) => {
            Ok(Dates::Yearly((month, day), (to_month, to_day)))
        }
        _ => {
            let message = format!("`{text}` has a year at one end only");
            Err(Problem::new("", message).hint(DATE_HINT))
        }
    }
}

fn end(text: &str) -> Result<End, Problem> {
    let wrong = |what: &str| Problem::new("", format!("`{text}` is no {what}")).hint(DATE_HINT);
    let numbers: Result<Vec<i16>, _> = text.split('-').map(str::parse).collect();
    match numbers.map_err(|_| wrong("date"))?[..] {
        [year @ 1000..=9999, month, day] => {
            full(year, month, day).map(End::Full).ok_or_else(|| wrong("day of the calendar"))
        }
        // A leap year, so that each year's 29 February can be meant.
        [month, day] => full(2000, month, day)
            .map(|date| End::Yearly(date.month(), date.day()))
            .ok_or_else(|| wrong("day of the calendar")),
        _ => Err(wrong("date")),
    }
}

fn full(year: i16, month: i16, day: i16) -> Option<Date> {
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// The items of a list, which must have one.
pub(super) fn some<'w>(
    words: &'w Words,
    path: &str,
    problems: &mut Vec<Problem>,
) -> Vec<(String, &'w str)> {
    let items = words.items(path);
    if items.is_empty() {
        let problem = Problem::new(path, format!("`{path}` is an empty list"));
        problems.push(problem.hint("leave it out if it shall not narrow the window"));
    }
    items
}
