//! One event with the account of its decision.

use super::*;
use crate::model::memory::OWN_SOURCE;
use crate::model::{
    Absence, Decision, Digest, DigestKind, OwnEvent, OwnMessage, Patch, Transition,
};
use crate::route::Finding;

#[tokio::test]
async fn an_event_keeps_the_account_of_its_decision() {
    let past = Past::begin();
    past.run("checkout", "FAILED", 0).await;
    past.run("checkout", "FAILED", 1).await;
    let third = past.run("checkout", "FAILED", 2).await;
    past.run("checkout", "PASSED", 3).await;
    let detail = past.desk.event(third).await.unwrap();
    let account = detail.account.unwrap();
    assert_eq!(account.config_version, "v1");
    assert_eq!(account.standing.transition, Some(Transition::StillFailing));
    let rules: Vec<&str> = account.matched.iter().map(|matched| &*matched.rule).collect();
    assert_eq!(rules, ["red", "all of checkout", "third"]);
    assert_eq!(account.matched[0].held[0].why, Absence::Repeat);
    let same = Absence::SameDestination { rule: "all of checkout".into() };
    assert_eq!(account.matched[2].held[0].why, same);
    assert_eq!(detail.incident.unwrap().told[0].rule, "red");
    let verdicts = detail.verdicts.unwrap();
    let matched = verdicts
        .iter()
        .filter(|verdict| verdict.rule != "report")
        .all(|v| matches!(v.finding, Finding::Matched { .. }));
    assert!(matched, "the rules are asked against the history of then: {verdicts:?}");
}

#[tokio::test]
async fn a_message_of_the_bridges_own_says_what_it_tells() {
    let past = Past::begin();
    let digest = Digest {
        kind: DigestKind::Digest,
        rule: "morning".into(),
        window: None,
        by: None,
        since: past.began,
        until: past.began,
        runs: 3,
        groups: 1,
        rows: vec![],
        more: 2,
    };
    let own = OwnMessage {
        sink: "mail".into(),
        with: Default::default(),
        words: None,
        labels: Default::default(),
        duty: None,
        digest,
    };
    let body = json!({ "event": "bridge.digest", "bridge": own }).to_string().into_bytes();
    let event = OwnEvent { source: OWN_SOURCE.into(), at: past.began, body };
    let patch = Patch { events: vec![event], ..Patch::default() };
    past.journal.decide(vec![], patch).await.unwrap();
    let event = past.journal.undecided(1).await.unwrap().remove(0);
    let decision = Decision {
        event: event.seq,
        planned: vec![],
        unmatched: false,
        parked: None,
        account: None,
    };
    past.journal.decide(vec![decision], Patch::default()).await.unwrap();
    let detail = past.desk.event(event.id).await.unwrap();
    assert_eq!(detail.own.unwrap(), own);
    assert!(detail.verdicts.is_none(), "no rule is asked about it");
}
