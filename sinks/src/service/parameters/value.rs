//! One value of a parameter, read: from what a person wrote to what templates see, or to an error
//! that says what was expected and never repeats what may be a secret in the wrong place.

use serde_json::{Number, Value};

use crate::kind::BuildError;
use crate::options::{PLACEHOLDER, web_url};
use crate::secret::Secret;
use crate::service::form::{Parameter, Type};
use crate::template::nearest;
use crate::units::Span;

/// What is wrong with a value.
#[derive(Debug)]
pub(super) struct Wrong {
    /// Where within it, such as `[1]`.
    path: String,
    pub(super) message: String,
    hint: Option<String>,
}

/// Reads a value as it stands in a configuration.
pub(super) fn read(parameter: &Parameter, value: Value) -> Result<Value, Wrong> {
    match (parameter.kind, value) {
        (_, Value::String(text)) if text == PLACEHOLDER => Ok(stand_in(parameter, text)),
        (Type::Tree, tree) => items(parameter, tree),
        (Type::Flag, Value::Bool(flag)) => Ok(flag.into()),
        (Type::Number, Value::Number(number)) => within(parameter, number),
        (Type::List, Value::Array(items)) => list(parameter, items),
        (Type::List, Value::String(one)) => list(parameter, vec![one.into()]),
        (Type::Number | Type::Flag, other) => Err(unexpected(parameter, &other)),
        (_, Value::String(text)) => of_text(parameter, &text),
        (_, other) => Err(unexpected(parameter, &other)),
    }
}

/// What serves where the value itself is not there: a configuration is checked without its secrets, and
/// no pattern can be held against what is missing.
fn stand_in(parameter: &Parameter, text: String) -> Value {
    let own = parameter.example.clone().or_else(|| parameter.default.clone());
    let own = own.filter(|own| own != PLACEHOLDER).and_then(|own| read(parameter, own).ok());
    own.unwrap_or_else(|| match parameter.kind {
        Type::Number => parameter.min.unwrap_or(1.0).into(),
        Type::Flag => false.into(),
        Type::Duration => 60.into(),
        Type::Choice => parameter.words().first().copied().unwrap_or_default().into(),
        Type::List => vec![text].into(),
        Type::Tree => Value::Null,
        Type::Text | Type::Secret | Type::Url | Type::Template => text.into(),
    })
}

/// Reads what a rule says, which is always a text.
pub(super) fn of_rule(parameter: &Parameter, text: &str) -> Result<Value, Wrong> {
    let text = text.trim();
    match parameter.kind {
        Type::Number => match text.parse::<i64>().map(Number::from) {
            Ok(number) => within(parameter, number),
            Err(_) => match text.parse().ok().and_then(Number::from_f64) {
                Some(number) => within(parameter, number),
                None => Err(Wrong::new("expected a number")),
            },
        },
        Type::Flag => match text {
            "true" => Ok(true.into()),
            "false" => Ok(false.into()),
            _ => Err(Wrong::new("expected true or false")),
        },
        Type::List => list(parameter, vec![text.into()]),
        _ => of_text(parameter, text),
    }
}

/// What stands here, and what should.
pub(super) fn expected(found: &Value, expected: &str) -> String {
    let found = match found {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    };
    format!("{found} stands here, expected {expected}")
}

/// A value as a person writes it in YAML, on one line.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if is_plain(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Whether a text needs no quotes in YAML, whatever reads it.
fn is_plain(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
    let safe = |c: char| c.is_ascii_alphanumeric() || "-_./@+=?&%:, ".contains(c);
    let word = !matches!(
        text.to_ascii_lowercase().as_str(),
        "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n" | "nan" | "inf"
    );
    let broken = text.contains(": ") || text.ends_with([':', ' ']);
    begins && word && !broken && text.chars().all(safe)
}

fn of_text(parameter: &Parameter, text: &str) -> Result<Value, Wrong> {
    if parameter.required && text.trim().is_empty() {
        return Err(Wrong::new("nothing stands here, and it is required"));
    }
    match parameter.kind {
        Type::Url => {
            let address = address(text)?;
            fits(parameter, &address)?;
            Ok(address.into())
        }
        Type::Duration => Span::parse(text)
            .map(seconds)
            .map_err(|_| Wrong::new("expected a length of time").hint("such as 30s, 5m or 1h30m")),
        Type::Choice => choice(parameter, text),
        _ => {
            fits(parameter, text)?;
            Ok(text.into())
        }
    }
}

