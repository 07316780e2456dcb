//! The admin API as the command line calls it; `history` asks for groups, incidents and silences.

mod history;

use std::path::PathBuf;
use std::time::Duration;

use agnox_bridge_sinks::secret::Secret;
use reqwest::{Method, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

use super::shapes::{
    BackupRequest, Changed, Checked, DeliveryDetail, DeliveryView, Done, EventDetail, EventView,
    Refused, Reloaded, Replayed, Status,
};
use crate::deliver::SinkState;
use crate::journal::{DeliveryFilter, EventFilter};

/// Talks to a running gateway's admin listener.
pub struct AdminClient {
    http: reqwest::Client,
    base: Url,
    token: Option<Secret>,
}

/// Why a running gateway did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody answers there: the gateway is stopped, or listens elsewhere.
    #[error("no gateway answers at {address}: {why}")]
    Unreachable {
        /// Where it was looked for.
        address: String,
        /// What happened.
        why: String,
    },
    /// It refused, with its reason.
    #[error("{error}")]
    Refused {
        /// The status.
        status: u16,
        /// What went wrong and what to do.
        error: String,
    },
    /// What answered is no gateway of this version, or broke off.
    #[error("the answer of {address} is not understood: {why}")]
    Strange {
        /// Who answered.
        address: String,
        /// What is strange.
        why: String,
    },
}

/// To get a connection; a gateway on the same machine needs no time for it.
const CONNECT: Duration = Duration::from_secs(3);

/// For a whole request: a backup or a check of a large journal takes its time.
const WHOLE: Duration = Duration::from_secs(600);

type Result<T> = std::result::Result<T, ClientError>;

