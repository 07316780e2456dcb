//! The same over HTTP.

use std::net::TcpListener;

use super::*;
use crate::admin::shapes::{GroupQuery, IncidentQuery, OneGroup, SilenceState};
use crate::admin::{AdminClient, ClientError, Guard, listen};
use crate::model::Silence;

#[tokio::test(flavor = "multi_thread")]
async fn the_api_answers_as_the_desk_does_and_refuses_what_is_misspelt() {
    rustls::crypto::ring::default_provider().install_default().ok();
    let past = Past::begin();
    let first = past.run("checkout/eu ü&x", "FAILED", 0).await;
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = socket.local_addr().unwrap().to_string();
    let _listening = listen(socket, past.desk.clone(), Guard::new("127.0.0.1", None)).unwrap();
    let client = AdminClient::new(&at, None).unwrap();

    let failing = GroupQuery { failing: true, ..GroupQuery::default() };
    assert_eq!(client.groups(&failing).await.unwrap().len(), 1);
    let which = OneGroup { group: "checkout/eu ü&x".into(), source: Some("main".into()) };
    assert_eq!(client.group(&which).await.unwrap().events.len(), 1);
    let query = IncidentQuery { since: Some(past.began), ..IncidentQuery::default() };
    assert_eq!(client.incidents(&query).await.unwrap()[0].id, first);
    let detail = client.incident(&first.to_string()[..18]).await.unwrap();
    assert_eq!(detail.destinations.len(), 2);
    assert!(client.event(first).await.unwrap().account.is_some());
    assert_eq!(client.preview(&checkout()).await.unwrap().messages, 2);
    let added = client.silence(&checkout()).await.unwrap().silence;
    assert_eq!(client.silences().await.unwrap()[0].silence, added);
    assert_eq!(client.expire(&added.id.to_string()).await.unwrap().state, SilenceState::Ended);
    let gone = client.incident("ffffffff").await.unwrap_err();
    assert!(matches!(gone, ClientError::Refused { status: 404, .. }), "{gone}");

    let http = reqwest::Client::new();
    for query in ["groups?falling=true", "group?group=a&sauce=x", "group", "incidents?opened=true"]
    {
        let answer = http.get(format!("http://{at}/api/v1/{query}")).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{query}");
    }
    for body in [r#"{"groop":"x","until_recovery":true}"#, "[]", ""] {
        let post = http.post(format!("http://{at}/api/v1/silences")).body(body);
        assert_eq!(post.send().await.unwrap().status(), 400, "{body}");
    }
    let silences: Vec<Silence> = past.journal.silences().await.unwrap();
    assert_eq!(silences.len(), 1);
}
