//! What a service of a person's own may be named.
//!
//! A name is a word below `sinks:`, so it must not be one that means something there already, and it
//! is the name of its file, so that who reads the configuration finds it.

use agnox_bridge_sinks::catalog::Catalog;

use super::file::File;
use crate::config::diagnostic::Diagnostic;
use crate::config::files::Files;
use crate::config::sinks;

/// Why a service of a person's own can't have a name, and what to do; `None` where it can.
pub fn unusable(name: &str) -> Option<(String, &'static str)> {
    if name.is_empty() || !name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_')) {
        let message = format!("`{name}` can't be a service's name");
        return Some((message, "it is made of lower-case letters, digits and `_`"));
    }
    if sinks::option_names().iter().any(|option| option == name) {
        let message = format!("`{name}` is an option of every sink");
        return Some((message, "give the service another name"));
    }
    Catalog::built_in().kind(name).map(|_| {
        let message = format!("there is a kind `{name}` already: it is built in");
        (message, "give the service another name, in the file and as the file's name")
    })
}

/// What is wrong with the name in a file, among all files of its folder.
pub fn wrong(file: &File, all: &[File], files: &Files) -> Option<Diagnostic> {
    let name = file.name()?;
    let place = file.root.get("name")?.place;
    if let Some((message, help)) = unusable(&name) {
        return Some(Diagnostic::error(files, place, message).hint(help));
    }
    if name == file.stem {
        return None;
    }
    let other = all.iter().find(|other| other.stem != file.stem && other.name() == file.name());
    if let Some(other) = other.and_then(|other| other.root.get("name")) {
        let message = format!("there are two services of the name `{name}`");
        let found = Diagnostic::error(files, place, message).also(files, other.place, "the other");
        return Some(
            found.hint("give one of them another name, in the file and as the file's name"),
        );
    }
    let message = format!("the service is named `{name}`, and its file `{}.yaml`", file.stem);
    let help = format!("name the file `{name}.yaml`, or write `name: {}`", file.stem);
    Some(Diagnostic::error(files, place, message).hint(help))
}
