//! What the parts of an event's way cost by themselves: the signature, reading the body, the data
//! that templates see, and the built-in message of each kind. What deciding costs is in `route`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use agnox_bridge::model::Reading;
use agnox_bridge_sinks::catalog::Catalog;
use agnox_bridge_sinks::client::{Client, DialPolicy};
use agnox_bridge_sinks::contract::{Notice, Sink};
use agnox_bridge_sinks::digest::{Digest, Row};
use agnox_bridge_sinks::kind::Surroundings;
use agnox_bridge_sinks::secret::Secret;
use agnox_bridge_sinks::service::Compiled;
use agnox_bridge_sinks::signature::AgnoxKey;
use agnox_bridge_sinks::template::{Names, Templates};
use agnox_bridge_sinks::variables::sample;
use divan::{Bencher, black_box};
use jiff::tz::TimeZone;
use serde_json::Value;

/// A usual body, and one as large as a listener takes.
const SIZES: [usize; 2] = [256, 1 << 20];

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    // What the program does first, too: sinks that speak TLS need it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    divan::main();
}

fn key() -> AgnoxKey {
    AgnoxKey::new(&Secret::new("a-shared-secret-of-more-than-32-characters"))
        .expect("the secret is not blank")
}

/// A body of about so many bytes, most of them in its summary.
fn body(size: usize) -> Vec<u8> {
    let mut fields = sample().body;
    fields["summary"] = "3 tests failed. ".repeat(size.div_ceil(16)).into();
    fields.to_string().into_bytes()
}

/// A notice whose texts are as long as they come, with every label and parameter that there is
/// room for.
fn largest() -> Notice {
    let many: BTreeMap<String, String> =
        (0..50).map(|n| (format!("parameter-{n}"), "value ".repeat(40))).collect();
    let labels = many.iter().map(|(name, value)| (name.clone(), Some(value.clone())));
    Notice {
        group: "checkout ".repeat(100),
        summary: Some("3 tests failed in <My & Test> *Suite*. ".repeat(1_000)),
        rules: (0..50).map(|n| format!("the rule of number {n} with a long name")).collect(),
        labels: labels.collect(),
        with: many,
        ..sample()
    }
}

/// A notice of a digest with as many groups as a report shows, each with all that is known of it.
fn report() -> Notice {
    let rows: Vec<Row> = (0..30).map(row).collect();
    let digest = Digest {
        kind: "digest".to_owned(),
        rule: "morning report".to_owned(),
        since: "2026-03-13T09:00:00+01:00".to_owned(),
        until: "2026-03-14T09:00:00+01:00".to_owned(),
        runs: 240,
        groups: 40,
        failing: 30,
        more: 10,
        rows,
        ..Digest::default()
    };
    Notice { digest: Some(Box::new(digest)), ..sample() }
}

fn row(number: u32) -> Row {
    Row {
        group: format!("checkout-eu-{number}"),
        source: "main".to_owned(),
        net: "failing".to_owned(),
        status: Some("FAILED".to_owned()),
        emoji: "🔴".to_owned(),
        color: "#d73a49".to_owned(),
        runs: 8,
        passed: 5,
        pass_rate: Some("62 %".to_owned()),
        pass_rate_percent: Some(62),
        failures_in_a_row: 3,
        failing_since: Some("2026-03-13T23:10:00+01:00".to_owned()),
        recovered_at: None,
        slowest: Some("6m 12s".to_owned()),
        slowest_seconds: Some(372.0),
        summary: Some("3 tests failed in <My & Test> *Suite*".to_owned()),
        link: Some(format!("https://agnox.dev/dashboard?drawerId=task_{number}")),
        line: format!("checkout-eu-{number}: FAILED 3 times in a row since Fri 23:10"),
    }
}

fn sink(name: &str) -> Arc<dyn Sink> {
    let kind = Catalog::built_in().kind(name).expect("the names are the kinds' own");
    let templates = Templates::new(Names::default(), TimeZone::UTC);
    let compiled = Compiled::default();
    let client = Client::new(DialPolicy { private: true });
    let options: Value = serde_yaml::from_str(&kind.example()).expect("an example is YAML");
    let programs = &[PathBuf::from("/usr/bin/logger")];
    let surroundings =
        Surroundings { programs, ..Surroundings::new(name, &templates, &client, &compiled) };
    kind.build(options, &surroundings).expect("an example builds").sink
}

fn names() -> impl Iterator<Item = &'static str> {
    Catalog::built_in().names()
}

fn names_with_reports() -> impl Iterator<Item = &'static str> {
    Catalog::built_in().kinds().filter(|kind| kind.digest()).map(|kind| kind.name())
}

#[divan::bench(args = SIZES)]
fn sign(bencher: Bencher<'_, '_>, size: usize) {
    let (key, body) = (key(), body(size));
    bencher.bench(|| key.sign(black_box(&body)));
}

#[divan::bench(args = SIZES)]
fn verify(bencher: Bencher<'_, '_>, size: usize) {
    let (key, body) = (key(), body(size));
    let header = key.sign(&body);
    assert!(key.verify(header.as_bytes(), &body).is_ok());
    bencher.bench(|| key.verify(black_box(header.as_bytes()), black_box(&body)));
}

#[divan::bench(args = SIZES)]
fn parse(bencher: Bencher<'_, '_>, size: usize) {
    let body = body(size);
    bencher.bench(|| Reading::of(black_box(&body)));
}

/// A notice as the variables that templates see.
#[divan::bench]
fn variables(bencher: Bencher<'_, '_>) {
    let notice = sample();
    bencher.bench(|| black_box(&notice).data());
}

#[divan::bench(args = names())]
fn render_the_usual_message(bencher: Bencher<'_, '_>, kind: &str) {
    let (sink, notice) = (sink(kind), sample());
    bencher.bench(|| sink.render(black_box(&notice), None).expect("the sample renders"));
}

#[divan::bench(args = names())]
fn render_the_largest_message(bencher: Bencher<'_, '_>, kind: &str) {
    let (sink, notice) = (sink(kind), largest());
    bencher.bench(|| sink.render(black_box(&notice), None).expect("a long text is cut"));
}

#[divan::bench(args = names_with_reports())]
fn render_a_report(bencher: Bencher<'_, '_>, kind: &str) {
    let (sink, notice) = (sink(kind), report());
    bencher.bench(|| sink.render(black_box(&notice), None).expect("a report renders"));
}
