//! The options of a `file` sink, as a person writes them, and what is refused in them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::append::Log;
use crate::kind::{BuildError, Surroundings};
use crate::options::template_error;
use crate::template::{Escape, Tree};
use crate::units::Size;

/// A file that is smaller would be rotated at every few lines.
const SMALLEST: u64 = 1024;

/// More old files than this are nobody's wish.
const MOST: u32 = 1000;

/// Appends a line of JSON to a file.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Options {
    /// The file, relative to the configuration. Its folder must be there; the file is created,
    /// readable for the bridge's user and group.
    path: PathBuf,
    /// The line as a JSON tree whose texts are templates; one that is a single expression keeps
    /// its type. If left out, an object with every documented variable.
    json: Option<Value>,
    /// The size that a file may grow to. Then it is renamed, to its name with `.1` behind it.
    #[serde(default = "rotate")]
    #[schemars(extend("default" = "64MiB"))]
    rotate: Size,
    /// How many renamed files are kept; the oldest are removed.
    #[serde(default = "keep")]
    #[schemars(extend("default" = 5))]
    keep: u32,
}

fn rotate() -> Size {
    Size(64 << 20)
}

fn keep() -> u32 {
    5
}

impl Options {
    /// Compiles the options.
    pub fn compile(
        self,
        surroundings: &Surroundings<'_>,
    ) -> Result<(Log, Option<Arc<Tree>>), BuildError> {
        let shown = self.path.display().to_string();
        if shown.contains("{{") {
            let hint = "a sink writes one file; let a rule choose between several sinks";
            return Err(BuildError::new("path", "a path can't hold a template").hint(hint));
        }
        if self.path.file_name().is_none() || shown.ends_with('/') {
            return Err(BuildError::new("path", "this is the name of a folder").hint("add a file"));
        }
        if self.rotate.0 < SMALLEST {
            return Err(BuildError::new("rotate", "a file must have room for 1KiB at least"));
        }
        if !(1..=MOST).contains(&self.keep) {
            let message = format!("from 1 to {MOST} renamed files can be kept");
            let hint = "one at least: who reads the file may not have come to its end";
            return Err(BuildError::new("keep", message).hint(hint));
        }
        let tree = self.json.map(|tree| surroundings.templates.tree(&tree, Escape::None));
        let json = tree.transpose().map_err(|error| template_error("json", error))?;
        let path = surroundings.folder.join(self.path);
        Ok((Log { path, rotate: self.rotate.0, keep: self.keep }, json))
    }
}

/// What works once somebody acts.
pub(super) fn warnings(log: &Log) -> Vec<BuildError> {
    let folder = log.folder();
    if folder.is_dir() {
        return Vec::new();
    }
    let message = format!("there is no folder {}", Path::display(folder));
    let hint = "create it; until then the sink is suspended and keeps its messages";
    vec![BuildError::new("path", message).hint(hint)]
}
