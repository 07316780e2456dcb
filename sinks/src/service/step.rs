//! One step of a service, compiled: a request that waits for a scene.

use reqwest::header::HeaderName;

use super::answers::Answers;
use super::body::Body;
use super::capture::Captures;
use super::form::{self, Type};
use super::kit::{Found, Kit};
use super::sign::Signing;
use crate::kind::BuildError;
use crate::message::{HeaderValue, Request};
use crate::request::{self, Address, Empty, Written};
use crate::secret::Secret;
use crate::template::{Escape, Expression, Field, Filling, RenderError};
use crate::text::neutral_line;

/// Parts of a header's name that say that its value is nobody else's business, whatever it is.
const CREDENTIALS: [&str; 6] = ["auth", "cookie", "key", "password", "secret", "token"];

/// A step, compiled.
pub(super) struct Step {
    /// Where it stands in its file: `open[1]`.
    pub at: String,
    method: String,
    address: Address<Field>,
    when: Option<Expression>,
    headers: Vec<(HeaderName, Field)>,
    basic: Option<(Field, Field)>,
    body: Body,
    /// How its request is signed.
    pub signing: Option<Signing>,
    /// What is kept of its answer.
    pub captures: Captures,
    /// The names of that.
    pub captured: Vec<String>,
    /// What its answers mean.
    pub answers: Answers,
    /// What of the captured it asks for.
    pub asks: Vec<String>,
}

impl Step {
    /// Compiles a step that stands at a path, and notes everything that is wrong with it.
    pub fn compile(
        written: &form::Step,
        at: &str,
        kit: &Kit<'_>,
        usual: &Answers,
        found: &mut Found,
    ) -> Option<Self> {
        let below = |key: &str| format!("{at}.{key}");
        let inside = |error: BuildError| BuildError { path: below(&error.path), ..error };
        let method = found.take(request::method(written.method.as_deref(), &below("method")));
        let address = found.take(address(written, at, kit));
        let when = written.when.as_ref().map(|text| kit.expression(text, &below("when")));
        let when = found.take(when.transpose());
        let headers = headers(written, at, kit, found);
        let basic = found.take(basic(written, at, kit));
        let body = found.take(Body::compile(written, at, kit));
        let signing = written.sign.as_ref().map(|sign| Signing::compile(sign, &kit.templates));
        let signing = found.take(signing.transpose().map_err(inside));
        let captures = found.take(Captures::compile(&written.capture).map_err(inside));
        let own = Answers::compile(&written.answers, &[], &kit.templates);
        let answers = found.take(own.map_err(inside));
        let mut step = Step {
            at: at.to_owned(),
            method: method?.as_str().to_owned(),
            address: address?,
            when: when?,
            headers,
            basic: basic?,
            body: body?,
            signing: signing?,
            captures: captures?,
            captured: written.capture.iter().map(|(name, _)| name.to_owned()).collect(),
            answers: usual.after(&answers?),
            asks: Vec::new(),
        };
        let known = super::kit::captured(kit.form).into_iter();
        step.asks = known.filter(|name| step.mentions(&[&format!("captured.{name}")])).collect();
        Some(step)
    }

    /// Whether it only asks, so that nothing has happened when it is answered.
    pub fn is_question(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS")
    }

    /// Whether it is done whatever the message is.
    pub fn is_always(&self) -> bool {
        self.when.is_none()
    }

    /// Whether it is to be done.
    ///
    /// # Errors
    /// If its condition fails.
    pub fn applies(&self, filling: &Filling<'_>) -> Result<bool, RenderError> {
        let when = self.when.as_ref();
        when.map_or(Ok(true), |when| when.holds(filling)).map_err(|why| self.within("when: ", why))
    }

