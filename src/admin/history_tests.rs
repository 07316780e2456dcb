//! Groups, incidents, silences and accounts, over runs that real rules decided and a real journal
//! keeps.

use std::net::TcpListener;
use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use uuid::Uuid;

use super::shapes::{
    GroupQuery, IncidentQuery, NewSilence, OneGroup, SilenceState, SilenceView,
};
use super::{AdminClient, ClientError, Desk, DeskError, Guard, Rules, listen};
use crate::config::{self, LoadOptions};
use crate::journal::{self, Arrival, DeliveryFilter, Journal};
use crate::model::memory::{OWN_SOURCE, group_name};
use crate::model::{
    Absence, AttemptRecord, Decision, DeliveryState, Digest, DigestKind, Event, GroupKey, Outcome,
    OwnEvent, OwnMessage, Patch, Reading, Settlement, Silence, Then, Transition,
};
use crate::route::{Finding, Router, State};

const CONFIG: &str = r#"
journal: {url: "sqlite:journal.db"}
sources: {main: {secret: whsec_c2VjcmV0LW9mLXRoZS1oaXN0b3J5LXRlc3Rz}}
groups:
  - {match: "checkout*", labels: {team: payments}}
  - {match: "*", failing: [FAILED, ERROR]}
sinks: {chat: {console: {}}, mail: {console: {}}}
rules:
  - {name: red, when: {status: [FAILED, ERROR]}, send: chat, once_per: incident, send_recovery: true}
  - {name: all of checkout, when: {group: "checkout*", status: [FAILED, ERROR]}, send: mail}
  - {name: third, when: {failures_in_a_row: ">= 3"}, send: mail}
"#;

/// A journal, the rules, and a desk over both.
struct Past {
    journal: Arc<dyn Journal>,
    router: Arc<Router>,
    desk: Arc<Desk>,
    began: Timestamp,
    _folder: tempfile::TempDir,
}

impl Past {
    fn begin() -> Past {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bridge.yaml");
        std::fs::write(&file, CONFIG).unwrap();
        let loaded = config::load(&file, &LoadOptions::default()).map_err(|e| e.to_string());
        let router = Arc::new(loaded.unwrap().router.versioned("v1"));
        let journal = journal::open("sqlite:journal.db", folder.path()).unwrap();
        let rules = Rules { router: Some(router.clone()), ..Rules::default() };
        let rules = Arc::new(ArcSwap::from_pointee(rules));
        let desk = Arc::new(Desk::new(journal.clone(), rules, None));
        let began = Timestamp::now() - SignedDuration::from_hours(10);
        Past { journal, router, desk, began, _folder: folder }
    }

    /// A run that finishes so many minutes after the beginning, decided.
    async fn run(&self, group: &str, status: &str, minute: i64) -> Uuid {
        let at = self.began + SignedDuration::from_mins(minute);
        let body = json!({
            "event": "execution.finished", "executionId": format!("exec_{minute}"),
            "status": status, "groupName": group, "finishedAt": at.to_string(),
        });
        let body: Arc<[u8]> = body.to_string().into_bytes().into();
        let reading = Reading::of(&body);
        let arrival = Arrival { source: "main".into(), received_at: at, body, reading };
        let id = self.journal.accept(arrival).await.unwrap().id;
        self.decide().await;
        id
    }

    async fn decide(&self) {
        for event in self.journal.undecided(100).await.unwrap() {
            let mut state = State::default();
            state.set_silences(self.journal.silences().await.unwrap());
            let key = key(&event);
            let memos = self.journal.recall(vec![group_name(&key)]).await.unwrap();
            state.learn(key, memos.first()).unwrap();
            let decision = self.router.decide(&event, &mut state);
            self.journal.decide(vec![decision], state.take_patch()).await.unwrap();
        }
    }

    /// Delivers all that waits.
    async fn deliver(&self) {
        let filter =
            DeliveryFilter { state: Some(DeliveryState::Waiting), limit: 1000, ..Default::default() };
        for delivery in self.journal.deliveries(filter).await.unwrap() {
            let attempt = AttemptRecord {
                number: 1,
                at: delivery.created_at,
                latency_ms: 3,
                outcome: Outcome::Delivered,
                status: Some(200),
                reason: None,
                excerpt: Some("ok".into()),
                maybe_arrived: false,
            };
            let then = Then::Delivered;
            let settlement = Settlement { delivery: delivery.seq, attempt: Some(attempt), then };
            self.journal.settle(vec![settlement]).await.unwrap();
        }
    }
}

