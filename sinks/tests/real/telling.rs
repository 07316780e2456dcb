//! Sinks of the catalogue, and notices as they would be made now.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Once};
use std::time::Duration;

use agnox_bridge_sinks::catalog::Catalog;
use agnox_bridge_sinks::client::{Client, DialPolicy};
use agnox_bridge_sinks::contract::{
    Attempt, Captured, Failure, Fault, Holding, Notice, Receipt, Sink,
};
use agnox_bridge_sinks::kind::{Kind, Surroundings};
use agnox_bridge_sinks::moments;
use agnox_bridge_sinks::service::{Compiled, Service};
use agnox_bridge_sinks::template::{Names, Templates};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::Value;

/// A service of the catalogue.
pub fn service(name: &str) -> Arc<Service> {
    match Catalog::built_in().kind(name) {
        Some(Kind::Service(service)) => Arc::clone(service),
        _ => panic!("{name} is no service of the catalogue"),
    }
}

/// A sink of any kind with these options.
pub fn sink(kind: &str, options: Value) -> Arc<dyn Sink> {
    install_rustls();
    let templates = Templates::new(Names::default(), TimeZone::UTC);
    let client = Client::new(DialPolicy { private: true });
    let compiled = Compiled::default();
    let around = Surroundings::new("sink", &templates, &client, &compiled);
    let kind = Catalog::built_in().kind(kind).unwrap();
    kind.build(options, &around).unwrap_or_else(|error| panic!("{error}")).sink
}

/// Renders and sends.
pub async fn tell(sink: &Arc<dyn Sink>, notice: &Notice) -> Result<Receipt, Failure> {
    let message = sink.render(notice, None).unwrap();
    let attempt = Attempt {
        delivery_id: notice.delivery_id.clone(),
        number: 1,
        at: Timestamp::now(),
        deadline: Duration::from_secs(30),
        progress: notice.progress.clone(),
    };
    sink.send(&message, &attempt).await
}

/// Tells, and gives the failure.
pub async fn fails(sink: &Arc<dyn Sink>, notice: &Notice) -> Failure {
    tell(sink, notice).await.expect_err("it should not be taken")
}

/// Whether a failure suspends the sink.
pub fn suspends(failure: &Failure) -> bool {
    failure.fault == Fault::Suspended
}

/// What a receipt says was opened.
pub fn opened(result: Result<Receipt, Failure>) -> Captured {
    match result.map(|receipt| receipt.holding) {
        Ok(Some(Holding::Open(captured))) => captured,
        other => panic!("nothing was opened: {other:?}"),
    }
}

/// A moment that takes place now, with a delivery of its own. Its group has been failing for an hour.
pub fn now(moment: &str) -> Notice {
    of_now(moments::moment(moment).unwrap())
}

/// The notice, taking place now.
pub fn of_now(notice: Notice) -> Notice {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::SeqCst);
    let now = Timestamp::now();
    let at = |seconds: i64| (now - seconds.seconds()).to_string();
    Notice {
        delivery_id: format!("01956b9e-5a81-7d20-8f3a-{count:012x}"),
        received_at: at(0),
        finished_at: notice.finished_at.is_some().then(|| at(1)),
        started_at: notice.started_at.is_some().then(|| at(240)),
        failing_since: notice.failing_since.is_some().then(|| at(3600)),
        ..notice
    }
}

/// Which TLS is spoken, also where nobody speaks it.
pub fn install_rustls() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        rustls::crypto::ring::default_provider().install_default().expect("it is the first");
    });
}
