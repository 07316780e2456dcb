//! What an example says, held against what came out.

use std::time::Duration;

use serde_json::Value;

use super::body::{Body, headers};
use super::mismatch::Mismatch;
use super::rehearse::{Outcome, Played};
use crate::contract::{Fault, Holding};
use crate::message::Request;
use crate::service::form::{Answered, Example, Exchange, Meaning};
use crate::units::Span;

/// The longest value that is shown on one line, in bytes.
const LONG: usize = 80;

/// The requests: exactly these, in this order.
pub(super) fn requests(example: &Example, played: &Played) -> Vec<Mismatch> {
    let mut wrong = Vec::new();
    let (expected, asked) = (&example.requests, &played.asked);
    for (index, (expected, actual)) in expected.iter().zip(asked).enumerate() {
        let differ = request(expected, actual);
        wrong.extend(differ.into_iter().map(|one| one.within_item("requests", index)));
    }
    if expected.len() != asked.len() {
        wrong.push(number(expected.len(), played));
    }
    wrong
}

/// That another number of requests goes out, and why that may be.
fn number(expected: usize, played: &Played) -> Mismatch {
    let list = |requests: &[Request]| match requests {
        [] => "nothing goes out".to_owned(),
        some => some.iter().map(line).collect::<Vec<_>>().join("\n"),
    };
    let why = match &played.outcome {
        Err(failure) if played.asked.len() < expected => format!(", since {}", failure.reason),
        _ => String::new(),
    };
    let go = if played.asked.len() == 1 { "goes" } else { "go" };
    let named = if expected == 1 { "1 request".to_owned() } else { format!("{expected} requests") };
    let message = format!("the example names {named}, and {} {go} out{why}", played.asked.len());
    Mismatch { actual: Some(list(&played.asked)), ..Mismatch::new("requests", message) }
}

fn line(request: &Request) -> String {
    format!("{} {}", request.method, request.url.expose())
}

fn request(expected: &Exchange, actual: &Request) -> Vec<Mismatch> {
    let mut wrong = Vec::new();
    if expected.method != actual.method {
        wrong.push(Mismatch::between("method", &expected.method, &actual.method));
    }
    if expected.url != actual.url.expose() {
        wrong.push(Mismatch::between("url", &expected.url, actual.url.expose()));
    }
    headers_differ(expected, actual, &mut wrong);
    bodies_differ(expected, &Body::of(actual), &mut wrong);
    wrong
}

/// Names know no case and no order.
fn headers_differ(expected: &Exchange, actual: &Request, wrong: &mut Vec<Mismatch>) {
    let sent: Vec<(String, &str)> =
        headers(actual).map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
    let mut named = Vec::new();
    for (name, value) in expected.headers.iter() {
        named.push(name.to_ascii_lowercase());
        let path = format!("headers.{name}");
        match sent.iter().find(|(sent, _)| sent.eq_ignore_ascii_case(name)) {
            Some((_, actual)) if actual == value => {}
            Some((_, actual)) => wrong.push(Mismatch::between(path, value, *actual)),
            None => wrong.push(missing(path, value)),
        }
    }
    for (name, value) in sent.iter().filter(|(name, _)| !named.contains(name)) {
        wrong.push(unexpected(format!("headers.{name}"), *value));
    }
}

fn bodies_differ(expected: &Exchange, actual: &Body, wrong: &mut Vec<Mismatch>) {
    let form = expected.form.as_ref().map(|fields| {
        fields.iter().map(|(name, text)| (name.to_owned(), Value::from(text.as_str()))).collect()
    });
    let text = expected.text.as_deref().map(Value::from);
    let named = [("json", expected.json.clone()), ("form", form), ("text", text)];
    let named: Vec<(&str, Value)> =
        named.into_iter().filter_map(|(key, body)| body.map(|body| (key, body))).collect();
    match (&named[..], actual.key()) {
        ([], None) => {}
        ([], Some(key)) => wrong.push(unexpected(key, shown(&actual.value()))),
        ([(key, body)], Some(actual_key)) if *key == actual_key => {
            differences(key, body, &actual.value(), wrong);
        }
        ([(key, body)], None) => wrong.push(missing(*key, &shown(body))),
        ([(key, _)], Some(actual_key)) => {
            let message = format!("the body that goes out is `{actual_key}`");
            let actual = Some(shown(&actual.value()));
            wrong.push(Mismatch { actual, ..Mismatch::new(*key, message) });
        }
        ([_, (key, _), ..], _) => {
            wrong.push(Mismatch::new(*key, "a request has one body, and here are two"));
        }
    }
}

