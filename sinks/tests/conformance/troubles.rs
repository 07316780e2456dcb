//! What each sink makes of an endpoint that cannot be reached, hangs, drips, floods or breaks off.

use std::time::Duration;

use agnox_bridge_sinks::client::DialPolicy;
use agnox_bridge_sinks::contract::{Failure, Fault};
use futures_util::future::join_all;

use crate::server::{Script, Server};
use crate::subjects::{DEADLINE, SHORT, SUBJECTS, Subject, fails, try_once, try_within};

const UNAVAILABLE: Fault = Fault::Unavailable { retry_after: None };

/// An attempt that took about its whole deadline.
async fn times_out(subject: &Subject, script: Script) -> Failure {
    let server = Server::start(script).await;
    let tried = try_within(&subject.at(&server.origin()), SHORT).await;
    assert!(tried.took >= SHORT - Duration::from_millis(50), "{:?}", tried.took);
    let failure = tried.result.unwrap_err();
    assert_eq!(failure.fault, UNAVAILABLE);
    assert!(failure.reason.contains(&server.address.to_string()), "{failure}");
    failure
}

#[tokio::test]
async fn an_endpoint_that_takes_the_request_and_hangs_may_have_got_it() {
    let scripts = [Script::Silence, Script::DripHead];
    let all = SUBJECTS.iter().flat_map(|subject| scripts.clone().map(|s| times_out(subject, s)));
    for failure in join_all(all).await {
        assert!(failure.maybe_arrived);
        assert!(failure.reason.contains("did not answer within 2s"), "{failure}");
    }
}

#[tokio::test]
async fn once_the_status_is_known_a_body_that_hangs_or_drips_changes_nothing() {
    let check = async |subject: &Subject| {
        for script in [Script::HeadOnly(200), Script::DripBody(200)] {
            let server = Server::start(script).await;
            let tried = try_within(&subject.at(&server.origin()), SHORT).await;
            assert_eq!(tried.result.unwrap().status, Some(200));
        }
        let server = Server::start(Script::DripBody(404)).await;
        let tried = try_within(&subject.at(&server.origin()), SHORT).await;
        assert_eq!(tried.result.unwrap_err().fault, Fault::Suspended);
        let server = Server::start(Script::CutBody(500)).await;
        let failure = fails(&subject.at(&server.origin())).await;
        assert_eq!((failure.status, failure.excerpt.as_deref()), (Some(500), Some("only this")));
        let server = Server::start(Script::CutBody(200)).await;
        assert!(try_once(&subject.at(&server.origin())).await.result.is_ok());
    };
    join_all(SUBJECTS.iter().map(check)).await;
}

#[tokio::test]
async fn an_endless_answer_is_read_to_its_cap_and_never_unpacked() {
    for subject in SUBJECTS {
        for headers in ["", "content-encoding: gzip\r\n"] {
            let server = Server::start(Script::Endless(200, headers)).await;
            let tried = try_once(&subject.at(&server.origin())).await;
            let excerpt = tried.result.unwrap().excerpt.unwrap();
            assert!(excerpt.len() <= 1024, "{}", excerpt.len());
            assert_eq!(excerpt.contains("encoded as gzip"), !headers.is_empty());
            // What is beyond the cap of 64 KiB stays in the sockets' buffers.
            assert!(server.sent() < 32_000_000, "{}", server.sent());
        }
    }
}

#[tokio::test]
async fn an_endpoint_that_breaks_off_before_its_answer_may_have_got_it() {
    for subject in SUBJECTS {
        let server = Server::start(Script::CutHead).await;
        let failure = fails(&subject.at(&server.origin())).await;
        assert_eq!(failure.fault, UNAVAILABLE);
        assert!(failure.maybe_arrived);
        let host = server.address.to_string();
        assert!(failure.reason.contains(&host) && failure.reason.contains("before it answered"));
    }
}

