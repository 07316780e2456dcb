//! Every text of a service's file that is a template, with its path: to find which names are used
//! where, before anything is compiled.

use serde_json::Value;

use super::form::{Answer, Form, Step};

/// A text, and where it stands.
pub(super) type Text<'a> = (String, &'a str);

/// Every template of a service: its steps', its texts' and its answers'.
pub(super) fn of_form(form: &Form) -> Vec<Text<'_>> {
    let mut texts = Vec::new();
    for (key, steps) in form.stages() {
        for (index, step) in steps.iter().enumerate() {
            of_step(step, &steps.path(key, index), &mut texts);
        }
    }
    texts.extend(form.texts.iter().map(|(name, text)| (format!("texts.{name}"), text.as_str())));
    of_answers(&form.answers, "answers", &mut texts);
    texts
}

/// Every template of a step, without those that it includes.
pub(super) fn of_step<'a>(step: &'a Step, at: &str, texts: &mut Vec<Text<'a>>) {
    let mut add = |key: &str, text: Option<&'a str>| {
        texts.extend(text.map(|text| (format!("{at}.{key}"), text)));
    };
    add("url", Some(&step.url));
    add("when", step.when.as_deref());
    add("text", step.text.as_deref());
    add("sign.standard_webhooks", step.sign.as_ref().map(|sign| &*sign.standard_webhooks));
    add("basic.username", step.basic.as_ref().map(|basic| &*basic.username));
    add("basic.password", step.basic.as_ref().map(|basic| &*basic.password));
    for (key, named) in [("headers", &step.headers), ("query", &step.query)] {
        named.iter().for_each(|(name, text)| add(&format!("{key}.{name}"), Some(text)));
    }
    for (key, body) in [("json", &step.json), ("form", &step.form)] {
        if let Some(body) = body {
            leaves(body, format!("{at}.{key}"), texts);
        }
    }
    of_answers(&step.answers, &format!("{at}.answers"), texts);
}

fn of_answers<'a>(answers: &'a [Answer], at: &str, texts: &mut Vec<Text<'a>>) {
    for (index, answer) in answers.iter().enumerate() {
        let when = answer.when.as_deref();
        texts.extend(when.map(|text| (format!("{at}[{index}].when"), text)));
    }
}

fn leaves<'a>(value: &'a Value, at: String, texts: &mut Vec<Text<'a>>) {
    match value {
        Value::String(text) => texts.push((at, text)),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                leaves(item, format!("{at}[{index}]"), texts);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                leaves(field, format!("{at}.{name}"), texts);
            }
        }
        _ => {}
    }
}

/// Whether a text is a name that a template can ask for.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The names that a text asks for below `parent`: `number` in `{{ captured.number }}`.
pub(super) fn below<'a>(text: &'a str, parent: &str) -> Vec<&'a str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut names = Vec::new();
    for (at, _) in text.match_indices(parent) {
        let begins = !text[..at].ends_with(is_name);
        if let (true, Some(rest)) = (begins, text[at + parent.len()..].strip_prefix('.')) {
            let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
            names.extend((end > 0).then(|| &rest[..end]));
        }
    }
    names
}

/// The texts that a text includes: `main` in `{{> main}}`.
pub(super) fn included(text: &str) -> impl Iterator<Item = &str> {
    text.split("{{").skip(1).filter_map(|tag| {
        let name = tag.trim_start_matches('~').trim_start().strip_prefix('>')?.trim_start();
        name.split(|c: char| c.is_whitespace() || c == '}' || c == '~').next()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_wherever_they_are_asked_for() {
        let text =
            "{{captured.a}} {{#if (eq @root.captured.b_2 1)}} recaptured.c captured. {{/if}}";
        assert_eq!(below(text, "captured"), ["a", "b_2"]);
        assert!(below("options", "options").is_empty());
        let included: Vec<_> = included("{{> a}}{{~>b/c x=1 ~}}{{ d }}{{>e~}}").collect();
        assert_eq!(included, ["a", "b/c", "e"]);
    }
}
