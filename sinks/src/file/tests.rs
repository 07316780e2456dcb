//! What a `file` sink appends, when it rotates, and what it makes of a file that is not as it was.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use futures_util::future::join_all;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::*;
use crate::client::{Client, DialPolicy};
use crate::service::Compiled;
use crate::template::{Names, Templates};
use crate::variables::{VARIABLES, sample};

fn built(folder: &Path, options: Value) -> Result<Built, BuildError> {
    let templates = Templates::new(Names::default(), TimeZone::UTC);
    let client = Client::new(DialPolicy { private: true });
    let compiled = Compiled::default();
    build(
        options,
        &Surroundings { folder, ..Surroundings::new("log", &templates, &client, &compiled) },
    )
}

fn sink(folder: &Path, options: Value) -> Arc<dyn Sink> {
    built(folder, options).unwrap().sink
}

async fn send(sink: &Arc<dyn Sink>, group: &str) -> Result<Receipt, Failure> {
    send_within(sink, group, Duration::from_secs(20)).await
}

async fn send_within(
    sink: &Arc<dyn Sink>,
    group: &str,
    deadline: Duration,
) -> Result<Receipt, Failure> {
    let notice = Notice { group: group.to_owned(), ..sample() };
    let attempt = Attempt {
        delivery_id: notice.delivery_id.clone(),
        number: 1,
        at: Timestamp::UNIX_EPOCH,
        deadline,
        progress: None,
    };
    sink.send(&sink.render(&notice, None).unwrap(), &attempt).await
}

/// The groups of a file's lines, each of which is whole.
fn groups(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'));
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.map(|line| line["group"].as_str().unwrap().to_owned()).collect()
}

fn short(path: &str) -> Value {
    json!({"path": path, "json": {"group": "{{ group }}"}})
}

#[tokio::test]
async fn a_line_holds_every_documented_variable() {
    let folder = tempfile::tempdir().unwrap();
    let sink = sink(folder.path(), json!({"path": "log.jsonl"}));
    send(&sink, "two\nlines").await.unwrap();
    let path = folder.path().join("log.jsonl");
    assert_eq!(groups(&path), ["two\nlines"]);
    let line: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let names: BTreeSet<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
    let known = VARIABLES.iter().map(|variable| variable.name).filter(|name| !name.contains('.'));
    assert_eq!(names, known.collect());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o137, 0);
}

#[tokio::test]
async fn a_line_of_ones_own_keeps_its_types() {
    let folder = tempfile::tempdir().unwrap();
    let json = json!({"is": "{{ group }}: {{ status }}", "seconds": "{{ duration_seconds }}"});
    let sink = sink(folder.path(), json!({"path": "log.jsonl", "json": json}));
    send(&sink, "a \"b\"").await.unwrap();
    let text = fs::read_to_string(folder.path().join("log.jsonl")).unwrap();
    assert_eq!(text, "{\"is\":\"a \\\"b\\\": FAILED\",\"seconds\":240}\n");
}

#[tokio::test]
async fn what_a_crash_left_of_a_line_costs_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.jsonl");
    fs::write(&path, "{\"group\":\"whole\"}\n{\"group\":\"to").unwrap();
    let sink = sink(folder.path(), short("log.jsonl"));
    send(&sink, "next").await.unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text, "{\"group\":\"whole\"}\n{\"group\":\"to\n{\"group\":\"next\"}\n");
}

fn small(keep: u32) -> Value {
    json!({"path": "log", "json": {"group": "{{ group }}"}, "rotate": "1KiB", "keep": keep})
}

/// A name that fills a file by itself.
fn full(name: &str) -> String {
    format!("{name}{}", "x".repeat(1_000))
}

fn first_letters(folder: &Path) -> String {
    let mut all = String::new();
    for name in ["log", "log.1", "log.2", "log.3", "log.4"] {
        let lines = fs::read_to_string(folder.join(name)).unwrap_or_default();
        all.push(lines.chars().nth("{\"group\":\"".len()).unwrap_or('-'));
    }
    all
}

#[tokio::test]
async fn a_full_file_is_renamed_and_so_many_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let log = sink(folder.path(), small(3));
    for (name, there) in
        [("a", "a----"), ("b", "ba---"), ("c", "cba--"), ("d", "dcba-"), ("e", "edcb-")]
    {
        send(&log, &full(name)).await.unwrap();
        assert_eq!(first_letters(folder.path()), there);
    }
    fs::remove_file(folder.path().join("log.1")).unwrap();
    send(&log, &full("f")).await.unwrap();
    assert_eq!(first_letters(folder.path()), "fecb-", "a gap is filled, and nothing is lost");
    send(&sink(folder.path(), small(1)), &full("g")).await.unwrap();
    assert_eq!(first_letters(folder.path()), "gf---", "what is no more to be kept is removed");
}

#[tokio::test]
async fn a_line_that_is_longer_than_a_file_has_one_for_itself() {
    let folder = tempfile::tempdir().unwrap();
    let log = sink(folder.path(), small(3));
    for name in ["a", "b"] {
        send(&log, &name.repeat(5_000)).await.unwrap();
    }
    assert_eq!(first_letters(folder.path()), "ba---");
}

