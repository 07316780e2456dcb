//! From start to end.

use std::time::Duration;

use uuid::Uuid;

use super::{AppError, Command, Folder, Place, until};
use crate::journal::{DeliveryFilter, EventFilter, open};
use crate::model::DeliveryState;

const NO_DELAY: Duration = Duration::ZERO;

#[tokio::test(flavor = "multi_thread")]
async fn an_event_goes_the_whole_way_to_its_sink() {
    let place = Place::open(NO_DELAY).await;
    let gateway = Folder::new(place.address).start().await;
    assert_eq!(gateway.post(r#"{"status":"FAILED","groupName":"nightly"}"#).await, 202);
    place.until_got(1).await;
    assert!(place.got.lock().unwrap()[0].contains("nightly is FAILED"));
    let (_, ended) = gateway.stop().await;
    ended.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_finishes_what_is_being_sent_and_leaves_the_rest_for_the_next_start() {
    let slow = Place::open(Duration::from_millis(500)).await;
    let gateway = Folder::new(slow.address).start().await;
    gateway.post(r#"{"status":"FAILED","groupName":"a","n":1}"#).await;
    slow.until_got(1).await;
    gateway.post(r#"{"status":"FAILED","groupName":"a","n":2}"#).await;
    let (folder, ended) = gateway.stop().await;
    ended.unwrap();
    let journal = open("sqlite:journal.db", &folder.path("")).unwrap();
    let deliveries = journal.deliveries(DeliveryFilter::default()).await.unwrap();
    let undone = journal.undecided(10).await.unwrap();
    assert!(deliveries.iter().any(|delivery| delivery.state == DeliveryState::Delivered));
    journal.close().await;
    drop((journal, undone));
    let gateway = folder.start().await;
    slow.until_got(2).await;
    gateway.stop().await.1.unwrap();
    assert_eq!(slow.got.lock().unwrap().len(), 2, "each was sent once");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_shadow_everything_is_recorded_and_nothing_is_sent() {
    let place = Place::open(NO_DELAY).await;
    let gateway = Folder::new(place.address).start_with(true, NO_DELAY).await;
    gateway.post(r#"{"status":"FAILED"}"#).await;
    let client = gateway.client();
    let mut deliveries = Vec::new();
    while deliveries.is_empty() {
        deliveries = client.deliveries(&DeliveryFilter::default()).await.unwrap();
    }
    assert_eq!(deliveries[0].state, DeliveryState::Cancelled);
    assert!(client.status().await.unwrap().running.unwrap().shadow);
    assert_eq!(client.sinks().await.unwrap()[0].name, "place");
    gateway.stop().await.1.unwrap();
    assert!(place.got.lock().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_ready_from_the_first_moment_and_not_while_it_stops() {
    let slow = Place::open(Duration::from_secs(2)).await;
    let gateway = Folder::new(slow.address).start().await;
    let ready = format!("http://{}/readyz", gateway.hooks);
    let get = || async { reqwest::get(&ready).await.map(|answer| answer.status().as_u16()) };
    assert_eq!(get().await.unwrap(), 200);
    gateway.post(r#"{"status":"FAILED"}"#).await;
    slow.until_got(1).await;
    gateway.tell(Command::Stop).await;
    let mut status = 200;
    while status == 200 {
        status = get().await.expect("it still listens while it finishes a delivery");
    }
    assert_eq!(status, 503);
    assert_eq!(gateway.post(r#"{"status":"PASSED"}"#).await, 202, "and still accepts");
    until("it ends", || gateway.task.is_finished()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_gateways_never_share_a_journal() {
    let place = Place::open(NO_DELAY).await;
    let gateway = Folder::new(place.address).start().await;
    gateway.post(r#"{"status":"FAILED"}"#).await;
    let second = open("sqlite:journal.db", &gateway.folder.path(""));
    assert!(second.is_err(), "the file is held");
    let events = gateway.client().events(&EventFilter::default()).await.unwrap();
    assert_eq!(events.len(), 1);
    assert_ne!(events[0].id, Uuid::nil());
    gateway.stop().await.1.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_is_taken_away_ends_the_process_so_that_it_starts_anew() {
    let place = Place::open(NO_DELAY).await;
    let gateway = Folder::new(place.address).start().await;
    assert_eq!(gateway.post(r#"{"n":1}"#).await, 202);
    std::fs::remove_file(gateway.folder.path("journal.db")).unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(10), gateway.task).await;
    let error = ended.expect("it is noticed in time").unwrap().unwrap_err();
    assert!(matches!(error, AppError::JournalFailed(_)), "{error}");
    assert_eq!(error.exit_code(), 74);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_cannot_be_says_why() {
    let place = Place::open(NO_DELAY).await;
    let running = Folder::new(place.address).start().await;
    let (commands, told) = tokio::sync::mpsc::channel(1);
    let options = running.folder.options(false, NO_DELAY);
    let loaded = crate::config::load(&options.config, &options.load).unwrap();
    let listeners = super::free_listeners();
    let error = super::run(loaded, listeners, options, told).await.unwrap_err();
    assert!(matches!(error, AppError::Journal(_)), "{error}");
    assert!(error.to_string().contains("journal.db"), "{error}");
    drop(commands);
    running.stop().await.1.unwrap();
}
