//! The address of a request: literal parts and encoded values, so that no value can change where
//! the request goes.
//!
//! A template around a whole URL would leave it to each author to encode each value; here each
//! expression is compiled on its own and what it prints is percent-encoded, `/` and `?` included.
//! Scheme and host are written out, or are those of one expression at the beginning that the caller
//! vouches for: a URL that a person configured.

use url::{Url, form_urlencoded};

use crate::kind::BuildError;
use crate::options::web_url;
use crate::secret::Secret;
use crate::template::RenderError;

/// What stands in for an expression while the rest of the URL is checked.
const STAND_IN: &str = "x";

/// A URL with expressions in its path and query.
pub(crate) struct Address<T> {
    head: Head<T>,
    parts: Vec<Part<T>>,
    query: Vec<(String, T)>,
    /// The URL with stand-ins for its expressions.
    plain: Url,
    empty: Empty,
}

/// Scheme and host, and for a configured URL whatever else it has.
enum Head<T> {
    Fixed(String),
    Configured(T),
}

enum Part<T> {
    Literal(String),
    /// A value in the path.
    Path(T),
    /// A value in the query.
    Query(T),
}

/// What becomes of an expression that prints nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Empty {
    /// It stands there as nothing.
    Kept,
    /// A path doesn't lead anywhere without it; a parameter of the query is left out.
    Refused,
}

/// A URL as it is written.
pub(crate) struct Written<'a> {
    /// The URL.
    pub url: &'a str,
    /// Where it stands in its file.
    pub path: &'a str,
    /// Parameters of its query, each with where it stands.
    pub query: Vec<(&'a str, &'a str, String)>,
    /// What becomes of an expression that prints nothing.
    pub empty: Empty,
}

/// One piece of a URL as it is written.
enum Piece<'a> {
    Literal(&'a str),
    Expression(&'a str),
}

impl<T> Address<T> {
    /// Compiles a URL. `vouched` says of an expression whether it is a URL that a person
    /// configured; `compile` takes a template and where it stands.
    ///
    /// # Errors
    /// If it can't be a URL, or an event could choose its host.
    pub fn compile(
        written: &Written<'_>,
        vouched: impl Fn(&str) -> bool,
        mut compile: impl FnMut(&str, &str) -> Result<T, BuildError>,
    ) -> Result<Self, BuildError> {
        let wrong = |error: BuildError| BuildError { path: written.path.to_owned(), ..error };
        let pieces = split(written.url.trim()).map_err(wrong)?;
        let mut template = |text: &str| compile(&braced(text), written.path);
        let (configured, rest) = match &pieces[..] {
            [Piece::Literal(""), Piece::Expression(inside), rest @ ..] if vouched(inside) => {
                follows_whole(rest).map_err(wrong)?;
                (Some(template(inside)?), rest)
            }
            all => (None, all),
        };
        let plain = web_url(written.path, &Secret::new(plain(configured.is_some(), rest)))?;
        let mut parts = Vec::new();
        for piece in rest {
            match piece {
                Piece::Literal(text) => parts.push(Part::Literal((*text).to_owned())),
                Piece::Expression(inside) => {
                    let value = template(inside)?;
                    parts.push(if in_query(&parts) {
                        Part::Query(value)
                    } else {
                        Part::Path(value)
                    });
                }
            }
        }
        let head = match configured {
            Some(value) => Head::Configured(value),
            None => Head::Fixed(take_authority(&mut parts).map_err(wrong)?),
        };
        cut_fragment(&mut parts);
        let mut query = Vec::with_capacity(written.query.len());
        for (name, text, path) in &written.query {
            query.push(((*name).to_owned(), compile(text, path)?));
        }
        let address = Address { head, parts, query, plain, empty: written.empty };
        if climbs(&address.stand_in()) && address.parts.len() > 1 {
            let message = "a path with expressions can't have `.` or `..` as a part";
            return Err(BuildError::new(written.path, message));
        }
        Ok(address)
    }

    /// The URL with stand-ins for its expressions, where it is written out.
    pub fn plain(&self) -> &Url {
        &self.plain
    }

    /// Every template in it.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        let head = match &self.head {
            Head::Fixed(_) => None,
            Head::Configured(value) => Some(value),
        };
        let parts = self.parts.iter().filter_map(|part| match part {
            Part::Literal(_) => None,
            Part::Path(value) | Part::Query(value) => Some(value),
        });
        head.into_iter().chain(parts).chain(self.query.iter().map(|(_, value)| value))
    }

    /// The URL that leads to the host, without what an event adds.
    ///
    /// # Errors
    /// If a configured URL is none.
    pub fn origin(
        &self,
        print: impl Fn(&T) -> Result<String, RenderError>,
    ) -> Result<Secret, RenderError> {
        match &self.head {
            Head::Fixed(_) => Ok(Secret::new(self.plain.as_str())),
            Head::Configured(value) => configured(&print(value)?).map(Secret::new),
        }
    }

    /// The address with its values filled in.
    ///
    /// # Errors
    /// If a template fails, a value would change the path around it, or one that must be there
    /// isn't.
    pub fn render(
        &self,
        print: impl Fn(&T) -> Result<String, RenderError>,
    ) -> Result<Secret, RenderError> {
        let head = match &self.head {
            Head::Fixed(head) => head.clone(),
            Head::Configured(value) => {
                print(value).and_then(|text| configured(&text)).map_err(|error| at("url", error))?
            }
        };
        let rest = self.rest(&print).map_err(|error| at("url", error))?;
        let mut url = joined(&head, &rest).map_err(|error| at("url", error))?;
        for (name, value) in &self.query {
            let text = print(value).map_err(|error| at(&format!("query.{name}"), error))?;
            if !text.is_empty() || self.empty == Empty::Kept {
                url.query_pairs_mut().append_pair(name, &text);
            }
        }
        Ok(Secret::new(url.as_str()))
    }

    /// What follows the host, with its values.
    fn rest(
        &self,
        print: &impl Fn(&T) -> Result<String, RenderError>,
    ) -> Result<String, RenderError> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Path(value) => {
                    let printed = print(value)?;
                    if printed.is_empty() && self.empty == Empty::Refused {
                        let why = "a value in the path is empty, so the address leads nowhere";
                        return Err(RenderError(why.to_owned()));
                    }
                    // A colon has no meaning within a path, and some keys are written with one.
                    text.push_str(&encoded(&printed).replace("%3A", ":"));
                }
                Part::Query(value) => text.push_str(&encoded(&print(value)?)),
            }
        }
        if climbs(&text) && !climbs(&self.stand_in()) {
            return Err(RenderError("a value of only dots can't be a part of a path".to_owned()));
        }
        Ok(text)
    }

    fn stand_in(&self) -> String {
        self.parts.iter().map(Part::stand_in).collect()
    }
}

