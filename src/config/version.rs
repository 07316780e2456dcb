//! Tells one configuration from another, so that a reload can say whether anything changed.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::tree::Node;

/// Bytes of the hash that are shown.
const SHOWN: usize = 6;

/// A short hash of the whole tree, values from outside included, and of the template files. What
/// it was made from can't be read back from it.
pub fn of(root: &Node, templates: Option<&Path>) -> String {
    let mut hash = Sha256::new();
    hash.update(root.value().to_string());
    if let Some(folder) = templates {
        add(&mut hash, folder, 0);
    }
    hex::encode(&hash.finalize()[..SHOWN])
}

/// Adds the names and contents of a folder's files. What can't be read was refused before.
fn add(hash: &mut Sha256, folder: &Path, depth: usize) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() && depth < 16 {
            add(hash, &path, depth + 1);
        } else if path.extension().is_some_and(|ending| ending == "hbs") {
            hash.update(path.to_string_lossy().as_bytes());
            hash.update(std::fs::read(&path).unwrap_or_default());
        }
    }
}
