//! Who may ask what, over real sockets.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use agnox_bridge_sinks::secret::Secret;
use arc_swap::ArcSwap;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{AdminClient, ClientError, Desk, Guard, Listening, ROUTES, Rules, listen};
use crate::journal;

const TOKEN: &str = "a token that only people have";

/// An admin listener over the journal of a stopped gateway.
struct Office {
    address: SocketAddr,
    _listening: Listening,
    _folder: TempDir,
}

impl Office {
    fn open(listen_host: &str, token: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let journal = journal::open("sqlite:journal.db", folder.path()).unwrap();
        let desk = Desk::new(journal, Arc::new(ArcSwap::from_pointee(Rules::default())), None);
        let guard = Guard::new(listen_host, token.map(Secret::new).as_ref());
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let listening = listen(socket, Arc::new(desk), guard).unwrap();
        Office { address, _listening: listening, _folder: folder }
    }

    /// Asks with exactly these header lines and returns the status.
    async fn ask(&self, method: &str, path: &str, lines: &[&str]) -> u16 {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: 2\r\n{lines}\r\n{{}}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer.split(' ').nth(1).unwrap().parse().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_route_answers_without_the_token() {
    let office = Office::open("127.0.0.1", Some(TOKEN));
    let good = format!("Authorization: Bearer {TOKEN}");
    let longer = format!("{good}x");
    let wrong = [
        vec![],
        vec!["Authorization: Bearer another token of the same sort"],
        vec!["Authorization: Bearer "],
        vec!["Authorization: Basic YTph"],
        vec![longer.as_str()],
        vec![good.as_str(), good.as_str()],
    ];
    for (method, path) in ROUTES.into_iter().chain([("GET", "/"), ("GET", "/nothing")]) {
        for lines in &wrong {
            let lines = [&["Host: localhost"], lines.as_slice()].concat();
            assert_eq!(office.ask(method, path, &lines).await, 401, "{method} {path} {lines:?}");
        }
        let status = office.ask(method, path, &["Host: localhost", &good]).await;
        assert!(![401, 403, 405, 421].contains(&status), "{method} {path}: {status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_listed_route_exists() {
    rustls::crypto::ring::default_provider().install_default().ok();
    let office = Office::open("127.0.0.1", None);
    for (method, path) in ROUTES {
        let path = path.replace("{id}", "00000000-0000-0000-0000-000000000007");
        let request = reqwest::Client::new()
            .request(method.parse().unwrap(), format!("http://{}{path}", office.address));
        let answer = request.body("{}").send().await.unwrap().text().await.unwrap();
        assert!(!answer.contains("under this path"), "{method} {path}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_not_ours_is_misdirected() {
    let office = Office::open("127.0.0.1", None);
    let ask = |lines: &'static [&'static str]| office.ask("GET", "/api/v1/status", lines);
    for host in [
        &["Host: localhost"],
        &["Host: LOCALHOST:8081"],
        &["Host: 127.0.0.1:8081"],
        &["Host: 127.0.0.9"],
        &["Host: [::1]:8081"],
    ] {
        assert_eq!(ask(host).await, 200, "{host:?}");
    }
    for host in [
        &["Host: evil.example"] as &[_],
        &["Host: evil.example:8081"],
        &["Host: localhost.evil.example"],
        &["Host: 127.0.0.1.evil.example:8081"],
        &["Host: 10.0.0.1:8081"],
        &["Host: "],
        &[],
    ] {
        let status = ask(host).await;
        assert!(status == 421 || status == 400, "{host:?}: {status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_configured_host_is_ours_and_everywhere_leaves_it_to_the_token() {
    let status = async |office: &Office, host: &str| {
        let token = format!("Authorization: Bearer {TOKEN}");
        office.ask("GET", "/api/v1/status", &[host, &token]).await
    };
    let named = Office::open("10.1.2.3", Some(TOKEN));
    assert_eq!(status(&named, "Host: 10.1.2.3:8081").await, 200);
    assert_eq!(status(&named, "Host: bridge.example:8081").await, 421);
    let everywhere = Office::open("0.0.0.0", Some(TOKEN));
    assert_eq!(status(&everywhere, "Host: bridge.example:8081").await, 200);
    let careless = Office::open("0.0.0.0", None);
    assert_eq!(status(&careless, "Host: bridge.example:8081").await, 421);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_pages_request_changes_nothing() {
    let office = Office::open("127.0.0.1", None);
    let host = "Host: localhost:8081";
    for origin in
        ["https://evil.example", "null", "http://localhost:9999", "http://localhost:8081.evil"]
    {
        let origin = format!("Origin: {origin}");
        for (method, path) in ROUTES.into_iter().filter(|(method, _)| *method == "POST") {
            assert_eq!(office.ask(method, path, &[host, &origin]).await, 403, "{path} {origin}");
        }
    }
    let own = "Origin: http://localhost:8081";
    assert_eq!(office.ask("POST", "/api/v1/journal/check", &[host, own]).await, 200);
    assert_eq!(office.ask("POST", "/api/v1/journal/check", &[host]).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_bears_its_token_and_says_when_nobody_answers() {
    rustls::crypto::ring::default_provider().install_default().ok();
    let office = Office::open("127.0.0.1", Some(TOKEN));
    let at = office.address.to_string();
    let known = AdminClient::new(&at, Some(Secret::new(TOKEN))).unwrap();
    assert!(known.status().await.unwrap().running.is_none());
    let stranger = AdminClient::new(&at, None).unwrap();
    assert!(stranger.status().await.unwrap_err().to_string().contains("admin_token"));
    // Nobody listens on port 1; a port that was free a moment ago may be another test's by now.
    let closed = std::net::SocketAddr::from(([127, 0, 0, 1], 1));
    let nobody = AdminClient::new(&closed.to_string(), None).unwrap();
    let error = nobody.status().await.unwrap_err();
    assert!(matches!(error, ClientError::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains(&closed.to_string()), "{error}");
}