impl AdminClient {
    /// A client for the gateway at `host:port`. Needs rustls' provider installed.
    ///
    /// # Errors
    /// If the address isn't one.
    pub fn new(address: &str, token: Option<Secret>) -> Result<Self> {
        let unreachable =
            |why: String| ClientError::Unreachable { address: address.to_owned(), why };
        let base = Url::parse(&format!("http://{address}/"))
            .map_err(|error| unreachable(error.to_string()))?;
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|error| unreachable(error.to_string()))?;
        Ok(AdminClient { http, base, token })
    }

    /// How it stands.
    ///
    /// # Errors
    /// As all methods: if nobody answers, or the gateway refuses.
    pub async fn status(&self) -> Result<Status> {
        self.get(&["api", "v1", "status"], &json!({})).await
    }

    /// Events, newest first.
    ///
    /// # Errors
    /// As [`AdminClient::status`].
    pub async fn events(&self, filter: &EventFilter) -> Result<Vec<EventView>> {
        self.get(&["api", "v1", "events"], filter).await
    }

    /// One event.
    ///
    /// # Errors
    /// As [`AdminClient::status`].
    pub async fn event(&self, id: Uuid) -> Result<EventDetail> {
        self.get(&["api", "v1", "events", &id.to_string()], &json!({})).await
    }

    /// Decides an event anew.
    ///
    /// # Errors
    /// As [`AdminClient::status`].
    pub async fn replay(&self, id: Uuid) -> Result<Replayed> {
        self.post(&["api", "v1", "events", &id.to_string(), "replay"], &json!({})).await
    }

    /// Deliveries, newest first. The filter's `ids` are not looked at here.
    ///
    /// # Errors
    /// As [`AdminClient::status`].
    pub async fn deliveries(&self, filter: &DeliveryFilter) -> Result<Vec<DeliveryView>> {
        self.get(&["api", "v1", "deliveries"], filter).await
    }

    /// One delivery with its attempts.
    ///
    /// # Errors
    /// As [`AdminClient::status`].
    pub async fn delivery(&self, id: Uuid) -> Result<DeliveryDetail> {
        self.get(&["api", "v1", "deliveries", &id.to_string()], &json!({})).await
    }

    /// Puts dead deliveries back to waiting.
    ///
    /// # Errors
    /// As [`AdminClient::status`].
    pub async fn retry(&self, filter: &DeliveryFilter) -> Result<Changed> {
        self.post(&["api", "v1", "deliveries", "retry"], filter).await
    }

    /// Marks dead deliveries as seen.
    ///
    /// # Errors
    /// As [`AdminClient::status`].
    pub async fn acknowledge(&self, filter: &DeliveryFilter) -> Result<Changed> {
        self.post(&["api", "v1", "deliveries", "acknowledge"], filter).await
    }

    /// The sinks.
    ///
    /// # Errors
    /// As [`AdminClient::status`].
    pub async fn sinks(&self) -> Result<Vec<SinkState>> {
        self.get(&["api", "v1", "sinks"], &json!({})).await
    }

    /// Ends a sink's trouble.
    ///
    /// # Errors
    /// As [`AdminClient::status`].
    pub async fn resume(&self, sink: &str) -> Result<()> {
        let done: Done = self.post(&["api", "v1", "sinks", sink, "resume"], &json!({})).await?;
        self.expect_done(done)
    }

    /// Takes up the configuration as it is on disk.
    ///
    /// # Errors
    /// As [`AdminClient::status`].
    pub async fn reload(&self) -> Result<Reloaded> {
        self.post(&["api", "v1", "reload"], &json!({})).await
    }

    /// Copies the journal to a new file on the gateway's machine.
    ///
    /// # Errors
    /// As [`AdminClient::status`].
    pub async fn backup(&self, file: PathBuf) -> Result<()> {
        let request = BackupRequest { file };
        let done: Done = self.post(&["api", "v1", "journal", "backup"], &request).await?;
        self.expect_done(done)
    }

    /// Reads the whole journal and says what is damaged.
    ///
    /// # Errors
    /// As [`AdminClient::status`].
    pub async fn check(&self) -> Result<Checked> {
        self.post(&["api", "v1", "journal", "check"], &json!({})).await
    }

    async fn get<T: DeserializeOwned>(&self, path: &[&str], query: &impl Serialize) -> Result<T> {
        let mut url = self.url(path);
        append(&mut url, &serde_json::to_value(query).unwrap_or_default());
        self.ask(Method::GET, url, None).await
    }

    async fn post<T: DeserializeOwned>(&self, path: &[&str], body: &impl Serialize) -> Result<T> {
        let body = serde_json::to_vec(body).map_err(|error| self.strange(&error))?;
        self.ask(Method::POST, self.url(path), Some(body)).await
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        url: Url,
        body: Option<Vec<u8>>,
    ) -> Result<T> {
        let mut request = self.http.request(method, url);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.expose());
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        let answer = request.send().await.map_err(|error| self.unreachable(&error))?;
        let status = answer.status();
        let bytes = answer.bytes().await.map_err(|error| self.strange(&error))?;
        if status.is_success() {
            return serde_json::from_slice(&bytes).map_err(|error| self.strange(&error));
        }
        let refused = serde_json::from_slice::<Refused>(&bytes);
        let error = refused.map_or_else(|_| format!("it answered {status}"), |known| known.error);
        Err(ClientError::Refused { status: status.as_u16(), error })
    }

    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.clear().extend(path);
        }
        url
    }

    fn expect_done(&self, done: Done) -> Result<()> {
        if done.done { Ok(()) } else { Err(self.strange(&"it says that nothing was done")) }
    }

    fn unreachable(&self, error: &reqwest::Error) -> ClientError {
        let mut cause: &dyn std::error::Error = error;
        while let Some(deeper) = cause.source() {
            cause = deeper;
        }
        ClientError::Unreachable {
            address: self.base.authority().to_owned(),
            why: cause.to_string(),
        }
    }

    fn strange(&self, why: &impl ToString) -> ClientError {
        ClientError::Strange { address: self.base.authority().to_owned(), why: why.to_string() }
    }
}

/// Puts what a filter says into the query; what says nothing is left out.
fn append(url: &mut Url, filter: &Value) {
    let Value::Object(filter) = filter else { return };
    for (name, value) in filter {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) if number.as_u64() != Some(0) => number.to_string(),
            Value::Bool(true) => "true".to_owned(),
            _ => continue,
        };
        url.query_pairs_mut().append_pair(name, &text);
    }
}
