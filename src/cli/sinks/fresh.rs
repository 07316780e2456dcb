//! The file that a service of one's own begins as: every part of it with a comment, and an example
//! that passes.

/// The file of a service of this name.
pub fn file(name: &str) -> String {
    let title = name.replace('_', " ");
    let title = title[..1].to_uppercase() + &title[1..];
    FRESH.replace("NAME", name).replace("TITLE", &title)
}

const FRESH: &str = include_str!("fresh.yaml");
