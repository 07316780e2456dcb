//! What an `http` sink sends, and what it refuses when the configuration is read.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::*;
use crate::client::DialPolicy;
use crate::template::{Names, Templates};
use crate::variables::sample;

fn built(options: Value) -> Result<Built, BuildError> {
    let templates = Templates::new(Names { labels: vec!["team".into()] }, TimeZone::UTC);
    let client = Client::new(DialPolicy { private: true });
    build(
        options,
        &Surroundings::new("tickets", &templates, &client, &crate::service::Compiled::default()),
    )
}

fn rendered(options: Value, notice: &Notice) -> Request {
    request(built(options).unwrap().sink.render(notice, None).unwrap())
}

fn request(message: Message) -> Request {
    match message.steps.into_iter().next() {
        Some(Step::Http(request)) => request,
        other => panic!("{other:?}"),
    }
}

fn shown(request: &Request) -> Vec<(&str, &str)> {
    let mut shown = Vec::new();
    for (name, value) in &request.headers {
        let text = match value {
            HeaderValue::Plain(text) => text.as_str(),
            HeaderValue::Secret(secret) => secret.expose(),
        };
        shown.push((name.as_str(), text));
    }
    shown
}

fn error(options: Value) -> BuildError {
    built(options).map(drop).unwrap_err()
}

#[test]
fn a_json_body_keeps_the_type_of_a_leaf_that_is_one_expression() {
    let options = json!({
        "url": "https://example.com/items", "method": "put", "bearer": "canary",
        "json": {"title": "{{ group }} is {{ status }}", "seconds": "{{ duration_seconds }}", "n": 1},
    });
    let request = rendered(options, &sample());
    assert_eq!(
        (request.method.as_str(), request.url.expose()),
        ("PUT", "https://example.com/items")
    );
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body, json!({"title": "checkout-eu is FAILED", "seconds": 240, "n": 1}));
    assert_eq!(
        shown(&request),
        [("content-type", "application/json"), ("authorization", "Bearer canary")]
    );
}

#[test]
fn a_form_and_a_text_have_their_content_types_and_a_header_may_say_otherwise() {
    let form = rendered(json!({"url": "http://a.b", "form": {"m": "{{ group }} & co"}}), &sample());
    assert_eq!(form.body, b"m=checkout-eu+%26+co");
    assert_eq!(shown(&form), [("content-type", "application/x-www-form-urlencoded")]);
    let text =
        json!({"url": "http://a.b", "text": "{{ status }}", "headers": {"Content-Type": "text/x"}});
    let text = rendered(text, &sample());
    assert_eq!(
        (text.body.as_slice(), shown(&text)),
        (&b"FAILED"[..], vec![("content-type", "text/x")])
    );
}

#[test]
fn without_a_body_option_the_whole_notice_goes_out_and_nothing_with_get() {
    let body = rendered(json!({"url": "http://a.b"}), &sample()).body;
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        (&body["group"], &body["labels"]["team"]),
        (&json!("checkout-eu"), &json!("payments"))
    );
    let get = rendered(json!({"url": "http://a.b", "method": "GET"}), &sample());
    assert!(get.body.is_empty() && get.headers.is_empty());
}

#[test]
fn no_value_changes_where_a_request_goes() {
    let url = json!({"url": "https://a.b/x/{{ group }}/y?s={{ summary }}", "query": {"q": "{{ group }}"}});
    for hostile in ["a/../b", "?x=1#y", "@evil.example", "//evil.example", "a&b=c", "é\n", "..%2f"]
    {
        let notice = Notice { group: hostile.into(), summary: Some(hostile.into()), ..sample() };
        let request = rendered(url.clone(), &notice);
        let url = url::Url::parse(request.url.expose()).unwrap();
        assert_eq!(url.host_str(), Some("a.b"));
        assert_eq!(url.path_segments().unwrap().count(), 3, "{url}");
        let pairs: Vec<_> = url.query_pairs().collect();
        assert_eq!(pairs, [("s".into(), hostile.into()), ("q".into(), hostile.into())]);
        assert_eq!(url.fragment(), None);
    }
}

