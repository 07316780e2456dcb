//! No text of an event breaks a line of a file, or becomes more than one argument of a program.

use std::path::Path;

use agnox_bridge_sinks::message::{Message, Run, Step};
use serde_json::{Value, json};

use crate::corpus::{hostile, notices_of};
use crate::subjects::{attempt, build, render_both};

/// Writes down what it was given: arguments and two variables, each ended by NUL, and its input.
const RECORDER: &str = r#"
    folder=$1; shift
    for each in "$@" "$AGNOX_GROUP" "$OWN"; do printf '%s\0' "$each"; done > "$folder/texts"
    cat > "$folder/input"
"#;

fn recorder(folder: &Path) -> Value {
    json!({
        "program": "/bin/sh",
        "args": ["-c", RECORDER, "recorder", folder, "{{ group }}", "a {{ summary }} b", "{{ rule }}"],
        "env": {"OWN": "{{ status }}"},
    })
}

fn run_of(message: &Message) -> &Run {
    match message.steps.as_slice() {
        [Step::Run(run)] => run,
        other => panic!("no run: {other:?}"),
    }
}

#[tokio::test]
async fn every_hostile_text_reaches_a_program_whole_and_as_one_argument() {
    let folder = tempfile::tempdir().unwrap();
    let sink = build("exec", recorder(folder.path()));
    for text in hostile() {
        for notice in notices_of(&text) {
            for message in render_both(&sink, &notice) {
                sink.send(&message, &attempt()).await.unwrap();
                let run = run_of(&message);
                let texts = std::fs::read(folder.path().join("texts")).unwrap();
                let texts: Vec<&[u8]> = texts.split(|byte| *byte == 0).collect();
                assert_eq!(texts.len(), 6, "three arguments, two variables and the end: {text:?}");
                let told = run.arguments[4..].iter().map(String::as_bytes);
                assert!(told.eq(texts[..3].iter().copied()), "{text:?}");
                let (_, group) = run.environment.iter().find(|(n, _)| n == "AGNOX_GROUP").unwrap();
                assert_eq!(group.as_bytes(), texts[3]);
                assert_eq!(run.secrets[0].1.expose().as_bytes(), texts[4]);
                if text.len() < 10_000 {
                    assert_eq!(texts[0], text.replace('\0', "").as_bytes(), "nothing is cut");
                }
                assert_eq!(std::fs::read(folder.path().join("input")).unwrap(), run.input);
                let input: Value = serde_json::from_slice(&run.input).unwrap();
                assert_eq!(input["group"], text);
            }
        }
    }
}

#[tokio::test]
async fn every_hostile_text_is_one_line_of_valid_json() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    for (name, json) in [("all", Value::Null), ("own", json!({"group": "{{ group }}"}))] {
        let path = path.with_extension(name);
        let sink = build("file", json!({"path": path, "json": json}));
        let mut sent = Vec::new();
        for text in hostile() {
            for notice in notices_of(&text) {
                for message in render_both(&sink, &notice) {
                    sink.send(&message, &attempt()).await.unwrap();
                    sent.push(text.clone());
                }
            }
        }
        let written = std::fs::read_to_string(&path).unwrap();
        assert!(written.ends_with('\n') && !written.contains(['\r', '\0']));
        let lines = written.split_terminator('\n').map(|line| {
            let line: Value = serde_json::from_str(line).expect("a line is valid JSON");
            line["group"].as_str().unwrap().to_owned()
        });
        assert!(lines.eq(sent), "each line is there once, in order");
    }
}
