//! `sinks new`: a commented file for a service of one's own, which works as it stands.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;

use super::fresh;
use crate::cli::{Common, Ended, Output};
use crate::config;

/// `agnox-bridge sinks new carrier_pigeon`
#[derive(Args, Debug)]
pub struct New {
    /// The service's name: the word below a sink's name, of lower-case letters, digits and `_`.
    name: String,
}

impl New {
    /// Writes the file, and says what comes next.
    pub fn run(self, common: &Common, output: &Output) -> Ended {
        if let Some((message, help)) = config::unusable(&self.name) {
            bail!("{message}; {help}");
        }
        let beside = common.config.parent().unwrap_or(Path::new(""));
        let folder = beside.join(config::services_folder(&common.config));
        let path = folder.join(format!("{}.yaml", self.name));
        self.write(&path)?;
        if output.json {
            output.value(&serde_json::json!({ "written": path }))?;
            return Ok(ExitCode::SUCCESS);
        }
        let (name, path) = (&self.name, path.display());
        output.line(format!("wrote {path}: it works as it stands; now make it your service's\n"));
        output.line("1. Say in it what the service takes; every part has its comment.");
        output.line(format!("2. agnox-bridge sinks test {path}"));
        output.line(format!(
            "3. Configure it: sinks: {{my-{name}: {{{name}: {{url: \"https://…\"}}}}}}"
        ));
        output.line(format!("4. agnox-bridge sinks try my-{name}"));
        Ok(ExitCode::SUCCESS)
    }

    fn write(&self, path: &PathBuf) -> anyhow::Result<()> {
        let folder = path.parent().context("a file has a folder")?;
        std::fs::create_dir_all(folder)
            .with_context(|| format!("can't make the folder {}", folder.display()))?;
        let mut file = match OpenOptions::new().write(true).create_new(true).open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                bail!("{} is there already; nothing was written", path.display())
            }
            Err(error) => {
                return Err(error).with_context(|| format!("can't write {}", path.display()));
            }
        };
        file.write_all(fresh::file(&self.name).as_bytes())
            .with_context(|| format!("can't write {}", path.display()))
    }
}