#[test]
fn a_value_of_dots_never_climbs_and_the_minimal_message_goes_out_instead() {
    let sink = built(json!({"url": "https://a.b/x/{{ group }}/y"})).unwrap().sink;
    let notice = Notice { group: "..".into(), ..sample() };
    let error = sink.render(&notice, None).unwrap_err();
    assert!(error.0.contains("only dots"), "{error}");
    let message = sink.minimal(&notice, &error.0);
    assert!(message.fallback.is_some());
    assert_eq!(request(message).url.expose(), "https://a.b/x/x/y");
}

#[test]
fn a_header_stays_on_its_line_and_is_covered_unless_it_is_harmless() {
    let options =
        json!({"url": "http://a.b", "headers": {"X-Group": "{{ group }}", "Accept": "a/b"}});
    let notice = Notice { group: "a\r\nX-Evil: 1".into(), ..sample() };
    let request = rendered(options, &notice);
    assert!(shown(&request).contains(&("x-group", "a X-Evil: 1")));
    let text = request.to_string();
    assert!(text.contains("x-group: ***") && text.contains("accept: a/b"), "{text}");
}

#[test]
fn a_template_that_fails_is_replaced_by_a_marked_message_of_the_same_shape() {
    for (options, json) in [
        (json!({"url": "http://a.b", "json": {"t": "{{ group }}"}}), true),
        (json!({"url": "http://a.b", "form": {"t": "{{ group }}"}}), false),
        (json!({"url": "http://a.b", "text": "{{ group }}"}), false),
    ] {
        let message = built(options).unwrap().sink.minimal(&sample(), "it broke");
        assert_eq!(message.fallback.as_deref(), Some("it broke"));
        let body = String::from_utf8(request(message).body).unwrap();
        assert!(body.contains("checkout-eu") && body.contains("broke"), "{body}");
        assert_eq!(serde_json::from_str::<Value>(&body).is_ok(), json);
    }
}

#[test]
fn what_can_not_work_is_refused_at_its_option() {
    let url = "https://example.com";
    for (options, path) in [
        (json!({}), ""),
        (json!({"url": "example.com"}), "url"),
        (json!({"url": "https://bob:pw@example.com"}), "url"),
        (json!({"url": "https://{{ group }}.example.com/"}), "url"),
        (json!({"url": "https://example.com{{ group }}"}), "url"),
        (json!({"url": "{{ group }}"}), "url"),
        (json!({"url": "https://example.com/{{#if group}}x{{/if}}"}), "url"),
        (json!({"url": "https://example.com/{{ gruop }}"}), "url"),
        (json!({"url": "https://example.com/{{ group "}), "url"),
        (json!({"url": url, "method": "PO ST"}), "method"),
        (json!({"url": url, "method": "CONNECT"}), "method"),
        (json!({"url": url, "headers": {"bad name": "x"}}), "headers.bad name"),
        (json!({"url": url, "headers": {"Host": "x"}}), "headers.Host"),
        (json!({"url": url, "headers": {"X": "{{ gruop }}"}}), "headers.X"),
        (
            json!({"url": url, "bearer": "x", "headers": {"Authorization": "y"}}),
            "headers.Authorization",
        ),
        (json!({"url": url, "bearer": "x", "basic": {"username": "a", "password": "b"}}), "bearer"),
        (json!({"url": url, "bearer": "a\nb"}), "bearer"),
        (json!({"url": url, "basic": {"username": "a:b", "password": "b"}}), "basic.username"),
        (json!({"url": url, "basic": {"username": "a", "pasword": "b"}}), "basic.pasword"),
        (json!({"url": url, "json": {}, "text": ""}), "text"),
        (json!({"url": url, "json": {"a": ["{{ gruop }}"]}}), "json.a[0]"),
        (json!({"url": url, "form": {"a": "{{ gruop }}"}}), "form.a"),
        (json!({"url": url, "delivered": [200, 42]}), "delivered[1]"),
        (json!({"url": url, "jsn": {}}), "jsn"),
    ] {
        let error = error(options.clone());
        assert_eq!(error.path, path, "{options}: {error}");
        assert!(!error.message.contains("pw@"), "{error}");
    }
    assert_eq!(error(json!({"url": url, "jsn": {}})).hint.as_deref(), Some("did you mean `json`?"));
}

#[test]
fn an_n8n_test_url_works_and_is_warned_about() {
    let built = built(json!({"url": "https://n8n.example.com/webhook-test/{{ group }}"})).unwrap();
    assert_eq!(built.warnings[0].path, "url");
    assert!(built.warnings[0].message.contains("n8n"));
}
