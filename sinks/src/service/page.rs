//! The reference page of a service, in Markdown, from its file alone.
//!
//! It is for whoever configures the service or wonders what it sends: what to write, what a message
//! looks like, and what an answer means. Nothing here knows a service.

mod answers;
mod message;
mod parameters;

use std::fmt::Write;

use super::form::{Amount, Form, Limit, Markup, OneOrMore, Step};

/// The page.
pub fn page(form: &Form) -> String {
    let mut page = Page::default();
    head(form, &mut page);
    parameters::configuration(form, &mut page);
    parameters::table(form, &mut page);
    rules(form, &mut page);
    life(form, &mut page);
    message::example(form, &mut page);
    bounds(form, &mut page);
    answers::table(form, &mut page);
    page.0
}

/// A page that grows by paragraphs.
#[derive(Default)]
struct Page(String);

impl Page {
    /// A paragraph, or whatever else stands by itself.
    fn paragraph(&mut self, text: &str) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.0.push_str(text.trim_end());
        self.0.push('\n');
    }

    fn heading(&mut self, text: &str) {
        self.paragraph(&format!("## {text}"));
    }

    fn code(&mut self, language: &str, text: &str) {
        // A fence is longer than any within.
        let fence = if text.contains("```") { "````" } else { "```" };
        self.paragraph(&format!("{fence}{language}\n{}\n{fence}", text.trim_end()));
    }

    /// A table; left out where it has no rows.
    fn table(&mut self, columns: &[&str], rows: &[Vec<String>]) {
        let mut text = format!("| {} |\n|{}\n", columns.join(" | "), "---|".repeat(columns.len()));
        for row in rows {
            let cells: Vec<String> = row.iter().map(|cell| self::cell(cell)).collect();
            writeln!(text, "| {} |", cells.join(" | ")).expect("a text takes all");
        }
        if !rows.is_empty() {
            self.paragraph(&text);
        }
    }
}

fn cell(text: &str) -> String {
    text.trim().replace('|', "\\|").replace('\n', "<br>")
}

fn head(form: &Form, page: &mut Page) {
    page.paragraph(&format!("# {}", form.title));
    page.paragraph(&form.about);
    let docs = match form.docs.as_str() {
        "" => String::new(),
        docs => format!("[Documentation of the service]({docs}). "),
    };
    page.paragraph(&format!("{docs}{}", checked(&form.checked)));
    page.paragraph(&format!(
        "[All services](README.md) · [The file](../../sinks/catalog/{}.yaml) that this page is made from",
        form.name
    ));
}

/// By what the facts were checked, as a sentence.
fn checked(checked: &str) -> String {
    let rest = |word: &str| {
        let rest = checked[word.len()..].trim_start_matches([' ', ',', ':']).trim();
        if rest.is_empty() { String::new() } else { format!(" ({rest})") }
    };
    match checked {
        "no" => "Nothing here has been checked against the service yet.".to_owned(),
        by if by.starts_with("documentation") => {
            format!("Checked against that documentation{}.", rest("documentation"))
        }
        by if by.starts_with("real server") => {
            format!("Checked against a real server{}.", rest("real server"))
        }
        by => format!("Checked: {by}."),
    }
}

fn rules(form: &Form, page: &mut Page) {
    page.heading("What a rule may say");
    let own = form.rules_parameters();
    let names: Vec<String> = own.iter().map(|(name, _)| format!("`{name}`")).collect();
    let with = match &names[..] {
        [] => "A rule's `with:` changes nothing here.".to_owned(),
        names => {
            format!("A rule's `with:` may set, for its own messages, {}.", listed(names, "and"))
        }
    };
    let words = match form.words() {
        None => "A rule can't bring words of its own.".to_owned(),
        Some(_) => format!("A rule's `template:` is written as {}.", markup(form.escape)),
    };
    let reports = if form.reports() { "" } else { " It takes no digests." };
    page.paragraph(&format!("{with} {words}{reports}"));
}

fn markup(markup: Markup) -> &'static str {
    match markup {
        Markup::Plain => "plain text",
        Markup::Slack => "Slack's markup",
        Markup::Html => "HTML",
        Markup::Markdown => "Markdown",
        Markup::Defused => "the service's own markup",
        Markup::Wiki => "wiki markup",
    }
}

/// `a, b and c`, with that word for the last.
fn listed(words: &[String], last_word: &str) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {last_word} {last}", first.join(", ")),
    }
}

