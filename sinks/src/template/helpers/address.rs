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
    Ok(values[0].as_str().and_then(address).map_or(Value::Null, Value::String))
}

fn address(text: &str) -> Option<String> {
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

fn encoded(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    for byte in url.bytes() {
        if byte.is_ascii_alphanumeric() || STAYS.contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}"); // writing to a String can't fail
        }
    }
    out
}
