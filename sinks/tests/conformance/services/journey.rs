//! Every service's messages, taken by a server that behaves as the service does.

use std::collections::BTreeSet;
use std::sync::Arc;

use agnox_bridge_sinks::catalog::{Catalog, FILES};
use agnox_bridge_sinks::contract::{Attempt, Captured, Failure, Holding, Notice, Receipt, Sink};
use agnox_bridge_sinks::kind::Kind;
use agnox_bridge_sinks::moments;
use agnox_bridge_sinks::service::form::{Form, Type};
use serde_json::Value;
use url::Url;

use super::asked::{Asked, Reply};
use super::{Behaviour, behaviours};
use crate::corpus::{hostile, notices_of};
use crate::server::{Received, Script, Server};
use crate::subjects::{attempt, build};

fn form(name: &str) -> Form {
    match Catalog::built_in().kind(name) {
        Some(Kind::Service(service)) => service.form().clone(),
        _ => panic!("{name} is no service of the catalogue"),
    }
}

/// A service's sink, with the options of its first example, whose addresses lead to the server.
fn at(name: &str, server: &Server) -> Arc<dyn Sink> {
    let form = form(name);
    let mut options = form.examples.first().expect("every file has examples").options.clone();
    for (parameter, about) in form.parameters.iter().filter(|(_, one)| one.kind == Type::Url) {
        let known = options.get(parameter).or(about.default.as_ref());
        if let Some(address) = known.and_then(Value::as_str) {
            options[parameter] = moved(address, server).into();
        }
    }
    build(name, options)
}

fn moved(address: &str, server: &Server) -> String {
    let url = Url::parse(address).expect("an address");
    let path = if url.path() == "/" { "" } else { url.path() };
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{}{path}{query}", server.origin())
}

async fn running(behaviour: &Behaviour) -> Server {
    let answer = behaviour.answer;
    Server::start(Script::Behave(Arc::new(move |received: &Received| {
        let reply = answer(&Asked::of(received));
        let Reply { status, headers, body } = reply.unwrap_or_else(|no| no);
        (status, headers, body.into_bytes())
    })))
    .await
}

async fn tell(sink: &Arc<dyn Sink>, notice: &Notice) -> Result<Receipt, Failure> {
    let message = sink.render(notice, None).expect("it renders");
    let at = jiff::Timestamp::now();
    sink.send(&message, &Attempt { at, progress: notice.progress.clone(), ..attempt() }).await
}

/// What a person needs to know of a message that was not taken.
fn refusal(what: &str, result: Result<Receipt, Failure>, server: &Server) -> Option<String> {
    let failure = result.err()?;
    let request = server.received().pop().unwrap_or_default();
    let body = String::from_utf8_lossy(&request.body).into_owned();
    let excerpt = failure.excerpt.clone().unwrap_or_default();
    Some(format!("{what}: {failure}\n{excerpt}\n{}\n{body:.2000}\n", request.head))
}

#[test]
fn every_file_of_the_catalogue_is_played_by_a_server_and_the_other_way_round() {
    let files: BTreeSet<&str> = FILES.iter().map(|(name, _)| *name).collect();
    let played: BTreeSet<&str> = behaviours().map(|behaviour| behaviour.name).collect();
    assert_eq!(files, played);
}

#[tokio::test]
async fn every_service_takes_every_moment() {
    let mut refused = Vec::new();
    for behaviour in behaviours() {
        let server = running(behaviour).await;
        let sink = at(behaviour.name, &server);
        for (moment, notice) in moments::all() {
            let what = format!("{}, {moment}", behaviour.name);
            refused.extend(refusal(&what, tell(&sink, &notice).await, &server));
        }
        assert!(!server.received().is_empty(), "{} was asked nothing", behaviour.name);
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[tokio::test]
async fn every_service_takes_every_hostile_text_and_pings_nobody() {
    let mut refused = Vec::new();
    for behaviour in behaviours() {
        let server = running(behaviour).await;
        let sink = at(behaviour.name, &server);
        for text in hostile() {
            for notice in notices_of(&text) {
                let what = format!("{}, {text:.40?}", behaviour.name);
                refused.extend(refusal(&what, tell(&sink, &notice).await, &server));
            }
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[tokio::test]
async fn what_is_opened_is_added_to_and_closed_with_what_its_answer_said() {
    for behaviour in behaviours().filter(|behaviour| form(behaviour.name).holds()) {
        let name = behaviour.name;
        let server = running(behaviour).await;
        let sink = at(name, &server);
        assert!(sink.holds(), "{name}");
        let opened = open(name, &sink, &server).await;
        let later =
            Notice { held: Some(opened.clone()), ..moments::moment("still_failing").unwrap() };
        let updated = refusal(name, tell(&sink, &later).await, &server);
        assert_eq!(updated, None);
        let end = Notice { held: Some(opened), ..moments::moment("recovered").unwrap() };
        let closed = tell(&sink, &end).await;
        assert_eq!(
            closed.as_ref().ok().and_then(|receipt| receipt.holding.clone()),
            Some(Holding::Closed),
            "{name}: {closed:?}"
        );
    }
}

async fn open(name: &str, sink: &Arc<dyn Sink>, server: &Server) -> Captured {
    let first = moments::moment("failed").unwrap();
    match tell(sink, &first).await.map(|receipt| receipt.holding) {
        Ok(Some(Holding::Open(captured))) => captured,
        other => panic!("{name}: {other:?} {:?}", server.received().pop()),
    }
}

/// A server that takes everything would show nothing.
#[tokio::test]
async fn no_service_takes_an_empty_object() {
    for behaviour in behaviours().filter(|behaviour| !matches!(behaviour.name, "zapier" | "n8n")) {
        let head = "POST /x HTTP/1.1\r\ncontent-type: application/json".to_owned();
        let asked = Asked::of(&Received { head, body: b"{}".to_vec() });
        let refused = match (behaviour.answer)(&asked) {
            Ok(reply) => reply.body.contains("\"ok\":false") || reply.body.contains("errors"),
            Err(_) => true,
        };
        // Mattermost and Rocket.Chat take an empty message and show nothing.
        assert!(
            refused || matches!(behaviour.name, "mattermost" | "rocketchat" | "alertmanager"),
            "{}",
            behaviour.name
        );
    }
}
