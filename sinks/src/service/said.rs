//! `said`: what the built-in messages say of a notice, as the value that a service's templates see.
//!
//! Between the shared wording (facts, story, report) and the scene of a service's message. Every
//! text is clean: nothing that can't be seen, one line where a line is meant, never endless. No
//! markup is escaped here, and no service is known.

use serde_json::{Map, Value, json};

use crate::contract::Notice;
use crate::digest::{Digest, Row};
use crate::template::cut;
use crate::{facts, report, story};

/// The longest note and the longest line about the history, in characters.
const LINE: usize = 400;
/// The longest summary, in characters: more than any service shows.
const SUMMARY: usize = 20_000;
/// The longest name of a sink, in characters.
const SINK: usize = 80;
/// The most facts; labels may be many.
const FACTS: usize = 20;
/// The longest address of a run.
const LINK: usize = 2_000;
/// The longest address that a row of a report bears.
const ROW_LINK: usize = 300;
/// What a group is called whose name shows nothing.
const UNNAMED: &str = "(no name)";
/// The colour where a notice has none.
const GREY: &str = "#6b7280";

/// The names below `said`.
pub const FIELDS: [&str; 16] = [
    "headline",
    "emoji",
    "color",
    "color_number",
    "title",
    "label",
    "level",
    "notes",
    "history",
    "summary",
    "facts",
    "link",
    "text",
    "report",
    "rows",
    "rest",
];

/// The names below an item of `said.rows`.
pub const ROW_FIELDS: [&str; 9] = [
    "rows.emoji",
    "rows.color",
    "rows.title",
    "rows.standing",
    "rows.summary",
    "rows.tally",
    "rows.net",
    "rows.link",
    "rows.line",
];

/// The object `said`, a report's rows cut to so many.
pub fn said(notice: &Notice, rows: usize) -> Value {
    said_of(notice, rows, &|_| true)
}

/// The same with only those of [`FIELDS`] and [`ROW_FIELDS`] that are wanted: it is made for each
/// message.
pub fn said_of(notice: &Notice, rows: usize, wanted: &dyn Fn(&str) -> bool) -> Value {
    let teller = Teller { notice, report: report::of(notice), rows };
    let mut said = Map::new();
    for name in FIELDS.into_iter().filter(|name| wanted(name)) {
        said.insert(name.to_owned(), teller.field(name, wanted));
    }
    Value::Object(said)
}

struct Teller<'a> {
    notice: &'a Notice,
    report: Option<&'a Digest>,
    /// The most rows of a report.
    rows: usize,
}

