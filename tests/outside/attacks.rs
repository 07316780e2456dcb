//! Whoever reaches the ports: what they send is refused alike and counted by its cause, and never
//! disturbs anybody else.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use agnox_bridge_sinks::signature::HEADER;

use crate::oracle::forwarding;
use crate::support::bridge::{Bridge, Setup};
use crate::support::http::{self, Answer};
use crate::support::place::Place;
use crate::support::{SOON, agnox, eventually};

const CONSOLE: &str = "  terminal: {console: {}}";
const ALWAYS: &str = "  - {name: everything, when: always, send: terminal}";

/// How many requests were refused for this cause so far.
fn refused(bridge: &Bridge, cause: &str) -> u64 {
    let name = format!("agnox_bridge_requests_refused_total{{cause=\"{cause}\"}} ");
    let metrics = bridge.admin("/metrics").body;
    let line = metrics.lines().find_map(|line| line.strip_prefix(&name).map(str::to_owned));
    line.map_or(0, |count| count.parse().expect("a number"))
}

/// Waits until a cause was counted so often: what is counted at a connection's end comes after it.
fn counted(bridge: &Bridge, cause: &str, times: u64) {
    eventually(&format!("{cause} is counted {times} times"), SOON, || {
        (refused(bridge, cause) == times).then_some(())
    });
}

/// A request for the hook of `main` with these header lines as they are.
fn hook(at: SocketAddr, lines: &[String], body: &[u8]) -> std::io::Result<Answer> {
    let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    let length = body.len();
    let head = format!(
        "POST /hooks/main HTTP/1.1\r\nhost: {at}\r\nconnection: close\r\ncontent-length: {length}\r\n{lines}\r\n"
    );
    http::raw(at, &[head.as_bytes(), body].concat())
}

#[test]
fn every_forged_signature_gets_the_same_answer_and_is_counted() {
    let bridge = Setup::new(CONSOLE, ALWAYS).start();
    let body = agnox::event("group", "FAILED");
    let right = agnox::signature(&body);
    let digits = right.strip_prefix("sha256=").expect("the prefix").to_owned();
    let other = agnox::signature(&agnox::event("group", "PASSED"));
    let one = |value: &str| vec![format!("{HEADER}: {value}")];
    let forged = [
        vec![],
        one(""),
        one("sha256="),
        one(&digits),
        one(&format!("SHA256={digits}")),
        one(&format!("sha1={digits}")),
        one(&format!("sha256={}", &digits[..1])),
        one(&format!("sha256={}", &digits[..63])),
        one(&format!("sha256={digits}0")),
        one(&format!("sha256= {digits}")),
        one(&format!("sha256={}z", &digits[..63])),
        one(&format!("sha256={}é", &digits[..62])),
        one(&format!("{right}, {right}")),
        one(&format!("{other}, {right}")),
        one(&other),
        [one(&right), one(&right)].concat(),
        [one(&other), one(&right)].concat(),
        [one(&right), one(&other)].concat(),
    ];
    let expected = "{\"error\":\"the signature does not hold\"}\n";
    for lines in &forged {
        let answer = hook(bridge.setup.public, lines, &body).expect("it answers");
        assert_eq!((answer.status, answer.body.as_str()), (401, expected), "{lines:?}");
    }
    counted(&bridge, "signature", forged.len() as u64);
    let folded = [format!("{HEADER}: sha256=\r\n {digits}")];
    let answer = hook(bridge.setup.public, &folded, &body).expect("it answers");
    assert_eq!(answer.status, 400, "a folded header");
    counted(&bridge, "malformed", 1);
    assert_eq!(bridge.cli_json(&["events", "list"]).as_array().map(Vec::len), Some(0));
    bridge.accept(&body);
}

