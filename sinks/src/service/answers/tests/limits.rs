//! How services say that they were asked too often: each one's shape, and how long it asks to wait.

use super::*;

/// A service's way of asking for patience.
struct Shape {
    service: &'static str,
    file: &'static str,
    status: u16,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
    /// In milliseconds.
    wait: Option<u64>,
}

const USUAL: &str = "{}";

const DISCORD: &str =
    "answers: [{status: 429, means: unavailable, wait: {json: retry_after}}]\nreason: [message]";

const TELEGRAM: &str = "answers: [{status: 429, means: unavailable, \
                        wait: {json: parameters.retry_after}}]\nreason: [description]";

const MATRIX: &str =
    "answers: [{status: 429, means: unavailable, wait: {json: retry_after_ms, unit: ms}}]";

const ROCKET_CHAT: &str = "answers: [{status: 429, means: unavailable, \
                           wait: {header: X-RateLimit-Reset, unit: epoch_ms}}]";

const GITHUB: &str = "answers:
  - {status: [403, 429], header: {x-ratelimit-remaining: '0'}, means: unavailable,
     wait: {header: x-ratelimit-reset, unit: epoch}}
  - {status: [403, 429], header: {retry-after: '*'}, means: unavailable}
  - {status: [403, 429], text: rate limit, means: unavailable, wait: {default: 60s}}
reason: [message]";

const LINEAR: &str = "answers: [{status: 400, json: {errors.0.extensions.code: RATELIMITED}, \
                      means: unavailable, \
                      wait: {header: X-RateLimit-Requests-Reset, unit: epoch_ms}}]";

const OPSGENIE: &str = "answers: [{status: 429, means: unavailable, \
                        wait: {header: X-RateLimit-Period-In-Sec}}]";

const DATADOG: &str =
    "answers: [{status: 429, means: unavailable, wait: {header: X-RateLimit-Reset}}]";

const ZULIP: &str =
    "answers: [{json: {code: RATE_LIMIT_HIT}, means: unavailable, wait: {json: retry-after}}]";