/// The address as it will be used. Without a path it gets none, so that a service may add its own.
fn address(text: &str) -> Result<String, Wrong> {
    let url = web_url("", &Secret::new(text)).map_err(|error| Wrong {
        path: String::new(),
        message: error.message,
        hint: error.hint,
    })?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let address = String::from(url);
    match address.strip_suffix('/') {
        Some(host) if bare => Ok(host.to_owned()),
        _ => Ok(address),
    }
}

fn choice(parameter: &Parameter, text: &str) -> Result<Value, Wrong> {
    let words = parameter.words();
    if words.contains(&text) {
        return Ok(text.into());
    }
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    let wrong = Wrong::new(format!("expected one of {}", quoted.join(", ")));
    let near = nearest(text, words.into_iter());
    Err(Wrong { hint: near.map(|near| format!("did you mean `{near}`?")), ..wrong })
}

fn list(parameter: &Parameter, items: Vec<Value>) -> Result<Value, Wrong> {
    if parameter.required && items.is_empty() {
        return Err(Wrong::new("the list is empty, and one item is required"));
    }
    for (index, item) in items.iter().enumerate() {
        let at = |wrong: Wrong| Wrong { path: format!("[{index}]"), ..wrong };
        let text = item.as_str().ok_or_else(|| at(unquoted(item)))?;
        fits(parameter, text).map_err(at)?;
    }
    Ok(Value::Array(items))
}

fn fits(parameter: &Parameter, text: &str) -> Result<(), Wrong> {
    match &parameter.pattern {
        Some(pattern) if !pattern.fits(text) => {
            let wrong = Wrong::new(format!("this is not as it must be: {}", parameter.about));
            Err(match &parameter.example {
                Some(example) => wrong.hint(format!("such as {}", shown(example))),
                None => wrong.hint(format!("it must match {}", pattern.as_str())),
            })
        }
        _ => Ok(()),
    }
}

/// A tree that has to be a list says how many items it may have.
fn items(parameter: &Parameter, tree: Value) -> Result<Value, Wrong> {
    let (least, most) = match (parameter.min, parameter.max) {
        (None, None) => return Ok(tree),
        (least, most) => (least.unwrap_or(0.0), most.unwrap_or(f64::INFINITY)),
    };
    match tree.as_array().map(Vec::len) {
        Some(count) if (least..=most).contains(&(count as f64)) => Ok(tree),
        Some(count) => {
            Err(Wrong::new(format!("{count} items stand here, expected {least} to {most}")))
        }
        None => Err(Wrong::new(expected(&tree, "a list"))),
    }
}

fn within(parameter: &Parameter, number: Number) -> Result<Value, Wrong> {
    let float = number.as_f64().unwrap_or(f64::NAN);
    match (parameter.min, parameter.max) {
        (Some(min), Some(max)) if !(min..=max).contains(&float) => {
            Err(Wrong::new(format!("expected a number from {min} to {max}")))
        }
        (Some(min), _) if float < min => {
            Err(Wrong::new(format!("expected a number, {min} or more")))
        }
        (_, Some(max)) if float > max => {
            Err(Wrong::new(format!("expected a number, {max} or less")))
        }
        _ => Ok(number.into()),
    }
}

/// A length of time in seconds, whole where it is.
fn seconds(Span(time): Span) -> Value {
    match time.subsec_nanos() {
        0 => time.as_secs().into(),
        _ => time.as_secs_f64().into(),
    }
}

fn unexpected(parameter: &Parameter, found: &Value) -> Wrong {
    let wanted = match parameter.kind {
        Type::Text | Type::Secret | Type::Choice => return unquoted(found),
        Type::Url => "a web address",
        Type::Number => "a number",
        Type::Flag => "true or false",
        Type::List => "a list of texts",
        Type::Duration => "a length of time such as 30s",
        Type::Template => "a text with templates",
        Type::Tree => "anything",
    };
    Wrong::new(expected(found, wanted))
}

/// What should be a text, and would be one in quotes.
fn unquoted(found: &Value) -> Wrong {
    let wrong = Wrong::new(expected(found, "a text"));
    match found {
        Value::Number(_) | Value::Bool(_) => wrong.hint("put it in quotes"),
        _ => wrong,
    }
}

impl Wrong {
    fn new(message: impl Into<String>) -> Self {
        Wrong { path: String::new(), message: message.into(), hint: None }
    }

    fn hint(self, hint: impl Into<String>) -> Self {
        Wrong { hint: Some(hint.into()), ..self }
    }

    /// The error at an option.
    pub(super) fn at(self, name: &str) -> BuildError {
        let Wrong { path, message, hint } = self;
        BuildError { path: format!("{name}{path}"), message, hint }
    }
}
