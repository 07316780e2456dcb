//! Another configuration while it runs: the whole of it, or none.

use std::time::Duration;

use super::{Command, Folder, Place, everything_to, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_swaps_rules_and_sinks_and_says_what_needs_a_restart() {
    let (old, new) = (Place::open(Duration::ZERO).await, Place::open(Duration::ZERO).await);
    let gateway = Folder::new(old.address).start().await;
    gateway.post(r#"{"groupName":"before"}"#).await;
    old.until_got(1).await;
    let other = everything_to(new.address) + "server: {connections: 7}\n";
    gateway.folder.configure(&other.replace("everything", "all"));
    let before = gateway.client().status().await.unwrap().running.unwrap();
    let reloaded = gateway.client().reload().await.unwrap();
    assert_ne!(reloaded.config_version, before.config_version);
    assert_eq!(reloaded.needs_restart, ["server.connections"]);
    gateway.post(r#"{"groupName":"after"}"#).await;
    new.until_got(1).await;
    assert!(new.got.lock().unwrap()[0].contains("after"));
    assert_eq!(old.got.lock().unwrap().len(), 1);
    gateway.stop().await.1.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_cannot_be_used_changes_nothing_and_says_why() {
    let place = Place::open(Duration::ZERO).await;
    let gateway = Folder::new(place.address).start().await;
    let version = gateway.client().status().await.unwrap().running.unwrap().config_version;
    let wrong = everything_to(place.address).replace("send: place", "send: plaice");
    gateway.folder.configure(&wrong);
    let error = gateway.client().reload().await.unwrap_err().to_string();
    assert!(error.contains("plaice"), "{error}");
    gateway.folder.configure("rules: [");
    gateway.tell(Command::Reload).await;
    let failures = || async {
        let metrics = reqwest::get(format!("http://{}/metrics", gateway.admin)).await.unwrap();
        metrics.text().await.unwrap().contains(r#"reloads_total{outcome="failure"} 2"#)
    };
    while !failures().await {}
    let status = gateway.client().status().await.unwrap().running.unwrap();
    assert_eq!(status.config_version, version);
    assert!(status.last_reload_error.is_some());
    assert_eq!(gateway.post(r#"{"status":"FAILED"}"#).await, 202);
    place.until_got(1).await;
    until("nothing is lost", || place.got.lock().unwrap().len() == 1).await;
    gateway.stop().await.1.unwrap();
}
