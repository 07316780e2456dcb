//! Tells one configuration from another, so that a reload can say whether anything changed.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::tree::Node;

/// Bytes of the hash that are shown.
const SHOWN: usize = 6;
/// Templates may stand in folders of folders, so many levels deep.
const DEEPEST: usize = 16;

/// A short hash of the whole tree, values from outside included, and of the template files and the
/// services of a person's own. What it was made from can't be read back from it.
pub fn of(root: &Node, templates: Option<&Path>, services: Option<&Path>) -> String {
    let mut hash = Sha256::new();
    hash.update(root.value().to_string());
    templates.into_iter().for_each(|folder| add(&mut hash, folder, "hbs", DEEPEST));
    services.into_iter().for_each(|folder| add(&mut hash, folder, "yaml", 0));
    hex::encode(&hash.finalize()[..SHOWN])
}

/// Adds the names and contents of a folder's files, and of so many levels of folders in it. What
/// can't be read was refused before, and a pipe or a device would be read without an end.
fn add(hash: &mut Sha256, folder: &Path, ending: &str, levels: usize) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() && levels > 0 {
            add(hash, &path, ending, levels - 1);
        } else if path.is_file() && path.extension().is_some_and(|its| its == ending) {
            hash.update(path.to_string_lossy().as_bytes());
            hash.update(std::fs::read(&path).unwrap_or_default());
        }
    }
}