const SHAPES: &[Shape] = &[
    Shape {
        service: "a header in seconds, as Slack, Webex, Mattermost and Jira",
        file: USUAL,
        status: 429,
        headers: &[("Retry-After", "30")],
        body: "rate_limited",
        wait: Some(30_000),
    },
    Shape {
        service: "Discord, with a fraction; its header is rounded",
        file: DISCORD,
        status: 429,
        headers: &[("retry-after", "65")],
        body: r#"{"message": "You are being rate limited.", "retry_after": 64.57, "global": false}"#,
        wait: Some(64_570),
    },
    Shape {
        service: "Discord's front, with HTML",
        file: DISCORD,
        status: 429,
        headers: &[("retry-after", "3600")],
        body: "<html>banned</html>",
        wait: Some(3_600_000),
    },
    Shape {
        service: "Telegram",
        file: TELEGRAM,
        status: 429,
        headers: &[],
        body: r#"{"ok": false, "error_code": 429, "description": "Too Many Requests: retry after 35",
                 "parameters": {"retry_after": 35}}"#,
        wait: Some(35_000),
    },
    Shape {
        service: "Matrix, in milliseconds",
        file: MATRIX,
        status: 429,
        headers: &[("Retry-After", "3")],
        body: r#"{"errcode": "M_LIMIT_EXCEEDED", "error": "Too Many Requests", "retry_after_ms": 2351}"#,
        wait: Some(2_351),
    },
    Shape {
        service: "Matrix, by the header alone",
        file: MATRIX,
        status: 429,
        headers: &[("Retry-After", "3")],
        body: r#"{"errcode": "M_LIMIT_EXCEEDED"}"#,
        wait: Some(3_000),
    },
    Shape {
        service: "Rocket.Chat, as a moment in milliseconds",
        file: ROCKET_CHAT,
        status: 429,
        headers: &[("X-RateLimit-Reset", "1800000012500")],
        body: r#"{"success": false, "error": "Error, too many requests. [error-too-many-requests]"}"#,
        wait: Some(12_500),
    },
    Shape {
        service: "Rocket.Chat, whose moment is over",
        file: ROCKET_CHAT,
        status: 429,
        headers: &[("X-RateLimit-Reset", "1799999999000")],
        body: "",
        wait: Some(0),
    },
    Shape {
        service: "GitHub's first limit, as a moment",
        file: GITHUB,
        status: 403,
        headers: &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1800000090")],
        body: r#"{"message": "API rate limit exceeded for user ID 1."}"#,
        wait: Some(90_000),
    },
    Shape {
        service: "GitHub's second limit, with a header",
        file: GITHUB,
        status: 403,
        headers: &[("x-ratelimit-remaining", "4999"), ("retry-after", "75")],
        body: r#"{"message": "You have exceeded a secondary rate limit."}"#,
        wait: Some(75_000),
    },
    Shape {
        service: "GitHub's second limit, without",
        file: GITHUB,
        status: 403,
        headers: &[],
        body: r#"{"message": "You have exceeded a secondary rate limit."}"#,
        wait: Some(60_000),
    },
    Shape {
        service: "Linear, with a 400",
        file: LINEAR,
        status: 400,
        headers: &[("X-RateLimit-Requests-Reset", "1800000600000")],
        body: r#"{"errors": [{"message": "Rate limit exceeded", "extensions": {"code": "RATELIMITED"}}]}"#,
        wait: Some(600_000),
    },
    Shape {
        service: "Opsgenie, by the length of its window",
        file: OPSGENIE,
        status: 429,
        headers: &[("X-RateLimit-State", "THROTTLED"), ("X-RateLimit-Period-In-Sec", "60")],
        body: r#"{"message": "TooManyRequests", "took": 1, "requestId": "r"}"#,
        wait: Some(60_000),
    },
    Shape {
        service: "Datadog, in seconds to go",
        file: DATADOG,
        status: 429,
        headers: &[("X-RateLimit-Reset", "9")],
        body: r#"{"errors": ["Rate limit exceeded"]}"#,
        wait: Some(9_000),
    },
    Shape {
        service: "Zulip, with a fraction",
        file: ZULIP,
        status: 429,
        headers: &[],
        body: r#"{"result": "error", "msg": "API usage exceeded rate limit", "retry-after": 28.7,
                 "code": "RATE_LIMIT_HIT"}"#,
        wait: Some(28_700),
    },
    Shape {
        service: "ntfy, Google Chat and PagerDuty, which say nothing",
        file: USUAL,
        status: 429,
        headers: &[],
        body: r#"{"code": 42901, "http": 429, "error": "limit reached: too many requests"}"#,
        wait: None,
    },
];

#[test]
fn every_shape_of_a_limit_is_a_wait_of_the_endpoint() {
    for shape in SHAPES {
        let seen = seen(shape.status, shape.headers, shape.body.as_bytes().to_vec());
        let failure = judge(shape.file, &seen).unwrap_err().failure;
        let retry_after = shape.wait.map(Duration::from_millis);
        assert_eq!(failure.fault, Fault::Unavailable { retry_after }, "{}", shape.service);
    }
}

#[test]
fn a_403_without_any_sign_of_a_limit_still_stops_the_sink() {
    let forbidden = said(403, &json!({"message": "Resource not accessible by integration"}));
    assert_eq!(means(GITHUB, &forbidden), "suspended");
    assert!(reason(GITHUB, &forbidden).contains("says “Resource not accessible by integration”"));
}

#[test]
fn junk_where_a_wait_should_stand_is_no_wait() {
    for junk in [
        json!({"retry_after": -1}),
        json!({"retry_after": 1e300}),
        json!({"retry_after": null}),
        json!({"retry_after": "soon"}),
        json!({"retry_after": "1e9"}),
        json!({"retry_after": {"seconds": 5}}),
        json!({}),
    ] {
        let failure = judge(DISCORD, &said(429, &junk)).unwrap_err().failure;
        assert_eq!(failure.fault, Fault::Unavailable { retry_after: None }, "{junk}");
    }
    let texts = said(429, &json!({"retry_after": " 1.5 "}));
    let fault = judge(DISCORD, &texts).unwrap_err().failure.fault;
    assert_eq!(fault, Fault::Unavailable { retry_after: Some(Duration::from_millis(1500)) });
    let header = seen(429, &[("x-ratelimit-reset", "in a while")], vec![]);
    let fault = judge(ROCKET_CHAT, &header).unwrap_err().failure.fault;
    assert_eq!(fault, Fault::Unavailable { retry_after: None });
}
