//! Who may import whom, as the table in `src/lib.rs` says. A new arrow is a decision: it is made there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The crate of the sinks, as the table calls it.
const SINKS: &str = "sinks";

/// Each room, and the rooms that it may import.
fn table() -> BTreeMap<String, BTreeSet<String>> {
    let mut table = BTreeMap::new();
    let mut above = BTreeSet::from([SINKS.to_owned()]);
    for line in include_str!("../../src/lib.rs").lines() {
        let Some(cells) = line.strip_prefix("//! | [`") else { continue };
        let (rooms, allowed) = cells.split_once('|').expect("a row has two cells");
        let rooms = rooms.split(',').map(word);
        let allowed: BTreeSet<String> = match allowed.trim_start() {
            all if all.starts_with("everything above") => above.clone(),
            none if none.starts_with("nothing") => BTreeSet::new(),
            some => without_remarks(some).split(',').map(word).collect(),
        };
        let rooms: Vec<String> = rooms.collect();
        above.extend(rooms.iter().cloned());
        table.extend(rooms.into_iter().map(|room| (room, allowed.clone())));
    }
    assert!(table.len() > 10, "the table is found");
    table
}

/// A cell without what stands in brackets.
fn without_remarks(cell: &str) -> String {
    let parts = cell.split('(');
    parts.map(|part| part.split_once(')').map_or(part, |(_, rest)| rest)).collect()
}

fn word(text: &str) -> String {
    text.chars().filter(char::is_ascii_lowercase).collect()
}

#[test]
fn every_import_stands_in_the_table() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let table = table();
    let mut wrong = Vec::new();
    for file in files(&src) {
        let Some(room) = room_of(&src, &file).filter(|_| !is_test(&src, &file)) else { continue };
        let allowed =
            table.get(&room).unwrap_or_else(|| panic!("the room `{room}` is not in the table"));
        let text = std::fs::read_to_string(&file).expect("a source file is readable");
        for import in imports(&text) {
            if import != room && import != "telemetry" && !allowed.contains(&import) {
                wrong.push(format!("{} imports {import}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "arrows that the table doesn't have:\n{}", wrong.join("\n"));
}

#[test]
fn every_room_that_the_table_names_is_there() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let table = table();
    for room in table.keys().chain(table.values().flatten()).filter(|room| *room != SINKS) {
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

/// Whether a file holds nothing but tests.
fn is_test(src: &Path, file: &Path) -> bool {
    let test = |part: &str| part == "tests" || part.ends_with("_tests");
    let below = file.strip_prefix(src).unwrap_or(file).iter();
    below.filter_map(|part| part.to_str()).any(|part| test(part.trim_end_matches(".rs")))
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
            found.insert(SINKS.to_owned());
        }
    }
    found
}