#[test]
fn what_cannot_be_a_hook_s_request_is_refused_and_counted_by_its_cause() {
    let bridge = Setup::with_more("", CONSOLE, ALWAYS).start();
    let at = bridge.setup.public;
    let body = agnox::event("group", "FAILED");
    let signature = agnox::signature(&body);
    let signed = (HEADER, signature.as_str());
    let large = vec![b'x'; (1 << 20) + 1];
    let large_signature = agnox::signature(&large);
    let encoded = [signed, ("content-encoding", "gzip")];
    let unnecessary = [signed, ("content-encoding", "identity")];
    let many: Vec<(String, String)> = (0..200).map(|n| (format!("x-{n}"), "y".into())).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let cases: [(&str, u16, &str, std::io::Result<Answer>); 9] = [
        (
            "an unknown source",
            404,
            "unknown_source",
            http::post(at, "/hooks/nobody", &[signed], &body),
        ),
        ("another path", 404, "path", http::post(at, "/api/v1/reload", &[], b"{}")),
        ("climbing", 404, "path", http::get(at, "/hooks/../metrics")),
        ("another method", 405, "method", http::get(at, "/hooks/main")),
        ("an encoding", 415, "content_encoding", http::post(at, "/hooks/main", &encoded, &body)),
        (
            "any encoding",
            415,
            "content_encoding",
            http::post(at, "/hooks/main", &unnecessary, &body),
        ),
        (
            "a large body",
            413,
            "too_large",
            http::post(at, "/hooks/main", &[(HEADER, &large_signature)], &large),
        ),
        ("many headers", 431, "head_too_large", http::post(at, "/hooks/main", &many, &body)),
        ("no HTTP", 400, "malformed", http::raw(at, b"\x16\x03\x01 what is this\r\n\r\n")),
    ];
    for (what, status, cause, answer) in cases {
        let answer = answer.unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(answer.status, status, "{what}: {}", answer.body);
        eventually(&format!("{what} is counted as {cause}"), SOON, || {
            (refused(&bridge, cause) > 0).then_some(())
        });
    }
    bridge.accept(&body);
}

