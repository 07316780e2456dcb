//! What a message looks like: the requests of the first example that has any.

use std::fmt::Write;

use serde_json::Value;

use super::Page;
use crate::laid_out;
use crate::service::form::{Example, Exchange, Form};

/// The first example's requests.
pub(super) fn example(form: &Form, page: &mut Page) {
    let Some(example) = form.examples.iter().find(|example| !example.requests.is_empty()) else {
        return;
    };
    page.heading("What a message looks like");
    page.paragraph(&introduction(example));
    for request in &example.requests {
        let body = body(request).map(|body| format!("\n{body}")).unwrap_or_default();
        page.code("http", &format!("{}{body}", head(request)));
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

fn body(request: &Exchange) -> Option<String> {
    if let Some(json) = &request.json {
        return Some(laid_out::json(json));
    }
    if let Some(fields) = &request.form {
        let lines = fields.iter().map(|(name, text)| format!("{name}: {}", one_line(text)));
        return Some(lines.collect::<Vec<_>>().join("\n"));
    }
    request.text.clone()
}

/// A field of a form, on one line.
fn one_line(text: &str) -> String {
    Value::from(text).to_string()
}