impl Teller<'_> {
    fn field(&self, name: &str, wanted: &dyn Fn(&str) -> bool) -> Value {
        match name {
            "headline" => self.headline().into(),
            "emoji" => self.emoji().into(),
            "color" => color(&self.notice.color).into(),
            "color_number" => number(color(&self.notice.color)).into(),
            "title" => self.title().into(),
            "label" => self.label().into(),
            "level" => self.level().into(),
            "notes" => self.notes().into(),
            "history" => self.history().into(),
            "summary" => self.summary().into(),
            "facts" => self.facts().iter().map(|(name, value)| fact(name, value)).collect(),
            "link" => self.notice.link.as_deref().and_then(|link| address(link, LINK)).into(),
            "text" => self.text().into(),
            "report" => self.report.is_some().into(),
            "rows" => self.rows(wanted),
            "rest" => self.rest().into(),
            _ => Value::Null,
        }
    }

    fn headline(&self) -> String {
        let test = if self.notice.test { "🧪 Test: " } else { "" };
        let (emoji, title, label) = (self.emoji(), self.title(), self.label());
        let line = format!("{emoji} {title} · {label}");
        format!("{test}{}", line.trim_start())
    }

    fn emoji(&self) -> String {
        match self.report {
            Some(report) => report::emblem(report).to_owned(),
            None if self.notice.dead.is_some() => "📪".to_owned(),
            None => facts::line(&self.notice.emoji, 8),
        }
    }

    fn title(&self) -> String {
        match self.report {
            Some(report) => report::title(report),
            None => named(facts::group(self.notice)),
        }
    }

    fn label(&self) -> String {
        match (self.report, &self.notice.dead) {
            (Some(report), _) => report::verdict(report),
            (None, None) => story::label(self.notice),
            (None, Some(dead)) => {
                let untold = format!("not told to {}", facts::line(&dead.sink, SINK));
                match self.notice.status {
                    Some(_) => format!("{}, {untold}", story::label(self.notice)),
                    None => untold,
                }
            }
        }
    }

    fn level(&self) -> &'static str {
        let notice = self.notice;
        match notice.digest.as_deref() {
            _ if notice.dead.is_some() => "error",
            Some(digest) => digest.rows.iter().map(row_level).max_by_key(weight).unwrap_or("ok"),
            None if notice.transition.as_deref() == Some("recovered") => "ok",
            None => run_level(notice.failing, notice.status.as_deref()),
        }
    }

    fn notes(&self) -> Vec<String> {
        let notes = report::notes(self.notice).into_iter();
        notes.map(|note| facts::line(&note, LINE)).collect()
    }

    fn history(&self) -> Option<String> {
        match self.report {
            Some(_) => None,
            None => story::history(self.notice).map(|line| cut(&line, LINE).into_owned()),
        }
    }

    fn summary(&self) -> Option<String> {
        let summary = self.notice.summary.as_deref().filter(|_| self.report.is_none())?;
        // No more is read than can be shown, whatever an event brought in.
        let clean = facts::lines(&summary[..summary.floor_char_boundary(4 * SUMMARY)]);
        Some(cut(clean.trim(), SUMMARY).into_owned()).filter(|text| !text.is_empty())
    }

    fn facts(&self) -> Vec<(String, String)> {
        match self.report {
            Some(_) => Vec::new(),
            None => facts::facts(self.notice).take(FACTS).collect(),
        }
    }

    fn text(&self) -> String {
        let mut lines = self.notes();
        lines.extend(self.history());
        lines.extend(self.summary());
        lines.extend(self.facts().iter().map(|(name, value)| format!("{name}: {value}")));
        let told = |row: &Row| format!("{} {}", facts::line(&row.emoji, 8), self.line(row));
        lines.extend(self.shown().iter().map(|row| told(row).trim_start().to_owned()));
        lines.extend(self.rest());
        lines.join("\n")
    }

    /// The rows of a report that are shown.
    fn shown(&self) -> &[Row] {
        let rows = self.report.map_or(&[][..], |report| &report.rows);
        &rows[..rows.len().min(self.rows)]
    }

    fn rest(&self) -> Option<String> {
        let report = self.report?;
        let cut = u32::try_from(report.rows.len() - self.shown().len()).unwrap_or(u32::MAX);
        report::rest(report.more.saturating_add(cut))
    }

    fn rows(&self, wanted: &dyn Fn(&str) -> bool) -> Value {
        let fields = ROW_FIELDS.into_iter().filter(|name| wanted(name));
        let fields: Vec<&str> = fields.filter_map(|name| name.strip_prefix("rows.")).collect();
        let row = |row: &Row| {
            let said = fields.iter().map(|name| ((*name).to_owned(), self.row_field(row, name)));
            Value::Object(said.collect())
        };
        self.shown().iter().map(row).collect()
    }

    fn row_field(&self, row: &Row, name: &str) -> Value {
        match name {
            "emoji" => facts::line(&row.emoji, 8).into(),
            "color" => color(&row.color).into(),
            "title" => named(story::group(row)).into(),
            "standing" => self.report.map(|report| report::standing(row, report)).into(),
            "summary" => story::summary(row).into(),
            "tally" => story::tally(row).join(" · ").into(),
            "net" => facts::line(&row.net, 20).into(),
            "link" => row.link.as_deref().and_then(|link| address(link, ROW_LINK)).into(),
            "line" => self.line(row).into(),
            _ => Value::Null,
        }
    }

    /// The row in one sentence, which the bridge has said already where it made the row.
    fn line(&self, row: &Row) -> String {
        if !row.line.is_empty() {
            return row.line.clone();
        }
        story::line(row, self.report.map_or("", |report| &report.until))
    }
}

/// A name that shows: services refuse a title or a topic that is empty.
fn named(name: String) -> String {
    if name.trim().is_empty() { UNNAMED.to_owned() } else { name }
}

fn row_level(row: &Row) -> &'static str {
    match row.net.as_str() {
        "failing" => run_level(Some(true), row.status.as_deref()),
        "recovered" | "passing" => "ok",
        _ => "info",
    }
}

fn run_level(failing: Option<bool>, status: Option<&str>) -> &'static str {
    match failing {
        Some(true) if status == Some("UNSTABLE") => "warning",
        Some(true) => "error",
        Some(false) => "ok",
        None => "info",
    }
}

/// How grave a level is.
fn weight(level: &&str) -> usize {
    ["ok", "info", "warning", "error"].iter().position(|known| known == level).unwrap_or(0)
}

fn fact(name: &str, value: &str) -> Value {
    json!({ "name": name, "value": value })
}

/// A colour as `#rrggbb`, grey where it is none.
fn color(text: &str) -> &str {
    let digits = text.strip_prefix('#').unwrap_or("");
    let is_one = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_one { text } else { GREY }
}

fn number(color: &str) -> u32 {
    u32::from_str_radix(&color[1..], 16).unwrap_or_default()
}

/// A web address as browsers write it; nothing for what is none, or is too long.
fn address(link: &str, most: usize) -> Option<String> {
    // No more is read than can be said, whatever an event brought in.
    let url = url::Url::parse(Some(link).filter(|link| link.len() <= most)?).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https") && url.as_str().len() <= most;
    is_web.then(|| url.into())
}

#[cfg(test)]
#[path = "said_tests.rs"]
mod tests;
