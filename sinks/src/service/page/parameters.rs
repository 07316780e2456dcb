//! What a person writes: an example to copy, and every option.

use std::fmt::Write;

use serde_json::Value;

use super::Page;
use crate::service::form::{Form, Parameter, Type};

/// A configuration to copy.
pub(super) fn configuration(form: &Form, page: &mut Page) {
    let mut yaml = format!("sinks:\n  my-{}:\n", form.name.replace('_', "-"));
    let example = form.parameters_example();
    match example.trim() {
        "{}" => writeln!(yaml, "    {}: {{}}", form.name),
        options => {
            let options = options.replace('\n', "\n      ");
            writeln!(yaml, "    {}:\n      {options}", form.name)
        }
    }
    .expect("a text takes all");
    page.code("yaml", &yaml);
}

/// Every option.
pub(super) fn table(form: &Form, page: &mut Page) {
    if form.parameters.is_empty() {
        page.paragraph("It has no options.");
        return;
    }
    page.heading("Options");
    let rows: Vec<Vec<String>> = form
        .parameters
        .iter()
        .map(|(name, parameter)| {
            let about = sentence(&parameter.about);
            let about =
                format!("{about}{}{}{}", alone(parameter), such_as(parameter), choices(parameter));
            vec![format!("`{name}`"), kind(parameter), about, default(parameter)]
        })
        .collect();
    page.table(&["option", "what it is", "about", "if left out"], &rows);
}

fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

/// What it can't stand beside.
fn alone(parameter: &Parameter) -> String {
    let others: Vec<String> = parameter.not_with.iter().map(|name| format!("`{name}`")).collect();
    if others.is_empty() { String::new() } else { format!(" Not beside {}.", others.join(", ")) }
}

/// The example of an option that the configuration to copy doesn't show.
fn such_as(parameter: &Parameter) -> String {
    match &parameter.example {
        _ if parameter.kind == Type::Choice => String::new(),
        Some(Value::String(text)) if !parameter.required && !text.contains(['\n', '`']) => {
            format!(" Such as `{text}`.")
        }
        _ => String::new(),
    }
}

fn kind(parameter: &Parameter) -> String {
    let number = |bound: Option<f64>| bound.map(|bound| bound.to_string());
    let kind = match parameter.kind {
        Type::Text => "text",
        Type::Secret => "secret",
        Type::Url if parameter.secret => "web address, secret",
        Type::Url => "web address",
        Type::Number => match (number(parameter.min), number(parameter.max)) {
            (Some(min), Some(max)) => return format!("number, {min} to {max}"),
            (Some(min), None) => return format!("number, {min} or more"),
            (None, Some(max)) => return format!("number, {max} or less"),
            (None, None) => "number",
        },
        Type::Flag => "true or false",
        Type::Choice => "one of several words",
        Type::List => "list of texts",
        Type::Duration => "length of time",
        Type::Template => "template",
        Type::Tree => "YAML with templates",
    };
    kind.to_owned()
}

/// The words of a choice, with what they mean where that is said.
fn choices(parameter: &Parameter) -> String {
    if let Some(Value::Object(words)) = &parameter.choices {
        let line = |(word, about): (&String, &Value)| {
            format!("\n`{word}`: {}", sentence(about.as_str().unwrap_or_default()))
        };
        return words.iter().map(line).collect();
    }
    let words: Vec<String> = parameter.words().iter().map(|word| format!("`{word}`")).collect();
    if words.is_empty() { String::new() } else { format!("\nOne of {}.", words.join(", ")) }
}

fn default(parameter: &Parameter) -> String {
    match &parameter.default {
        _ if parameter.required => "it must be there".to_owned(),
        None => String::new(),
        Some(Value::String(text)) => format!("`{text}`"),
        Some(value) => format!("`{value}`"),
    }
}
