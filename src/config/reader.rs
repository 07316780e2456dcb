//! From the path of the main file to one tree: read, interpolate, include.

use std::io::Error;
use std::path::{Path, PathBuf};
use std::string::FromUtf8Error;

use super::LoadOptions;
use super::diagnostic::Diagnostic;
use super::files::{FileId, Files, Place};
use super::include;
use super::interpolate::Interpolation;
use super::item;
use super::scalars::OneOrMore;
use super::tree::{Content, Node};
use super::yaml;

/// More bytes than this are no configuration.
const LARGEST: u64 = 16 << 20;

/// Everything that was read.
pub struct Gathered {
    /// The files, the main one first.
    pub files: Files,
    /// Their trees, made one.
    pub root: Node,
    /// What came from outside by interpolation.
    pub secrets: Vec<String>,
    /// What was wrong so far.
    pub wrong: Vec<Diagnostic>,
    /// Whether a part is missing, so that names in it would seem unknown.
    pub partial: bool,
}

/// Reads the main file and all that it includes.
pub fn gather(path: &Path, options: &LoadOptions) -> Gathered {
    let mut gathered = Gathered {
        files: Files::default(),
        root: Node::new(Content::Map(Vec::new()), Place::default(), false),
        secrets: Vec::new(),
        wrong: Vec::new(),
        partial: false,
    };
    if let Some(root) = gathered.read(path, options) {
        let is_map = matches!(root.content, Content::Map(_));
        gathered.root = root;
        if is_map {
            gathered.include(path, options);
        } else {
            gathered.no_map();
        }
    }
    gathered
}

impl Gathered {
    fn read(&mut self, path: &Path, options: &LoadOptions) -> Option<Node> {
        let (file, readable) = match text(path, LARGEST) {
            Ok(text) => (self.files.add(path.to_owned(), text), true),
            Err(error) => {
                let file = self.files.add(path.to_owned(), String::new());
                let message = format!("the file can't be read: {error}");
                self.wrong.push(Diagnostic::error(&self.files, Place::whole(file), message));
                (file, false)
            }
        };
        let node = readable.then(|| self.parse(file, options)).flatten();
        self.partial |= node.is_none();
        node
    }

    fn parse(&mut self, file: FileId, options: &LoadOptions) -> Option<Node> {
        let (mut node, twice) = match yaml::read(&self.files, file) {
            Ok(read) => read,
            Err(error) => {
                self.wrong.push(*error);
                return None;
            }
        };
        self.wrong.extend(twice);
        let mut interpolation = Interpolation {
            files: &self.files,
            env: &*options.env,
            without_secrets: options.without_secrets,
            secrets: std::mem::take(&mut self.secrets),
            wrong: Vec::new(),
        };
        interpolation.run(&mut node);
        let Interpolation { secrets, wrong, .. } = interpolation;
        self.secrets = secrets;
        self.wrong.extend(wrong);
        Some(node)
    }

    fn include(&mut self, main: &Path, options: &LoadOptions) {
        let Some(entry) = self.root.entry("include") else { return };
        // What is no list of texts is told when the section is read.
        let Ok(OneOrMore(patterns)) = item::parse(entry.value.value()) else { return };
        let place = entry.value.place;
        let items: Vec<Place> = entry.value.items().iter().map(|item| item.place).collect();
        let folder = main.parent().unwrap_or(Path::new(""));
        let mut known: Vec<PathBuf> = vec![main.to_owned()];
        for (index, pattern) in patterns.iter().enumerate() {
            let place = items.get(index).copied().unwrap_or(place);
            match include::matching(folder, pattern) {
                Ok(found) => {
                    for path in found {
                        if !known.contains(&path) {
                            known.push(path.clone());
                            self.take_in(&path, options);
                        }
                    }
                }
                Err(message) => {
                    self.partial = true;
                    self.wrong.push(Diagnostic::error(&self.files, place, message));
                }
            }
        }
    }

    fn take_in(&mut self, path: &Path, options: &LoadOptions) {
        if let Some(part) = self.read(path, options) {
            include::merge(&mut self.root, part, &self.files, &mut self.wrong);
        }
    }

    fn no_map(&mut self) {
        let message = "a configuration is a map: `sources:`, `sinks:`, `rules:` and so on";
        self.wrong.push(Diagnostic::error(&self.files, self.root.place, message));
        self.root.content = Content::Map(Vec::new());
        self.partial = true;
    }
}

/// A file's text, if it is one and has at most so many bytes.
///
/// # Errors
/// If it is no file, too large, or no text.
pub fn text(path: &Path, most: u64) -> std::io::Result<String> {
    let metadata = std::fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(Error::other("it is a folder"));
    }
    // Whoever opens a pipe may wait for ever, and a device may have no end.
    if !metadata.is_file() {
        return Err(Error::other("it is a pipe, a socket or a device"));
    }
    if metadata.len() > most {
        return Err(Error::other(format!("it is larger than {} MiB", most >> 20)));
    }
    String::from_utf8(std::fs::read(path)?).map_err(|error| no_text(error.as_bytes(), &error))
}

/// That a file is written in something else than UTF-8, and where that is seen first.
fn no_text(bytes: &[u8], error: &FromUtf8Error) -> Error {
    let good = &bytes[..error.utf8_error().valid_up_to()];
    let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
    Error::other(format!("it is not UTF-8: line {line} holds another encoding; save it as UTF-8"))
}
