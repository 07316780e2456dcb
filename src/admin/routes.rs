//! The admin API's routes: each turns a request into one operation of the desk.

use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, Data, Path, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::desk::{Desk, DeskError};
use super::shapes::{BackupRequest, Done, Refused};
use crate::journal::JournalError;

/// Every route, by method and path; a test walks over them.
pub const ROUTES: [(&str, &str); 22] = [
    ("GET", "/metrics"),
    ("GET", "/api/v1/status"),
    ("GET", "/api/v1/events"),
    ("GET", "/api/v1/events/{id}"),
    ("POST", "/api/v1/events/{id}/replay"),
    ("GET", "/api/v1/deliveries"),
    ("POST", "/api/v1/deliveries/retry"),
    ("POST", "/api/v1/deliveries/acknowledge"),
    ("GET", "/api/v1/deliveries/{id}"),
    ("GET", "/api/v1/sinks"),
    ("POST", "/api/v1/sinks/{name}/resume"),
    ("GET", "/api/v1/groups"),
    ("GET", "/api/v1/group"),
    ("GET", "/api/v1/incidents"),
    ("GET", "/api/v1/incidents/{id}"),
    ("GET", "/api/v1/silences"),
    ("POST", "/api/v1/silences"),
    ("POST", "/api/v1/silences/preview"),
    ("POST", "/api/v1/silences/{id}/expire"),
    ("POST", "/api/v1/reload"),
    ("POST", "/api/v1/journal/backup"),
    ("POST", "/api/v1/journal/check"),
];

type Answer = Result<HttpResponse, DeskError>;

pub(super) fn configure(app: &mut ServiceConfig) {
    app.route("/metrics", web::get().to(metrics))
        .route("/api/v1/status", web::get().to(status))
        .route("/api/v1/events", web::get().to(events))
        .route("/api/v1/events/{id}", web::get().to(event))
        .route("/api/v1/events/{id}/replay", web::post().to(replay))
        .route("/api/v1/deliveries", web::get().to(deliveries))
        .route("/api/v1/deliveries/retry", web::post().to(retry))
        .route("/api/v1/deliveries/acknowledge", web::post().to(acknowledge))
        .route("/api/v1/deliveries/{id}", web::get().to(delivery))
        .route("/api/v1/sinks", web::get().to(sinks))
        .route("/api/v1/sinks/{name}/resume", web::post().to(resume))
        .route("/api/v1/groups", web::get().to(groups))
        .route("/api/v1/group", web::get().to(group))
        .route("/api/v1/incidents", web::get().to(incidents))
        .route("/api/v1/incidents/{id}", web::get().to(incident))
        .route("/api/v1/silences", web::get().to(silences))
        .route("/api/v1/silences", web::post().to(silence))
        .route("/api/v1/silences/preview", web::post().to(preview))
        .route("/api/v1/silences/{id}/expire", web::post().to(expire))
        .route("/api/v1/reload", web::post().to(reload))
        .route("/api/v1/journal/backup", web::post().to(backup))
        .route("/api/v1/journal/check", web::post().to(check))
        .default_service(web::to(nothing));
}

async fn metrics(desk: Data<Desk>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(desk.metrics())
}

async fn status(desk: Data<Desk>) -> Answer {
    answer(desk.status().await?)
}

async fn events(desk: Data<Desk>, request: HttpRequest) -> Answer {
    answer(desk.events(query(&request)?).await?)
}

async fn event(desk: Data<Desk>, id: Path<String>) -> Answer {
    answer(desk.event(uuid(&id)?).await?)
}

async fn replay(desk: Data<Desk>, id: Path<String>) -> Answer {
    answer(desk.replay(uuid(&id)?).await?)
}

async fn deliveries(desk: Data<Desk>, request: HttpRequest) -> Answer {
    answer(desk.deliveries(query(&request)?).await?)
}

async fn delivery(desk: Data<Desk>, id: Path<String>) -> Answer {
    answer(desk.delivery(uuid(&id)?).await?)
}

async fn retry(desk: Data<Desk>, body: Bytes) -> Answer {
    answer(desk.retry(json(&body)?).await?)
}

async fn acknowledge(desk: Data<Desk>, body: Bytes) -> Answer {
    answer(desk.acknowledge(json(&body)?).await?)
}

async fn sinks(desk: Data<Desk>) -> Answer {
    answer(desk.sinks().await?)
}

async fn resume(desk: Data<Desk>, name: Path<String>) -> Answer {
    desk.resume(&name).await?;
    answer(Done { done: true })
}

async fn groups(desk: Data<Desk>, request: HttpRequest) -> Answer {
    answer(desk.groups(query(&request)?).await?)
}

/// A group's name can hold anything, also a slash: it comes in the query.
async fn group(desk: Data<Desk>, request: HttpRequest) -> Answer {
    answer(desk.group(query(&request)?).await?)
}

async fn incidents(desk: Data<Desk>, request: HttpRequest) -> Answer {
    answer(desk.incidents(query(&request)?).await?)
}

async fn incident(desk: Data<Desk>, id: Path<String>) -> Answer {
    answer(desk.incident(&id).await?)
}

async fn silences(desk: Data<Desk>) -> Answer {
    answer(desk.silences().await?)
}

async fn silence(desk: Data<Desk>, body: Bytes) -> Answer {
    answer(desk.silence(json(&body)?).await?)
}

async fn preview(desk: Data<Desk>, body: Bytes) -> Answer {
    answer(desk.preview(json(&body)?).await?)
}

async fn expire(desk: Data<Desk>, id: Path<String>) -> Answer {
    answer(desk.expire(&id).await?)
}

async fn reload(desk: Data<Desk>) -> Answer {
    answer(desk.reload().await?)
}

async fn backup(desk: Data<Desk>, body: Bytes) -> Answer {
    let BackupRequest { file } = json(&body)?;
    desk.backup(file).await?;
    answer(Done { done: true })
}

async fn check(desk: Data<Desk>) -> Answer {
    answer(desk.check().await?)
}

async fn nothing() -> Answer {
    Err(DeskError::NotFound("nothing is served under this path and method".to_owned()))
}

fn answer(value: impl Serialize) -> Answer {
    Ok(HttpResponse::Ok().json(value))
}

fn uuid(text: &str) -> Result<Uuid, DeskError> {
    text.parse().map_err(|_| DeskError::Invalid(format!("`{text}` is no id (a UUID)")))
}

fn query<T: DeserializeOwned>(request: &HttpRequest) -> Result<T, DeskError> {
    Query::from_query(request.query_string())
        .map(Query::into_inner)
        .map_err(|error| DeskError::Invalid(format!("the query is not understood: {error}")))
}

/// Always an object, so that nothing else is taken for a filter that selects everything: whoever
/// means everything writes `{}`.
fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, DeskError> {
    serde_json::from_slice::<Map<String, Value>>(body)
        .and_then(|object| serde_json::from_value(Value::Object(object)))
        .map_err(|error| DeskError::Invalid(format!("the body is not understood: {error}")))
}

impl ResponseError for DeskError {
    fn status_code(&self) -> StatusCode {
        match self {
            DeskError::NotFound(_) => StatusCode::NOT_FOUND,
            DeskError::Invalid(_) => StatusCode::BAD_REQUEST,
            DeskError::Conflict(_) => StatusCode::CONFLICT,
            DeskError::Journal(JournalError::Other(_)) => StatusCode::CONFLICT,
            DeskError::Journal(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code()).json(Refused { error: self.to_string() })
    }
}
