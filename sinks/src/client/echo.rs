//! An answer that repeats what it was sent must not carry our secrets into a record.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use crate::message::{HeaderValue, Request};

/// Parts of a URL of this length may be a key; shorter ones are words such as `api` or `v2`.
const KEY: usize = 12;

/// Every secret of the request, in the forms that an answer may repeat.
pub(super) fn secrets(request: &Request) -> Vec<String> {
    let mut secrets = of_url(request.url.expose());
    for (_, value) in &request.headers {
        if let HeaderValue::Secret(secret) = value {
            secrets.extend(of_header(secret.expose()));
        }
    }
    secrets
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
    use crate::client::seen::Seen;
    use crate::secret::Secret;

    fn request() -> Request {
        Request {
            method: "POST".to_owned(),
            url: Secret::new("https://example.com/services/CANARY-IN-PATH?v=1&key=CANARY-IN-QUERY"),
            headers: vec![
                ("authorization".into(), HeaderValue::Secret(Secret::new("Bearer CANARY-TOKEN"))),
                ("proxy".into(), HeaderValue::Secret(Secret::new("Basic Ym9iOkNBTkFSWS1QQVNT"))),
            ],
            body: Vec::new(),
        }
    }

    #[test]
    fn an_echoing_answer_carries_no_secret_of_the_request() {
        let echo = "no /services/CANARY-IN-PATH?v=1&key=CANARY-IN-QUERY, CANARY-IN-PATH, \
                    CANARY-IN-QUERY, CANARY-TOKEN or CANARY-PASS here, v=1";
        let seen = Seen::new("example.com", 200, [], echo.as_bytes().to_vec().into());
        let covered = seen.to(&request()).usual().unwrap().excerpt.unwrap();
        assert_eq!(covered, "no ***, ***, ***, *** or *** here, v=1");
    }

    #[test]
    fn a_secret_that_stands_where_an_answer_is_cut_shows_no_part_of_itself() {
        for before in 1000..1030 {
            let echo = format!("{}CANARY-TOKEN", "x".repeat(before));
            let seen = Seen::new("example.com", 500, [], echo.into_bytes().into());
            let excerpt = seen.to(&request()).usual().unwrap_err().excerpt.unwrap();
            assert!(!excerpt.contains('C'), "{before}: {excerpt}");
        }
    }
}
