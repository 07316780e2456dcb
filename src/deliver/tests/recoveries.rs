//! A failure and the recovery that answers it: both, one message for both, or none.

use super::*;
use crate::model::{Answers, Duty, RecoveryNote};

const DUTY: Duty = Duty(7);

fn failure() -> Planned {
    Planned { duty: Some(DUTY), ..planned("chat") }
}

fn recovery() -> Planned {
    let brief = Brief { recovery: Some(RecoveryNote::default()), ..Brief::default() };
    let answers = Answers { duty: DUTY, conditional: true, supersedes: true };
    Planned { answers: Some(answers), ..Planned::new("chat", brief) }
}

async fn comes(stage: &Stage, text: &str, planned: Planned) {
    stage.accepted(&[("a", text)]).await;
    stage.plan(vec![vec![planned]]).await;
}

fn is_untold(recovery: &Delivery) -> Option<bool> {
    recovery.brief.recovery.map(|note| note.untold)
}

#[tokio::test(start_paused = true)]
async fn a_sink_that_was_down_hears_of_failure_and_recovery_in_one_message() {
    let stage = Stage::new();
    comes(&stage, "a 1 failed", failure()).await;
    let chat = Puppet::new(|_| Do::Fail(UNAVAILABLE));
    let deliverer = stage.start(plan([outlet("chat", chat.clone(), SinkOptions::default())]));
    eventually("it backs off", || state(&deliverer, "chat").state == Condition::BackingOff).await;
    comes(&stage, "a 2 recovered", recovery()).await;
    comes(&stage, "a 3 failed again", Planned { duty: Some(Duty(8)), ..planned("chat") }).await;
    chat.now_does(|_| Do::Take);
    stage.until(DeliveryState::Delivered, 2).await;
    let all = stage.all().await;
    assert_eq!(all[0].state, DeliveryState::Cancelled);
    assert_eq!(is_untold(&all[1]), Some(true));
    let texts = chat.texts();
    let failed = texts.iter().filter(|text| *text == "a 1 failed").count();
    assert_eq!(failed, all[0].attempts as usize, "giving way is no attempt");
    assert_eq!(texts[texts.len() - 2..], ["a 2 recovered", "a 3 failed again"]);
    assert_eq!(state(&deliverer, "chat").state, Condition::Healthy);
    deliverer.shutdown(PATIENCE).await;
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_may_have_arrived_is_told_again_before_its_recovery() {
    let stage = Stage::new();
    comes(&stage, "a 1 failed", failure()).await;
    let chat = Puppet::new(|_| Do::Hang);
    let deliverer = stage.start(plan([outlet("chat", chat.clone(), options("timeout: 5s"))]));
    let begun = RealInstant::now();
    while !stage.all().await[0].maybe_arrived {
        assert!(begun.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    comes(&stage, "a 2 recovered", recovery()).await;
    chat.now_does(|_| Do::Take);
    stage.until(DeliveryState::Delivered, 2).await;
    let texts = chat.texts();
    assert_eq!(texts[texts.len() - 2..], ["a 1 failed", "a 2 recovered"]);
    assert_eq!(is_untold(&stage.all().await[1]), Some(false));
    deliverer.shutdown(PATIENCE).await;
}

#[tokio::test]
async fn a_recovery_is_not_sent_where_the_failure_died() {
    let stage = Stage::new();
    comes(&stage, "a 1 failed", failure()).await;
    let chat = Puppet::new(|this| match this.text.starts_with("a 1") {
        true => Do::Fail(Fault::Refused),
        false => Do::Take,
    });
    let deliverer = stage.start(plan([outlet("chat", chat.clone(), SinkOptions::default())]));
    stage.until(DeliveryState::Dead, 1).await;
    comes(&stage, "a 2 recovered", recovery()).await;
    comes(&stage, "a 3", planned("chat")).await;
    stage.until(DeliveryState::Delivered, 1).await;
    assert_eq!(stage.all().await[1].state, DeliveryState::Cancelled);
    assert_eq!(chat.texts(), ["a 1 failed", "a 3"]);
    deliverer.shutdown(PATIENCE).await;
}

#[tokio::test]
async fn a_recovery_of_what_was_delivered_goes_out_and_names_what_it_answers() {
    let stage = Stage::new();
    comes(&stage, "a 1 failed", failure()).await;
    let chat = Puppet::willing();
    let deliverer = stage.start(plan([outlet("chat", chat.clone(), SinkOptions::default())]));
    stage.until(DeliveryState::Delivered, 1).await;
    comes(&stage, "a 2 recovered", recovery()).await;
    stage.until(DeliveryState::Delivered, 2).await;
    assert_eq!(chat.texts(), ["a 1 failed", "a 2 recovered"]);
    let all = stage.all().await;
    assert_eq!(chat.answers(), [vec![], vec![all[0].id.to_string()]]);
    assert_eq!(is_untold(&all[1]), Some(false));
    deliverer.shutdown(PATIENCE).await;
}
