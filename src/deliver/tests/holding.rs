//! What a sink holds open for an incident: opened once, added to, closed, over restarts and lanes.

use serde_json::json;

use super::*;
use crate::model::{Answers, Duty, RecoveryNote, Standing};

const INCIDENT: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0005);

pub(super) fn duty() -> Duty {
    Duty::of_incident(INCIDENT, "tracker", &BTreeMap::new())
}

fn brief() -> Brief {
    let standing = Some(Standing { incident: Some(INCIDENT), ..Standing::default() });
    Brief { standing, ..Brief::default() }
}

/// A failing run of the incident.
pub(super) fn failure() -> Planned {
    Planned { duty: Some(duty()), ..Planned::new("tracker", brief()) }
}

/// The recovery that is owed for it.
pub(super) fn recovery() -> Planned {
    let brief = Brief { recovery: Some(RecoveryNote::default()), ..brief() };
    let answers = Answers { duty: duty(), conditional: true, supersedes: true };
    Planned { answers: Some(answers), ..Planned::new("tracker", brief) }
}

pub(super) async fn comes(stage: &Stage, group: &str, text: &str, planned: Planned) {
    stage.accepted(&[(group, text)]).await;
    stage.plan(vec![vec![planned]]).await;
}

pub(super) fn captured(number: u64) -> Captured {
    Captured::from([("number".to_owned(), json!(number))])
}

fn opened(number: u64) -> Holding {
    Holding::Open(captured(number))
}

fn tracker(puppet: &Arc<Puppet>) -> Arc<Plan> {
    plan([outlet("tracker", puppet.clone(), SinkOptions::default())])
}

/// What each try was given, by its text.
fn given(puppet: &Puppet) -> Vec<(String, Option<Captured>, Option<String>)> {
    let tries = puppet.tries().into_iter();
    tries.map(|this| (this.text, this.held, this.progress)).collect()
}

fn seen(
    text: &str,
    held: Option<u64>,
    progress: Option<&str>,
) -> (String, Option<Captured>, Option<String>) {
    (text.to_owned(), held.map(captured), progress.map(str::to_owned))
}

