//! Order within a lane, turns between lanes, sinks that don't disturb each other.

use std::collections::HashMap;

use agnox_bridge_sinks::kind::Pace;
use proptest::prelude::*;

use super::*;

#[tokio::test]
async fn lanes_keep_their_order_and_take_turns() {
    let stage = Stage::new();
    stage.for_sink("chat", &["deep"], 500).await;
    stage.for_sink("chat", &["a", "b"], 20).await;
    let chat = Puppet::willing();
    let deliverer = stage.start(plan([outlet("chat", chat.clone(), SinkOptions::default())]));
    stage.until(DeliveryState::Delivered, 540).await;
    let texts = chat.texts();
    assert_eq!(texts.len(), 540);
    assert_in_order(&texts);
    let last_of_a = texts.iter().rposition(|text| text.starts_with("a ")).unwrap();
    assert!(last_of_a < 200, "the deep group starved the others: {last_of_a}");
    deliverer.shutdown(PATIENCE).await;
}

#[tokio::test]
async fn a_lane_has_one_in_flight_and_a_sink_no_more_than_its_concurrency() {
    let stage = Stage::new();
    stage.for_sink("chat", &["a", "b", "c", "d", "e"], 20).await;
    let chat = Puppet::willing();
    let three = outlet("chat", chat.clone(), options("concurrency: 3"));
    let deliverer = stage.start(plan([three]));
    stage.until(DeliveryState::Delivered, 100).await;
    assert!((1..=3).contains(&chat.most_at_once()), "{}", chat.most_at_once());
    assert_in_order(&chat.texts());
    deliverer.shutdown(PATIENCE).await;
}

#[tokio::test]
async fn one_that_hangs_holds_up_neither_other_lanes_nor_other_sinks() {
    let stage = Stage::new();
    let hanging = Puppet::new(|this| if this.text == "a 0" { Do::Hang } else { Do::Take });
    let stuck = Puppet::new(|_| Do::Hang);
    let well = Puppet::willing();
    stage.for_sink("hanging", &["a", "b"], 10).await;
    stage.for_sink("stuck", &["a", "b"], 10).await;
    stage.for_sink("well", &["a", "b"], 10).await;
    let deliverer = stage.start(plan([
        outlet("hanging", hanging.clone(), SinkOptions::default()),
        outlet("stuck", stuck, SinkOptions::default()),
        outlet("well", well, SinkOptions::default()),
    ]));
    stage.until(DeliveryState::Delivered, 30).await;
    assert_eq!(hanging.texts().iter().filter(|text| text.starts_with("a ")).count(), 1);
    assert_eq!(state(&deliverer, "stuck").in_flight, 2);
    deliverer.shutdown(Duration::ZERO).await;
}

#[tokio::test(start_paused = true)]
async fn a_paced_sink_gets_no_more_than_its_rate() {
    let stage = Stage::new();
    stage.for_sink("chat", &["a", "b", "c"], 5).await;
    let chat = Puppet::willing();
    let deliverer = stage.start(plan([outlet("chat", chat.clone(), options("rate: 2/10s"))]));
    stage.until(DeliveryState::Delivered, 15).await;
    for three in chat.tries().windows(3) {
        assert!(three[2].at - three[0].at >= Duration::from_secs(10));
    }
    deliverer.shutdown(PATIENCE).await;
}

#[tokio::test(start_paused = true)]
async fn a_sink_is_sent_the_burst_that_its_service_takes_and_then_its_rate() {
    let stage = Stage::new();
    let groups: Vec<String> = (0..8).map(|n| format!("g{n}")).collect();
    let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
    stage.for_sink("push", &groups, 1).await;
    let push = Puppet::willing();
    let known = Pace { rate: Some((1, Duration::from_secs(5))), burst: Some(6), concurrency: None };
    let deliverer = stage.start(plan([known_as(known, push.clone(), SinkOptions::default())]));
    stage.until(DeliveryState::Delivered, 8).await;
    let tries = push.tries();
    let since = |n: usize| tries[n].at - tries[0].at;
    assert!(since(5) < Duration::from_secs(5), "{:?}", since(5));
    assert!(since(6) >= Duration::from_secs(5) && since(7) >= Duration::from_secs(10));
    deliverer.shutdown(PATIENCE).await;
}

