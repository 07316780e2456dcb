//! What deciding remembers, and what is kept of incidents, accounts and silences.

use crate::model::{
    Account, Ended, GroupKey, Incident, Match, Memo, OwnEvent, Silence, memory::OWN_SOURCE,
};

use super::*;

fn memo(name: &str, value: &str) -> Memo {
    Memo { name: name.into(), due: None, value: value.into() }
}

fn puts(put: Vec<Memo>) -> Patch {
    Patch { put, ..Patch::default() }
}

pub(crate) async fn memory_is_put_changed_forgotten_and_survives_a_restart(place: &Place) {
    let journal = place.open();
    let timer = Memo { due: Some(at(60)), ..memo("throttle\u{1f}red", "1") };
    let group = memo("group\u{1f}main\u{1f}checkout", "1");
    journal.decide(vec![], puts(vec![group.clone(), timer.clone()])).await.unwrap();
    let changed = memo(&group.name, "2");
    let patch = Patch { forget: vec!["nobody".into()], ..puts(vec![changed.clone()]) };
    journal.decide(vec![], patch).await.unwrap();
    journal.close().await;
    let journal = place.open();
    let names = || vec![timer.name.clone(), "unknown".to_owned(), group.name.clone()];
    assert_eq!(journal.recall(names()).await.unwrap(), [timer.clone(), changed.clone()]);
    let undue = Memo { due: None, ..timer.clone() };
    let patch = Patch { forget: vec![group.name.clone()], ..puts(vec![undue.clone()]) };
    journal.decide(vec![], patch).await.unwrap();
    assert_eq!(journal.recall(names()).await.unwrap(), [undue]);
}

pub(crate) async fn names_may_hold_anything_and_be_long(place: &Place) {
    let journal = place.open();
    let long = "x".repeat(1 << 20);
    let texts = ["", "a\0b", "a\0c", "a", "a\u{1f}", "ünï ✓\n", "%_*'\"", &long];
    let mut all: Vec<Memo> = texts.iter().map(|name| memo(name, &format!("{name:.9}"))).collect();
    all.push(memo(&format!("{long}y"), "longer"));
    journal.decide(vec![], puts(all.clone())).await.unwrap();
    journal.decide(vec![], puts(all.clone())).await.unwrap();
    let names = all.iter().map(|memo| memo.name.clone()).collect();
    assert_eq!(journal.recall(names).await.unwrap(), all);
    all.sort_by(|one, other| one.name.cmp(&other.name));
    assert_eq!(journal.recall_all("", true).await.unwrap(), all);
}

pub(crate) async fn memory_is_listed_by_how_names_begin(place: &Place) {
    let journal = place.open();
    let names =
        ["due\u{1f}a", "group", "group\u{1f}", "group\u{1f}a", "group\u{1f}é", "group ", "h"];
    let put = names.iter().rev().map(|name| memo(name, "1")).collect();
    journal.decide(vec![], puts(put)).await.unwrap();
    let groups = journal.recall_all("group\u{1f}", true).await.unwrap();
    let others = journal.recall_all("group\u{1f}", false).await.unwrap();
    let names = |memos: Vec<Memo>| memos.into_iter().map(|memo| memo.name).collect::<Vec<_>>();
    assert_eq!(names(groups), ["group\u{1f}", "group\u{1f}a", "group\u{1f}é"]);
    assert_eq!(names(others), ["due\u{1f}a", "group", "group ", "h"]);
}

pub(crate) async fn a_decision_and_its_memory_are_kept_together_or_not_at_all(place: &Place) {
    let journal = place.open();
    journal.accept(run("checkout", 1)).await.unwrap();
    let event = journal.undecided(1).await.unwrap()[0].seq;
    let patch = || puts(vec![memo("group\u{1f}main\u{1f}checkout", "1")]);
    let wrong = vec![decision(EventSeq(event.0 + 7), &["chat"])];
    assert!(journal.decide(wrong, patch()).await.is_err());
    assert!(journal.recall_all("", true).await.unwrap().is_empty());
    journal.decide(vec![decision(event, &["chat"])], patch()).await.unwrap();
    assert_eq!(journal.recall_all("", true).await.unwrap().len(), 1);
    assert!(journal.undecided(1).await.unwrap().is_empty());
}

