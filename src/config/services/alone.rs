//! A service's file by itself, for the command that tries it: what a configuration would say of it,
//! and where in it something stands.

use std::path::Path;

use agnox_bridge_sinks::kind::BuildError;
use agnox_bridge_sinks::service::Service;

use super::file::File;
use super::name;
use crate::config::diagnostic::{Diagnostic, Report, Severity};
use crate::config::files::Files;
use crate::config::load::fault;
use crate::config::remarks::placed;
use crate::config::tree::Node;

/// A service's file by itself.
pub struct OwnService {
    /// What it describes.
    pub service: Service,
    /// What works, but is probably not meant.
    pub warnings: Vec<Diagnostic>,
    files: Files,
    root: Node,
}

impl OwnService {
    /// Reads a file as a configuration does that has it in its folder. Only a name that no
    /// configuration takes is no error: the built-in services are tried in the same way.
    ///
    /// # Errors
    /// With everything that is wrong with it.
    pub fn read(path: &Path) -> Result<OwnService, Report> {
        let (mut files, mut found) = (Files::default(), Vec::new());
        let file = File::read(path, &mut files, &mut found);
        if let Some(mut wrong) = name::wrong(&file, &[], &files) {
            if file.name().as_ref() == Some(&file.stem) {
                wrong.severity = Severity::Warning;
            }
            // One thing is said of a place.
            if !found.iter().any(|one| one.spot.key() == wrong.spot.key()) {
                found.push(wrong);
            }
        }
        let failed = found.iter().any(|one| one.severity == Severity::Error);
        match file.service.filter(|_| !failed) {
            Some(service) => Ok(OwnService { service, warnings: found, files, root: file.root }),
            None => Err(Report::new(found)),
        }
    }

    /// What is wrong with a part of it, at its place.
    pub fn wrong(&self, error: BuildError) -> Diagnostic {
        placed(&self.files, &self.root, &fault(error))
    }
}
