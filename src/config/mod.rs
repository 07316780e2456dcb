//! The configuration: from a YAML file to what the rooms work with.
//!
//! A file is read into a located tree (`yaml`, `tree`), what it includes is merged into it
//! (`include`), `${…}` is replaced (`interpolate`), every item is read into its room's type by
//! itself (`item`, `load`) and all are compiled together (`meaning`), so that one run tells
//! everything that is wrong, each with file, line and advice (`diagnostic`, `traps`, `hints`). The
//! rooms' own checks come last; their paths become places here. Types, schema and reference page
//! have one source (`settings`, `schema`).
//!
//! This room opens no socket and no journal.

mod checks;
mod diagnostic;
mod files;
mod hints;
mod include;
mod interpolate;
mod item;
mod load;
mod meaning;
mod reader;
mod reference;
mod remarks;
mod scalars;
mod schema;
mod secrets;
mod services;
mod settings;
mod sinks;
mod traps;
mod tree;
mod version;
mod wording;
mod yaml;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use agnox_bridge_sinks::catalog::Catalog;
use agnox_bridge_sinks::secret::Redactor;

pub use checks::EXAMPLE_SECRET;
pub use diagnostic::{Diagnostic, Report, Severity, Spot};
pub use interpolate::Lookup;
pub use reference::{Described, options, reference};
pub use scalars::JournalUrl;
pub use schema::schema;
pub use services::{OwnService, catalog, services_folder, unusable};
pub use settings::{
    AgnoxConfig, HeartbeatConfig, JournalConfig, ServerConfig, Settings, SourceConfig, TlsConfig,
};
pub use sinks::SinkConfig;
pub use wording::suggestion;

use crate::deliver::Outlet;
use crate::model::Problem;
use crate::rehearse::Case;
use crate::route::Router;
use load::Loader;
use meaning::Places;
use remarks::Remarks;
use schema::Sight;
use secrets::Secrets;
use services::Services;

/// How a configuration is read.
#[derive(Clone)]
pub struct LoadOptions {
    /// Whether variables and secret files may be missing: each is then replaced by a value that
    /// parses, so that `check` runs where there are no secrets. Nothing can be sent with such a
    /// configuration.
    pub without_secrets: bool,
    /// How variables are looked up.
    pub env: Arc<Lookup>,
}

/// A configuration that can be used.
pub struct Loaded {
    /// The file's sections as types. Paths in them are as written: relative to the file's folder.
    pub settings: Settings,
    /// All kinds of sinks that it may name: those built in, and the services of its own.
    pub catalog: Catalog,
    /// The rules, compiled.
    pub router: Router,
    /// The sinks, ready.
    pub outlets: BTreeMap<String, Arc<Outlet>>,
    /// The configuration's own tests, ready to run.
    pub cases: Vec<Case>,
    /// Covers every secret of the configuration.
    pub redactor: Redactor,
    /// What works, but is probably not meant.
    pub warnings: Vec<Diagnostic>,
    /// Tells one configuration from another: a short hash of all that was read.
    pub version: String,
}

/// Reads a configuration, and refuses whatever a start would refuse.
///
/// # Errors
/// With everything that is wrong, and all warnings.
pub fn load(path: &Path, options: &LoadOptions) -> Result<Loaded, Report> {
    let gathered = reader::gather(path, options);
    let (partial, outside) = (gathered.partial, gathered.secrets);
    let (files, root, diagnostics) = (gathered.files, gathered.root, gathered.wrong);
    let mut remarks = Remarks { files, root, diagnostics };
    let folder = path.parent().unwrap_or(Path::new(""));
    let services = Services::read(&mut remarks, folder);
    let schema = schema::of(&services.named_in(&remarks.root));
    let sights = schema::survey(&schema, &remarks.root);
    let secrets = Secrets::gather(outside, &paths(&sights, Sight::Secret), &remarks.root)
        .suspecting(&paths(&sights, Sight::Unknown), &remarks.root);
    paths(&sights, Sight::Empty).iter().for_each(|path| remarks.empty(path));
    paths(&sights, Sight::Listed).iter().for_each(|path| remarks.listed(path));
    let mut loader =
        Loader { remarks, folder, places: Places::default(), claimed: BTreeMap::new() };

    let mut settings = loader.settings(&schema);
    let (templates, labels) = loader.templates(&settings);
    let sinks = loader.sinks(&mut settings, &templates, &services);
    let windows = loader.windows(&settings);
    settings.rules = loader.rules(&sinks, &windows);
    let (mut router, mut cases) = (None, Vec::new());
    if !partial {
        router = loader.router(&settings, &sinks, &windows, &templates, labels);
        cases = loader.cases(&settings, &sinks);
        said(&mut loader.remarks, checks::problems(&settings, &sinks), Remarks::problem);
        checks::certificate(&settings.server, folder, options.without_secrets)
            .into_iter()
            .for_each(|problem| loader.remarks.problem(problem));
    }
    if !loader.remarks.failed() {
        let warnings = checks::warnings(&settings, &sinks, router.as_ref());
        said(&mut loader.remarks, warnings, Remarks::warning);
    }
    let mut remarks = loader.remarks;
    let (to_cover, in_diagnostics) = (secrets.to_cover(), secrets.in_diagnostics());
    said(&mut remarks, secrets.in_plain_text, Remarks::warning);
    let templates_at = settings.templates.as_ref().map(|at| folder.join(at));
    let version = version::of(&remarks.root, templates_at.as_deref(), services.folder.as_deref());
    let failed = remarks.failed();
    let diagnostics = remarks.finish(&in_diagnostics);
    match router.filter(|_| !failed) {
        Some(router) => Ok(Loaded {
            settings,
            catalog: services.catalog,
            router: router.versioned(&version),
            outlets: sinks.outlets,
            cases,
            redactor: Redactor::new(to_cover.iter().map(String::as_str)),
            warnings: diagnostics,
            version,
        }),
        None => Err(Report::new(diagnostics)),
    }
}

fn paths(sights: &[(Sight, String)], what: Sight) -> Vec<String> {
    sights.iter().filter(|(sight, _)| *sight == what).map(|(_, path)| path.clone()).collect()
}

fn said(remarks: &mut Remarks, problems: Vec<Problem>, say: fn(&mut Remarks, Problem)) {
    problems.into_iter().for_each(|problem| say(remarks, problem));
}

impl Default for LoadOptions {
    fn default() -> Self {
        LoadOptions { without_secrets: false, env: Arc::new(|name| std::env::var(name).ok()) }
    }
}

impl fmt::Debug for LoadOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoadOptions")
            .field("without_secrets", &self.without_secrets)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loaded").field("version", &self.version).finish_non_exhaustive()
    }
}
