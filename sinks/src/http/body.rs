//! The body of a request: a JSON tree, a form, a text, or the whole notice as JSON.

use std::collections::BTreeMap;
use std::sync::Arc;

use reqwest::Method;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::contract::Notice;
use crate::kind::BuildError;
use crate::options::template_error;
use crate::request::{FORM, JSON, TEXT};
use crate::summary;
use crate::template::{Escape, RenderError, Template, Templates, Tree};

/// What a request carries.
pub(super) enum Body {
    /// Nothing, as with `GET`.
    Nothing,
    /// Every documented variable.
    Notice,
    Json(Arc<Tree>),
    Form(Vec<(String, Template)>),
    Text(Template),
}

impl Body {
    /// Compiles whichever of the three options is there.
    pub fn compile(
        method: &Method,
        json: Option<Value>,
        form: Option<BTreeMap<String, String>>,
        text: Option<String>,
        templates: &Templates,
    ) -> Result<Self, BuildError> {
        match (json, form, text) {
            (None, None, None) if matches!(*method, Method::GET | Method::HEAD) => {
                Ok(Body::Nothing)
            }
            (None, None, None) => Ok(Body::Notice),
            (Some(tree), None, None) => {
                let tree = templates.tree(&tree, Escape::None);
                Ok(Body::Json(tree.map_err(|error| template_error("json", error))?))
            }
            (None, Some(fields), None) => compile_form(fields, templates),
            (None, None, Some(text)) => {
                let template = templates.compile(&text, Escape::None);
                Ok(Body::Text(template.map_err(|error| template_error("text", error))?))
            }
            (_, form, _) => {
                let second = if form.is_some() { "form" } else { "text" };
                let message = "a request has one body, and here are several";
                Err(BuildError::new(second, message).hint("keep one of `json`, `form` and `text`"))
            }
        }
    }

    /// The `Content-Type` that fits.
    pub fn content_type(&self) -> Option<&'static str> {
        match self {
            Body::Nothing => None,
            Body::Notice | Body::Json(_) => Some(JSON),
            Body::Form(_) => Some(FORM),
            Body::Text(_) => Some(TEXT),
        }
    }

    /// The bytes for a notice.
    pub fn render(&self, data: &Value) -> Result<Vec<u8>, RenderError> {
        Ok(match self {
            Body::Nothing => Vec::new(),
            Body::Notice => data.to_string().into_bytes(),
            Body::Json(tree) => {
                let value = tree
                    .render(data)
                    .map_err(|RenderError(why)| RenderError(below("json", &why)))?;
                value.to_string().into_bytes()
            }
            Body::Form(fields) => {
                let mut form = form_urlencoded::Serializer::new(String::new());
                for (name, template) in fields {
                    let text = template
                        .text(data)
                        .map_err(|RenderError(why)| RenderError(format!("form.{name}: {why}")))?;
                    form.append_pair(name, &text);
                }
                form.finish().into_bytes()
            }
            Body::Text(template) => template
                .text(data)
                .map_err(|RenderError(why)| RenderError(format!("text: {why}")))?
                .into_bytes(),
        })
    }

    /// The built-in message, in the same shape as far as that can be, with why it stands in.
    pub fn minimal(&self, notice: &Notice, why: &str) -> Vec<u8> {
        let text = summary::minimal(notice, why);
        match self {
            Body::Nothing => Vec::new(),
            Body::Text(_) => text.into_bytes(),
            Body::Form(_) => form_urlencoded::Serializer::new(String::new())
                .append_pair("text", &text)
                .append_pair("fallback", why)
                .finish()
                .into_bytes(),
            Body::Notice | Body::Json(_) => {
                let mut value = notice.data();
                if let Value::Object(fields) = &mut value {
                    fields.insert("text".to_owned(), json!(text));
                    fields.insert("fallback".to_owned(), json!(why));
                }
                value.to_string().into_bytes()
            }
        }
    }
}

fn compile_form(
    fields: BTreeMap<String, String>,
    templates: &Templates,
) -> Result<Body, BuildError> {
    let mut compiled = Vec::with_capacity(fields.len());
    for (name, text) in fields {
        let template = templates.compile(&text, Escape::None);
        let wrong = |error| template_error(&format!("form.{name}"), error);
        compiled.push((name.clone(), template.map_err(wrong)?));
    }
    Ok(Body::Form(compiled))
}

/// A place in a tree, as a place in the options.
fn below(option: &str, why: &str) -> String {
    let dot = if why.starts_with('[') { "" } else { "." };
    format!("{option}{dot}{why}")
}