#[tokio::test]
async fn what_was_captured_is_given_to_the_later_ones_over_restarts() {
    let mut stage = Stage::new();
    let puppet = Puppet::holding(|this| match (&*this.text, &this.held) {
        ("recovered", Some(_)) => Do::Hold(Holding::Closed),
        (_, None) => Do::Hold(opened(12)),
        (_, Some(_)) => Do::Take,
    });
    let the_plan = tracker(&puppet);
    let steps = [("failed", failure()), ("failed again", failure()), ("recovered", recovery())];
    for (count, (text, planned)) in steps.into_iter().enumerate() {
        let deliverer = stage.start(the_plan.clone());
        comes(&stage, "a", text, planned).await;
        stage.until(DeliveryState::Delivered, count + 1).await;
        deliverer.shutdown(PATIENCE).await;
        stage.restart().await;
    }
    let expected = [
        seen("failed", None, None),
        seen("failed again", Some(12), None),
        seen("recovered", Some(12), None),
    ];
    assert_eq!(given(&puppet), expected);
    assert_eq!(stage.journal.held(duty()).await.unwrap(), None);
    assert_eq!(stage.journal.held_for(INCIDENT).await.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_step_that_was_reached_is_kept_over_a_restart() {
    let mut stage = Stage::new();
    comes(&stage, "a", "failed", failure()).await;
    let stop = Do::Stop(UNAVAILABLE, Some(opened(12)), Some("one step"));
    let puppet = Puppet::holding(move |_| stop.clone());
    let deliverer = stage.start(tracker(&puppet));
    eventually("it is tried", || !puppet.tries().is_empty()).await;
    deliverer.shutdown(PATIENCE).await;
    let before = puppet.tries().len();
    stage.restart().await;
    puppet.now_does(|_| Do::Take);
    let deliverer = stage.start(tracker(&puppet));
    stage.until(DeliveryState::Delivered, 1).await;
    assert_eq!(given(&puppet)[before..], [seen("failed", Some(12), Some("one step"))]);
    deliverer.shutdown(PATIENCE).await;
}

#[tokio::test]
async fn what_is_gone_is_opened_anew_at_once() {
    let stage = Stage::new();
    let puppet = Puppet::holding(|this| match (&*this.text, &this.held) {
        ("a 1", None) => Do::Hold(opened(1)),
        (_, Some(_)) => Do::Stop(Fault::Deferred, Some(Holding::Gone), None),
        (_, None) => Do::Hold(opened(2)),
    });
    let deliverer = stage.start(tracker(&puppet));
    comes(&stage, "a", "a 1", failure()).await;
    comes(&stage, "a", "a 2", failure()).await;
    stage.until(DeliveryState::Delivered, 2).await;
    let expected = [seen("a 1", None, None), seen("a 2", Some(1), None), seen("a 2", None, None)];
    assert_eq!(given(&puppet), expected);
    let thing = stage.journal.held(duty()).await.unwrap().unwrap();
    assert_eq!(thing.captured, captured(2));
    deliverer.shutdown(PATIENCE).await;
}

#[tokio::test]
async fn a_recovery_that_a_rule_of_its_own_tells_finds_what_was_opened() {
    let stage = Stage::new();
    let puppet = Puppet::holding(|this| match &this.held {
        None => Do::Hold(opened(12)),
        Some(_) => Do::Hold(Holding::Closed),
    });
    let deliverer = stage.start(tracker(&puppet));
    comes(&stage, "a", "failed", failure()).await;
    comes(&stage, "a", "recovered", Planned::new("tracker", brief())).await;
    let elsewhere = BTreeMap::from([("project".to_owned(), "OPS".to_owned())]);
    let elsewhere = Planned::new("tracker", Brief { with: elsewhere, ..brief() });
    comes(&stage, "a", "recovered elsewhere", elsewhere).await;
    stage.until(DeliveryState::Delivered, 3).await;
    let given = given(&puppet);
    assert_eq!(
        given[1..],
        [seen("recovered", Some(12), None), seen("recovered elsewhere", None, None),]
    );
    deliverer.shutdown(PATIENCE).await;
}

#[tokio::test(start_paused = true)]
async fn two_of_one_incident_are_never_under_way_at_once_whatever_their_lanes() {
    let stage = Stage::new();
    let puppet = Puppet::holding(|this| match &this.held {
        None => Do::HoldAfter(Duration::from_secs(5), opened(12)),
        Some(_) => Do::Hold(Holding::Closed),
    });
    comes(&stage, "a", "failed", failure()).await;
    // A recovery that a window put off comes in a lane of its own, and knows of no incident.
    let answers = Answers { duty: duty(), conditional: false, supersedes: false };
    let put_off = Planned { answers: Some(answers), ..planned("tracker") };
    comes(&stage, "put off", "recovered", put_off).await;
    comes(&stage, "b", "of another group", planned("tracker")).await;
    let deliverer = stage.start(tracker(&puppet));
    stage.until(DeliveryState::Delivered, 3).await;
    let tries = puppet.tries();
    assert_eq!(tries[2].text, "recovered", "{tries:?}");
    assert_eq!(tries[2].held, Some(captured(12)));
    assert_eq!(tries[2].incident, Some(INCIDENT.to_string()));
    deliverer.shutdown(PATIENCE).await;
}

#[tokio::test(start_paused = true)]
async fn a_lane_that_passes_one_in_trouble_opens_only_one_thing() {
    let stage = Stage::new();
    let puppet = Puppet::holding(|this| match (&*this.text, &this.held) {
        // It has done something, but opened nothing.
        ("a 1", None) => Do::Stop(Fault::Deferred, None, Some("looked it up")),
        (_, None) => Do::Hold(opened(12)),
        (_, Some(_)) => Do::Take,
    });
    comes(&stage, "a", "a 1", failure()).await;
    comes(&stage, "a", "a 2", failure()).await;
    let deliverer = stage.start(tracker(&puppet));
    stage.until(DeliveryState::Delivered, 2).await;
    let given = given(&puppet);
    let passed = given.iter().position(|(text, ..)| text == "a 2").unwrap();
    assert_eq!(given[passed], seen("a 2", None, None));
    assert_eq!(given[1], seen("a 1", None, Some("looked it up")));
    assert_eq!(*given.last().unwrap(), seen("a 1", Some(12), None), "it adds to what is there");
    deliverer.shutdown(PATIENCE).await;
}

#[tokio::test]
async fn what_stands_alone_is_given_nothing_and_keeps_nothing() {
    let stage = Stage::new();
    let puppet = Puppet::holding(|_| Do::Hold(opened(12)));
    let plain = Puppet::new(|_| Do::Take);
    let deliverer = stage.start(plan([
        outlet("tracker", puppet.clone(), SinkOptions::default()),
        outlet("plain", plain.clone(), SinkOptions::default()),
    ]));
    comes(&stage, "a", "a digest", planned("tracker")).await;
    comes(&stage, "a", "failed", failure()).await;
    let to_plain = Planned { sink: "plain".to_owned(), ..failure() };
    comes(&stage, "a", "to a sink that holds nothing", to_plain).await;
    stage.until(DeliveryState::Delivered, 3).await;
    comes(&stage, "a", "another digest", planned("tracker")).await;
    stage.until(DeliveryState::Delivered, 4).await;
    assert_eq!(given(&puppet)[2], seen("another digest", None, None));
    assert_eq!(plain.tries()[0].held, None);
    assert_eq!(stage.journal.held_for(INCIDENT).await.unwrap().len(), 1);
    deliverer.shutdown(PATIENCE).await;
}

#[tokio::test]
async fn a_dead_one_that_is_put_back_after_the_end_is_opened_and_closed() {
    let stage = Stage::new();
    let puppet = Puppet::holding(|_| Do::Fail(Fault::Refused));
    let deliverer = stage.start(tracker(&puppet));
    comes(&stage, "a", "failed", failure()).await;
    stage.until(DeliveryState::Dead, 1).await;
    comes(&stage, "a", "recovered", recovery()).await;
    stage.until(DeliveryState::Cancelled, 1).await;
    puppet.now_does(|this| match &this.held {
        None => Do::Hold(opened(12)),
        Some(_) => Do::Hold(Holding::Closed),
    });
    stage.journal.retry(DeliveryFilter::default()).await.unwrap();
    stage.until(DeliveryState::Delivered, 2).await;
    let given = given(&puppet);
    assert_eq!(given[1..], [seen("failed", None, None), seen("recovered", Some(12), None)]);
    assert_eq!(stage.journal.held(duty()).await.unwrap(), None);
    deliverer.shutdown(PATIENCE).await;
}

#[tokio::test(start_paused = true)]
async fn what_a_dead_one_had_opened_is_closed_by_the_recovery() {
    let stage = Stage::new();
    let puppet = Puppet::holding(|this| match &*this.text {
        "failed" => Do::Stop(Fault::Refused, Some(opened(12)), Some("one step")),
        _ => Do::Hold(Holding::Closed),
    });
    let deliverer = stage.start(tracker(&puppet));
    comes(&stage, "a", "failed", failure()).await;
    stage.until(DeliveryState::Dead, 1).await;
    comes(&stage, "a", "recovered", recovery()).await;
    stage.until(DeliveryState::Delivered, 1).await;
    assert_eq!(given(&puppet)[1], seen("recovered", Some(12), None));
    deliverer.shutdown(PATIENCE).await;
}
