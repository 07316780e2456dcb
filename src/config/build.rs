//! From the sections' types to what the other rooms work with: templates, sinks, windows, rules and
//! tests that are ready.
//!
//! Each room compiles its own part and says what is wrong with it. Whatever a start would refuse is
//! refused here, short of opening sockets and files.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use agnox_bridge_sinks::client::{Client, DialPolicy};
use agnox_bridge_sinks::kind::{BuildError, Kind, Surroundings};
use agnox_bridge_sinks::template::{Names, TemplateError, Templates};

use super::checks;
use super::diagnostic::Diagnostic;
use super::files::Place;
use super::item::{self, Fault};
use super::load::Loader;
use super::settings::Settings;
use super::sinks::{self, SinkConfig};
use super::wording;
use crate::deliver::{Outlet, SinkOptions};
use crate::model::Problem;
use crate::notice::Context;
use crate::rehearse::{Case, Known};
use crate::route::{Ingredients, Router, RuleConfig};
use crate::schedule::Window;

/// The windows that could be compiled.
#[derive(Default)]
pub struct Windows {
    /// The windows.
    pub compiled: BTreeMap<String, Window>,
    /// The names of the others, so that who names them is not blamed.
    pub broken: BTreeSet<String>,
}

/// The sinks that could be built, and the kinds of all that could be recognised.
#[derive(Default)]
pub struct BuiltSinks {
    /// The sinks.
    pub outlets: BTreeMap<String, Arc<Outlet>>,
    /// What kind each is.
    pub kinds: BTreeMap<String, &'static Kind>,
    /// The names of those whose kind isn't known, so that who names them is not blamed.
    pub broken: BTreeSet<String>,
}

