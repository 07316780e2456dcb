//! A client's answers, written beforehand: for examples and tests, which reach nobody.
//!
//! What a sink would send is checked as far as a real request is, and kept in place of being sent.
//! This file knows no kind of sink.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::seen::{Content, Seen};
use crate::contract::Attempt;
use crate::message::Request;

/// Answers that are given in order, and the requests that asked for them. Who asks for more is
/// answered 200 with nothing.
#[derive(Clone, Default)]
pub struct Script(Arc<Mutex<Pages>>);

#[derive(Default)]
struct Pages {
    answers: VecDeque<Prepared>,
    asked: Vec<Request>,
}

/// An answer that is given in place of a far side's.
#[derive(Clone, Debug, Default)]
pub struct Prepared {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Vec<u8>,
}

impl Script {
    /// A script of these answers.
    pub fn new(answers: impl IntoIterator<Item = Prepared>) -> Self {
        let answers = answers.into_iter().collect();
        Script(Arc::new(Mutex::new(Pages { answers, asked: Vec::new() })))
    }

    /// What was asked so far, in order.
    pub fn asked(&self) -> Vec<Request> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).asked.clone()
    }

    /// Keeps a request, and answers it as of the attempt's time.
    pub(super) fn answer(&self, host: &str, request: &Request, attempt: &Attempt) -> Seen {
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pages.asked.push(request.clone());
        let answer = pages.answers.pop_front();
        let Prepared { status, headers, body } =
            answer.unwrap_or_else(|| Prepared { status: 200, ..Prepared::default() });
        let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let body = Content { bytes: body, ..Content::default() };
        Seen::new(host, status, headers, body).to(request).at(attempt.at)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::FutureExt;
    use jiff::Timestamp;

    use super::*;
    use crate::client::{Client, Expectation};
    use crate::contract::Fault;
    use crate::message::HeaderValue;
    use crate::secret::Secret;

    fn post(value: &str) -> Request {
        Request {
            method: "POST".into(),
            url: Secret::new("https://pigeon.test/hook"),
            headers: vec![("x-perch".into(), HeaderValue::Plain(value.into()))],
            body: b"coo".to_vec(),
        }
    }

    fn attempt() -> Attempt {
        Attempt {
            delivery_id: "d1".into(),
            number: 1,
            at: Timestamp::UNIX_EPOCH,
            deadline: Duration::from_secs(1),
            progress: None,
        }
    }

    #[test]
    fn answers_come_in_order_and_nothing_is_sent() {
        let busy = Prepared { status: 503, ..Prepared::default() };
        let script = Script::new([busy]);
        let client = Client::scripted(script.clone());
        let send = |request: Request| {
            let any = Expectation::default();
            client.send(&request, &attempt(), &any).now_or_never().expect("nothing is waited for")
        };
        let fault = send(post("a")).unwrap_err().fault;
        assert_eq!(fault, Fault::Unavailable { retry_after: None });
        assert_eq!(send(post("b")).unwrap().status, Some(200));
        assert!(send(post("bad\nheader")).is_err());
        assert_eq!(script.asked(), [post("a"), post("b")]);
    }
}
