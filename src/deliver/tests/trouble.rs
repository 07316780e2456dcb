//! Whose trouble it is: the sink's, the delivery's, nobody's for long.

use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

#[tokio::test(start_paused = true)]
async fn a_sink_that_is_down_is_probed_by_one_at_a_time_and_gets_all_in_order_afterwards() {
    let stage = Stage::new();
    stage.for_sink("chat", &["a", "b", "c", "d"], 25).await;
    let chat = Puppet::new(|_| Do::Fail(UNAVAILABLE));
    let deliverer = stage.start(plan([outlet("chat", chat.clone(), SinkOptions::default())]));
    eventually("the breaker opens", || state(&deliverer, "chat").state == Condition::BackingOff)
        .await;
    eventually("what was under way is over", || chat.tries().len() >= 8).await;
    chat.now_does(|_| Do::Fail(UNAVAILABLE));
    let before = chat.tries().len();
    eventually("it is probed", || chat.tries().len() >= before + 12).await;
    assert_eq!(chat.most_at_once(), 1);
    let probes = chat.tries()[before + 8..].to_vec();
    assert!(probes.windows(2).all(|two| two[1].at - two[0].at >= Duration::from_secs(23)));
    let probed: std::collections::BTreeSet<String> =
        probes.iter().map(|probe| probe.text.clone()).collect();
    assert!(probed.len() > 1, "the probes go round: {probed:?}");

    let before = chat.tries().len();
    chat.now_does(|_| Do::Take);
    stage.until(DeliveryState::Delivered, 100).await;
    let after = chat.texts()[before..].to_vec();
    assert_in_order(&after);
    assert_eq!(state(&deliverer, "chat").state, Condition::Healthy);
    assert_eq!(stage.journal.sink_troubles().await.unwrap(), vec![]);
    deliverer.shutdown(PATIENCE).await;
}

#[tokio::test(start_paused = true)]
async fn retry_after_holds_the_whole_sink() {
    let stage = Stage::new();
    let fault = Fault::Unavailable { retry_after: Some(Duration::from_secs(300)) };
    let first = AtomicBool::new(true);
    let chat = Puppet::new(move |_| match first.swap(false, Ordering::SeqCst) {
        true => Do::Fail(fault),
        false => Do::Take,
    });
    stage.for_sink("chat", &["a", "b"], 2).await;
    let one = outlet("chat", chat.clone(), options("concurrency: 1"));
    let deliverer = stage.start(plan([one]));
    stage.until(DeliveryState::Delivered, 4).await;
    let tries = chat.tries();
    assert!(tries[1].at - tries[0].at >= Duration::from_secs(300));
    assert_eq!(tries.len(), 5);
    deliverer.shutdown(PATIENCE).await;
}

#[tokio::test(start_paused = true)]
async fn a_suspended_sink_keeps_its_deliveries_and_is_probed_once_an_hour() {
    let stage = Stage::new();
    stage.for_sink("chat", &["a"], 3).await;
    let chat = Puppet::new(|_| Do::Fail(Fault::Suspended));
    let lasting = outlet("chat", chat.clone(), options("give_up: 1ms"));
    let deliverer = stage.start(plan([lasting]));
    eventually("it is probed", || chat.tries().len() >= 4).await;
    let tries = chat.tries();
    for two in tries.windows(2) {
        assert!(two[1].at - two[0].at >= Duration::from_secs(3600));
    }
    assert_eq!(stage.count(DeliveryState::Waiting).await, 3);
    assert_eq!(state(&deliverer, "chat").state, Condition::Suspended);
    deliverer.shutdown(PATIENCE).await;
}

#[tokio::test]
async fn a_suspended_sink_is_tried_at_once_when_a_person_resumes_it() {
    let stage = Stage::new();
    stage.for_sink("chat", &["a"], 3).await;
    let chat = Puppet::new(|_| Do::Fail(Fault::Suspended));
    let deliverer = stage.start(plan([outlet("chat", chat.clone(), SinkOptions::default())]));
    eventually("it is suspended", || state(&deliverer, "chat").state == Condition::Suspended).await;
    assert_eq!(chat.tries().len(), 1);
    assert!(state(&deliverer, "chat").reason.unwrap().contains("as told"));
    chat.now_does(|_| Do::Take);
    assert!(deliverer.resume("chat") && !deliverer.resume("nobody"));
    stage.until(DeliveryState::Delivered, 3).await;
    assert_eq!(chat.texts(), ["a 0", "a 0", "a 1", "a 2"]);
    deliverer.shutdown(PATIENCE).await;
}

