//! Looking at a server as anybody else would: plain requests, none of them by a sink.

use reqwest::{Client, Method};
use serde_json::Value;

use crate::telling::install_rustls;

/// Asks, and gives the status and what was answered, null where that is no JSON.
pub async fn ask(
    method: Method,
    url: &str,
    token: Option<&str>,
    body: Option<&Value>,
) -> (u16, Value) {
    install_rustls();
    let mut request = Client::new().request(method, url);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if let Some(body) = body {
        request = request.header("content-type", "application/json").body(body.to_string());
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let bytes = response.bytes().await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}

/// What stands there.
pub async fn get(url: &str) -> Value {
    let (status, said) = ask(Method::GET, url, None, None).await;
    assert_eq!(status, 200, "{url}: {said}");
    said
}

/// Whether something answers there that it is well.
pub async fn is_there(url: &str) -> bool {
    install_rustls();
    let answer = Client::new().get(url).send().await;
    answer.is_ok_and(|answer| answer.status().is_success())
}
