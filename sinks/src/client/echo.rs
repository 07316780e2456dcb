//! An answer that repeats what it was sent must not carry our secrets into a record.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use crate::contract::{Failure, Receipt};
use crate::message::{HeaderValue, Request};
use crate::secret::Redactor;

/// Parts of a URL of this length may be a key; shorter ones are words such as `api` or `v2`.
const KEY: usize = 12;

/// The result with every secret of the request covered in the answer's beginning.
pub(super) fn cover(
    request: &Request,
    result: Result<Receipt, Failure>,
) -> Result<Receipt, Failure> {
    match result {
        Ok(Receipt { status, excerpt: Some(text), holding }) => {
            Ok(Receipt { status, excerpt: Some(redactor(request).cover(&text)), holding })
        }
        Err(failure) => match &failure.excerpt {
            Some(text) => {
                let excerpt = Some(redactor(request).cover(text));
                Err(Failure { excerpt, ..failure })
            }
            None => Err(failure),
        },
        other => other,
    }
}

fn redactor(request: &Request) -> Redactor {
    let mut secrets = of_url(request.url.expose());
    for (_, value) in &request.headers {
        if let HeaderValue::Secret(secret) = value {
            secrets.extend(of_header(secret.expose()));
        }
    }
    Redactor::new(secrets.iter().map(String::as_str))
}

/// The URL, its path with its query, and every part of them that is long enough to be a key.
fn of_url(text: &str) -> Vec<String> {
    let mut secrets = vec![text.to_owned()];
    let Ok(url) = Url::parse(text) else { return secrets };
    let path = url.path();
    match url.query() {
        Some(query) => secrets.push(format!("{path}?{query}")),
        None => secrets.push(path.to_owned()),
    }
    let mut parts: Vec<String> = path.split('/').map(str::to_owned).collect();
    parts.extend(url.query_pairs().map(|(_, value)| value.into_owned()));
    secrets.extend(parts.into_iter().filter(|part| part.len() >= KEY));
    secrets.extend(url.password().map(str::to_owned));
    secrets
}

/// The value, what follows its scheme (`Bearer`), and what a `Basic` one stands for.
fn of_header(value: &str) -> Vec<String> {
    let mut secrets = vec![value.to_owned()];
    if let Some((scheme, rest)) = value.split_once(' ') {
        secrets.push(rest.to_owned());
        if scheme.eq_ignore_ascii_case("basic")
            && let Ok(pair) = STANDARD.decode(rest)
            && let Some((_, password)) = String::from_utf8_lossy(&pair).split_once(':')
        {
            secrets.push(password.to_owned());
        }
    }
    secrets
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    #[test]
    fn an_echoing_answer_carries_no_secret_of_the_request() {
        let request = Request {
            method: "POST".to_owned(),
            url: Secret::new("https://example.com/services/CANARY-IN-PATH?v=1&key=CANARY-IN-QUERY"),
            headers: vec![
                ("authorization".into(), HeaderValue::Secret(Secret::new("Bearer CANARY-TOKEN"))),
                ("proxy".into(), HeaderValue::Secret(Secret::new("Basic Ym9iOkNBTkFSWS1QQVNT"))),
            ],
            body: Vec::new(),
        };
        let echo = "no /services/CANARY-IN-PATH?v=1&key=CANARY-IN-QUERY, CANARY-IN-PATH, \
                    CANARY-IN-QUERY, CANARY-TOKEN or CANARY-PASS here, v=1";
        let receipt = Receipt { status: Some(200), excerpt: Some(echo.to_owned()), holding: None };
        let covered = cover(&request, Ok(receipt)).unwrap().excerpt.unwrap();
        assert_eq!(covered, "no ***, ***, ***, *** or *** here, v=1");
    }
}