    /// Its request for a scene. Headers that hold one of the secrets are covered.
    ///
    /// # Errors
    /// If a template fails.
    pub fn request<'s>(
        &self,
        filling: &Filling<'_>,
        secrets: impl Iterator<Item = &'s str> + Clone,
    ) -> Result<Request, RenderError> {
        // What is too large is the body: nothing else may lose an end for it.
        let whole = Filling { most: usize::MAX, ..*filling };
        let url = self.address.render(|field| field.text(&whole));
        Ok(Request {
            method: self.method.clone(),
            url: url.map_err(|why| self.within("", why))?,
            headers: self.headers(&whole, secrets).map_err(|why| self.within("", why))?,
            body: self.body.render(filling).map_err(|why| self.within("", why))?,
        })
    }

    /// The URL of the host that it goes to.
    ///
    /// # Errors
    /// If a configured URL is none.
    pub fn origin(&self, filling: &Filling<'_>) -> Result<Secret, RenderError> {
        self.address.origin(|field| field.text(filling)).map_err(|why| self.within("url: ", why))
    }

    /// The names that `limits` may use for its fields.
    pub fn fields(&self) -> Vec<String> {
        let headers = self.headers.iter().map(|(name, _)| format!("headers.{name}"));
        headers.chain(self.body.fields()).collect()
    }

    /// Whether it asks for one of these names.
    pub fn mentions(&self, names: &[&str]) -> bool {
        let basic = self.basic.iter().flat_map(|(name, password)| [name, password]);
        let headers = self.headers.iter().map(|(_, field)| field);
        self.when.as_ref().is_some_and(|when| when.mentions(names))
            || self.address.values().chain(headers).chain(basic).any(|field| field.mentions(names))
            || self.body.mentions(names)
    }

    fn headers<'s>(
        &self,
        filling: &Filling<'_>,
        secrets: impl Iterator<Item = &'s str> + Clone,
    ) -> Result<Vec<(String, HeaderValue)>, RenderError> {
        let mut all = Vec::with_capacity(self.headers.len() + 2);
        let typed = self.headers.iter().any(|(name, _)| *name == "content-type");
        if let (false, Some(kind)) = (typed, self.body.content_type()) {
            all.push(("content-type".to_owned(), HeaderValue::Plain(kind.to_owned())));
        }
        if let Some((username, password)) = &self.basic {
            let [username, password] = [username.text(filling)?, password.text(filling)?];
            if username.contains(':') {
                return Err(RenderError("basic.username: a username can't contain a colon".into()));
            }
            if !username.is_empty() {
                let login = request::basic(&username, &password);
                all.push(("authorization".to_owned(), HeaderValue::Secret(login)));
            }
        }
        let login = all.iter().any(|(name, _)| name == "authorization");
        for (name, field) in
            self.headers.iter().filter(|(name, _)| !login || name != "authorization")
        {
            let text = field.text(filling);
            let text =
                text.map_err(|RenderError(why)| RenderError(format!("headers.{name}: {why}")))?;
            let text = neutral_line(&text);
            if !text.is_empty() {
                all.push((name.as_str().to_owned(), header(name, text, secrets.clone())));
            }
        }
        Ok(all)
    }

    fn within(&self, key: &str, RenderError(why): RenderError) -> RenderError {
        RenderError(format!("{}.{key}{why}", self.at))
    }
}

/// A header, covered where it shows if it holds a secret or is known to hold one.
fn header<'s>(
    name: &HeaderName,
    text: String,
    mut secrets: impl Iterator<Item = &'s str>,
) -> HeaderValue {
    let known = CREDENTIALS.iter().any(|part| name.as_str().contains(part));
    if known || secrets.any(|secret| !secret.is_empty() && text.contains(secret)) {
        return HeaderValue::Secret(Secret::new(text));
    }
    HeaderValue::Plain(text)
}

/// Compiles where a step goes.
fn address(written: &form::Step, at: &str, kit: &Kit<'_>) -> Result<Address<Field>, BuildError> {
    let path = format!("{at}.url");
    let query = written.query.iter();
    let url = Written {
        url: &written.url,
        path: &path,
        query: query.map(|(name, text)| (name, &**text, format!("{at}.query.{name}"))).collect(),
        empty: Empty::Refused,
    };
    let parameter = |inside: &str| {
        let name = inside.trim().strip_prefix("options.")?;
        kit.form.parameters.get(name).filter(|one| one.kind == Type::Url)
    };
    let begins = written.url.trim().strip_prefix("{{").and_then(|rest| rest.split_once("}}"));
    if let Some((inside, _)) = begins
        && let Some(one) = parameter(inside)
        && !one.required
        && one.default.is_none()
        && written.when.is_none()
    {
        let name = inside.trim();
        let message = format!("`{name}` may be left out, and then this goes nowhere");
        let hint = format!("make it `required: true`, give it a default, or say `when: {name}`");
        return Err(BuildError::new(path, message).hint(hint));
    }
    if let Some((inside, _)) = begins
        && parameter(inside).is_none()
    {
        let message = format!("`{}` is no parameter of type `url`", inside.trim());
        let hint = "a URL begins with scheme and host, or with a parameter of type `url`";
        return Err(BuildError::new(path, message).hint(hint));
    }
    Address::compile(&url, |inside| parameter(inside).is_some(), |text, at| kit.bare(text, at))
}

fn headers(
    written: &form::Step,
    at: &str,
    kit: &Kit<'_>,
    found: &mut Found,
) -> Vec<(HeaderName, Field)> {
    let mut compiled: Vec<(HeaderName, Field)> = Vec::new();
    for (name, text) in written.headers.iter() {
        let path = format!("{at}.headers.{name}");
        let parsed = request::header_name(name, &path, compiled.iter().map(|(known, _)| known));
        let Some(parsed) = found.take(parsed) else { continue };
        let limit = kit.limit(&format!("headers.{}", parsed.as_str()));
        let field = kit.field(text, Escape::None, limit, &path);
        compiled.extend(found.take(field).map(|field| (parsed, field)));
    }
    compiled
}

fn basic(
    written: &form::Step,
    at: &str,
    kit: &Kit<'_>,
) -> Result<Option<(Field, Field)>, BuildError> {
    let Some(basic) = &written.basic else { return Ok(None) };
    let username = kit.bare(&basic.username, &format!("{at}.basic.username"))?;
    let password = kit.bare(&basic.password, &format!("{at}.basic.password"))?;
    Ok(Some((username, password)))
}
