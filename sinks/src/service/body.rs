//! The body of a service's request: a JSON tree, a form, a text, or nothing.

use serde_json::Value;
use url::form_urlencoded;

use super::form;
use super::kit::Kit;
use crate::kind::BuildError;
use crate::request::{FORM, JSON, TEXT};
use crate::template::{Field, Filling, RenderError, ServiceTree};

/// What a request carries.
pub(super) enum Body {
    Nothing,
    Json(ServiceTree),
    Form(ServiceTree),
    Text(Field),
}

impl Body {
    /// Compiles whichever of the three is there.
    ///
    /// # Errors
    /// If there are several, or one doesn't compile.
    pub fn compile(written: &form::Step, at: &str, kit: &Kit<'_>) -> Result<Self, BuildError> {
        match (&written.json, &written.form, &written.text) {
            (None, None, None) => Ok(Body::Nothing),
            (Some(tree), None, None) => kit.tree(tree, &format!("{at}.json")).map(Body::Json),
            (None, Some(fields @ Value::Object(_)), None) => {
                kit.tree(fields, &format!("{at}.form")).map(Body::Form)
            }
            (None, Some(_), None) => {
                Err(BuildError::new(format!("{at}.form"), "a form is a map of names to values"))
            }
            (None, None, Some(text)) => {
                let limit = kit.limit("text");
                kit.field(text, kit.form.escape.escape(), limit, &format!("{at}.text"))
                    .map(Body::Text)
            }
            (_, form, _) => {
                let second = if form.is_some() { "form" } else { "text" };
                let message = "a request has one body, and here are several";
                let error = BuildError::new(format!("{at}.{second}"), message);
                Err(error.hint("keep one of `json`, `form` and `text`"))
            }
        }
    }

    /// The `Content-Type` that fits.
    pub fn content_type(&self) -> Option<&'static str> {
        match self {
            Body::Nothing => None,
            Body::Json(_) => Some(JSON),
            Body::Form(_) => Some(FORM),
            Body::Text(_) => Some(TEXT),
        }
    }

    /// The bytes for a scene.
    ///
    /// # Errors
    /// If a template fails.
    pub fn render(&self, filling: &Filling<'_>) -> Result<Vec<u8>, RenderError> {
        match self {
            Body::Nothing => Ok(Vec::new()),
            Body::Json(tree) => {
                Ok(tree.render(filling).map_err(|why| below("json", why))?.to_string().into_bytes())
            }
            Body::Form(tree) => {
                Ok(encoded(tree.render(filling).map_err(|why| below("form", why))?).into_bytes())
            }
            Body::Text(field) => {
                Ok(field.text(filling).map_err(|why| below("text", why))?.into_bytes())
            }
        }
    }

    /// The names of its fields, as `limits` may name them.
    pub fn fields(&self) -> Vec<String> {
        match self {
            Body::Nothing => Vec::new(),
            Body::Json(tree) | Body::Form(tree) => tree.paths(),
            Body::Text(_) => vec!["text".to_owned()],
        }
    }

    /// Whether it asks for one of these names.
    pub fn mentions(&self, names: &[&str]) -> bool {
        match self {
            Body::Nothing => false,
            Body::Json(tree) | Body::Form(tree) => tree.mentions(names),
            Body::Text(field) => field.mentions(names),
        }
    }
}

/// A form as it is sent: a list is a name several times, and what is deeper is JSON.
fn encoded(fields: Value) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    let Value::Object(fields) = fields else { return String::new() };
    for (name, value) in fields {
        match value {
            Value::Array(items) if items.iter().all(|item| !item.is_object()) => {
                for item in &items {
                    form.append_pair(&name, &text(item));
                }
            }
            value => {
                form.append_pair(&name, &text(&value));
            }
        }
    }
    form.finish()
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// A place in a tree, as a place in the step.
fn below(key: &str, RenderError(why): RenderError) -> RenderError {
    let joint = match key {
        "text" => ": ",
        _ if why.starts_with('[') => "",
        _ => ".",
    };
    RenderError(format!("{key}{joint}{why}"))
}