fn key(event: &Event) -> GroupKey {
    GroupKey { source: event.source.clone(), group: event.reading.group.clone() }
}

fn checkout() -> NewSilence {
    NewSilence {
        group: Some("checkout*".into()),
        end: Some(Timestamp::now() + SignedDuration::from_hours(1)),
        author: "anna".into(),
        ..NewSilence::default()
    }
}

async fn one(past: &Past, group: &str) -> super::shapes::GroupDetail {
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
    let matched = verdicts.iter().all(|v| matches!(v.finding, Finding::Matched { .. }));
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
    let decision =
        Decision { event: event.seq, planned: vec![], unmatched: false, parked: None, account: None };
    past.journal.decide(vec![decision], Patch::default()).await.unwrap();
    let detail = past.desk.event(event.id).await.unwrap();
    assert_eq!(detail.own.unwrap(), own);
    assert!(detail.verdicts.is_none(), "no rule is asked about it");
}

#[tokio::test]
async fn a_preview_says_what_a_silence_would_have_held_back_and_stores_nothing() {
    let past = Past::begin();
    past.run("checkout", "FAILED", 0).await;
    past.run("checkout", "FAILED", 1).await;
    past.run("checkout", "PASSED", 2).await;
    past.run("other", "FAILED", 3).await;
    let preview = past.desk.preview(checkout()).await.unwrap();
    assert_eq!((preview.events, preview.complete), (3, true), "{preview:?}");
    assert_eq!(preview.messages, 4, "chat and mail, mail, and the recovery");
    assert_eq!(preview.newest[1].sinks, ["mail"]);
    let mail = NewSilence { sink: Some("mail".into()), ..checkout() };
    assert_eq!(past.desk.preview(mail).await.unwrap().messages, 2);
    let all = NewSilence { group: None, everything: true, ..checkout() };
    assert_eq!(past.desk.preview(all).await.unwrap().messages, 5);
    assert!(past.desk.silences().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_silence_holds_back_and_says_so_until_it_is_ended() {
    let past = Past::begin();
    let early = NewSilence { start: Some(past.began), ..checkout() };
    let SilenceView { silence, state } = past.desk.silence(early).await.unwrap();
    assert_eq!(state, SilenceState::Active);
    let quiet = past.run("checkout", "FAILED", 1).await;
    let detail = past.desk.event(quiet).await.unwrap();
    assert!(detail.deliveries.is_empty());
    let why = Absence::Silenced { silence: silence.id };
    assert_eq!(detail.account.unwrap().matched[0].held[0].why, why);
    assert_eq!(detail.silences[0].author, "anna");

    let ended = past.desk.expire(&silence.id.to_string()).await.unwrap();
    assert_eq!(ended.state, SilenceState::Ended);
    let again = past.desk.expire(&silence.id.to_string()).await.unwrap_err();
    assert!(matches!(again, DeskError::Conflict(_)), "{again}");
    let coming = Timestamp::now() + SignedDuration::from_mins(30);
    past.desk.silence(NewSilence { start: Some(coming), ..checkout() }).await.unwrap();
    let states: Vec<_> = past.desk.silences().await.unwrap().iter().map(|s| s.state).collect();
    assert_eq!(states, [SilenceState::Ended, SilenceState::Coming]);
}

#[tokio::test]
async fn a_silence_that_makes_no_sense_is_refused() {
    let past = Past::begin();
    let past_end = Some(Timestamp::now() - SignedDuration::from_hours(1));
    for (new, named) in [
        (NewSilence { group: None, ..checkout() }, "nothing says what"),
        (NewSilence { everything: true, ..checkout() }, "leave out either"),
        (NewSilence { end: None, ..checkout() }, "when the silence ends"),
        (NewSilence { end: past_end, ..checkout() }, "over before it begins"),
        (NewSilence { group: Some("[a".into()), ..checkout() }, "group: "),
        (NewSilence { labels: [("team".into(), "/(/".into())].into(), ..checkout() }, "labels.team"),
    ] {
        let refused = past.desk.silence(new.clone()).await.unwrap_err();
        assert!(matches!(&refused, DeskError::Invalid(why) if why.contains(named)), "{refused}");
        assert!(past.desk.preview(new).await.is_err(), "a preview refuses the same");
    }
    let unending = NewSilence { end: None, until_recovery: true, ..checkout() };
    past.desk.silence(unending).await.unwrap();
    assert_eq!(past.journal.silences().await.unwrap().len(), 1);
}

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
    for query in ["groups?falling=true", "group?group=a&sauce=x", "group", "incidents?opened=true"] {
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
