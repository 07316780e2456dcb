use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::*;
use crate::journal::open;

const SOON: Duration = Duration::from_secs(10);

/// A monitor: what it is asked for, request line by request line.
async fn monitor() -> (String, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/push/s3cret", listener.local_addr().unwrap());
    let (tell, told) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = vec![0; 4096];
            let read = stream.read(&mut head).await.unwrap_or(0);
            let head = String::from_utf8_lossy(&head[..read]).into_owned();
            let _ = tell.send(head.lines().next().unwrap_or_default().to_owned());
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";
            let _ = stream.write_all(answer).await;
        }
    });
    (url, told)
}

fn config(url: String) -> HeartbeatConfig {
    let _ = rustls::crypto::ring::default_provider().install_default();
    HeartbeatConfig { url: Secret::new(url), every: Span(Duration::from_secs(1)) }
}

#[tokio::test]
async fn the_monitor_is_told_while_all_signs_are_well_and_not_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open("sqlite:journal.db", folder.path()).unwrap();
    let (url, mut told) = monitor().await;
    let well = Arc::new(AtomicBool::new(true));
    let asked = Arc::new(tokio::sync::Notify::new());
    let sign: Sign = {
        let (well, asked) = (well.clone(), asked.clone());
        Box::new(move || {
            asked.notify_one();
            well.load(Ordering::SeqCst).then_some(()).ok_or_else(|| "stuck".to_owned())
        })
    };
    let _heartbeat = Heartbeat::start(config(url), journal.clone(), vec![sign]);
    let line = timeout(SOON, told.recv()).await.unwrap().unwrap();
    assert_eq!(line, "GET /push/s3cret HTTP/1.1");

    well.store(false, Ordering::SeqCst);
    timeout(SOON, asked.notified()).await.unwrap();
    timeout(SOON, asked.notified()).await.unwrap();
    while told.try_recv().is_ok() {}
    timeout(SOON, asked.notified()).await.unwrap();
    assert!(told.try_recv().is_err());

    well.store(true, Ordering::SeqCst);
    assert!(timeout(SOON, told.recv()).await.unwrap().is_some());
}

#[tokio::test]
async fn no_heart_beats_over_a_journal_that_takes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open("sqlite:journal.db", folder.path()).unwrap();
    let (url, _told) = monitor().await;
    journal.close().await;
    let client = Client::new(DialPolicy { private: true });
    let beating = Beating { config: config(url), journal, signs: vec![], client, trouble: None };
    assert_eq!(beating.beat().await, Err("the journal is closed".to_owned()));
}

#[tokio::test]
async fn what_goes_wrong_never_names_the_url() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open("sqlite:journal.db", folder.path()).unwrap();
    let client = Client::new(DialPolicy { private: true });
    let config = config("http://127.0.0.1:1/push/s3cret".to_owned());
    let beating = Beating { config, journal, signs: vec![], client, trouble: None };
    let reason = beating.beat().await.unwrap_err();
    assert!(!reason.contains("s3cret") && !reason.is_empty(), "{reason}");
}
