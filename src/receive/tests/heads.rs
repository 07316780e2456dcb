//! Heads: malformed, slow, too large, or for something that isn't there.

use std::time::{Duration, Instant};

use super::{BODY, Bridge, SECRET, assert_status, post, sign, signed};
use crate::receive::Limits;

/// A post to the hook with these raw header lines instead of a length.
fn raw(lines: &str, body: &str) -> Vec<u8> {
    let signature = sign(SECRET, BODY);
    format!("POST /hooks/main HTTP/1.1\r\nHost: b\r\nx-agnox-signature: {signature}\r\n{lines}\r\n{body}")
        .into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_that_two_servers_could_read_in_two_ways_are_refused_and_counted() {
    let bridge = Bridge::start();
    let heads = [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Content-Length: +5\r\n",
        "X-Folded: one\r\n two\r\nContent-Length: 5\r\n",
        "Content-Length : 5\r\n",
    ];
    for (number, head) in (1..).zip(heads) {
        let answer = bridge.exchange(&raw(head, "0\r\n\r\nhello")).await;
        assert_status(&answer, 400);
        bridge.until_refused("malformed", number).await;
    }
    assert!(bridge.events().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_with_too_many_or_too_long_headers_is_refused_and_counted() {
    let bridge = Bridge::start();
    let many: String = (0..97).map(|i| format!("X-{i}: y\r\n")).collect();
    let answer = bridge.exchange(&raw(&many, "")).await;
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    let long = format!("X-Long: {}\r\n", "y".repeat(200_000));
    assert_status(&bridge.exchange(&raw(&long, "")).await, 431);
    bridge.until_refused("head_too_large", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_stalls_gets_408_at_its_deadline_and_is_counted() {
    let limits = Limits { head_deadline: Duration::from_millis(300), ..Limits::default() };
    let bridge = Bridge::start_with(limits, None);
    let answer = bridge.exchange(b"POST /hooks/main HTTP/1.1\r\nHost: b\r\nx-agn").await;
    assert_status(&answer, 408);
    bridge.until_refused("slow_head", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_listener_serves_hooks_and_health_alone() {
    let bridge = Bridge::start();
    assert_status(&bridge.exchange(&post("/hooks/nobody", &[], BODY)).await, 404);
    assert_eq!(bridge.refused("unknown_source"), 1);
    let paths =
        ["/", "/hooks", "/hooks/", "/hooks/main//", "/metrics", "/api/v1/status", "//hooks/main"];
    for path in paths {
        assert_status(&bridge.exchange(&post(path, &[], BODY)).await, 404);
    }
    assert_eq!(bridge.refused("path") + bridge.refused("unknown_source"), 8);
    for request in ["GET /hooks/main", "PUT /hooks/main", "DELETE /hooks/main", "POST /healthz"] {
        let request = format!("{request} HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n");
        assert_status(&bridge.exchange(request.as_bytes()).await, 405);
    }
    assert_eq!(bridge.refused("method"), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn probes_are_told_whether_it_lives_and_whether_it_can_accept() {
    let bridge = Bridge::start();
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: b\r\n\r\n").into_bytes();
    assert_status(&bridge.exchange(&get("/healthz")).await, 200);
    assert_status(&bridge.exchange(b"HEAD /healthz HTTP/1.1\r\nHost: b\r\n\r\n").await, 200);
    assert_status(&bridge.exchange(&get("/readyz")).await, 503);
    assert_eq!(bridge.refused("not_ready"), 1);
    bridge.health.proven(Instant::now());
    assert_status(&bridge.exchange(&get("/readyz")).await, 200);
    bridge.health.trouble("the disk is full".to_owned());
    let answer = bridge.exchange(&get("/readyz")).await;
    assert_status(&answer, 503);
    assert!(answer.contains("the disk is full"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_request_ends_its_connection_and_a_good_one_keeps_it() {
    let bridge = Bridge::start();
    let kept =
        |request: Vec<u8>| String::from_utf8(request).unwrap().replace("Connection: close\r\n", "");
    let bad = kept(post("/hooks/main", &[], BODY));
    let half_a_head = "POST /hooks/main HTTP/1.1\r\nHos";
    let answers = bridge.exchange(format!("{bad}{half_a_head}").as_bytes()).await;
    assert_eq!(answers.matches("HTTP/1.1 401").count(), 1, "{answers}");
    let good = kept(signed(BODY)) + std::str::from_utf8(&signed(b"another")).unwrap();
    let answers = bridge.exchange(good.as_bytes()).await;
    assert_eq!(answers.matches("HTTP/1.1 202").count(), 2, "{answers}");
}
