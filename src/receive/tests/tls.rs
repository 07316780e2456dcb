//! The public listener with TLS of its own.

use std::path::Path;

use rcgen::{CertifiedKey, generate_simple_self_signed};

use super::{BODY, Bridge, SECRET, sign};
use crate::receive::{Limits, TlsFiles};

fn install_provider() {
    rustls::crypto::ring::default_provider().install_default().ok();
}

/// Writes a new certificate for `localhost` and returns it.
fn issue(folder: &Path) -> String {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("cert.pem"), cert.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), signing_key.serialize_pem()).unwrap();
    cert.pem()
}

async fn send(bridge: &Bridge, trusted: &str, body: &'static [u8]) -> Option<u16> {
    let root = reqwest::Certificate::from_pem(trusted.as_bytes()).unwrap();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([root]).build().unwrap();
    let url = format!("https://localhost:{}/hooks/main", bridge.address.port());
    let request = client.post(url).header("x-agnox-signature", sign(SECRET, body)).body(body);
    request.send().await.ok().map(|answer| answer.status().as_u16())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_comes_over_tls_and_a_new_certificate_is_taken_up() {
    install_provider();
    let folder = tempfile::tempdir().unwrap();
    let first = issue(folder.path());
    let files =
        TlsFiles::read(folder.path().join("cert.pem"), folder.path().join("key.pem")).unwrap();
    let bridge = Bridge::start_with(Limits::default(), Some(&files));
    assert_eq!(send(&bridge, &first, BODY).await, Some(202));
    let second = issue(folder.path());
    files.reread().unwrap();
    assert_eq!(send(&bridge, &second, b"after the renewal").await, Some(202));
    assert_eq!(send(&bridge, &first, b"by the old one").await, None);
    bridge.until_refused("tls", 1).await;
}

#[test]
fn a_certificate_or_key_that_cannot_be_used_is_named() {
    install_provider();
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    issue(folder.path());
    issue(other.path());
    let cert = folder.path().join("cert.pem");
    let key = folder.path().join("key.pem");
    let read = |cert: &Path, key: &Path| match TlsFiles::read(cert.into(), key.into()) {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    };
    assert_eq!(read(&cert, &key), "");
    assert!(read(&cert, &other.path().join("key.pem")).contains("is not the key of"));
    assert!(read(&folder.path().join("none.pem"), &key).contains("none.pem"));
    assert!(read(&key, &key).contains("key.pem"));
    assert!(read(&cert, &cert).contains("cert.pem"));
}
