//! What people ask of a running gateway, through the client that the command line uses.

use std::time::Duration;

use uuid::Uuid;

use super::{Folder, Place};
use crate::admin::ClientError;
use crate::journal::{DeliveryFilter, EventFilter};
use crate::model::DeliveryState;

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_shown_with_its_deliveries_and_what_each_rule_says() {
    let place = Place::open(Duration::ZERO).await;
    let gateway = Folder::new(place.address).start().await;
    let body = r#"{"status":"failed","groupName":"nightly","executionId":"exec_1"}"#;
    gateway.post(body).await;
    place.until_got(1).await;
    let client = gateway.client();
    let filter = EventFilter { group: Some("nightly".to_owned()), ..EventFilter::default() };
    let events = client.events(&filter).await.unwrap();
    let detail = client.event(events[0].id).await.unwrap();
    assert_eq!(detail.body, body);
    assert_eq!(detail.event.status.as_deref(), Some("FAILED"));
    assert_eq!(detail.verdicts.as_ref().unwrap()[0].rule, "everything");
    assert_eq!(detail.deliveries[0].rules, ["everything"]);
    let delivery = client.delivery(detail.deliveries[0].id).await.unwrap();
    assert!(delivery.delivery.attempts <= 1);
    let none = EventFilter { group: Some("other".to_owned()), ..EventFilter::default() };
    assert!(client.events(&none).await.unwrap().is_empty());
    gateway.stop().await.1.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_is_a_new_event_under_the_rules_in_force() {
    let place = Place::open(Duration::ZERO).await;
    let gateway = Folder::new(place.address).start().await;
    gateway.post(r#"{"groupName":"again"}"#).await;
    place.until_got(1).await;
    let client = gateway.client();
    let id = client.events(&EventFilter::default()).await.unwrap()[0].id;
    let replayed = client.replay(id).await.unwrap();
    assert_ne!(replayed.id, id);
    place.until_got(2).await;
    assert!(client.event(replayed.id).await.unwrap().event.replay);
    gateway.stop().await.1.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_or_not_understood_is_said() {
    let place = Place::open(Duration::ZERO).await;
    let gateway = Folder::new(place.address).start().await;
    let client = gateway.client();
    let status = |error: ClientError| match error {
        ClientError::Refused { status, error } => (status, error),
        other => panic!("{other}"),
    };
    let unknown = Uuid::from_u128(7);
    assert_eq!(status(client.event(unknown).await.unwrap_err()).0, 404);
    assert_eq!(status(client.delivery(unknown).await.unwrap_err()).0, 404);
    assert_eq!(status(client.replay(unknown).await.unwrap_err()).0, 404);
    let (code, text) = status(client.resume("plaice").await.unwrap_err());
    assert!(code == 404 && text.contains("plaice"), "{text}");
    client.resume("place").await.unwrap();
    let http = reqwest::Client::new();
    let at = |path: &str| format!("http://{}{path}", gateway.admin);
    for body in ["", "[]", r#"{"sinkk":"place"}"#] {
        let retry = http.post(at("/api/v1/deliveries/retry")).body(body);
        assert_eq!(retry.send().await.unwrap().status(), 400, "{body}");
    }
    for path in ["/api/v1/events?sinkk=a", "/api/v1/events?since=soon", "/api/v1/events/7"] {
        assert_eq!(http.get(at(path)).send().await.unwrap().status(), 400, "{path}");
    }
    assert_eq!(http.get(at("/")).send().await.unwrap().status(), 404);
    gateway.stop().await.1.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_a_journal_of_its_own_and_never_overwrites() {
    let place = Place::open(Duration::ZERO).await;
    let gateway = Folder::new(place.address).start().await;
    gateway.post(r#"{"groupName":"kept"}"#).await;
    let (client, copy) = (gateway.client(), gateway.folder.path("copy.db"));
    client.backup(copy.clone()).await.unwrap();
    assert!(client.backup(copy).await.unwrap_err().to_string().contains("already"));
    assert!(client.backup("copy.db".into()).await.unwrap_err().to_string().contains("absolute"));
    assert!(client.check().await.unwrap().damage.is_empty());
    let copied = crate::journal::open("sqlite:copy.db", &gateway.folder.path("")).unwrap();
    assert_eq!(copied.events(EventFilter::default()).await.unwrap().len(), 1);
    copied.close().await;
    gateway.stop().await.1.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_deliveries_are_retried_and_acknowledged_by_filter() {
    // Nobody listens on port 1; a port that was free a moment ago may be another test's by now.
    let closed = std::net::SocketAddr::from(([127, 0, 0, 1], 1));
    let gateway = Folder::new(closed);
    let text = super::everything_to(closed);
    gateway.configure(&text.replace("    http:", "    give_up: 1ms\n    http:"));
    let gateway = gateway.start().await;
    gateway.post(r#"{"groupName":"lost"}"#).await;
    let client = gateway.client();
    let dead = DeliveryFilter { state: Some(DeliveryState::Dead), ..DeliveryFilter::default() };
    let deadline = std::time::Instant::now() + Duration::from_secs(60);
    while client.deliveries(&dead).await.unwrap().is_empty() {
        assert!(std::time::Instant::now() < deadline, "it never dies");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(client.acknowledge(&dead).await.unwrap().changed, 1);
    assert!(client.deliveries(&dead).await.unwrap()[0].seen);
    assert_eq!(client.retry(&dead).await.unwrap().changed, 1);
    gateway.stop().await.1.unwrap();
}
