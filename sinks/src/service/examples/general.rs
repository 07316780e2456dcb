//! What must hold for every message of every service, whatever its examples say: JSON can be read,
//! limits are kept, and no secret shows.

use serde_json::Value;

use super::body::{Body, content_type};
use super::mismatch::Mismatch;
use super::rehearse::Played;
use crate::message::{Request, Step};
use crate::service::form::{Amount, Form, Limit};

/// Checks what went out.
pub(super) fn check(form: &Form, played: &Played) -> Vec<Mismatch> {
    let mut wrong = Vec::new();
    for (index, request) in played.asked.iter().enumerate() {
        let mut found = json(request);
        found.extend(limits(form, request));
        wrong.extend(found.into_iter().map(|one| one.within_item("requests", index)));
    }
    wrong.extend(secrets(played));
    wrong
}

fn json(request: &Request) -> Vec<Mismatch> {
    if !content_type(request).contains("json") {
        return Vec::new();
    }
    let read = serde_json::from_slice::<Value>(&request.body).map(drop);
    let wrong = |error| Mismatch::new("json", format!("what goes out is no JSON: {error}"));
    read.err().map(wrong).into_iter().collect()
}

/// The limits of the service's file, measured anew on the finished body.
fn limits(form: &Form, request: &Request) -> Vec<Mismatch> {
    let body = Body::of(request);
    let mut wrong = Vec::new();
    for (path, limit) in form.limits.iter() {
        if path == "whole" {
            let length = request.body.len();
            wrong.extend((length > limit.most).then(|| too_long("", path, length, *limit)));
            continue;
        }
        let steps: Vec<&str> = path.split('.').collect();
        let key = body.key().unwrap_or_default();
        measure(&body.value(), &steps, key, &mut |value, place| {
            let length = length(value, limit.of);
            wrong.extend((length > limit.most).then(|| too_long(place, path, length, *limit)));
        });
    }
    wrong
}

/// Finds every place that a path without indexes leads to.
fn measure(value: &Value, steps: &[&str], place: &str, found: &mut dyn FnMut(&Value, &str)) {
    match (value, steps) {
        (value, []) => found(value, place),
        (Value::Object(fields), [name, rest @ ..]) => {
            if let Some(field) = fields.get(*name) {
                measure(field, rest, &format!("{place}.{name}"), found);
            }
        }
        (Value::Array(items), steps) => {
            for (index, item) in items.iter().enumerate() {
                measure(item, steps, &format!("{place}[{index}]"), found);
            }
        }
        _ => {}
    }
}

fn length(value: &Value, of: Amount) -> usize {
    match (value, of) {
        (Value::String(text), Amount::Characters) => text.encode_utf16().count(),
        (Value::String(text), Amount::Bytes) => text.len(),
        (Value::Array(items), Amount::Items) => items.len(),
        (Value::Object(_) | Value::Array(_), Amount::Bytes) => value.to_string().len(),
        _ => 0,
    }
}

fn too_long(place: &str, limit: &str, length: usize, most: Limit) -> Mismatch {
    let of = match most.of {
        Amount::Characters => "characters",
        Amount::Bytes => "bytes",
        Amount::Items => "items",
    };
    let most = most.most;
    Mismatch::new(place, format!("{length} {of} go out, and `limits.{limit}` allows {most}"))
}

/// Addresses and headers are shown to people, before and after they go out.
fn secrets(played: &Played) -> Vec<Mismatch> {
    let asked = played.asked.iter().enumerate();
    let shown = asked.map(|(index, request)| (format!("requests[{index}]"), head(request)));
    let rendered = played.message.steps.iter().filter_map(|step| match step {
        Step::Http(request) => Some((String::new(), head(request))),
        _ => None,
    });
    let mut wrong = Vec::new();
    for (path, text) in shown.chain(rendered) {
        let shows = played.secrets.iter().any(|secret| secret.len() > 3 && text.contains(secret));
        if shows {
            wrong.push(Mismatch::new(path, "a secret shows in the address or in a header"));
        }
    }
    wrong.dedup();
    wrong
}

/// A request as people see it, without its body.
fn head(request: &Request) -> String {
    Request { body: Vec::new(), ..request.clone() }.to_string()
}
