//! The options of an `exec` sink, as a person writes them, and what is refused in them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;

use super::Exec;
use super::environment::is_ours;
use crate::kind::{BuildError, Surroundings};
use crate::options::template_error;
use crate::template::{Escape, Template, Templates};

/// As many arguments, and as many variables of one's own, as the system is sure to take.
const MOST: usize = 64;

/// The longest name that a variable may have.
const NAME: usize = 100;

/// Runs a program with the message as arguments, environment and standard input.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Options {
    /// The program, by its absolute path. `allow_exec` at the top of the main file must list it.
    program: PathBuf,
    /// Its arguments, each a template. No shell reads them: each stays one argument, whatever it
    /// holds. Other users of the machine can see them; secrets belong into `env`.
    #[serde(default)]
    args: Vec<String>,
    /// Variables of its environment beside those that it always gets. Values are templates, and
    /// are covered where the message is shown.
    #[serde(default)]
    env: BTreeMap<String, String>,
    /// The folder that it runs in, by its absolute path.
    #[serde(default = "root")]
    #[schemars(extend("default" = "/"))]
    directory: PathBuf,
}

fn root() -> PathBuf {
    PathBuf::from("/")
}

impl Options {
    /// Compiles the options to a sink.
    pub fn compile(self, surroundings: &Surroundings<'_>) -> Result<Exec, BuildError> {
        absolute("program", &self.program)?;
        absolute("directory", &self.directory)?;
        allowed(&self.program, surroundings.programs)?;
        Ok(Exec {
            arguments: arguments(&self.args, surroundings.templates)?,
            environment: environment(&self.env, surroundings.templates)?,
            program: self.program,
            directory: self.directory,
        })
    }

    /// An event's text where the program may look for an option of its own.
    pub fn warnings(&self) -> Vec<BuildError> {
        let mut found = Vec::new();
        let mut before = "";
        for (index, argument) in self.args.iter().enumerate() {
            if argument == "--" {
                break;
            }
            if argument.trim_start().starts_with("{{") && !before.starts_with('-') {
                let message = "a text that begins with `-` would be an option of the program here";
                let hint = "put the argument `--` before it, if the program knows that";
                found.push(BuildError::new(format!("args[{index}]"), message).hint(hint));
            }
            before = argument;
        }
        found
    }
}

fn absolute(option: &str, path: &Path) -> Result<(), BuildError> {
    match path.is_absolute() {
        true => Ok(()),
        false => {
            let message = format!("`{}` is no absolute path", path.display());
            Err(BuildError::new(option, message).hint("write it from `/` on: /usr/local/bin/page"))
        }
    }
}

/// Whoever may change a team's file may not choose what runs on the machine.
fn allowed(program: &Path, programs: &[PathBuf]) -> Result<(), BuildError> {
    if programs.iter().any(|allowed| allowed == program) {
        return Ok(());
    }
    let mut list: Vec<String> = programs.iter().map(|path| path.display().to_string()).collect();
    list.push(program.display().to_string());
    let message = format!("`{}` is not allowed to be run", program.display());
    let hint = format!("write in the main file: `allow_exec: [{}]`", list.join(", "));
    Err(BuildError::new("program", message).hint(hint))
}

fn arguments(texts: &[String], templates: &Templates) -> Result<Vec<Template>, BuildError> {
    if texts.len() > MOST {
        return Err(BuildError::new("args", format!("there are more than {MOST} arguments")));
    }
    let mut compiled = Vec::with_capacity(texts.len());
    for (index, text) in texts.iter().enumerate() {
        let template = templates.compile(text, Escape::None);
        let wrong = |error| template_error(&format!("args[{index}]"), error);
        compiled.push(template.map_err(wrong)?);
    }
    Ok(compiled)
}

fn environment(
    texts: &BTreeMap<String, String>,
    templates: &Templates,
) -> Result<Vec<(String, Template)>, BuildError> {
    if texts.len() > MOST {
        return Err(BuildError::new("env", format!("there are more than {MOST} variables")));
    }
    let mut compiled = Vec::with_capacity(texts.len());
    for (name, text) in texts {
        let option = format!("env.{name}");
        if !is_name(name) {
            let hint = "letters, digits and `_`, and no digit first";
            return Err(BuildError::new(option, "no variable has such a name").hint(hint));
        }
        if is_ours(name) {
            let message = "names that begin with AGNOX_ are the bridge's own";
            return Err(BuildError::new(option, message).hint("choose another name"));
        }
        let template = templates.compile(text, Escape::None);
        compiled.push((name.clone(), template.map_err(|error| template_error(&option, error))?));
    }
    Ok(compiled)
}

fn is_name(name: &str) -> bool {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    plain && name.len() <= NAME && name.bytes().next().is_some_and(|first| !first.is_ascii_digit())
}