#[tokio::test]
async fn what_speaks_no_http_is_said_to() {
    for subject in SUBJECTS {
        let server = Server::start(Script::Gibberish).await;
        let failure = fails(&subject.at(&server.origin())).await;
        assert_eq!(failure.fault, UNAVAILABLE);
        assert!(failure.reason.contains("HTTP"), "{failure}");
    }
}

#[tokio::test]
async fn a_refused_connection_and_a_name_that_nobody_has_have_their_own_reasons() {
    // Nobody listens on port 1; a port that was free a moment ago may be another test's by now.
    let free = std::net::SocketAddr::from(([127, 0, 0, 1], 1));
    for subject in SUBJECTS {
        let refused = fails(&subject.at(&format!("http://{free}"))).await;
        assert_eq!(refused.reason, format!("nothing listens at {free} (connection refused)"));
        let nobody = fails(&subject.at("http://nobody.invalid")).await;
        assert!(nobody.reason.contains("nobody.invalid can't be resolved"), "{nobody}");
        for failure in [refused, nobody] {
            assert_eq!(failure.fault, UNAVAILABLE);
            assert!(!failure.maybe_arrived);
        }
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_not_trusted() {
    for subject in SUBJECTS {
        let server = Server::start_tls(Script::Answer(200, "", vec![])).await;
        let port = server.address.port();
        let sink = subject.at(&format!("https://localhost:{port}"));
        let failure = fails(&sink).await;
        assert_eq!(failure.fault, UNAVAILABLE);
        assert!(!failure.maybe_arrived);
        let start = format!("no secure connection to localhost:{port}: its certificate");
        assert!(failure.reason.starts_with(&start), "{failure}");
        assert_eq!(sink.reach(DEADLINE).await.unwrap_err().reason, failure.reason);
        assert!(server.received().is_empty());
    }
}

#[tokio::test]
async fn a_plain_server_behind_an_https_url_is_named_as_that() {
    // It waits for the end of a request's head, which a handshake never has.
    let check = async |subject: &Subject| {
        let server = Server::start(Script::Gibberish).await;
        let sink = subject.at(&format!("https://{}", server.address));
        let failure = try_within(&sink, SHORT).await.result.unwrap_err();
        assert_eq!(failure.fault, UNAVAILABLE);
        assert!(!failure.maybe_arrived, "{failure}");
    };
    join_all(SUBJECTS.iter().map(check)).await;
}

#[tokio::test]
async fn forbidden_addresses_are_not_dialled_however_they_are_written() {
    for subject in SUBJECTS {
        for host in [
            "169.254.169.254",
            "2852039166",
            "0xA9FEA9FE",
            "0251.0376.0251.0376",
            "169.254.43518",
            "[::ffff:169.254.169.254]",
            "[64:ff9b::a9fe:a9fe]",
            "[fd00:ec2::254]",
            "[fe80::1]",
            "0.0.0.0",
            "0",
            "[::]",
        ] {
            let failure = fails(&subject.at(&format!("http://{host}"))).await;
            assert_eq!(failure.fault, Fault::Suspended, "{host}: {failure}");
            assert!(failure.reason.ends_with("which no sink may reach"), "{failure}");
        }
    }
}

#[tokio::test]
async fn private_addresses_are_refused_by_option() {
    let server = Server::start(Script::Answer(200, "", vec![])).await;
    let port = server.address.port();
    for subject in SUBJECTS {
        for host in ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"] {
            let origin = format!("http://{host}:{port}");
            let sink = subject.with_policy(&origin, DialPolicy { private: false });
            let failure = fails(&sink).await;
            assert_eq!(failure.fault, Fault::Suspended, "{host}: {failure}");
            assert!(failure.reason.contains("`private_addresses: true` allows it"), "{failure}");
            assert_eq!(sink.reach(DEADLINE).await.unwrap_err().fault, Fault::Suspended);
        }
    }
    assert_eq!(server.dials(), 0);
}
