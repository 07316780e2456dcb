//! Reading the options of a sink: from a value to a type, with the option's path in each error.

use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use crate::kind::BuildError;
use crate::secret::Secret;
use crate::template::TemplateError;

/// What a configuration that is checked without its secrets has in the place of one: it fits where a
/// text or an address is wanted, and is long enough for a secret.
pub const PLACEHOLDER: &str = "https://placeholder.invalid/0123456789abcdef";

/// Reads the options of a kind.
///
/// # Errors
/// For the first one that is unknown, missing or of the wrong shape.
pub fn read<T: DeserializeOwned>(options: Value) -> Result<T, BuildError> {
    serde_path_to_error::deserialize(options).map_err(|error| {
        let path = match error.path().to_string() {
            whole if whole == "." => String::new(),
            path => path,
        };
        let message = without_value(&error.into_inner().to_string());
        let hint = nearest(&message);
        BuildError { path, message, hint }
    })
}

/// A template of an option that can't be used.
pub fn template_error(option: &str, error: TemplateError) -> BuildError {
    let path = match (error.path.as_str(), option) {
        ("", option) => option.to_owned(),
        (path, option) if path.starts_with('[') => format!("{option}{path}"),
        (path, option) => format!("{option}.{path}"),
    };
    let place = match (&error.file, error.line) {
        (Some(file), Some(line)) => format!("{}, line {line}: ", file.display()),
        (Some(file), None) => format!("{}: ", file.display()),
        (None, Some(line)) if line > 1 => format!("line {line} of the template: "),
        _ => String::new(),
    };
    BuildError { path, message: format!("{place}{}", error.message), hint: error.hint }
}

/// Reads the URL of a web endpoint.
///
/// # Errors
/// If it isn't an `http` or `https` URL, or carries a login.
pub fn web_url(option: &str, url: &Secret) -> Result<Url, BuildError> {
    let wrong = |message: String, hint: &str| BuildError::new(option, message).hint(hint);
    let written = "write it whole, such as https://example.com/hook";
    let url = Url::parse(url.expose().trim()).map_err(|error| match error {
        url::ParseError::RelativeUrlWithoutBase => {
            wrong("this is no whole URL: no `https://` begins it".to_owned(), written)
        }
        error => wrong(format!("the URL can't be read: {error}"), written),
    })?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong(format!("`{}` is no scheme for this sink", url.scheme()), written));
    }
    if !url.username().is_empty() || url.password().is_some() {
        let hint = "a login belongs into `basic: {username: …, password: …}` of an `http` sink";
        return Err(wrong("the URL carries a login".to_owned(), hint));
    }
    Ok(url)
}

/// What works at a URL that may be anybody's, but is probably not meant.
pub fn url_warnings(option: &str, url: &Url) -> Vec<BuildError> {
    let mut warnings = Vec::new();
    if url.path().contains("/webhook-test/") {
        let message = "this is an n8n test URL, which listens for two minutes and then is gone";
        let hint = "use the production URL: /webhook/ in place of /webhook-test/";
        warnings.push(BuildError::new(option, message).hint(hint));
    }
    warnings.extend(fragment_warning(option, url));
    warnings
}

/// That a part of a URL never goes out.
pub fn fragment_warning(option: &str, url: &Url) -> Option<BuildError> {
    url.fragment()?;
    let error = BuildError::new(option, "what follows `#` in a URL is never sent");
    Some(error.hint("write `%23` if a `#` is meant"))
}

/// The text that was found where something else belongs may be a secret in the wrong place.
fn without_value(message: &str) -> String {
    for start in ["invalid type: string \"", "invalid value: string \""] {
        if let Some((_, expected)) =
            message.strip_prefix(start).and_then(|rest| rest.rsplit_once("\", expected "))
        {
            let whole = matches!(expected, "u8" | "u16" | "u32" | "u64" | "usize" | "i64");
            let expected = if whole { "a whole number" } else { expected };
            return format!("a text stands here, expected {expected}");
        }
    }
    message.to_owned()
}

/// The nearest known name, for serde's ``unknown field `urll`, expected one of `url`, …``.
fn nearest(message: &str) -> Option<String> {
    let mut names = message.split('`').skip(1).step_by(2);
    if !message.starts_with("unknown ") {
        return None;
    }
    let wrong = names.next()?;
    let (near, likeness) = names
        .map(|name| (name, strsim::jaro_winkler(wrong, name)))
        .max_by(|(_, a), (_, b)| a.total_cmp(b))?;
    (likeness > 0.75).then(|| format!("did you mean `{near}`?"))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Options {
        #[allow(dead_code, reason = "only reading it is tested")]
        basic: Basic,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only reading it is tested")]
    struct Basic {
        username: String,
        password: String,
    }

    #[test]
    fn an_error_names_the_option_and_the_nearest_name() {
        let error = read::<Options>(json!({"basic": {"usernmae": "bob"}})).unwrap_err();
        assert_eq!(error.path, "basic.usernmae");
        assert_eq!(error.hint.as_deref(), Some("did you mean `username`?"));
        let error = read::<Options>(json!({"basic": {"username": 1}})).unwrap_err();
        assert_eq!((error.path.as_str(), error.hint), ("basic.username", None));
        assert_eq!(read::<Options>(json!({})).unwrap_err().path, "");
    }

    #[test]
    fn a_secret_in_the_wrong_place_is_not_repeated() {
        let error = read::<Options>(json!({"basic": "bob:CANARY\", expected x"})).unwrap_err();
        assert_eq!(error.message, "a text stands here, expected struct Basic");
    }

    #[test]
    fn a_url_is_a_web_address_without_a_login() {
        let url = |text: &str| web_url("url", &Secret::new(text)).map_err(|error| error.message);
        assert!(url("https://example.com/hook?key=1").is_ok());
        assert!(url("http://localhost:8080").is_ok());
        for wrong in ["", "example.com/hook", "ftp://example.com", "file:///etc/passwd", "https://"]
        {
            assert!(url(wrong).is_err(), "{wrong}");
        }
        let login = url("https://bob:canary@example.com").unwrap_err();
        assert_eq!(login, "the URL carries a login");
    }

    #[test]
    fn an_n8n_test_url_is_warned_about() {
        let warned = |text: &str| !url_warnings("url", &Url::parse(text).unwrap()).is_empty();
        assert!(warned("https://n8n.example.com/webhook-test/abc"));
        assert!(!warned("https://n8n.example.com/webhook/abc"));
        assert!(warned("https://example.com/#part"));
    }
}
