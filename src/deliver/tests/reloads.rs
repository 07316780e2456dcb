//! Another configuration while deliveries are under way.

use super::*;

#[tokio::test]
async fn a_sink_in_trouble_is_tried_at_once_by_its_new_outlet() {
    let stage = Stage::new();
    stage.for_sink("chat", &["a"], 2).await;
    let old = Puppet::new(|_| Do::Fail(Fault::Suspended));
    let deliverer = stage.start(plan([outlet("chat", old.clone(), SinkOptions::default())]));
    eventually("it is suspended", || state(&deliverer, "chat").state == Condition::Suspended).await;
    let new = Puppet::willing();
    deliverer.replace(plan([outlet("chat", new.clone(), SinkOptions::default())]));
    stage.until(DeliveryState::Delivered, 2).await;
    assert_eq!((old.tries().len(), new.texts()), (1, vec!["a 0".to_owned(), "a 1".to_owned()]));
    deliverer.shutdown(PATIENCE).await;
}

#[tokio::test]
async fn an_outlet_that_is_carried_over_leaves_a_suspended_sink_alone() {
    let stage = Stage::new();
    stage.for_sink("chat", &["a"], 1).await;
    stage.for_sink("mail", &["a"], 1).await;
    let chat = Puppet::new(|_| Do::Fail(Fault::Suspended));
    let outlet_of_chat = outlet("chat", chat.clone(), SinkOptions::default());
    let deliverer = stage.start(plan([outlet_of_chat.clone()]));
    eventually("it is suspended", || state(&deliverer, "chat").state == Condition::Suspended).await;
    let mail = outlet("mail", Puppet::willing(), SinkOptions::default());
    deliverer.replace(plan([outlet_of_chat, mail]));
    stage.until(DeliveryState::Delivered, 1).await;
    assert_eq!(chat.tries().len(), 1);
    deliverer.shutdown(PATIENCE).await;
}

#[tokio::test]
async fn deliveries_to_a_sink_that_is_gone_are_kept_and_listed() {
    let stage = Stage::new();
    stage.for_sink("chat", &["a"], 3).await;
    let mail = outlet("mail", Puppet::willing(), SinkOptions::default());
    let deliverer = stage.start(plan([mail.clone()]));
    eventually("it is listed", || deliverer.states().len() == 2).await;
    let gone = state(&deliverer, "chat");
    assert_eq!((gone.state, gone.waiting, gone.kind), (Condition::Gone, 3, None));

    let chat = Puppet::willing();
    let there = outlet("chat", chat.clone(), SinkOptions::default());
    deliverer.replace(plan([mail, there]));
    stage.until(DeliveryState::Delivered, 3).await;
    assert_in_order(&chat.texts());
    deliverer.shutdown(PATIENCE).await;
}

#[tokio::test]
async fn a_sink_that_comes_back_while_an_attempt_is_under_way_sends_nothing_twice() {
    let stage = Stage::new();
    stage.for_sink("chat", &["a"], 2).await;
    let slow = Puppet::new(|_| Do::Hang);
    let held = outlet("chat", slow.clone(), options("timeout: 1s"));
    let deliverer = stage.start(plan([held]));
    eventually("it is under way", || slow.tries().len() == 1).await;
    deliverer.replace(plan([]));
    let quick = Puppet::willing();
    deliverer.replace(plan([outlet("chat", quick.clone(), SinkOptions::default())]));
    stage.until(DeliveryState::Delivered, 2).await;
    assert_eq!(slow.tries().len(), 1);
    assert_eq!(quick.texts(), ["a 0", "a 1"]);
    deliverer.shutdown(PATIENCE).await;
}

#[tokio::test]
async fn a_thousand_reloads_under_load_lose_nothing_and_leave_nothing_behind() {
    let stage = Stage::new();
    let chat = Puppet::willing();
    let fresh = |n: usize| {
        let passing = outlet(&format!("passing-{n}"), Puppet::willing(), SinkOptions::default());
        plan([outlet("chat", chat.clone(), SinkOptions::default()), passing])
    };
    stage.for_sink("chat", &["a", "b", "c"], 200).await;
    let deliverer = stage.start(fresh(0));
    for n in 1..=1_000 {
        deliverer.replace(fresh(n));
        if n % 20 == 0 {
            tokio::task::yield_now().await;
        }
    }
    stage.until(DeliveryState::Delivered, 600).await;
    assert_eq!(chat.tries().len(), 600);
    assert_in_order(&chat.texts());
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    eventually("the tasks are gone", || tasks() <= 3).await;
    deliverer.replace(fresh(1_000));
    assert!(lock(&deliverer.shared.posts).len() <= 3);
    deliverer.shutdown(PATIENCE).await;
    eventually("nothing is left", || tasks() == 0).await;
}