impl Loader<'_> {
    /// The templates, with the names that they may use.
    pub fn templates(&mut self, settings: &Settings) -> (Templates, Vec<String>) {
        let labels: BTreeSet<String> =
            settings.groups.iter().flat_map(|group| group.labels.keys().cloned()).collect();
        let labels: Vec<String> = labels.into_iter().collect();
        let names = Names { labels: labels.clone() };
        let mut templates = Templates::new(names, settings.timezone.clone());
        if let Some(folder) = settings.templates.as_ref().map(|at| self.folder.join(at)) {
            if !folder.is_dir() {
                let message = format!("there is no folder {}", folder.display());
                self.remarks.fault("templates", &Fault::new("", message, None));
            } else if let Err(errors) = templates.load(&folder) {
                errors.into_iter().for_each(|error| self.template(error));
            }
        }
        (templates, labels)
    }

    /// A template file's trouble, shown in that file.
    fn template(&mut self, error: TemplateError) {
        let Some(path) = error.file else {
            self.remarks.fault("templates", &Fault::new("", error.message, error.hint));
            return;
        };
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let line = error.line.filter(|line| *line <= text.lines().count()).unwrap_or(0);
        let files = &mut self.remarks.files;
        let file = files.add(path, text);
        let column = error.column.unwrap_or(1);
        let place = Place { line, column, ..Place::whole(file) };
        let diagnostic = Diagnostic::error(files, place, error.message);
        self.remarks.diagnostics.push(diagnostic.maybe_hint(error.hint));
    }

    /// Builds every sink.
    pub fn sinks(&mut self, settings: &mut Settings, templates: &Templates) -> BuiltSinks {
        let mut built = BuiltSinks::default();
        for (name, node) in self.map("sinks") {
            let path = item::join("sinks", &name);
            match sinks::sort(&node) {
                Ok(sorted) => {
                    built.kinds.insert(name.clone(), sorted.kind);
                    if let Some(outlet) = self.sink(&name, &path, sorted, templates) {
                        let config =
                            SinkConfig { kind: outlet.kind, options: outlet.options.clone() };
                        settings.sinks.insert(name.clone(), config);
                        built.outlets.insert(name, Arc::new(outlet));
                    }
                }
                Err(faults) => {
                    faults.iter().for_each(|fault| self.remarks.fault(&path, fault));
                    built.broken.insert(name);
                }
            }
        }
        built
    }

    /// Compiles the windows.
    pub fn windows(&mut self, settings: &Settings) -> Windows {
        let mut windows = Windows::default();
        for (name, config) in &settings.windows {
            match Window::compile(config, &settings.timezone) {
                Ok(window) => drop(windows.compiled.insert(name.clone(), window)),
                Err(problems) => {
                    let path = item::join("windows", name);
                    for problem in problems {
                        let path = item::join(&path, &problem.path);
                        self.remarks.problem(Problem { path, ..problem });
                    }
                }
            }
        }
        let all = self.map("windows").into_iter().map(|(name, _)| name);
        windows.broken = all.filter(|name| !windows.compiled.contains_key(name)).collect();
        windows
    }

    fn sink(
        &mut self,
        name: &str,
        path: &str,
        mut sorted: sinks::Sorted,
        templates: &Templates,
    ) -> Option<Outlet> {
        let options: Option<SinkOptions> = self.item(path, sorted.options);
        let private =
            options.as_ref().and_then(|options| options.private_addresses).unwrap_or(true);
        let client = Client::new(DialPolicy { private });
        let surroundings = Surroundings { name, templates, client: &client };
        let kind = sorted.kind;
        let path = item::join(path, kind.name);
        match item::settle(&mut sorted.own, |value| {
            (kind.build)(value, &surroundings).map_err(fault)
        }) {
            Ok(built) => {
                for BuildError { path: below, message, hint } in built.warnings {
                    let path = item::join(&path, &below);
                    self.remarks.warning(Problem { path, message, hint });
                }
                Some(Outlet {
                    name: name.to_owned(),
                    kind: kind.name,
                    sink: built.sink,
                    options: options?,
                })
            }
            Err(fault) => {
                self.remarks.fault(&path, &fault);
                None
            }
        }
    }

    /// Reads the rules. Those that can't be read, or that name a sink whose kind isn't known or a
    /// window that is broken, are left out: what is wrong has been said where it is wrong.
    pub fn rules(&mut self, sinks: &BuiltSinks, windows: &Windows) -> Vec<RuleConfig> {
        let mut read: Vec<(usize, RuleConfig)> = self.indexed("rules");
        read.retain(|(_, rule)| {
            !checks::names_any(rule, &sinks.broken) && !checks::is_muted_in(rule, &windows.broken)
        });
        self.without_index("rules", read)
    }

    /// Compiles the rules.
    pub fn router(
        &mut self,
        settings: &Settings,
        sinks: &BuiltSinks,
        windows: &Windows,
        templates: &Templates,
        labels: Vec<String>,
    ) -> Option<Router> {
        let context = Context {
            zone: settings.timezone.clone(),
            dashboard: settings.agnox.dashboard.clone(),
            labels,
        };
        let sources = self.sources();
        let compiled = Router::compile(Ingredients {
            rules: &settings.rules,
            groups: &settings.groups,
            failing: &settings.agnox.failing,
            sinks: &sinks.kinds,
            templates,
            context,
            windows: &windows.compiled,
            missed: &settings.missed_runs,
            sources: &sources,
        });
        match compiled {
            // Of rules that are not all there, nothing can be said that is probably not meant.
            Ok(_) if self.remarks.failed() => None,
            Ok(router) => {
                for warning in router.warnings() {
                    let warning = self.placed(warning);
                    self.remarks.warning(warning);
                }
                Some(router)
            }
            Err(problems) => {
                self.problems(problems);
                None
            }
        }
    }

    /// Makes the configuration's own tests ready to run.
    pub fn cases(&mut self, settings: &Settings, sinks: &BuiltSinks) -> Vec<Case> {
        let names = sinks.kinds.keys().chain(&sinks.broken).map(String::as_str).collect();
        let all = self.remarks.root.get("rules").map_or(0, |rules| rules.items().len());
        let rules = settings.rules.iter().map(|rule| rule.name.as_str()).collect();
        let known = Known {
            sinks: &names,
            rules: (settings.rules.len() == all).then_some(&rules),
            sources: &self.sources(),
            zone: &settings.timezone,
        };
        Case::compile_all(&settings.tests, &known).unwrap_or_else(|problems| {
            self.problems(problems);
            Vec::new()
        })
    }

    /// The names of all sources, also of broken ones.
    fn sources(&mut self) -> Vec<String> {
        self.map("sources").into_iter().map(|(name, _)| name).collect()
    }

    fn problems(&mut self, problems: Vec<Problem>) {
        for problem in problems {
            let problem = self.placed(problem);
            self.remarks.problem(problem);
        }
    }

    fn placed(&self, problem: Problem) -> Problem {
        Problem { path: self.places.original(&problem.path), ..problem }
    }
}

fn fault(error: BuildError) -> Fault {
    let BuildError { path, message, hint } = error;
    let fault = wording::reword(path, &message);
    Fault { help: fault.help.or(hint), ..fault }
}