pub(crate) async fn an_event_of_the_bridges_own_is_stored_once_and_to_be_decided(place: &Place) {
    let journal = place.open();
    let body = br#"{"event":"bridge.digest","groupName":"digest","status":"FAILED"}"#.to_vec();
    let own = OwnEvent { source: OWN_SOURCE.into(), at: at(77), body: body.clone() };
    let patch = || Patch { events: vec![own.clone()], ..Patch::default() };
    let woken = journal.signals().events.notified();
    journal.decide(vec![], patch()).await.unwrap();
    woken.await;
    journal.decide(vec![], patch()).await.unwrap();
    let here = journal.undecided(10).await.unwrap();
    journal.close().await;
    let there = place.open().undecided(10).await.unwrap();
    for events in [here, there] {
        assert_eq!(events.len(), 1);
        assert_eq!((&*events[0].source, events[0].received_at), (OWN_SOURCE, at(77)));
        assert_eq!(events[0].reading, Reading::of(&body));
    }
}

pub(crate) async fn an_account_is_kept_with_its_event_and_goes_with_it(place: &Place) {
    let journal = place.open();
    let id = journal.accept(run("checkout", 1)).await.unwrap().id;
    let event = journal.undecided(1).await.unwrap()[0].seq;
    let matched = vec![Match { rule: "red \"one\"".into(), ..Match::default() }];
    let account = Account { version: "3f2a".into(), matched, ..Account::default() };
    let decision = Decision { account: Some(account.clone()), ..decision(event, &[]) };
    journal.decide(vec![decision], Patch::default()).await.unwrap();
    journal.close().await;
    let journal = place.open();
    let fate = journal.fate(id).await.unwrap().unwrap();
    assert_eq!(fate, Fate { decided: true, account: Some(account), ..Fate::default() });
    assert_eq!(journal.prune(later(at(0))).await.unwrap(), 1);
    assert_eq!(journal.fate(id).await.unwrap(), None);
    assert_eq!(journal.verify().await.unwrap(), Vec::<String>::new());
}

/// An incident that ended then.
pub(crate) fn incident(number: u128, ended: Timestamp) -> Incident {
    Incident {
        id: Uuid::from_u128(number),
        key: GroupKey { source: "main".into(), group: "checkout".into() },
        opened_at: at(0),
        last_event: Uuid::from_u128(number + 100),
        last_at: at(1),
        status: "FAILED".into(),
        count: 3,
        told: Vec::new(),
        ended: Some(Ended { at: ended, event: Uuid::from_u128(number + 200) }),
    }
}

pub(crate) async fn ended_incidents_are_listed_newest_first(place: &Place) {
    let journal = place.open();
    let [old, young, mut other] = [3, 9, 5].map(|number| incident(number as u128, at(number)));
    other.key.source = "partner".into();
    let ended = vec![young.clone(), old.clone(), other.clone()];
    journal.decide(vec![], Patch { ended, ..Patch::default() }).await.unwrap();
    journal.close().await;
    let journal = place.open();
    let all = IncidentFilter::default;
    let main = Some("main".to_owned());
    for (filter, expected) in [
        (all(), vec![&young, &other, &old]),
        (IncidentFilter { limit: 1, ..all() }, vec![&young]),
        (IncidentFilter { source: main, ..all() }, vec![&young, &old]),
        (IncidentFilter { group: Some("check*".into()), ..all() }, vec![]),
        (
            IncidentFilter { group: Some("checkout".into()), since: Some(at(5)), ..all() },
            vec![&young, &other],
        ),
    ] {
        let found = journal.ended_incidents(filter).await.unwrap();
        assert_eq!(found.iter().collect::<Vec<_>>(), expected);
    }
    assert_eq!(journal.ended_incident(other.id).await.unwrap(), Some(other));
    assert_eq!(journal.ended_incident(unknown()).await.unwrap(), None);
}

pub(crate) async fn silences_are_stored_replaced_and_told_to_who_decides(place: &Place) {
    let journal = place.open();
    let silence = |number: u128, start| Silence {
        id: Uuid::from_u128(number),
        group: Some("night*".into()),
        start: at(start),
        comment: "moving house".into(),
        ..Silence::default()
    };
    let woken = journal.signals().events.notified();
    journal.silence(silence(1, 50)).await.unwrap();
    woken.await;
    journal.silence(silence(2, 10)).await.unwrap();
    let ended = Silence { end: Some(at(60)), ..silence(1, 50) };
    journal.silence(ended.clone()).await.unwrap();
    assert_eq!(journal.signals().silences.load(std::sync::atomic::Ordering::Acquire), 3);
    journal.close().await;
    assert_eq!(place.open().silences().await.unwrap(), [silence(2, 10), ended]);
}
