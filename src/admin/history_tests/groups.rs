//! Groups and incidents.

use super::*;
use crate::admin::DeskError;
use crate::admin::shapes::{GroupDetail, GroupQuery, IncidentQuery, OneGroup};

async fn one(past: &Past, group: &str) -> GroupDetail {
    past.desk.group(OneGroup { group: group.into(), source: None }).await.unwrap()
}

#[tokio::test]
async fn groups_that_fail_stand_first_with_their_runs() {
    let past = Past::begin();
    past.run("a", "PASSED", 0).await;
    past.run("checkout/eu", "PASSED", 1).await;
    past.run("checkout/eu", "FAILED", 2).await;
    past.run("checkout/eu", "FAILED", 3).await;
    past.run("z", "ERROR", 4).await;
    let groups = past.desk.groups(GroupQuery::default()).await.unwrap();
    let names: Vec<&str> = groups.iter().map(|group| &*group.group).collect();
    assert_eq!(names, ["checkout/eu", "z", "a"]);
    let checkout = &groups[0];
    let strip: Vec<&str> = checkout.runs.iter().map(|run| &*run.status).collect();
    assert_eq!(strip, ["PASSED", "FAILED", "FAILED"]);
    assert_eq!((checkout.in_a_row, checkout.failing), (2, Some(true)));
    let since = checkout.since.map(|at| at.as_second());
    assert_eq!(since, Some(checkout.runs[1].finished_at.as_second()));
    assert!(checkout.incident.is_some());

    let named = async |query| -> Vec<String> {
        let groups = past.desk.groups(query).await.unwrap();
        groups.into_iter().map(|group| group.group).collect()
    };
    let filter = |text: &str| GroupQuery { filter: Some(text.into()), ..GroupQuery::default() };
    assert_eq!(named(filter("checkout*")).await, ["checkout/eu"]);
    assert_eq!(named(filter("/[az]/")).await, ["z", "a"]);
    assert_eq!(named(GroupQuery { failing: true, ..GroupQuery::default() }).await.len(), 2);
    assert!(named(GroupQuery { source: Some("x".into()), ..Default::default() }).await.is_empty());
    let broken = past.desk.groups(filter("[a")).await.unwrap_err();
    assert!(matches!(broken, DeskError::Invalid(_)), "{broken}");
}

#[tokio::test]
async fn a_group_shows_whom_its_incident_told_and_what_they_answered() {
    let past = Past::begin();
    past.run("checkout", "FAILED", 0).await;
    past.deliver().await;
    past.run("checkout", "FAILED", 1).await;
    let group = one(&past, "checkout").await;
    assert_eq!(group.labels.unwrap()["team"], "payments");
    assert_eq!(group.failing_statuses.unwrap(), ["FAILED", "ERROR"]);
    assert_eq!(group.events.len(), 2);
    let incident = group.open_incident.unwrap();
    assert_eq!((incident.incident.count, incident.incident.open), (2, true));
    let chat = incident.destinations.iter().find(|there| there.sink == "chat").unwrap();
    assert_eq!((chat.rules.as_slice(), chat.recovery), (["red".to_owned()].as_slice(), true));
    assert_eq!(chat.deliveries.len(), 1, "once an incident");
    let answer = chat.deliveries[0].last_attempt.as_ref().unwrap();
    assert_eq!((answer.status, answer.excerpt.as_deref()), (Some(200), Some("ok")));
    assert!(chat.recoveries.is_empty());
    let missing = past.desk.group(OneGroup { group: "check".into(), source: None }).await;
    assert!(matches!(missing.unwrap_err(), DeskError::NotFound(_)));
}

#[tokio::test]
async fn open_incidents_stand_before_those_that_ended() {
    let past = Past::begin();
    let first = past.run("checkout", "FAILED", 0).await;
    past.deliver().await;
    let recovery = past.run("checkout", "PASSED", 30).await;
    let open = past.run("nightly", "ERROR", 20).await;
    let incidents = past.desk.incidents(IncidentQuery::default()).await.unwrap();
    let ids: Vec<Uuid> = incidents.iter().map(|incident| incident.id).collect();
    assert_eq!(ids, [open, first]);
    assert_eq!(incidents[1].recovered_by, Some(recovery));
    let count = async |query| past.desk.incidents(query).await.unwrap().len();
    assert_eq!(count(IncidentQuery { open: true, ..Default::default() }).await, 1);
    assert_eq!(count(IncidentQuery { limit: 1, ..Default::default() }).await, 1);
    let of = IncidentQuery { group: Some("checkout".into()), ..Default::default() };
    assert_eq!(count(of).await, 1);
    let late = IncidentQuery { since: Some(Timestamp::now()), ..Default::default() };
    assert_eq!(count(late).await, 1, "an open one is never too old");
}

#[tokio::test]
async fn an_incident_shows_the_recovery_that_answers_what_was_told() {
    let past = Past::begin();
    let first = past.run("checkout", "FAILED", 0).await;
    past.deliver().await;
    past.run("checkout", "PASSED", 30).await;
    for id in [first.to_string(), first.to_string()[..13].to_owned()] {
        let detail = past.desk.incident(&id).await.unwrap();
        let chat = detail.destinations.iter().find(|there| there.sink == "chat").unwrap();
        assert_eq!(chat.recoveries.len(), 1);
        assert!(chat.recoveries[0].answers);
        let recovery = past.desk.delivery(chat.recoveries[0].id).await.unwrap();
        assert_eq!(recovery.answered, [chat.deliveries[0].id]);
        assert!(!detail.incident.open);
    }
    let missing = past.desk.incident("00000000-0000-7000").await.unwrap_err();
    assert!(matches!(missing, DeskError::NotFound(_)), "{missing}");
}
