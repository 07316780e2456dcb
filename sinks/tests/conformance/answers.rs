//! What each sink makes of each answer.

use std::time::Duration;

use agnox_bridge_sinks::contract::{Failure, Fault};

use crate::server::{Script, Server};
use crate::subjects::{SUBJECTS, Subject, fails, try_once};

async fn failure(subject: &Subject, status: u16, headers: &'static str) -> Failure {
    let body = b"the far side's own words".to_vec();
    let server = Server::start(Script::Answer(status, headers, body)).await;
    let failure = fails(&subject.at(&server.origin())).await;
    let start = format!("{} answered {status}", server.address);
    assert!(failure.reason.starts_with(&start), "{failure}");
    assert_eq!(failure.status, Some(status));
    assert_eq!(failure.excerpt.as_deref(), Some("the far side's own words"));
    assert!(!failure.maybe_arrived, "an answer leaves no doubt: {failure}");
    failure
}

#[tokio::test]
async fn a_success_is_a_receipt() {
    for subject in SUBJECTS {
        for status in [200, 201, 202, 204] {
            let body = if status == 204 { "" } else { "ok" };
            let server = Server::start(Script::Answer(status, "", body.into())).await;
            let receipt = try_once(&subject.at(&server.origin())).await.result.unwrap();
            assert_eq!(receipt.status, Some(status));
            assert_eq!(receipt.excerpt.unwrap_or_default(), body);
            assert_eq!(server.received().len(), 1);
        }
    }
}

#[tokio::test]
async fn each_refusal_names_whose_trouble_it_is() {
    for subject in SUBJECTS {
        for status in [400, 409, 413, 422] {
            assert_eq!(failure(subject, status, "").await.fault, Fault::Refused, "{status}");
        }
        for status in [401, 403, 404, 410] {
            assert_eq!(failure(subject, status, "").await.fault, Fault::Suspended, "{status}");
        }
        for status in [408, 429, 500, 502, 503, 504] {
            let fault = Fault::Unavailable { retry_after: None };
            assert_eq!(failure(subject, status, "").await.fault, fault, "{status}");
        }
    }
}

#[tokio::test]
async fn retry_after_is_handed_on_as_it_was_said_and_junk_is_not() {
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    for subject in SUBJECTS {
        for (headers, retry_after) in [
            ("retry-after: 0\r\n", seconds(0)),
            ("retry-after: 3600\r\n", seconds(3600)),
            ("Retry-After: 1000000000\r\n", seconds(1_000_000_000)),
            ("retry-after: Wed, 21 Oct 2015 07:28:00 GMT\r\n", seconds(0)),
            ("retry-after: next week\r\n", None),
            ("retry-after: -1\r\n", None),
            ("retry-after:\r\n", None),
        ] {
            for status in [429, 503] {
                let fault = failure(subject, status, headers).await.fault;
                assert_eq!(fault, Fault::Unavailable { retry_after }, "{headers}");
            }
        }
    }
}

#[tokio::test]
async fn a_retry_after_in_the_future_is_a_time_from_now() {
    let server = Server::start(Script::Answer(
        429,
        "retry-after: Tue, 31 Dec 2199 23:59:59 GMT\r\n",
        vec![],
    ));
    let failure = fails(&SUBJECTS[0].at(&server.await.origin())).await;
    let Fault::Unavailable { retry_after: Some(wait) } = failure.fault else {
        panic!("{failure:?}");
    };
    assert!(wait > Duration::from_secs(3600), "{wait:?}");
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_its_host_is_named() {
    for subject in SUBJECTS {
        for (status, headers) in [
            (301, "location: http://169.254.169.254/latest/CANARY\r\n"),
            (302, "location: http://169.254.169.254/CANARY?x=CANARY\r\n"),
            (307, "location: http://169.254.169.254/\r\n"),
            (308, "location: http://169.254.169.254\r\n"),
        ] {
            let failure = failure(subject, status, headers).await;
            assert_eq!(failure.fault, Fault::Suspended);
            assert!(failure.reason.contains("http://169.254.169.254,"), "{failure}");
        }
        failure(subject, 302, "location: /services/CANARY\r\n").await;
        failure(subject, 302, "").await;
    }
}

#[tokio::test]
async fn an_answer_that_repeats_the_request_shows_no_secret() {
    for subject in SUBJECTS {
        for status in [200, 404, 500] {
            let server = Server::start(Script::Echo(status)).await;
            let tried = try_once(&subject.at(&server.origin())).await;
            let excerpt = match tried.result {
                Ok(receipt) => receipt.excerpt,
                Err(failure) => failure.excerpt,
            };
            assert!(excerpt.unwrap().contains("***"));
            assert!(server.received()[0].head.contains("CANARY"));
        }
    }
}
