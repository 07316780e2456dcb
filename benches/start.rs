//! What a start costs before anything is opened: a configuration read, checked and compiled, small,
//! and with a thousand sinks of one kind or of all services. And what each service's file costs by
//! itself, read when the first sink of its kind is met and compiled once for all of them.

use std::fmt::Write;

use agnox_bridge::config::{self, LoadOptions};
use agnox_bridge_sinks::catalog::{Catalog, FILES};
use agnox_bridge_sinks::client::{Client, DialPolicy};
use agnox_bridge_sinks::kind::{Kind, Surroundings};
use agnox_bridge_sinks::service::{Compiled, Service};
use agnox_bridge_sinks::template::{Names, Templates};
use divan::Bencher;
use jiff::tz::TimeZone;
use serde_json::Value;

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The kinds that a configuration's sinks are of, one after the other.
const MIXES: [&str; 4] = ["console", "slack", "http", "every service"];

fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    divan::main();
}

/// So many sinks, and a rule that tells all of them.
fn configuration(sinks: usize, mix: &str) -> String {
    let kinds: Vec<&Kind> = Catalog::built_in()
        .kinds()
        .filter(|kind| match mix {
            "every service" => matches!(kind, Kind::Service(_)),
            name => kind.name() == name,
        })
        .collect();
    let examples: Vec<String> = kinds.iter().map(|kind| below(&kind.example())).collect();
    let mut text = String::from(
        "sources: {main: {secret: 0123456789abcdef0123456789abcdef}}\njournal: {url: sqlite:agnox-bridge.db}\nsinks:\n",
    );
    for number in 0..sinks {
        let (kind, example) = (number % kinds.len(), &examples[number % kinds.len()]);
        let name = kinds[kind].name();
        let _ = write!(text, "  sink-{number}:\n    {name}:{example}");
    }
    text.push_str("rules:\n  - name: all\n    when: {status: FAILED}\n    send:\n");
    (0..sinks).for_each(|number| text.push_str(&format!("      - sink-{number}\n")));
    text
}

/// An example as it stands below its kind's word.
fn below(example: &str) -> String {
    if example.trim_start().starts_with('{') {
        return format!(" {}\n", example.trim());
    }
    let lines = example.lines().map(|line| format!("      {line}\n"));
    format!("\n{}", lines.collect::<String>())
}

#[divan::bench(args = MIXES)]
fn load_one_sink(bencher: Bencher<'_, '_>, mix: &str) {
    load(bencher, 1, mix);
}

#[divan::bench(args = MIXES, sample_count = 10)]
fn load_a_thousand_sinks(bencher: Bencher<'_, '_>, mix: &str) {
    load(bencher, 1_000, mix);
}

fn load(bencher: Bencher<'_, '_>, sinks: usize, mix: &str) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("agnox-bridge.yaml");
    std::fs::write(&path, configuration(sinks, mix)).expect("a file can be written");
    let options = LoadOptions::default();
    bencher.bench_local(|| match config::load(&path, &options) {
        Ok(loaded) => assert_eq!(loaded.outlets.len(), sinks),
        Err(report) => panic!("{report}"),
    });
}

#[divan::bench(args = FILES.iter().map(|(name, _)| *name))]
fn read_a_service(bencher: Bencher<'_, '_>, name: &str) {
    let file = FILES.iter().find(|(file, _)| *file == name).expect("the names are the files' own");
    bencher.bench(|| {
        let service = Service::built_in(name, file.1);
        service.form().parameters.iter().count()
    });
}

#[divan::bench(args = FILES.iter().map(|(name, _)| *name))]
fn compile_a_service(bencher: Bencher<'_, '_>, name: &str) {
    let kind = Catalog::built_in().kind(name).expect("the names are the files' own");
    let templates = Templates::new(Names::default(), TimeZone::UTC);
    let client = Client::new(DialPolicy { private: true });
    let options: Value = serde_yaml::from_str(&kind.example()).expect("an example is YAML");
    bencher.bench(|| {
        let compiled = Compiled::default();
        let around = Surroundings::new(name, &templates, &client, &compiled);
        kind.build(options.clone(), &around).map(drop).expect("an example builds")
    });
}