impl<T> Part<T> {
    fn stand_in(&self) -> &str {
        match self {
            Part::Literal(literal) => literal,
            Part::Path(_) | Part::Query(_) => STAND_IN,
        }
    }
}

/// Splits a URL at its `{{ … }}`: a literal first and last, which may be empty.
fn split(text: &str) -> Result<Vec<Piece<'_>>, BuildError> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((literal, tail)) = rest.split_once("{{") {
        let (inside, tail) = tail
            .split_once("}}")
            .ok_or_else(|| BuildError::new("", "a `{{` is not closed with `}}`"))?;
        if inside.trim_start().starts_with(['#', '/', '>', '{', '^', '!', '&']) {
            let hint = "only single expressions such as {{ group }} may stand in a URL";
            return Err(BuildError::new("", "a block can't stand in a URL").hint(hint));
        }
        pieces.push(Piece::Literal(literal));
        pieces.push(Piece::Expression(inside));
        rest = tail;
    }
    pieces.push(Piece::Literal(rest));
    Ok(pieces)
}

fn braced(inside: &str) -> String {
    format!("{{{{{inside}}}}}")
}

/// A configured URL is a whole one: what follows it begins a path or a query.
fn follows_whole(rest: &[Piece<'_>]) -> Result<(), BuildError> {
    match rest {
        [Piece::Literal("")] => Ok(()),
        [Piece::Literal(text), ..] if text.starts_with(['/', '?']) => Ok(()),
        _ => Err(BuildError::new("", "after a whole URL comes `/`, `?` or nothing")),
    }
}

/// The URL with stand-ins, to be checked as a whole.
fn plain(configured: bool, rest: &[Piece<'_>]) -> String {
    let mut text = if configured { format!("https://{STAND_IN}") } else { String::new() };
    for piece in rest {
        text.push_str(match piece {
            Piece::Literal(literal) => literal,
            Piece::Expression(_) => STAND_IN,
        });
    }
    text
}

fn in_query<T>(parts: &[Part<T>]) -> bool {
    parts.iter().any(|part| matches!(part, Part::Literal(text) if text.contains('?')))
}

/// Takes scheme and host off the first part, where they are written out.
fn take_authority<T>(parts: &mut [Part<T>]) -> Result<String, BuildError> {
    let alone = parts.len() == 1;
    if let Some(Part::Literal(first)) = parts.first_mut()
        && let Some(begin) = first.find("://").map(|at| at + 3)
    {
        let end = first[begin..].find(['/', '?', '#']).map(|at| begin + at);
        if let Some(end) = end.or(alone.then_some(first.len())) {
            let rest = first.split_off(end);
            return Ok(std::mem::replace(first, rest));
        }
    }
    let hint = "write scheme and host out; only path and query may hold expressions";
    Err(BuildError::new("", "the host can't be a template").hint(hint))
}

/// What follows `#` is never sent.
fn cut_fragment<T>(parts: &mut Vec<Part<T>>) {
    for place in 0..parts.len() {
        if let Part::Literal(text) = &mut parts[place]
            && let Some(at) = text.find('#')
        {
            text.truncate(at);
            return parts.truncate(place + 1);
        }
    }
}

/// A URL that a person configured.
fn configured(text: &str) -> Result<String, RenderError> {
    if text.is_empty() {
        return Err(RenderError("there is no URL in the configuration".to_owned()));
    }
    web_url("url", &Secret::new(text))
        .map(|url| url.as_str().to_owned())
        .map_err(|error| RenderError(error.message))
}

/// A URL and what follows it: paths follow each other, and so do queries.
fn joined(head: &str, rest: &str) -> Result<Url, RenderError> {
    let wrong = |error: url::ParseError| RenderError(error.to_string());
    let mut url = Url::parse(head).map_err(wrong)?;
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let queries: Vec<&str> =
        url.query().into_iter().chain([query]).filter(|query| !query.is_empty()).collect();
    let queries = queries.join("&");
    url.set_query(None);
    url.set_fragment(None);
    let mut text = match path {
        "" => url.as_str().to_owned(),
        path => format!("{}{path}", url.as_str().trim_end_matches('/')),
    };
    if !queries.is_empty() {
        text.push('?');
        text.push_str(&queries);
    }
    Url::parse(&text).map_err(wrong)
}

fn at(option: &str, RenderError(why): RenderError) -> RenderError {
    RenderError(format!("{option}: {why}"))
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
