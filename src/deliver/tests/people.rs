//! What a person hears of deaths, and what a person puts back.

use super::*;

fn told(of: &[Delivery]) -> Vec<(String, u64)> {
    let notes = of.iter().filter_map(|delivery| delivery.brief.dead.as_ref());
    notes.map(|note| (note.sink.clone(), note.count)).collect()
}

#[tokio::test]
async fn deaths_are_told_once_an_hour_for_each_sink_also_over_a_restart() {
    let mut stage = Stage::new();
    let mail = Puppet::willing();
    let refusing = Puppet::new(|_| Do::Fail(Fault::Refused));
    let the_plan = telling(
        Some("mail"),
        [
            outlet("mail", mail.clone(), SinkOptions::default()),
            outlet("chat", refusing.clone(), SinkOptions::default()),
            outlet("board", refusing, SinkOptions::default()),
        ],
    );
    stage.for_sink("chat", &["a"], 5).await;
    stage.for_sink("board", &["a"], 5).await;
    let deliverer = stage.start(the_plan.clone());
    stage.until(DeliveryState::Dead, 10).await;
    stage.until(DeliveryState::Delivered, 2).await;
    deliverer.shutdown(PATIENCE).await;
    let mut notes = told(&stage.all().await);
    notes.sort();
    assert_eq!(notes, [("board".to_owned(), 1), ("chat".to_owned(), 1)]);
    assert!(mail.texts().contains(&"1 of chat: as told".to_owned()), "{:?}", mail.texts());

    stage.restart().await;
    stage.for_sink("chat", &["b"], 2).await;
    let deliverer = stage.start(the_plan);
    stage.until(DeliveryState::Dead, 12).await;
    deliverer.shutdown(PATIENCE).await;
    assert_eq!(told(&stage.all().await).len(), 2, "the hour is not over");
}

#[tokio::test(start_paused = true)]
async fn what_died_meanwhile_is_told_once_the_hour_is_over() {
    let stage = Stage::new();
    let refusing = Puppet::new(|_| Do::Fail(Fault::Refused));
    let mail = outlet("mail", Puppet::willing(), SinkOptions::default());
    stage.for_sink("chat", &["a"], 5).await;
    let chat = outlet("chat", refusing, SinkOptions::default());
    let deliverer = stage.start(telling(Some("mail"), [mail, chat]));
    let begun = RealInstant::now();
    loop {
        let notes = told(&stage.all().await);
        match notes.iter().map(|(_, count)| count).sum::<u64>() {
            5 => break,
            _ => assert!(begun.elapsed() < PATIENCE, "{notes:?}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    deliverer.shutdown(PATIENCE).await;
}

#[tokio::test]
async fn a_suspended_sink_is_told_of_and_the_teller_never_of_itself() {
    let stage = Stage::new();
    let mail = Puppet::new(|this| match this.text.starts_with("a ") {
        true => Do::Fail(Fault::Refused),
        false => Do::Take,
    });
    let chat = Puppet::new(|_| Do::Fail(Fault::Suspended));
    stage.for_sink("mail", &["a"], 2).await;
    stage.for_sink("chat", &["a"], 2).await;
    let deliverer = stage.start(telling(
        Some("mail"),
        [
            outlet("mail", mail.clone(), SinkOptions::default()),
            outlet("chat", chat, SinkOptions::default()),
        ],
    ));
    stage.until(DeliveryState::Dead, 2).await;
    stage.until(DeliveryState::Delivered, 1).await;
    let text = "1 of chat: the sink is suspended until somebody acts: as told".to_owned();
    assert!(mail.texts().contains(&text), "{:?}", mail.texts());
    assert_eq!(told(&stage.all().await), [("chat".to_owned(), 1)]);
    deliverer.shutdown(PATIENCE).await;
}

#[tokio::test]
async fn dead_deliveries_that_are_put_back_go_out_at_once_and_in_order() {
    let stage = Stage::new();
    stage.for_sink("chat", &["a", "b"], 40).await;
    let chat = Puppet::new(|_| Do::Fail(Fault::Refused));
    let deliverer = stage.start(plan([outlet("chat", chat.clone(), SinkOptions::default())]));
    stage.until(DeliveryState::Dead, 80).await;
    chat.now_does(|_| Do::Take);
    let dead = DeliveryFilter { sink: Some("chat".to_owned()), ..DeliveryFilter::default() };
    assert_eq!(stage.journal.retry(dead).await.unwrap(), 80);
    stage.until(DeliveryState::Delivered, 80).await;
    assert_in_order(&chat.texts()[80..]);
    assert_eq!(chat.tries().len(), 160);
    deliverer.shutdown(PATIENCE).await;
}
