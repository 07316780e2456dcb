//! Where requests go, whatever stands in an event or a configuration.

use super::address::*;
use crate::kind::BuildError;
use crate::template::RenderError;

fn address(url: &str) -> Result<Address<String>, BuildError> {
    let written = Written {
        url,
        path: "send.url",
        query: vec![("q", "{{ q }}", "send.query.q".to_owned())],
        empty: Empty::Refused,
    };
    let vouched = |inside: &str| inside.trim() == "options.url";
    Address::compile(&written, vouched, |text, _| Ok(text.to_owned()))
}

/// The address with a configured URL, and every other expression printing the same.
fn filled(url: &str, configured: &str, value: &str) -> Result<String, RenderError> {
    let print = |text: &String| match text.as_str() {
        "{{ options.url }}" => Ok(configured.to_owned()),
        "{{ q }}" => Ok(String::new()),
        _ => Ok(value.to_owned()),
    };
    address(url).unwrap().render(print).map(|url| url.expose().to_owned())
}

#[test]
fn a_configured_url_keeps_its_own_path_and_query() {
    for (url, configured, whole) in [
        ("{{ options.url }}", "https://a.b/hook?k=1", "https://a.b/hook?k=1"),
        ("{{ options.url }}?wait=true", "https://a.b/hook", "https://a.b/hook?wait=true"),
        ("{{ options.url }}?wait=true", "https://a.b/x?k=1", "https://a.b/x?k=1&wait=true"),
        ("{{ options.url }}?t={{ t }}", "https://a.b", "https://a.b/?t=v%2Fv"),
        ("{{ options.url }}/api/{{ t }}", "https://a.b/sub/", "https://a.b/sub/api/v%2Fv"),
        ("{{ options.url }}/api", "https://a.b/sub?k=1#part", "https://a.b/sub/api?k=1"),
        ("https://a.b/x/{{ t }}?s={{ t }}", "", "https://a.b/x/v%2Fv?s=v%2Fv"),
        ("https://a.b#part", "", "https://a.b/"),
    ] {
        assert_eq!(filled(url, configured, "v/v").unwrap(), whole, "{url}");
    }
}

#[test]
fn a_colon_within_a_path_stays_one() {
    let url = filled("https://a.b/bot{{ t }}/send?k={{ t }}", "", "12:ab").unwrap();
    assert_eq!(url, "https://a.b/bot12:ab/send?k=12%3Aab");
}

#[test]
fn an_address_that_leads_nowhere_is_refused() {
    for (url, configured, value) in [
        ("https://a.b/issues/{{ t }}/notes", "", ""),
        ("https://a.b/issues/{{ t }}/notes", "", ".."),
        ("{{ options.url }}/{{ t }}", "", "x"),
        ("{{ options.url }}/{{ t }}", "file:///etc", "x"),
        ("{{ options.url }}/{{ t }}", "https://bob:pw@a.b", "x"),
    ] {
        let RenderError(why) = filled(url, configured, value).unwrap_err();
        assert!(why.starts_with("url: ") && !why.contains("pw"), "{url}: {why}");
    }
    assert_eq!(filled("https://a.b/?s={{ t }}", "", "").unwrap(), "https://a.b/?s=");
}

#[test]
fn no_event_chooses_the_host() {
    for url in [
        "{{ options.url }}{{ t }}",
        "{{ options.url }}.evil.example",
        "{{ options.url }}:8080",
        "{{ t }}",
        "https://{{ t }}",
        "https://a.b{{ t }}",
        "x{{ options.url }}",
        "https://a.b/../{{ t }}",
    ] {
        assert_eq!(address(url).map(drop).unwrap_err().path, "send.url", "{url}");
    }
}
