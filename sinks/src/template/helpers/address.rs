//! The helper that gives web addresses.
//!
//! An address may come from an event, and stands within markup: `<url|text>`, `[text](url)`,
//! `[text|url]`, `href="url"`. So everything that could end or break any of these is encoded, and
//! what is no web address gives nothing.

use std::fmt::Write as _;

use jiff::tz::TimeZone;
use serde_json::Value;
use url::{Host, Url};

use super::Values;

/// The longest address, when it is encoded; browsers and services take about as much.
const LONGEST: usize = 2_048;

/// What stays as it is beside letters and digits; `%` since the rest is encoded already.
const STAYS: &[u8] = b"-._~:/?#&=+%,;";

pub(super) fn url(values: Values<'_, '_>, _: &TimeZone) -> Result<Value, String> {
    let most = values.get(1).map_or(Ok(LONGEST), |most| length(most))?;
    let address = values[0].as_str().and_then(address).filter(|address| address.len() <= most);
    Ok(address.map_or(Value::Null, Value::String))
}

pub(super) fn check_url(literals: &[Option<&Value>]) -> Result<(), String> {
    literals.get(1).copied().flatten().map_or(Ok(()), |literal| length(literal).map(drop))
}

fn length(value: &Value) -> Result<usize, String> {
    let whole = value.as_u64().and_then(|length| usize::try_from(length).ok());
    whole.ok_or_else(|| format!("`url` takes a number of characters, not {value}"))
}

fn address(text: &str) -> Option<String> {
    if text.len() <= LONGEST && is_clean(text) {
        return Some(text.to_owned());
    }
    let url = Url::parse(text).ok()?;
    let login = !url.username().is_empty() || url.password().is_some();
    // Its brackets can't be encoded.
    let bracketed = matches!(url.host(), None | Some(Host::Ipv6(_)));
    if !matches!(url.scheme(), "http" | "https") || login || bracketed {
        return None;
    }
    let encoded = encoded(url.as_str());
    (encoded.len() <= LONGEST).then_some(encoded)
}

/// Whether an address is one beyond doubt and has nothing to encode. Nearly all are, and a message
/// may have one for each of its groups: this costs a tenth of parsing it.
fn is_clean(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let Some((host, path)) = rest.and_then(|rest| rest.split_once('/')) else { return false };
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    last.starts_with(|c: char| c.is_ascii_lowercase())
        && host.split('.').all(|label| !label.is_empty() && label.bytes().all(is_name))
        // Two hyphens may begin a name in another alphabet, which is for the parser to judge.
        && !host.contains("--")
        && path.bytes().all(stays)
}

fn stays(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || STAYS.contains(&byte)
}

fn encoded(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    for byte in url.bytes() {
        if stays(byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}"); // writing to a String can't fail
        }
    }
    out
}
