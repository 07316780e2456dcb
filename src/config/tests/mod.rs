//! What a person sees, and what a configuration becomes.

mod example;
mod generated;
mod loading;
mod programs;
mod sections;
mod services;
mod traps;
mod valid;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{LoadOptions, Loaded, Report, load};

/// A folder with a configuration in it.
pub struct Desk(tempfile::TempDir, BTreeMap<String, String>);

impl Desk {
    /// A folder with this main file.
    pub fn new(main: &str) -> Self {
        Desk(tempfile::tempdir().unwrap(), BTreeMap::new()).file("bridge.yaml", main)
    }

    /// The same with another file.
    pub fn file(self, name: &str, text: &str) -> Self {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    /// The same with a variable.
    pub fn var(mut self, name: &str, value: &str) -> Self {
        self.1.insert(name.to_owned(), value.to_owned());
        self
    }

    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    fn main(&self) -> PathBuf {
        self.0.path().join("bridge.yaml")
    }

    fn options(&self, without_secrets: bool) -> LoadOptions {
        let vars = self.1.clone();
        LoadOptions {
            without_secrets,
            env: std::sync::Arc::new(move |name| vars.get(name).cloned()),
        }
    }

    pub fn load(&self) -> Result<Loaded, Report> {
        load(&self.main(), &self.options(false))
    }

    pub fn without_secrets(&self) -> Result<Loaded, Report> {
        load(&self.main(), &self.options(true))
    }

    /// What a person sees who loads it, with the folder's name left out.
    pub fn seen(&self) -> String {
        let diagnostics = match self.load() {
            Ok(loaded) => loaded.warnings,
            Err(report) => report.diagnostics,
        };
        let folder = self.0.path().display().to_string();
        let seen = Report { diagnostics }.render(false);
        seen.replace(&format!("{folder}/"), "").replace(&folder, "FOLDER")
    }
}