/// What it does over an incident's life.
fn life(form: &Form, page: &mut Page) {
    page.heading("What it does");
    if !form.holds() {
        page.paragraph("Every message stands alone: one for each failure, recovery or report.");
        return;
    }
    let alone = match form.send.is_empty() {
        true => "Nothing is sent for what belongs to no incident.",
        false => "What belongs to no incident, such as a digest, is sent by itself.",
    };
    page.paragraph(&format!(
        "It holds one thing open for each incident, and goes on with that at the next run, also after \
         a restart. {alone}{}",
        kept(form)
    ));
    let stages = [
        ("the first failure", &form.open),
        ("a later failure", &form.update),
        ("the end of the incident", &form.resolve),
    ];
    let rows: Vec<Vec<String>> = stages
        .into_iter()
        .map(|(moment, steps)| vec![moment.to_owned(), requests(steps)])
        .collect();
    if rows.iter().any(|row| row[1] != rows[0][1]) {
        page.table(&["at", "it sends"], &rows);
    }
}

/// The requests of a stage, as the file has them.
fn requests(steps: &OneOrMore<Step>) -> String {
    let request = |step: &Step| {
        let sometimes = if step.when.is_some() { " (not always)" } else { "" };
        let method = step.method.as_deref().unwrap_or("POST");
        format!("`{method} {}`{sometimes}", pattern(&step.url))
    };
    match steps.is_empty() {
        true => "nothing".to_owned(),
        false => steps.iter().map(request).collect::<Vec<_>>().join("\n"),
    }
}

/// A template as a pattern: `{url}/posts/{number}`.
fn pattern(template: &str) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, (expression, after))) =
        rest.split_once("{{").and_then(|(before, rest)| Some((before, rest.split_once("}}")?)))
    {
        let name = expression.trim().rsplit('.').next().unwrap_or_default();
        text.push_str(&format!("{before}{{{name}}}"));
        rest = after;
    }
    format!("{text}{rest}").replace('`', "'")
}

/// What answers leave behind.
fn kept(form: &Form) -> String {
    let mut names: Vec<String> = Vec::new();
    for (_, steps) in form.stages() {
        for (name, _) in steps.iter().flat_map(|step| step.capture.iter()) {
            let name = format!("`{name}`");
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    match names.is_empty() {
        true => String::new(),
        false => format!(" Of the answers it remembers {}.", listed(&names, "and")),
    }
}

fn bounds(form: &Form, page: &mut Page) {
    let pace = pace(form);
    if pace.is_none() && form.limits.is_empty() {
        return;
    }
    page.heading("Pace and limits");
    if let Some(pace) = pace {
        page.paragraph(&pace);
    }
    let rows: Vec<Vec<String>> = form
        .limits
        .iter()
        .map(|(path, limit)| match path {
            "whole" => vec!["the whole body".to_owned(), amount(*limit)],
            path => vec![format!("`{path}`"), amount(*limit)],
        })
        .collect();
    page.table(&["what", "at most"], &rows);
    if form.reports() {
        let rows = form.rows;
        page.paragraph(&format!("A report shows {rows} groups at most, and counts the others."));
    }
}

fn pace(form: &Form) -> Option<String> {
    let pace = &form.pace;
    let mut said = Vec::new();
    if let Some(rate) = pace.rate {
        let messages = if rate.count == 1 { "message" } else { "messages" };
        let per = match rate.per.as_secs() {
            1 => "a second".to_owned(),
            60 => "a minute".to_owned(),
            3_600 => "an hour".to_owned(),
            _ => format!("in {}", crate::units::Span(rate.per)),
        };
        said.push(format!("{} {messages} {per}", rate.count));
    }
    said.extend(pace.burst.map(|burst| format!("{burst} at once after a rest")));
    said.extend(pace.concurrency.map(|most| format!("{most} under way at the same time")));
    let said = (!said.is_empty()).then(|| said.join(", "))?;
    Some(format!("At most {said}, if the configuration says nothing else."))
}

fn amount(limit: Limit) -> String {
    let of = match limit.of {
        Amount::Characters => "characters",
        Amount::Items => "items",
        Amount::Bytes if limit.most.is_multiple_of(1_000_000) => {
            return format!("{} MB", limit.most / 1_000_000);
        }
        Amount::Bytes if limit.most.is_multiple_of(1_000) => {
            return format!("{} kB", limit.most / 1_000);
        }
        Amount::Bytes => "bytes",
    };
    format!("{} {of}", limit.most)
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;