/// Every place where two values differ.
fn differences(path: &str, expected: &Value, actual: &Value, wrong: &mut Vec<Mismatch>) {
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => {
            for (name, expected) in expected {
                match actual.get(name) {
                    Some(actual) => differences(&below(path, name), expected, actual, wrong),
                    None => wrong.push(missing(below(path, name), &shown(expected))),
                }
            }
            for (name, actual) in actual.iter().filter(|(name, _)| !expected.contains_key(*name)) {
                wrong.push(unexpected(below(path, name), shown(actual)));
            }
        }
        (Value::Array(expected), Value::Array(actual)) => {
            for (index, expected) in expected.iter().enumerate() {
                let path = format!("{path}[{index}]");
                match actual.get(index) {
                    Some(actual) => differences(&path, expected, actual, wrong),
                    None => wrong.push(missing(path, &shown(expected))),
                }
            }
            for (index, actual) in actual.iter().enumerate().skip(expected.len()) {
                wrong.push(unexpected(format!("{path}[{index}]"), shown(actual)));
            }
        }
        (expected, actual) if alike(expected, actual) => {}
        (expected, actual) => {
            wrong.push(Mismatch::between(path, shown(expected), shown(actual)));
        }
    }
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Numbers are alike whether or not they are written with a point.
fn alike(expected: &Value, actual: &Value) -> bool {
    let numbers = expected.as_f64().zip(actual.as_f64());
    expected == actual || numbers.is_some_and(|(expected, actual)| expected == actual)
}

fn missing(path: impl Into<String>, expected: &str) -> Mismatch {
    let expected = Some(expected.to_owned());
    Mismatch { expected, ..Mismatch::new(path, "this doesn't go out") }
}

fn unexpected(path: impl Into<String>, actual: impl Into<String>) -> Mismatch {
    let actual = Some(actual.into());
    Mismatch { actual, ..Mismatch::new(path, "this goes out, and the example doesn't say so") }
}

/// A value for a person: a text of several lines as it is, and what is long over several lines.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if text.contains('\n') => text.clone(),
        Value::String(_) => value.to_string(),
        other if other.to_string().len() > LONG => format!("{other:#}"),
        other => other.to_string(),
    }
}

/// What is captured at the end, where the example says it.
pub(super) fn captures(example: &Example, played: &Played) -> Vec<Mismatch> {
    let Some(expected) = &example.captures else { return Vec::new() };
    let expected: Value =
        expected.iter().map(|(name, value)| (name.to_owned(), value.clone())).collect();
    let mut wrong = Vec::new();
    match captured(played) {
        Some(actual) => differences("captures", &expected, &actual, &mut wrong),
        None => {
            let why = match &played.outcome {
                Ok(_) => "nothing is kept".to_owned(),
                Err(failure) => format!("nothing is kept, since {}", failure.reason),
            };
            wrong.push(Mismatch::new("captures", why));
        }
    }
    wrong
}

/// What is kept with the incident at the end.
pub(super) fn captured(played: &Played) -> Option<Value> {
    let holding = match &played.outcome {
        Ok(receipt) => &receipt.holding,
        Err(failure) => &failure.holding,
    };
    match holding {
        Some(Holding::Open(captured)) => {
            Some(captured.iter().map(|(name, value)| (name.clone(), value.clone())).collect())
        }
        _ => None,
    }
}

/// What an answer means, and how long it asks to wait.
pub(super) fn meaning(answered: &Answered, outcome: &Outcome) -> Result<(), Mismatch> {
    let (actual, wait, why) = meant(outcome);
    if actual != answered.means {
        let message = format!("the answer means something else{why}");
        return Err(Mismatch {
            message,
            ..Mismatch::between("means", answered.means.name(), actual.name())
        });
    }
    match (answered.wait, wait) {
        (Some(Span(expected)), Some(actual)) if expected == actual => Ok(()),
        (None, _) => Ok(()),
        (Some(expected), Some(actual)) => {
            Err(Mismatch::between("wait", expected.to_string(), Span(actual).to_string()))
        }
        (Some(expected), None) => {
            let expected = Some(expected.to_string());
            Err(Mismatch { expected, ..Mismatch::new("wait", "it doesn't say how long to wait") })
        }
    }
}

fn meant(outcome: &Outcome) -> (Meaning, Option<Duration>, String) {
    match outcome {
        Ok(receipt) if receipt.holding == Some(Holding::Gone) => {
            (Meaning::Gone, None, String::new())
        }
        Ok(_) => (Meaning::Delivered, None, String::new()),
        Err(failure) => {
            let why = format!(": {}", failure.reason);
            match (failure.fault, &failure.holding) {
                (_, Some(Holding::Gone)) => (Meaning::Gone, None, why),
                (Fault::Unavailable { retry_after }, _) => (Meaning::Unavailable, retry_after, why),
                (Fault::Deferred, _) => (Meaning::Deferred, None, why),
                (Fault::Refused, _) => (Meaning::Refused, None, why),
                (Fault::Suspended, _) => (Meaning::Suspended, None, why),
            }
        }
    }
}