#[tokio::test]
async fn a_delivery_is_given_up_with_its_reason() {
    let stage = Stage::new();
    stage.for_sink("chat", &["a"], 1).await;
    let chat = Puppet::new(|_| Do::Fail(UNAVAILABLE));
    let short = outlet("chat", chat.clone(), options("give_up: 1ms"));
    let deliverer = stage.start(plan([short]));
    stage.until(DeliveryState::Dead, 1).await;
    let dead = &stage.all().await[0];
    assert_eq!(dead.reason.as_deref(), Some("given up after 1ms: as told"));
    deliverer.shutdown(PATIENCE).await;
}

#[tokio::test]
async fn a_message_that_fails_while_others_pass_waits_alone() {
    let stage = Stage::new();
    stage.for_sink("chat", &["a", "b", "c"], 10).await;
    let chat = Puppet::new(|this| match this.text == "a 0" {
        true => Do::Fail(UNAVAILABLE),
        false => Do::Take,
    });
    let deliverer = stage.start(plan([outlet("chat", chat.clone(), SinkOptions::default())]));
    stage.until(DeliveryState::Delivered, 20).await;
    let begun = RealInstant::now();
    loop {
        let poison = &stage.all().await[0];
        if poison.due.is_some() {
            assert!(poison.attempts >= 2);
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "{poison:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    eventually("the sink is well", || state(&deliverer, "chat").state == Condition::Healthy).await;
    assert!(!chat.texts().contains(&"a 1".to_owned()), "its lane is held for now");
    deliverer.shutdown(PATIENCE).await;
}

#[tokio::test(start_paused = true)]
async fn a_poisoned_lane_is_passed_after_minutes() {
    let stage = Stage::new();
    stage.for_sink("chat", &["a"], 3).await;
    let chat = Puppet::new(|this| match this.text == "a 0" {
        true => Do::Fail(Fault::Deferred),
        false => Do::Take,
    });
    let deliverer = stage.start(plan([outlet("chat", chat.clone(), SinkOptions::default())]));
    stage.until(DeliveryState::Delivered, 2).await;
    let tries = chat.tries();
    let passed = tries.iter().position(|this| this.text == "a 1").unwrap();
    assert_eq!(passed, 5, "{tries:?}");
    deliverer.shutdown(PATIENCE).await;
}

#[tokio::test(start_paused = true)]
async fn a_message_that_fails_with_nobody_beside_it_is_found_out_by_the_next_of_its_lane() {
    let stage = Stage::new();
    stage.for_sink("chat", &["a"], 3).await;
    let chat = Puppet::new(|this| match this.text == "a 0" {
        true => Do::Fail(UNAVAILABLE),
        false => Do::Take,
    });
    let deliverer = stage.start(plan([outlet("chat", chat.clone(), SinkOptions::default())]));
    stage.until(DeliveryState::Delivered, 2).await;
    let texts = chat.texts();
    let patient = texts.iter().position(|text| text == "a 1").unwrap();
    assert_eq!(patient, 25, "{texts:?}");
    assert_eq!(state(&deliverer, "chat").state, Condition::Healthy);
    deliverer.shutdown(PATIENCE).await;
}

#[tokio::test]
async fn trouble_outlives_a_restart() {
    let mut stage = Stage::new();
    stage.for_sink("chat", &["a"], 2).await;
    let fault = Fault::Unavailable { retry_after: Some(Duration::from_secs(600)) };
    let chat = Puppet::new(move |_| Do::Fail(fault));
    let the_plan = plan([outlet("chat", chat.clone(), SinkOptions::default())]);
    let deliverer = stage.start(the_plan.clone());
    eventually("it backs off", || state(&deliverer, "chat").state == Condition::BackingOff).await;
    deliverer.shutdown(PATIENCE).await;

    stage.restart().await;
    chat.now_does(|_| Do::Take);
    let deliverer = stage.start(the_plan);
    eventually("it remembers", || state(&deliverer, "chat").state == Condition::BackingOff).await;
    eventually("what waits is counted", || state(&deliverer, "chat").waiting == 2).await;
    assert_eq!(chat.tries().len(), 1, "nothing goes before its time");
    deliverer.resume("chat");
    stage.until(DeliveryState::Delivered, 2).await;
    assert_eq!(chat.texts(), ["a 0", "a 0", "a 1"]);
    deliverer.shutdown(PATIENCE).await;
}

#[tokio::test(start_paused = true)]
async fn one_that_never_answers_is_cut_off_and_may_have_arrived() {
    let stage = Stage::new();
    stage.for_sink("chat", &["a"], 1).await;
    let chat = Puppet::new(|this| if this.number == 1 { Do::Hang } else { Do::Take });
    let deliverer = stage.start(plan([outlet("chat", chat.clone(), options("timeout: 5s"))]));
    stage.until(DeliveryState::Delivered, 1).await;
    let id = stage.all().await[0].id;
    let (_, attempts) = stage.journal.delivery(id).await.unwrap().unwrap();
    let reason = attempts[0].reason.as_deref();
    assert_eq!(reason, Some("no answer within 5s (it may have arrived all the same)"));
    deliverer.shutdown(PATIENCE).await;
}
