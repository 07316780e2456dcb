//! The services of a person's own: one YAML file each, in the folder that `catalog:` names.
//!
//! They are read before the rest of the configuration, since their names are words below `sinks:`.
//! Each file is a tree of its own, so that what is wrong with a service is shown at its line in its
//! file. Nothing from outside is put into them: they say what a service is, and the configuration
//! fills in what is secret. This room knows no single service and no sink.

mod alone;
mod file;
mod name;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use agnox_bridge_sinks::catalog::Catalog;
use agnox_bridge_sinks::kind::Kind;

pub use alone::OwnService;
pub use name::unusable;

use super::LoadOptions;
use super::diagnostic::{Diagnostic, Report};
use super::files::Place;
use super::item::Fault;
use super::reader;
use super::remarks::Remarks;
use super::sinks;
use super::tree::{Content, Node};
use file::File;

/// Where services of a person's own are looked for, if the configuration says nothing else.
const SERVICES_FOLDER: &str = "catalog";

/// All kinds of sinks that a configuration may name.
pub struct Services {
    /// Those built in, and those of the person's own that could be read.
    pub catalog: Catalog,
    /// The names of those that could not, so that who names them is not blamed.
    pub broken: BTreeSet<String>,
    /// The folder that the own ones stand in, if there is one.
    pub folder: Option<PathBuf>,
}

/// The kinds that a configuration may name, with nothing else of it looked at.
///
/// # Errors
/// With all that is wrong with the services of its own.
pub fn catalog(path: &Path, options: &LoadOptions) -> Result<Catalog, Report> {
    let gathered = reader::gather(path, options);
    let (files, root, diagnostics) = (gathered.files, gathered.root, Vec::new());
    let mut remarks = Remarks { files, root, diagnostics };
    let services = Services::read(&mut remarks, path.parent().unwrap_or(Path::new("")));
    match remarks.failed() {
        true => Err(Report::new(remarks.finish(&gathered.secrets))),
        false => Ok(services.catalog),
    }
}

/// The folder, relative to the configuration's own, that its services stand in or would.
pub fn services_folder(config: &Path) -> PathBuf {
    let options = LoadOptions { without_secrets: true, ..LoadOptions::default() };
    let root = config.exists().then(|| reader::gather(config, &options).root);
    match root.as_ref().and_then(|root| root.get("catalog")).map(|node| &node.content) {
        Some(Content::Text(named)) => PathBuf::from(named),
        _ => PathBuf::from(SERVICES_FOLDER),
    }
}

impl Services {
    /// Reads them all, and notes whatever is wrong.
    pub fn read(remarks: &mut Remarks, beside: &Path) -> Self {
        let folder = folder(remarks, beside);
        let paths = folder.as_deref().map(|folder| paths(folder, remarks)).unwrap_or_default();
        let read = |path: &PathBuf| File::read(path, &mut remarks.files, &mut remarks.diagnostics);
        let files: Vec<File> = paths.iter().map(read).collect();
        let catalog = Catalog::built_in().clone();
        let mut services = Services { catalog, broken: BTreeSet::new(), folder };
        let wrong: Vec<Option<Diagnostic>> =
            files.iter().map(|file| name::wrong(file, &files, &remarks.files)).collect();
        for (file, wrong) in files.into_iter().zip(wrong) {
            let usable = wrong.is_none();
            remarks.diagnostics.extend(wrong);
            services.take_up(file, usable);
        }
        services
    }

    /// The kinds that a tree names.
    pub fn named_in(&self, root: &Node) -> Vec<&Kind> {
        sinks::words(root).into_iter().filter_map(|word| self.catalog.kind(word)).collect()
    }

    fn take_up(&mut self, file: File, usable: bool) {
        let names = [Some(file.stem.clone()), file.name()];
        let service = file.service.filter(|_| usable);
        if !service.is_some_and(|service| self.catalog.add(service)) {
            self.broken.extend(names.into_iter().flatten());
        }
    }
}

/// The folder of a person's own services, if there is one.
fn folder(remarks: &mut Remarks, beside: &Path) -> Option<PathBuf> {
    let named = match remarks.root.get("catalog").map(|node| &node.content) {
        Some(Content::Text(named)) => Some(beside.join(named)),
        Some(_) => return None, // told where the section is read
        None => None,
    };
    let is_named = named.is_some();
    let folder = named.unwrap_or_else(|| beside.join(SERVICES_FOLDER));
    if !folder.is_dir() && is_named {
        let message = format!("there is no folder {}", folder.display());
        remarks.fault("catalog", &Fault::new("", message, None));
    } else if !folder.is_dir() && folder.exists() {
        let place = Place::whole(remarks.files.add(folder.clone(), String::new()));
        let message = "this is no folder, so no services of your own are read";
        remarks.diagnostics.push(Diagnostic::warning(&remarks.files, place, message));
    }
    folder.is_dir().then_some(folder)
}

/// The files of a folder, in the order of their names. One that looks like a service and isn't read
/// is told of.
fn paths(folder: &Path, remarks: &mut Remarks) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = match std::fs::read_dir(folder) {
        Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
        Err(error) => {
            let place = Place::whole(remarks.files.add(folder.to_owned(), String::new()));
            let message = format!("the folder can't be read: {error}");
            remarks.diagnostics.push(Diagnostic::error(&remarks.files, place, message));
            Vec::new()
        }
    };
    let hidden = |path: &PathBuf| {
        path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'))
    };
    let is_read = |path: &PathBuf| path.extension().is_some_and(|its| its == "yaml");
    let is_like_it = |path: &PathBuf| {
        let its = path.extension().unwrap_or_default().to_ascii_lowercase();
        path.is_file() && (its == "yml" || its == "yaml")
    };
    found.retain(|path| !hidden(path));
    found.sort();
    for path in found.iter().filter(|path| !is_read(path) && is_like_it(path)) {
        let file = remarks.files.add(path.clone(), String::new());
        let message = "this file is not read: the files of services end in `.yaml`";
        let warning = Diagnostic::warning(&remarks.files, Place::whole(file), message);
        remarks.diagnostics.push(warning.hint("rename it"));
    }
    found.retain(is_read);
    found
}
