//! `include:`: which files belong to the configuration, and how their trees become one.
//!
//! A pattern is relative to the file that names it; `*`, `?` and `[…]` stand within one name. Lists
//! concatenate in the order of the files' names, maps merge, and a name that is there already is an
//! error that shows both places. An included file includes nothing itself, so there is no cycle.

use std::path::{Component, Path, PathBuf};

use globset::{Glob, GlobMatcher};

use super::diagnostic::Diagnostic;
use super::files::Files;
use super::tree::{Content, Entry, Node};

/// What an included file may hold.
pub const SHARED: [&str; 6] = ["sinks", "groups", "rules", "windows", "missed_runs", "tests"];

/// The files that a pattern names, sorted.
///
/// # Errors
/// With a sentence, if the pattern is none, a folder can't be read, or nothing matches.
pub fn matching(folder: &Path, pattern: &str) -> Result<Vec<PathBuf>, String> {
    let mut found = vec![folder.to_owned()];
    for component in Path::new(pattern).components() {
        found = match component {
            Component::Normal(name) => {
                let name = name.to_str().ok_or("the pattern is not UTF-8")?;
                descend(&found, name)?
            }
            other => found.into_iter().map(|at| at.join(other)).collect(),
        };
    }
    found.retain(|path| path.is_file());
    found.sort();
    match found.is_empty() {
        true => Err(format!("no file matches `{pattern}` in {}", shown(folder))),
        false => Ok(found),
    }
}

fn descend(folders: &[PathBuf], name: &str) -> Result<Vec<PathBuf>, String> {
    if !name.contains(['*', '?', '[', '{']) {
        return Ok(folders.iter().map(|folder| folder.join(name)).collect());
    }
    let glob: GlobMatcher = Glob::new(name)
        .map_err(|error| format!("`{name}` is no pattern: {error}"))?
        .compile_matcher();
    let mut found = Vec::new();
    for folder in folders.iter().filter(|folder| folder.as_os_str().is_empty() || folder.is_dir()) {
        let failed = |error| format!("the folder {} can't be read: {error}", shown(folder));
        let read = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        for entry in std::fs::read_dir(read).map_err(failed)? {
            let entry = entry.map_err(failed)?.file_name();
            let hidden = entry.to_string_lossy().starts_with('.');
            if glob.is_match(&entry) && !hidden {
                found.push(folder.join(entry));
            }
        }
    }
    Ok(found)
}

fn shown(folder: &Path) -> String {
    match folder.as_os_str().is_empty() {
        true => "the current folder".to_owned(),
        false => folder.display().to_string(),
    }
}

/// Adds an included file's tree to the whole.
pub fn merge(whole: &mut Node, part: Node, files: &Files, wrong: &mut Vec<Diagnostic>) {
    let place = part.place;
    let Content::Map(entries) = part.content else {
        let message = "a configuration file is a map: `rules:`, `sinks:`, `groups:`";
        wrong.push(Diagnostic::error(files, place, message));
        return;
    };
    for entry in entries {
        if SHARED.contains(&entry.key.as_str()) {
            add(whole, entry, files, wrong);
        } else {
            let message = format!("`{}` can't stand in an included file", entry.key);
            let help = "included files hold sinks, groups, rules, windows, missed_runs and tests; \
                        the rest stands in the main file";
            wrong.push(Diagnostic::error(files, entry.key_place, message).hint(help));
        }
    }
}

fn add(whole: &mut Node, entry: Entry, files: &Files, wrong: &mut Vec<Diagnostic>) {
    let Content::Map(entries) = &mut whole.content else { return };
    let Some(known) = entries.iter_mut().find(|known| known.key == entry.key) else {
        entries.push(entry);
        return;
    };
    match (&mut known.value.content, entry.value.content) {
        (Content::List(items), Content::List(more)) => items.extend(more),
        (Content::Map(items), Content::Map(more)) => unite(items, more, files, wrong),
        (known @ Content::Null, content) => *known = content,
        (_, Content::Null) => {}
        _ => {
            let message = format!("`{}` is a map in one file and a list in another", entry.key);
            let diagnostic = Diagnostic::error(files, entry.key_place, message);
            wrong.push(diagnostic.also(files, known.key_place, "the other is here"));
        }
    }
}

fn unite(known: &mut Vec<Entry>, more: Vec<Entry>, files: &Files, wrong: &mut Vec<Diagnostic>) {
    for entry in more {
        match known.iter().find(|other| other.key == entry.key) {
            None => known.push(entry),
            Some(first) => {
                let message = format!("`{}` is defined twice", entry.key);
                let diagnostic = Diagnostic::error(files, entry.key_place, message)
                    .also(files, first.key_place, "the first one is here")
                    .hint("give one of them another name");
                wrong.push(diagnostic);
            }
        }
    }
}
