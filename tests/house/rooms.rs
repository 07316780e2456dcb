//! Who may import whom. A new arrow is a decision: change the table in `src/lib.rs` first, then here.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A room and the rooms that it may import. Everybody may import `model` units through `model`, and
/// `telemetry`.
const TABLE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("telemetry", &[]),
    ("caught", &[]),
    ("journal", &["model"]),
    ("notice", &["model", "sinks"]),
    ("schedule", &["model"]),
    ("route", &["model", "notice", "schedule", "sinks"]),
    ("receive", &["model", "journal", "sinks"]),
    ("conduct", &["model", "journal", "route", "schedule", "notice", "sinks", "caught"]),
    ("deliver", &["model", "journal", "route", "notice", "sinks", "caught"]),
    ("heartbeat", &["model", "journal", "sinks"]),
    ("rehearse", &["model", "route", "notice", "deliver", "sinks"]),
    (
        "config",
        &[
            "model",
            "journal",
            "route",
            "schedule",
            "receive",
            "deliver",
            "heartbeat",
            "rehearse",
            "notice",
            "sinks",
        ],
    ),
    ("admin", &["model", "journal", "route", "conduct", "deliver", "config", "notice", "sinks"]),
    (
        "app",
        &[
            "model",
            "journal",
            "route",
            "receive",
            "conduct",
            "deliver",
            "heartbeat",
            "config",
            "admin",
            "notice",
            "sinks",
        ],
    ),
    (
        "cli",
        &[
            "model", "journal", "route", "receive", "conduct", "deliver", "rehearse", "config",
            "admin", "app", "notice", "sinks",
        ],
    ),
];

#[test]
fn every_import_stands_in_the_table() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for file in files(&src) {
        let Some(room) = room_of(&src, &file) else { continue };
        let (_, allowed) = TABLE
            .iter()
            .find(|(name, _)| *name == room)
            .unwrap_or_else(|| panic!("the room `{room}` is not in the table"));
        let text = std::fs::read_to_string(&file).expect("a source file is readable");
        for import in imports(&text) {
            if import != room && import != "telemetry" && !allowed.contains(&import.as_str()) {
                wrong.push(format!("{} imports {import}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "arrows that the table doesn't have:\n{}", wrong.join("\n"));
}

#[test]
fn every_room_of_the_table_is_there() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (room, _) in TABLE {
        let there = src.join(room).is_dir() || src.join(format!("{room}.rs")).is_file();
        assert!(there, "the table names `{room}`, which isn't there");
    }
}

#[test]
fn the_sinks_crate_knows_nothing_of_the_bridge() {
    let sinks = Path::new(env!("CARGO_MANIFEST_DIR")).join("sinks/src");
    for file in files(&sinks) {
        let text = std::fs::read_to_string(&file).expect("a source file is readable");
        assert!(!text.contains("agnox_bridge::"), "{}", file.display());
    }
}

#[test]
fn only_the_journal_knows_sql() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for file in files(&src) {
        let text = std::fs::read_to_string(&file).expect("a source file is readable");
        let inside = file.starts_with(src.join("journal"));
        assert!(inside || !text.contains("rusqlite"), "{} knows SQL", file.display());
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder is readable").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}

/// The first part of the path below `src`; `None` for the files that hold the rooms together.
fn room_of(src: &Path, file: &Path) -> Option<String> {
    let first = file.strip_prefix(src).ok()?.components().next()?;
    let name = first.as_os_str().to_str()?.trim_end_matches(".rs").trim_end_matches("_tests");
    (!["lib", "main"].contains(&name)).then(|| name.to_owned())
}

/// The rooms that a text names after `crate::`, and `sinks` for the other crate.
fn imports(text: &str) -> BTreeSet<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let mut found = BTreeSet::new();
    for line in code {
        for (at, _) in line.match_indices("crate::") {
            let rest = &line[at + "crate::".len()..];
            let end =
                rest.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(rest.len());
            if end > 0 {
                found.insert(rest[..end].to_owned());
            }
        }
        if line.contains("agnox_bridge_sinks") {
            found.insert("sinks".to_owned());
        }
    }
    found
}