#[test]
fn a_body_above_the_limit_is_refused_whatever_its_length_says() {
    let bridge = Setup::new(CONSOLE, ALWAYS).start();
    let at = bridge.setup.public;
    let signature = agnox::signature(b"x");
    let head = |framing: &str| {
        format!(
            "POST /hooks/main HTTP/1.1\r\nhost: {at}\r\nconnection: close\r\n{HEADER}: {signature}\r\n{framing}\r\n\r\n"
        )
    };
    let announced = http::raw(at, head("content-length: 99999999999").as_bytes());
    assert_eq!(announced.expect("it answers").status, 413, "announced, before a byte is read");
    let mut chunked = head("transfer-encoding: chunked").into_bytes();
    for _ in 0..20 {
        chunked.extend_from_slice(b"10000\r\n");
        chunked.extend_from_slice(&[b'x'; 0x10000]);
        chunked.extend_from_slice(b"\r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    assert_eq!(http::raw(at, &chunked).expect("it answers").status, 413, "chunk by chunk");
    counted(&bridge, "too_large", 2);
    let both = head("content-length: 1\r\ntransfer-encoding: chunked") + "1\r\nx\r\n0\r\n\r\n";
    assert_eq!(http::raw(at, both.as_bytes()).expect("it answers").status, 400, "two lengths");
    let differing = head("content-length: 1\r\ncontent-length: 2") + "xx";
    assert_eq!(http::raw(at, differing.as_bytes()).expect("it answers").status, 400);
    let negative = head("content-length: -1") + "xx";
    assert_eq!(http::raw(at, negative.as_bytes()).expect("it answers").status, 400);
    counted(&bridge, "malformed", 3);
}

#[test]
fn a_chunked_body_within_the_limit_is_taken_as_it_is() {
    let bridge = Setup::new(CONSOLE, ALWAYS).start();
    let at = bridge.setup.public;
    let body = agnox::event("chunked", "FAILED");
    let (first, second) = body.split_at(17);
    let mut request = format!(
        "POST /hooks/main HTTP/1.1\r\nhost: {at}\r\nconnection: close\r\n{HEADER}: {}\r\ntransfer-encoding: chunked\r\n\r\n",
        agnox::signature(&body)
    )
    .into_bytes();
    for part in [first, second] {
        request.extend_from_slice(format!("{:x}\r\n", part.len()).as_bytes());
        request.extend_from_slice(part);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"0\r\n\r\n");
    assert_eq!(http::raw(at, &request).expect("it answers").status, 202);
}

#[test]
fn heads_and_bodies_that_stall_are_let_go_and_counted() {
    let bridge = Setup::new(CONSOLE, ALWAYS).start();
    let at = bridge.setup.public;
    let began = Instant::now();
    let stalled = |sent: String| {
        std::thread::spawn(move || {
            let mut stream = TcpStream::connect(at).expect("it listens");
            stream.set_read_timeout(Some(SOON)).expect("a time");
            stream.write_all(sent.as_bytes()).expect("it reads");
            let mut answer = String::new();
            let ended = stream.read_to_string(&mut answer);
            assert!(ended.is_ok(), "it ends the connection: {ended:?}");
            answer
        })
    };
    let signature = agnox::signature(b"x");
    let head = stalled("POST /hooks/main HTTP/1.1\r\nhost: stalled\r\n".to_owned());
    let silent = stalled(String::new());
    let body = stalled(format!(
        "POST /hooks/main HTTP/1.1\r\nhost: stalled\r\n{HEADER}: {signature}\r\ncontent-length: 100\r\n\r\nonly this"
    ));
    bridge.accept(&agnox::event("beside", "FAILED"));
    assert!(head.join().expect("ends").starts_with("HTTP/1.1 408"));
    let silent = silent.join().expect("ends");
    assert!(silent.is_empty() || silent.starts_with("HTTP/1.1 408"), "{silent}");
    assert!(body.join().expect("ends").starts_with("HTTP/1.1 408"));
    assert!(began.elapsed() < Duration::from_secs(9), "{:?}", began.elapsed());
    counted(&bridge, "slow_body", 1);
    counted(&bridge, "slow_head", 2);
}

#[test]
fn a_body_that_breaks_off_is_no_event_and_is_counted() {
    let bridge = Setup::new(CONSOLE, ALWAYS).start();
    let at = bridge.setup.public;
    let body = agnox::event("group", "FAILED");
    let mut stream = TcpStream::connect(at).expect("it listens");
    let head = format!(
        "POST /hooks/main HTTP/1.1\r\nhost: {at}\r\n{HEADER}: {}\r\ncontent-length: {}\r\n\r\n",
        agnox::signature(&body),
        body.len() + 10
    );
    stream.write_all(&[head.as_bytes(), &body].concat()).expect("it reads");
    stream.shutdown(std::net::Shutdown::Write).expect("it is open");
    drop(stream);
    counted(&bridge, "broken_body", 1);
    assert_eq!(bridge.cli_json(&["events", "list"]).as_array().map(Vec::len), Some(0));
}

#[test]
fn a_flood_of_forgeries_disturbs_nobody_and_fills_no_log() {
    let place = Place::open();
    let bridge = forwarding(&place).start();
    let at = bridge.setup.public;
    let floods: Vec<_> = (0..4)
        .map(|_| {
            std::thread::spawn(move || {
                let body = agnox::event("flood", "FAILED");
                let forged = format!("sha256={}", "0".repeat(64));
                for _ in 0..500 {
                    let answer = http::post(at, "/hooks/main", &[(HEADER, &forged)], &body);
                    assert_eq!(answer.expect("it answers").status, 401);
                }
            })
        })
        .collect();
    let mut slowest = Duration::ZERO;
    for n in 0..50 {
        let began = Instant::now();
        bridge.accept(&agnox::numbered("good", "FAILED", n));
        slowest = slowest.max(began.elapsed());
    }
    for flood in floods {
        flood.join().expect("each was refused");
    }
    place.wait_for(50, SOON);
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
    counted(&bridge, "signature", 2000);
    let lines = bridge.log().matches("refused a request").count();
    assert!((1..=5).contains(&lines), "{lines} lines");
}

#[test]
fn the_admin_listener_takes_no_stranger_s_word() {
    let bridge = Setup::new(CONSOLE, ALWAYS).start();
    let at = bridge.setup.admin;
    let ask = |method: &str, path: &str, lines: &str, body: &str| {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n{lines}\r\n",
            body.len()
        );
        http::raw(at, (head + body).as_bytes()).expect("it answers").status
    };
    let host = format!("host: {at}\r\n");
    assert_eq!(ask("GET", "/api/v1/status", &host, ""), 200);
    assert_eq!(ask("GET", "/api/v1/status", "host: evil.example\r\n", ""), 421);
    assert_eq!(ask("GET", "/metrics", "host: evil.example\r\n", ""), 421);
    assert_eq!(ask("GET", "/metrics", "", ""), 400, "no host");
    let stranger = format!("{host}origin: http://evil.example\r\n");
    assert_eq!(ask("POST", "/api/v1/reload", &stranger, "{}"), 403);
    let nobody = format!("{host}origin: null\r\n");
    assert_eq!(ask("POST", "/api/v1/deliveries/retry", &nobody, "{}"), 403);
    for kind in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
    {
        let form = format!("{stranger}content-type: {kind}\r\n");
        assert_eq!(ask("POST", "/api/v1/deliveries/acknowledge", &form, "{}"), 403, "{kind}");
    }
    for path in [
        "/metrics",
        "/api/v1/status",
        "/api/v1/events",
        "/api/v1/reload",
        "//metrics",
        "/hooks/%2e%2e/metrics",
    ] {
        let answer = http::get(bridge.setup.public, path).expect("it answers");
        assert!(matches!(answer.status, 404 | 405), "{path}: {}", answer.status);
    }
}
