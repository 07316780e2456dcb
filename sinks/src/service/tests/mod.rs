//! The whole way of a service: its file read, its messages rendered, and sent to a real server.

mod hostile;
mod rendering;
mod sending;
mod server;
mod wrong;

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::{Compiled, Service};
use crate::client::{Client, DialPolicy};
use crate::contract::{Attempt, Captured, Notice, Sink};
use crate::kind::{BuildError, Built, Surroundings};
use crate::message::{Message, Request, Step};
use crate::template::{Names, Templates};
use crate::variables::sample;

const TRACKER: &str = include_str!("tracker.yaml");
const TOKEN: &str = "CANARY-0123456789";

fn tracker() -> Service {
    let file: Value = serde_yaml::from_str(TRACKER).unwrap();
    Service::read(file).unwrap_or_else(|errors| panic!("{errors:#?}"))
}

fn built(service: &Service, options: Value) -> Result<Built, BuildError> {
    let templates = Templates::new(Names { labels: vec!["team".into()] }, TimeZone::UTC);
    let client = Client::new(DialPolicy { private: true });
    let compiled = Compiled::default();
    service.build(options, &Surroundings::new("issues", &templates, &client, &compiled))
}

fn sink(options: Value) -> Arc<dyn Sink> {
    let mut all = json!({"url": "https://tracker.example", "token": TOKEN});
    all.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
    built(&tracker(), all).unwrap().sink
}

fn requests(message: &Message) -> Vec<&Request> {
    fn request(step: &Step) -> &Request {
        match step {
            Step::Http(request) => request,
            other => panic!("{other:?}"),
        }
    }
    message.steps.iter().map(request).collect()
}

fn body(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

fn first_failure() -> Notice {
    Notice { transition: Some("first_failure".into()), ..sample() }
}

fn recovered() -> Notice {
    let status = Some("PASSED".into());
    let transition = Some("recovered".into());
    Notice { failing: Some(false), status, transition, recovery: true, ..sample() }
}

fn held() -> Option<Captured> {
    Some(Captured::from([("number".to_owned(), json!(7)), ("key".to_owned(), json!("QA-7"))]))
}

fn attempt() -> Attempt {
    Attempt {
        delivery_id: sample().delivery_id,
        number: 1,
        at: jiff::Timestamp::UNIX_EPOCH,
        deadline: Duration::from_secs(10),
        progress: None,
    }
}