#[tokio::test]
async fn a_file_that_was_renamed_or_removed_beneath_us_is_begun_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let log = sink(folder.path(), short("log"));
    send(&log, "a").await.unwrap();
    fs::rename(&path, folder.path().join("moved")).unwrap();
    send(&log, "b").await.unwrap();
    assert_eq!(
        (groups(&folder.path().join("moved")), groups(&path)),
        (vec!["a".into()], vec!["b".into()])
    );
    fs::remove_file(&path).unwrap();
    send(&log, "c").await.unwrap();
    assert_eq!(groups(&path), ["c"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_writers_and_rotations_lose_and_mix_no_line() {
    let folder = tempfile::tempdir().unwrap();
    let options =
        json!({"path": "log", "json": {"group": "{{ group }}"}, "rotate": "1KiB", "keep": 900});
    // Two sinks for one file, as around a reload.
    let sinks = [sink(folder.path(), options.clone()), sink(folder.path(), options)];
    let sent: Vec<String> = (0..400).map(|n| format!("group-{n}-{}", "y".repeat(n % 90))).collect();
    let all = sent.iter().enumerate().map(|(n, group)| send(&sinks[n % 2], group));
    assert!(join_all(all).await.iter().all(Result::is_ok));
    let mut found = Vec::new();
    let files: Vec<_> = fs::read_dir(folder.path()).unwrap().flatten().map(|f| f.path()).collect();
    files.iter().for_each(|file| found.extend(groups(file)));
    assert!(files.len() > 10, "{}", files.len());
    found.sort();
    let mut sent = sent;
    sent.sort();
    assert_eq!(sent, found);
}

#[tokio::test]
async fn a_file_that_another_holds_is_waited_for_and_not_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let held = fs::File::create(&path).unwrap();
    held.lock().unwrap();
    let log = sink(folder.path(), short("log"));
    let failure = send_within(&log, "a", Duration::from_millis(200)).await.unwrap_err();
    assert_eq!(failure.fault, Fault::Unavailable { retry_after: None });
    let (sent, ()) = tokio::join!(send(&log, "b"), async {
        tokio::task::yield_now().await;
        held.unlock().unwrap();
    });
    sent.unwrap();
    assert_eq!(groups(&path).last().map(String::as_str), Some("b"));
}

#[tokio::test]
async fn what_waits_for_somebody_is_suspended_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("folder")).unwrap();
    fs::write(at("plain"), "").unwrap();
    symlink(at("plain"), at("link")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap();
    assert!(made.success());
    for (path, says) in [
        ("missing/log", "create it"),
        ("plain/log", "no folder"),
        ("folder", "folder"),
        ("link", "is a link"),
        ("pipe", "is no file"),
    ] {
        let log = sink(folder.path(), short(path));
        let failure = send(&log, "a").await.unwrap_err();
        assert_eq!(failure.fault, Fault::Suspended, "{failure}");
        assert!(failure.reason.contains(says), "{failure}");
        assert!(log.reach(Duration::from_secs(1)).await.is_err(), "{path}");
    }
    assert_eq!(fs::read_to_string(at("plain")).unwrap(), "");
}

#[tokio::test]
async fn reaching_says_whether_it_can_be_written_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let log = sink(folder.path(), short("log"));
    let reached = log.reach(Duration::from_secs(1)).await.unwrap();
    assert!(reached.ends_with("/log can be written"), "{reached}");
    assert!(!folder.path().join("log").exists());
}

#[test]
fn what_can_not_work_is_refused_at_its_option() {
    let folder = tempfile::tempdir().unwrap();
    for (options, path) in [
        (json!({}), ""),
        (json!({"path": "{{ group }}.jsonl"}), "path"),
        (json!({"path": "logs/"}), "path"),
        (json!({"path": ".."}), "path"),
        (json!({"path": "a", "json": {"a": ["{{ gruop }}"]}}), "json.a[0]"),
        (json!({"path": "a", "rotate": "10B"}), "rotate"),
        (json!({"path": "a", "rotate": "10"}), "rotate"),
        (json!({"path": "a", "rotate": 10}), "rotate"),
        (json!({"path": "a", "keep": 0}), "keep"),
        (json!({"path": "a", "keep": 100_000}), "keep"),
        (json!({"path": "a", "kept": 1}), "kept"),
    ] {
        let error = built(folder.path(), options.clone()).map(drop).unwrap_err();
        assert_eq!(error.path, path, "{options}: {error}");
    }
    let missing = built(folder.path(), json!({"path": "missing/log"})).unwrap();
    assert_eq!(missing.warnings[0].path, "path");
}

#[test]
fn a_sink_claims_its_file_and_those_that_it_is_renamed_to_by_whatever_way() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("deep")).unwrap();
    let claims = |path: &str| {
        built(folder.path(), json!({"path": path, "keep": 2})).unwrap().claims.unwrap().files
    };
    let direct = claims("log");
    assert_eq!(direct.len(), 3);
    assert_eq!(claims("deep/../log"), direct);
    assert_eq!(claims("./log"), direct);
    assert!(claims("log.2").iter().any(|file| direct.contains(file)));
}
