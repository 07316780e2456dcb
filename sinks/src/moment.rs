//! A moment in few words, seen from another: how all messages write when something was.

use jiff::civil::DateTime;

/// `23:10` on the same day or the evening before, `Mon 23:10` within the week, `14 Mar 23:10`
/// before that.
pub fn clock(at: DateTime, from: DateTime) -> String {
    short(at, from, 1)
}

/// The same, with the day wherever it is another.
pub fn since(at: DateTime, from: DateTime) -> String {
    short(at, from, 0)
}

fn short(at: DateTime, from: DateTime, bare: i32) -> String {
    let days = from.date().since(at.date()).map_or(i32::MAX, |span| span.get_days());
    let format = match days {
        days if (0..=bare).contains(&days) => "%H:%M",
        0..=6 => "%a %H:%M",
        days if days.abs() < 300 => "%-d %b %H:%M",
        _ => "%-d %b %Y %H:%M",
    };
    at.strftime(format).to_string()
}
