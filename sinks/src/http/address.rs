//! The address of a request: literal parts and encoded values, so that no value can change where
//! the request goes.
//!
//! A template around a whole URL would leave it to each author to encode each value; here each
//! expression is compiled on its own and what it prints is percent-encoded, `/` and `?` included.

use std::collections::BTreeMap;

use serde_json::Value;
use url::{Url, form_urlencoded};

use crate::kind::BuildError;
use crate::options::{template_error, url_warnings, web_url};
use crate::secret::Secret;
use crate::template::{Escape, RenderError, Template, Templates};

/// What stands in for an expression while the rest of the URL is checked.
const STAND_IN: &str = "x";

/// A URL with expressions in its path and query.
pub(super) struct Address {
    parts: Vec<Part>,
    query: Vec<(String, Template)>,
    /// The URL with stand-ins for its expressions: the same host, whatever an event holds.
    plain: Url,
}

enum Part {
    Literal(String),
    Value(Template),
}

impl Address {
    /// Compiles the `url` and `query` options.
    pub fn compile(
        url: &Secret,
        query: &BTreeMap<String, String>,
        templates: &Templates,
    ) -> Result<Self, BuildError> {
        let parts = split(url.expose().trim(), templates)?;
        let plain: String = parts.iter().map(Part::stand_in).collect();
        let plain = web_url("url", &Secret::new(plain))?;
        if !begins_with_authority(&parts) {
            let hint = "write scheme and host out; only path and query may hold expressions";
            return Err(BuildError::new("url", "the host can't be a template").hint(hint));
        }
        let mut compiled = Vec::with_capacity(query.len());
        for (name, text) in query {
            let template = templates.compile(text, Escape::None);
            let wrong = |error| template_error(&format!("query.{name}"), error);
            compiled.push((name.clone(), template.map_err(wrong)?));
        }
        Ok(Address { parts, query: compiled, plain })
    }

    /// What works but is probably not meant.
    pub fn warnings(&self) -> Vec<BuildError> {
        url_warnings("url", &self.plain)
    }

    /// The address without any event, for reaching its host.
    pub fn plain(&self) -> Secret {
        Secret::new(self.plain.as_str())
    }

    /// The address for a notice's data.
    pub fn render(&self, data: &Value) -> Result<Secret, RenderError> {
        self.fill(|template| template.text(data))
    }

    /// The address with nothing where a template fails.
    pub fn minimal(&self, data: &Value) -> Secret {
        let filled = self.fill(|template| Ok(template.text(data).unwrap_or_default()));
        filled.unwrap_or_else(|_| self.plain())
    }

    fn fill(
        &self,
        value: impl Fn(&Template) -> Result<String, RenderError>,
    ) -> Result<Secret, RenderError> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Value(template) => text.push_str(&encoded(&value(template)?)),
            }
        }
        if climbs(&text) && !climbs(&self.parts.iter().map(Part::stand_in).collect::<String>()) {
            return Err(RenderError("url: a value of only dots can't be a part of a path".into()));
        }
        let wrong = |error: url::ParseError| RenderError(format!("url: {error}"));
        let mut url = Url::parse(&text).map_err(wrong)?;
        for (name, template) in &self.query {
            let RenderError(why) = match value(template) {
                Ok(text) => {
                    url.query_pairs_mut().append_pair(name, &text);
                    continue;
                }
                Err(error) => error,
            };
            return Err(RenderError(format!("query.{name}: {why}")));
        }
        Ok(Secret::new(url.as_str()))
    }
}

impl Part {
    fn stand_in(&self) -> &str {
        match self {
            Part::Literal(literal) => literal,
            Part::Value(_) => STAND_IN,
        }
    }
}

/// Splits a URL at its `{{ … }}`.
fn split(text: &str, templates: &Templates) -> Result<Vec<Part>, BuildError> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((literal, tail)) = rest.split_once("{{") {
        let (inside, tail) = tail
            .split_once("}}")
            .ok_or_else(|| BuildError::new("url", "a `{{` is not closed with `}}`"))?;
        if inside.trim_start().starts_with(['#', '/', '>', '{', '^', '!', '&']) {
            let hint = "only single expressions such as {{ group }} may stand in a URL";
            return Err(BuildError::new("url", "a block can't stand in a URL").hint(hint));
        }
        let template = templates.compile(&format!("{{{{{inside}}}}}"), Escape::None);
        let template = template.map_err(|error| template_error("url", error))?;
        parts.push(Part::Literal(literal.to_owned()));
        parts.push(Part::Value(template));
        rest = tail;
    }
    parts.push(Part::Literal(rest.to_owned()));
    Ok(parts)
}

/// Whether scheme and host are written out before the first expression.
fn begins_with_authority(parts: &[Part]) -> bool {
    match parts {
        [Part::Literal(_)] => true,
        [Part::Literal(first), ..] => {
            let after = first.split_once("://").map_or("", |(_, after)| after);
            after.contains(['/', '?'])
        }
        _ => false,
    }
}

/// Percent-encodes all but letters, digits and `-._~`; a form's `+` would be a plus in a path.
fn encoded(value: &str) -> String {
    let form: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
    form.replace('+', "%20").replace('*', "%2A")
}

/// Whether a path has a segment of dots, which a URL's reader would take as a way upwards.
fn climbs(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.split('/').any(|segment| matches!(segment, "." | ".."))
}
