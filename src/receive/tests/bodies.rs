//! What is in a request's body, and how it comes.

use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::{BODY, Bridge, assert_status, post, rest_of, sign, signed, sources};
use crate::receive::tests::SECRET;
use crate::receive::{Limits, Sources};

fn hasty() -> Limits {
    Limits { body_deadline: Duration::from_millis(300), body_size: 1000, ..Limits::default() }
}

fn json_of(answer: &str) -> Value {
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_acknowledged_with_its_id_once_it_is_on_disk() {
    let bridge = Bridge::start();
    let answer = bridge.exchange(&signed(BODY)).await;
    assert_status(&answer, 202);
    let answer = json_of(&answer);
    let stored = bridge.events().await;
    assert_eq!(stored.len(), 1);
    assert_eq!(answer["id"], stored[0].id.to_string());
    assert_eq!(answer["duplicate"], false);
    assert_eq!(&*stored[0].body, BODY);
    assert_eq!(&*stored[0].source, "main");
    assert!(bridge.metrics.text().contains(r#"events_accepted_total{source="main"} 1"#));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_bytes_again_are_a_repeat_with_the_first_ones_id() {
    let bridge = Bridge::start();
    let first = json_of(&bridge.exchange(&signed(BODY)).await);
    let second = bridge.exchange(&signed(BODY)).await;
    assert_status(&second, 202);
    let second = json_of(&second);
    assert_eq!(second["duplicate"], true);
    assert_eq!(second["id"], first["id"]);
    assert_eq!(bridge.events().await.len(), 1);
    assert!(bridge.metrics.text().contains(r#"events_repeated_total{source="main"} 1"#));
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_inside_a_verified_body_it_is_kept_byte_for_byte() {
    let bridge = Bridge::start();
    let deep = "[".repeat(200);
    let bodies: [&[u8]; 9] = [
        b"",
        b"not JSON",
        b"\xff\xfe\x00",
        br#"{"summary":"\ud83d"}"#,
        b"\xef\xbb\xbf{}",
        br#"{"status":"SPARKLING","groupName":null,"more":[1,2]}"#,
        br#"{"status":7,"groupName":{},"startedAt":"yesterday"}"#,
        b"null",
        deep.as_bytes(),
    ];
    for body in bodies {
        assert_status(&bridge.exchange(&signed(body)).await, 202);
        assert!(bridge.events().await.iter().any(|event| &*event.body == body), "{body:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chunked_body_is_taken_whole() {
    let bridge = Bridge::start();
    let signature = sign(SECRET, b"onetwo");
    let request = format!(
        "POST /hooks/main HTTP/1.1\r\nHost: b\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\
         x-agnox-signature: {signature}\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"
    );
    assert_status(&bridge.exchange(request.as_bytes()).await, 202);
    assert_eq!(&*bridge.events().await[0].body, b"onetwo");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encoded_body_is_refused_unread() {
    let bridge = Bridge::start();
    let signature = format!("x-agnox-signature: {}", sign(SECRET, BODY));
    for encoding in ["gzip", "br", "deflate", "zstd", "identity", "x"] {
        let line = format!("Content-Encoding: {encoding}");
        let answer = bridge.exchange(&post("/hooks/main", &[&signature, &line], BODY)).await;
        assert_status(&answer, 415);
    }
    assert_eq!(bridge.refused("content_encoding"), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_at_the_limit_is_taken_and_one_above_is_not() {
    let bridge = Bridge::start_with(hasty(), None);
    assert_status(&bridge.exchange(&signed(&[b'x'; 1000])).await, 202);
    assert_status(&bridge.exchange(&signed(&[b'x'; 1001])).await, 413);
    let chunk = "y".repeat(1001);
    let chunked = format!(
        "POST /hooks/main HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\
         x-agnox-signature: {}\r\n\r\n3e9\r\n{chunk}\r\n0\r\n\r\n",
        sign(SECRET, chunk.as_bytes())
    );
    assert_status(&bridge.exchange(chunked.as_bytes()).await, 413);
    assert_eq!(bridge.refused("too_large"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_stalls_or_lies_about_its_length_is_given_up_at_its_deadline() {
    let bridge = Bridge::start_with(hasty(), None);
    let mut request = signed(BODY);
    request.truncate(request.len() - 1);
    assert_status(&bridge.exchange(&request).await, 408);
    bridge.until_refused("slow_body", 1).await;
    assert!(bridge.events().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_breaks_off_is_no_event() {
    let bridge = Bridge::start();
    let mut request = signed(BODY);
    request.truncate(request.len() - 1);
    let mut stream = TcpStream::connect(bridge.address).await.unwrap();
    stream.write_all(&request).await.unwrap();
    stream.shutdown().await.unwrap();
    rest_of(&mut stream).await;
    bridge.until_refused("broken_body", 1).await;
    assert!(bridge.events().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_memory_for_a_body_the_answer_is_503_and_counted() {
    let bridge = Bridge::start_with(Limits { memory: 1000, ..hasty() }, None);
    let all = bridge.edge.memory.clone().acquire_many_owned(1000).await.unwrap();
    assert_status(&bridge.exchange(&signed(BODY)).await, 503);
    assert_eq!(bridge.refused("memory"), 1);
    drop(all);
    assert_status(&bridge.exchange(&signed(BODY)).await, 202);
    assert_eq!(bridge.edge.memory.available_permits(), 1000, "all of it is given back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_takes_nothing_means_503_and_is_counted() {
    let bridge = Bridge::start();
    bridge.journal.close().await;
    assert_status(&bridge.exchange(&signed(BODY)).await, 503);
    assert_eq!(bridge.refused("stopping"), 1);
    assert_eq!(bridge.edge.memory.available_permits(), Limits::default().memory);
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_are_swapped_while_requests_come() {
    let bridge = Bridge::start();
    bridge.edge.replace_sources(Sources::default());
    assert_status(&bridge.exchange(&signed(BODY)).await, 404);
    bridge.edge.replace_sources(sources(&bridge.metrics));
    assert_status(&bridge.exchange(&signed(BODY)).await, 202);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_answers_what_is_in_hand_and_closes_idle_connections() {
    let bridge = Bridge::start();
    let request = String::from_utf8(signed(BODY)).unwrap().replace("Connection: close\r\n", "");
    let (early, late) = request.split_at(request.len() - 5);
    let mut idle = TcpStream::connect(bridge.address).await.unwrap();
    let mut busy = TcpStream::connect(bridge.address).await.unwrap();
    busy.write_all(early.as_bytes()).await.unwrap();
    idle.write_all(&signed(b"first")).await.unwrap();
    assert_status(&rest_of(&mut idle).await, 202);
    let stop = tokio::spawn(bridge.listening.stop());
    busy.write_all(late.as_bytes()).await.unwrap();
    assert_status(&rest_of(&mut busy).await, 202);
    tokio::time::timeout(Duration::from_secs(5), stop).await.unwrap().unwrap();
    assert!(TcpStream::connect(bridge.address).await.is_err(), "nobody listens any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_was_accepted_before_the_stop_still_gets_its_turn() {
    let bridge = Bridge::start();
    let mut early = TcpStream::connect(bridge.address).await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while bridge.edge.traffic.silent() == 0 {
        assert!(Instant::now() < deadline, "it is never accepted");
        tokio::task::yield_now().await;
    }
    let stop = tokio::spawn(bridge.listening.stop());
    while !bridge.edge.traffic.is_ending() {
        tokio::task::yield_now().await;
    }
    early.write_all(&signed(BODY)).await.unwrap();
    assert_status(&rest_of(&mut early).await, 202);
    tokio::time::timeout(Duration::from_secs(5), stop).await.unwrap().unwrap();
}
