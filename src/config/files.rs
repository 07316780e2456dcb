//! The files that were read, and places in them.
//!
//! A [`Place`] is small enough to stand in every node of the tree; [`Files`] turns it into a name,
//! a line and a column when a person is to be told. This file knows no YAML.

use std::path::PathBuf;

/// A file's number among those that were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileId(usize);

/// A piece of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// The line, from 1; 0 where only the file is known.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// Where it begins, in bytes.
    pub offset: usize,
    /// How long it is, in bytes.
    pub len: usize,
}

/// One file as it was read.
#[derive(Clone, Debug)]
pub struct File {
    /// Where it stands, as the person named it.
    pub path: PathBuf,
    /// What stands in it.
    pub text: String,
}

/// Every file that was read, in order.
#[derive(Clone, Debug, Default)]
pub struct Files(Vec<File>);

impl Files {
    /// Takes up a file.
    pub fn add(&mut self, path: PathBuf, text: String) -> FileId {
        self.0.push(File { path, text });
        FileId(self.0.len() - 1)
    }

    /// The file of this number.
    pub fn get(&self, id: FileId) -> &File {
        &self.0[id.0]
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &File> {
        self.0.iter()
    }

    /// The text at a place, exactly as it was written.
    pub fn slice(&self, place: Place) -> &str {
        let text = &self.get(place.file).text;
        text.get(place.offset..place.offset + place.len).unwrap_or("")
    }

    /// The whole line of a place, without its end.
    pub fn line(&self, place: Place) -> &str {
        let text = &self.get(place.file).text;
        text.lines().nth(place.line.saturating_sub(1)).unwrap_or("")
    }

    /// What stands on the same line after a place.
    pub fn after(&self, place: Place) -> &str {
        let rest = self.get(place.file).text.get(place.offset + place.len..).unwrap_or("");
        rest.lines().next().unwrap_or("")
    }
}

impl Place {
    /// A place of which only the file is known.
    pub fn whole(file: FileId) -> Self {
        Place { file, ..Place::default() }
    }
}
