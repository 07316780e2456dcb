//! What a message looks like: the requests of the first example that has any.

use std::fmt::Write;

use serde_json::Value;

use super::Page;
use crate::service::form::{Example, Exchange, Form};

/// The first example's requests.
pub(super) fn example(form: &Form, page: &mut Page) {
    let Some(example) = form.examples.iter().find(|example| !example.requests.is_empty()) else {
        return;
    };
    page.heading("What a message looks like");
    page.paragraph(&introduction(example));
    for request in &example.requests {
        page.code("http", &head(request));
        if let Some((language, body)) = body(request) {
            page.code(language, &body);
        }
    }
}

fn introduction(example: &Example) -> String {
    let name = example.name.trim().trim_end_matches('.');
    let mut letters = name.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}:", letters.as_str())
}

fn head(request: &Exchange) -> String {
    let mut text = format!("{} {}\n", request.method, request.url);
    for (name, value) in request.headers.iter() {
        writeln!(text, "{name}: {value}").expect("a text takes all");
    }
    text
}

fn body(request: &Exchange) -> Option<(&'static str, String)> {
    if let Some(json) = &request.json {
        return Some(("json", format!("{json:#}")));
    }
    if let Some(fields) = &request.form {
        let lines = fields.iter().map(|(name, text)| format!("{name}: {}", one_line(text)));
        return Some(("yaml", lines.collect::<Vec<_>>().join("\n")));
    }
    request.text.clone().map(|text| ("text", text))
}

/// A field of a form on one line, as YAML reads it.
fn one_line(text: &str) -> String {
    Value::from(text).to_string()
}