#[tokio::test(start_paused = true)]
async fn a_burst_that_is_spent_stays_spent_over_a_reload() {
    let stage = Stage::new();
    stage.for_sink("push", &["a", "b", "c"], 1).await;
    let push = Puppet::willing();
    let known =
        Pace { rate: Some((1, Duration::from_secs(30))), burst: Some(2), concurrency: None };
    let fresh = || plan([known_as(known, push.clone(), SinkOptions::default())]);
    let deliverer = stage.start(fresh());
    eventually("the burst is spent", || push.tries().len() >= 2).await;
    deliverer.replace(fresh());
    stage.until(DeliveryState::Delivered, 3).await;
    let tries = push.tries();
    assert!(tries[2].at - tries[0].at >= Duration::from_secs(30));
    deliverer.shutdown(PATIENCE).await;
}

#[tokio::test]
async fn a_services_concurrency_is_kept_unless_a_person_says_otherwise() {
    let known = Pace { rate: None, burst: None, concurrency: Some(2) };
    for (options, most) in [("{}", 2), ("concurrency: 5", 5)] {
        let stage = Stage::new();
        stage.for_sink("push", &["a", "b", "c", "d", "e", "f"], 1).await;
        let push = Puppet::new(|_| Do::Hang);
        let options = self::options(options);
        let deliverer = stage.start(plan([known_as(known, push.clone(), options)]));
        let under_way = || (state(&deliverer, "push").in_flight, push.tries().len());
        eventually("so many are under way", || under_way() == (most, most)).await;
        deliverer.shutdown(Duration::ZERO).await;
    }
}

/// The outlet `push`, whose service is known to take messages at this pace.
fn known_as(pace: Pace, sink: Arc<Puppet>, options: SinkOptions) -> Arc<Outlet> {
    let (name, kind) = ("push".to_owned(), "puppet".to_owned());
    Arc::new(Outlet { name, kind, pace, sink, options })
}

#[tokio::test]
async fn what_is_decided_while_a_backlog_waits_has_its_turn_too() {
    let stage = Stage::new();
    stage.for_sink("chat", &["deep"], 3_000).await;
    let chat = Puppet::willing();
    let deliverer = stage.start(plan([outlet("chat", chat.clone(), SinkOptions::default())]));
    stage.for_sink("chat", &["fresh"], 1).await;
    let fresh = || chat.texts().iter().position(|text| text == "fresh 0");
    eventually("the fresh one goes", || fresh().is_some()).await;
    assert!(fresh().unwrap() < 2_900, "{:?}", fresh());
    deliverer.shutdown(PATIENCE).await;
}

/// What a sink does with the tries of one delivery, in order; then it takes it.
fn hurdles() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(0..5_u8, 0..3)
}

fn hurdle(number: u8) -> Do {
    match number {
        0 => Do::Fail(UNAVAILABLE),
        1 => Do::Fail(Fault::Unavailable { retry_after: Some(Duration::from_secs(40)) }),
        2 => Do::Fail(Fault::Deferred),
        3 => Do::Fail(Fault::Refused),
        _ => Do::Panic,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn every_delivery_ends_exactly_once_and_in_its_lanes_order(
        all in prop::collection::vec(hurdles(), 1..25),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(ends_once_and_in_order(all));
    }
}

async fn ends_once_and_in_order(all: Vec<Vec<u8>>) {
    let stage = Stage::new();
    let groups = ["a", "b", "c"];
    let text = |n: usize| format!("{} {n}", groups[n % groups.len()]);
    let events: Vec<(&str, String, &[&str])> =
        (0..all.len()).map(|n| (groups[n % groups.len()], text(n), &["chat"][..])).collect();
    stage.decided(&events).await;
    let plans: HashMap<String, Vec<u8>> =
        all.iter().enumerate().map(|(n, hurdles)| (text(n), hurdles.clone())).collect();
    let chat = Puppet::new(move |this: &Try| {
        plans[&this.text].get(this.number as usize - 1).map_or(Do::Take, |number| hurdle(*number))
    });
    let deliverer = stage.start(plan([outlet("chat", chat.clone(), SinkOptions::default())]));
    stage.until(DeliveryState::Waiting, 0).await;
    deliverer.shutdown(PATIENCE).await;

    for (delivery, hurdles) in stage.all().await.iter().zip(&all) {
        let refused = hurdles.iter().position(|number| *number == 3);
        let tries = refused.map_or(hurdles.len() + 1, |at| at + 1);
        let end = if refused.is_some() { DeliveryState::Dead } else { DeliveryState::Delivered };
        assert_eq!((delivery.state, delivery.attempts as usize), (end, tries));
    }
    assert_in_order(&chat.texts());
}
