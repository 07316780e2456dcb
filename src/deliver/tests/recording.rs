//! What is written down of an attempt, and what goes out where a template or a sink breaks.

use super::*;
use crate::journal::sqlite::obstacle::Obstacle;
use crate::model::Outcome;

#[tokio::test]
async fn a_message_that_cannot_be_built_goes_out_minimal_with_secrets_covered() {
    let stage = Stage::new();
    let events: [(&str, String, &[&str]); 2] =
        [("a", "unrenderable".to_owned(), &["chat"]), ("b", "explosive".to_owned(), &["chat"])];
    stage.decided(&events).await;
    let chat = Puppet::willing();
    let deliverer = stage.start(plan([outlet("chat", chat.clone(), SinkOptions::default())]));
    stage.until(DeliveryState::Delivered, 2).await;
    let texts = chat.texts().join("\n");
    assert!(texts.contains("minimal a: a template that names ***"), "{texts}");
    assert!(texts.contains("minimal b: the sink panicked: cannot render ***"), "{texts}");
    deliverer.shutdown(PATIENCE).await;
}

#[tokio::test]
async fn a_sink_that_panics_is_that_messages_trouble_alone() {
    let stage = Stage::new();
    stage.for_sink("chat", &["a", "b"], 2).await;
    let chat = Puppet::new(|this| if this.text.starts_with("a ") { Do::Panic } else { Do::Take });
    let deliverer = stage.start(plan([outlet("chat", chat.clone(), SinkOptions::default())]));
    stage.until(DeliveryState::Delivered, 2).await;
    let begun = RealInstant::now();
    let record = loop {
        if let Some(record) = stage.all().await[0].last_attempt.clone() {
            break record;
        }
        assert!(begun.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(record.outcome, Outcome::Deferred);
    assert_eq!(record.reason.as_deref(), Some("the sink panicked: the puppet fell over ***"));
    assert!(stage.all().await[0].due.is_some());
    deliverer.shutdown(PATIENCE).await;
}

#[tokio::test]
async fn attempts_and_ends_are_counted_by_sink_and_outcome() {
    let stage = Stage::new();
    stage.for_sink("chat", &["a"], 3).await;
    stage.for_sink("chat", &["b"], 1).await;
    let chat = Puppet::new(|this| match this.text.starts_with("b") {
        true => Do::Fail(Fault::Refused),
        false => Do::Take,
    });
    let deliverer = stage.start(plan([outlet("chat", chat, SinkOptions::default())]));
    stage.until(DeliveryState::Waiting, 0).await;
    deliverer.shutdown(PATIENCE).await;
    let text = stage.metrics.text();
    for line in [
        r#"agnox_bridge_deliveries_total{sink="chat",outcome="delivered"} 3"#,
        r#"agnox_bridge_deliveries_total{sink="chat",outcome="dead"} 1"#,
        r#"agnox_bridge_attempts_total{sink="chat",outcome="refused"} 1"#,
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
}

#[tokio::test]
async fn at_the_end_what_is_in_flight_is_finished_and_the_rest_stays() {
    let mut stage = Stage::new();
    stage.for_sink("chat", &["a", "b"], 50).await;
    let chat = Puppet::willing();
    let two = outlet("chat", chat.clone(), options("concurrency: 2"));
    let deliverer = stage.start(plan([two.clone()]));
    eventually("it has begun", || chat.tries().len() >= 4).await;
    deliverer.shutdown(PATIENCE).await;
    let sent = chat.tries().len();
    assert_eq!(stage.count(DeliveryState::Delivered).await, sent);

    stage.restart().await;
    let deliverer = stage.start(plan([two]));
    stage.until(DeliveryState::Delivered, 100).await;
    assert_eq!(chat.tries().len(), 100, "nothing was sent twice");
    assert_in_order(&chat.texts());
    deliverer.shutdown(PATIENCE).await;
}

#[tokio::test]
async fn one_that_hangs_does_not_hold_the_end_up_past_the_grace() {
    let stage = Stage::new();
    stage.for_sink("chat", &["a"], 1).await;
    let chat = Puppet::new(|_| Do::Hang);
    let deliverer = stage.start(plan([outlet("chat", chat.clone(), SinkOptions::default())]));
    eventually("it hangs", || chat.tries().len() == 1).await;
    let begun = RealInstant::now();
    deliverer.shutdown(Duration::from_millis(50)).await;
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert_eq!(stage.count(DeliveryState::Waiting).await, 1);
}

#[test]
fn texts_are_cut_between_characters() {
    use crate::deliver::record::cut;
    assert_eq!(cut("short", 10), "short");
    assert_eq!(cut("äöüäöü", 9), "äöü…");
    assert!(cut(&"😀".repeat(1_000), 1_024).len() <= 1_024);
}

#[tokio::test]
async fn a_send_that_cannot_be_recorded_is_recorded_later_and_not_sent_again() {
    let stage = Stage::new();
    stage.for_sink("chat", &["a"], 2).await;
    let obstacle = Arc::new(Obstacle::new(&stage.file()));
    let chat = {
        let obstacle = obstacle.clone();
        Puppet::new(move |this| {
            if this.text == "a 0" {
                obstacle.stand();
            }
            Do::Take
        })
    };
    let deliverer = stage.start(plan([outlet("chat", chat.clone(), SinkOptions::default())]));
    eventually("it is sent", || chat.tries().len() == 1).await;
    // SQLite waits five seconds for a lock before the record fails.
    tokio::task::spawn_blocking(|| std::thread::sleep(Duration::from_millis(5_300))).await.unwrap();
    assert_eq!(stage.count(DeliveryState::Delivered).await, 0);
    obstacle.yield_way();
    stage.until(DeliveryState::Delivered, 2).await;
    assert_eq!(chat.texts(), ["a 0", "a 1"]);
    deliverer.shutdown(PATIENCE).await;
}
