//! What the sections mean together: windows, rules and tests are compiled, and what their rooms find
//! wrong is brought to its place in the file.

use std::collections::{BTreeMap, BTreeSet};

use agnox_bridge_sinks::template::Templates;

use super::checks;
use super::item;
use super::load::{BuiltSinks, Loader};
use super::settings::Settings;
use crate::model::Problem;
use crate::notice::Context;
use crate::rehearse::{Case, Known};
use crate::route::{Ingredients, Router, RuleConfig};
use crate::schedule::Window;

/// For each list, where in the file its items stand: those that can't be read are left out, and
/// paths of the others must lead to their own lines all the same.
#[derive(Default)]
pub struct Places(pub BTreeMap<&'static str, Vec<usize>>);

impl Places {
    /// The path in the file, from the path among the items that were read.
    pub fn original(&self, path: &str) -> String {
        let found = path.split_once('[').and_then(|(key, rest)| {
            let (index, rest) = rest.split_once(']')?;
            let index = self.0.get(key)?.get(index.parse::<usize>().ok()?)?;
            Some(format!("{key}[{index}]{rest}"))
        });
        found.unwrap_or_else(|| path.to_owned())
    }
}

/// The windows that could be compiled.
#[derive(Default)]
pub struct Windows {
    /// The windows.
    pub compiled: BTreeMap<String, Window>,
    /// The names of the others, so that who names them is not blamed.
    pub broken: BTreeSet<String>,
}

impl Loader<'_> {
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

    /// Reads the rules. Those that can't be read, or that name a sink whose kind isn't known or a
    /// window that is broken, are left out: what is wrong has been said where it is wrong.
    pub fn rules(&mut self, sinks: &BuiltSinks, windows: &Windows) -> Vec<RuleConfig> {
        let mut read: Vec<(usize, RuleConfig)> = self.indexed("rules");
        read.retain(|(_, rule)| {
            !checks::names_any(rule, &sinks.broken) && !checks::is_muted_in(rule, &windows.broken)
        });
        let (places, rules) = read.into_iter().unzip();
        self.places.0.insert("rules", places);
        rules
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
