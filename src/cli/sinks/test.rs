//! `sinks test`: runs the examples in services' files, with nothing sent.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use agnox_bridge_sinks::kind::BuildError;
use agnox_bridge_sinks::service::examples::{self, Mismatch};
use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};

use crate::cli::output::counted;
use crate::cli::{Common, Ended, Output};
use crate::config::{Diagnostic, OwnService, Report};

/// `agnox-bridge sinks test catalog/pigeon.yaml`
#[derive(Args, Debug)]
pub struct Test {
    /// The services' files.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Write the requests that go out, and what is captured, into the examples.
    #[arg(long)]
    accept: bool,
}

/// A file, and what came of its examples.
struct Tested<'a> {
    file: &'a Path,
    /// What is said of the file itself.
    diagnostics: Vec<Diagnostic>,
    /// Its examples; `None` where it can't be read.
    examples: Option<Vec<Tried>>,
    /// Whether the examples were written anew.
    accepted: bool,
}

/// An example, and what isn't as it says.
struct Tried {
    name: String,
    wrong: Vec<(usize, Mismatch)>,
}

impl Test {
    /// Runs them all, and says what differs.
    pub fn run(self, _: &Common, output: &Output) -> Ended {
        let mut all = Vec::new();
        for file in &self.files {
            all.push(self.file(file)?);
        }
        if output.json {
            output.value(&all.iter().map(Tested::value).collect::<Vec<_>>())?;
        } else {
            all.iter().for_each(|tested| tested.tell(output));
        }
        Ok(if all.iter().all(Tested::passed) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn file<'a>(&self, file: &'a Path) -> anyhow::Result<Tested<'a>> {
        let mut own = match OwnService::read(file) {
            Ok(own) => own,
            Err(Report { diagnostics }) => {
                return Ok(Tested { file, diagnostics, examples: None, accepted: false });
            }
        };
        let mut wrong = Vec::new();
        let accepted = self.accept && {
            let text = std::fs::read_to_string(file)?;
            match examples::accept(&own.service) {
                Ok(block) => {
                    let text = examples::replaced(&text, &block);
                    std::fs::write(file, text)
                        .with_context(|| format!("can't write {}", file.display()))?;
                    true
                }
                Err(why) => {
                    wrong = why;
                    false
                }
            }
        };
        if accepted {
            own = OwnService::read(file)
                .with_context(|| "the examples that were written can't be read".to_owned())?;
        }
        if wrong.is_empty() {
            wrong = examples::run(&own.service);
        }
        let examples = Some(by_example(&own, wrong));
        Ok(Tested { file, diagnostics: own.warnings, examples, accepted })
    }
}

fn by_example(own: &OwnService, wrong: Vec<Mismatch>) -> Vec<Tried> {
    let examples = own.service.form().examples.iter();
    let mut tried: Vec<Tried> =
        examples.map(|one| Tried { name: one.name.clone(), wrong: Vec::new() }).collect();
    for mismatch in wrong {
        let line = own.wrong(BuildError::new(&mismatch.path, &mismatch.message)).spot.line;
        let index = mismatch.path.strip_prefix("examples[").and_then(|rest| rest.split_once(']'));
        let index = index.and_then(|(index, _)| index.parse::<usize>().ok()).unwrap_or(0);
        if let Some(tried) = tried.get_mut(index) {
            tried.wrong.push((line, mismatch));
        }
    }
    tried
}

impl Tested<'_> {
    fn passed(&self) -> bool {
        let examples = self.examples.as_deref().unwrap_or_default();
        !examples.is_empty() && examples.iter().all(|tried| tried.wrong.is_empty())
    }

    fn tell(&self, output: &Output) {
        let file = self.file.display();
        for diagnostic in &self.diagnostics {
            output.styled(diagnostic.render(output.colored()));
        }
        let Some(examples) = &self.examples else { return };
        if self.accepted {
            output.line(format!("{file}: the examples now say what goes out; read them"));
        }
        for tried in examples {
            let mark = if tried.wrong.is_empty() { "ok   " } else { "WRONG" };
            output.line(format!("{mark} {file}: {}", tried.name));
            for (line, mismatch) in &tried.wrong {
                let text = mismatch.to_string().replace('\n', "\n      ");
                output.line(format!("      {file}:{line}: {text}"));
            }
        }
        let wrong = examples.iter().filter(|tried| !tried.wrong.is_empty()).count();
        output.line(match (examples.len(), wrong) {
            (0, _) => format!("{file}: it has no `examples:`, so nothing is tested"),
            (all, 0) => format!("{file}: {} tested, nothing wrong", counted(all as u64, "example")),
            (all, wrong) => format!("{file}: {wrong} of {} wrong", counted(all as u64, "example")),
        });
    }

    fn value(&self) -> Value {
        let examples = self.examples.as_deref().unwrap_or_default();
        let examples: Vec<Value> = examples.iter().map(Tried::value).collect();
        json!({
            "file": self.file, "ok": self.passed(), "accepted": self.accepted,
            "diagnostics": self.diagnostics, "examples": examples,
        })
    }
}

impl Tried {
    fn value(&self) -> Value {
        let wrong: Vec<Value> = self
            .wrong
            .iter()
            .map(|(line, mismatch)| {
                json!({
                    "line": line, "path": mismatch.path, "message": mismatch.message,
                    "expected": mismatch.expected, "actual": mismatch.actual,
                })
            })
            .collect();
        json!({ "name": self.name, "ok": self.wrong.is_empty(), "wrong": wrong })
    }
}
