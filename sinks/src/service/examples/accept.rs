//! The examples as they really are, written as YAML: what stands in place of the old ones once a
//! person has looked and found it right.

use serde_json::{Map, Value};

use super::body::{Body, headers};
use super::compare::captured;
use super::rehearse::Played;
use crate::message::Request;
use crate::service::form::{Answered, Example, Exchange, Named, Reply};

/// Lines that are longer are still one line: what is wrapped can't be searched for.
const WIDTH: usize = 10_000;

/// The block `examples:` of a file.
pub(super) fn block(played: &[(&Example, Played)]) -> String {
    let examples: Value = played.iter().map(|(example, played)| whole(example, played)).collect();
    let fields = Map::from_iter([("examples".to_owned(), examples)]);
    let options = serde_yaml::ser_options! { folded_wrap_chars: WIDTH, compact_list_indent: false };
    serde_yaml::to_string_with_options(&Value::Object(fields), options)
        .expect("plain data with texts as field names")
}

/// A service's file with this block in place of its examples, at its end where it has none.
pub fn replaced(file: &str, block: &str) -> String {
    let begins = |line: &str| line.starts_with("examples:");
    // Whatever is indented, empty, a remark or an item belongs to the key before.
    let another = |line: &str| !line.starts_with([' ', '\t', '#', '-', '\n', '\r']);
    let mut lines = file.split_inclusive('\n');
    let before: String = lines.by_ref().take_while(|line| !begins(line)).collect();
    let after: String = lines.skip_while(|line| !another(line)).collect();
    let newline = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
    let gap = if after.is_empty() { "" } else { "\n" };
    format!("{before}{newline}{block}{gap}{after}")
}

fn whole(example: &Example, played: &Played) -> Value {
    let mut fields = Fields::default();
    fields.add("name", Some(example.name.as_str().into()));
    fields.add("notice", Some(example.notice.clone()));
    fields.add("options", Some(example.options.clone()).filter(|options| !options.is_null()));
    fields.add("with", some(&example.with, |text| text.as_str().into()));
    fields.add("words", example.words.as_deref().map(Value::from));
    fields.add("captured", example.captured.as_ref().map(|captured| map(captured, Value::clone)));
    let written = |index: usize| example.requests.get(index);
    let asked = played.asked.iter().enumerate();
    fields.add("requests", Some(asked.map(|(at, asked)| request(written(at), asked)).collect()));
    fields.add("answers", list(example.answers.iter().map(answered)));
    fields.add("captures", captures(example, played));
    fields.value()
}

/// What is kept at the end, where that is news.
fn captures(example: &Example, played: &Played) -> Option<Value> {
    let before = example.captured.as_ref().map(|captured| map(captured, Value::clone));
    captured(played).filter(|now| example.captures.is_some() || before.as_ref() != Some(now))
}

fn request(written: Option<&Exchange>, asked: &Request) -> Value {
    let mut fields = Fields::default();
    fields.add("method", Some(asked.method.as_str().into()));
    fields.add("url", Some(asked.url.expose().into()));
    let names = headers(asked).map(|(name, value)| (name.to_ascii_lowercase(), value.into()));
    let names: Map<String, Value> = names.collect();
    fields.add(
        "headers",
        Some(Value::Object(names)).filter(|names| names != &Value::from(Map::new())),
    );
    let body = Body::of(asked);
    if let Some(key) = body.key() {
        fields.add(key, Some(body.value()));
    }
    fields.add("answer", written.and_then(|written| written.answer.as_ref()).map(reply));
    fields.value()
}

fn reply(reply: &Reply) -> Value {
    let Reply { status, headers, json, text } = reply;
    said(*status, headers, json.as_ref(), text.as_deref()).value()
}

fn answered(answered: &Answered) -> Value {
    let Answered { status, headers, json, text, means, wait } = answered;
    let mut fields = said(*status, headers, json.as_ref(), text.as_deref());
    fields.add("means", Some(means.name().into()));
    fields.add("wait", wait.map(|wait| wait.to_string().into()));
    fields.value()
}

fn said(
    status: Option<u16>,
    headers: &Named<String>,
    json: Option<&Value>,
    text: Option<&str>,
) -> Fields {
    let mut fields = Fields::default();
    fields.add("status", status.map(Value::from));
    fields.add("headers", some(headers, |text| text.as_str().into()));
    fields.add("json", json.cloned());
    fields.add("text", text.map(Value::from));
    fields
}

/// A map that is written in order, without what isn't there.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn add(&mut self, name: &str, value: Option<Value>) {
        self.0.extend(value.map(|value| (name.to_owned(), value)));
    }

    fn value(self) -> Value {
        Value::Object(self.0)
    }
}

fn some<T>(named: &Named<T>, value: impl Fn(&T) -> Value) -> Option<Value> {
    (!named.is_empty()).then(|| map(named, value))
}

fn map<T>(named: &Named<T>, value: impl Fn(&T) -> Value) -> Value {
    named.iter().map(|(name, one)| (name.to_owned(), value(one))).collect()
}

fn list(items: impl Iterator<Item = Value>) -> Option<Value> {
    let items: Vec<Value> = items.collect();
    (!items.is_empty()).then_some(Value::Array(items))
}
