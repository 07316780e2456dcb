//! The rules of a scenario, from what a person writes.

use std::collections::BTreeMap;

use agnox_bridge_sinks::catalog::Catalog;
use agnox_bridge_sinks::template::{Names, Templates};
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::model::Status;
use crate::notice::Context;
use crate::route::{GroupConfig, Ingredients, MissedConfig, Router, RuleConfig};
use crate::schedule::{Window, WindowConfig};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    rules: Vec<RuleConfig>,
    #[serde(default)]
    groups: Vec<GroupConfig>,
    #[serde(default)]
    windows: BTreeMap<String, WindowConfig>,
    #[serde(default)]
    missed_runs: Vec<MissedConfig>,
}

pub(super) fn router(config: &str) -> Router {
    let config: Config = serde_yaml::from_str(config).unwrap();
    let console = Catalog::built_in().kind("console").unwrap();
    let windows = config
        .windows
        .iter()
        .map(|(name, window)| (name.clone(), Window::compile(window, &TimeZone::UTC).unwrap()));
    let ingredients = Ingredients {
        rules: &config.rules,
        groups: &config.groups,
        failing: &[Status::Failed, Status::Error, Status::Missing],
        sinks: &BTreeMap::from([
            ("chat".to_owned(), console.clone()),
            ("mail".to_owned(), console.clone()),
        ]),
        templates: &Templates::new(Names::default(), TimeZone::UTC),
        context: Context { zone: TimeZone::UTC, dashboard: String::new(), labels: vec![] },
        windows: &windows.collect(),
        missed: &config.missed_runs,
        sources: &["main".to_owned()],
    };
    Router::compile(ingredients).unwrap_or_else(|problems| panic!("{problems:?}"))
}
