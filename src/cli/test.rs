//! `test`: runs the configuration's own tests, with nothing sent.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::bail;
use clap::Args;
use serde_json::json;

use super::access::there_is_one;
use super::{Common, Ended, Output};
use crate::config::{self, LoadOptions, Loaded};
use crate::rehearse::{self, Case, CaseResult, Failure, Stage};

/// `agnox-bridge test nights`
#[derive(Args, Debug)]
pub struct Test {
    /// Only the tests whose name holds this text, in any case.
    name: Option<String>,
}

impl Test {
    /// Runs the tests and says which failed, and why. Secrets need not be there.
    pub fn run(self, common: &Common, output: &Output) -> Ended {
        there_is_one(common)?;
        let options = LoadOptions { without_secrets: true, ..LoadOptions::default() };
        let loaded = match config::load(&common.config, &options) {
            Ok(loaded) => loaded,
            Err(report) => {
                output.progress(report.render(output.colored()));
                bail!("the configuration can't be used, so its tests can't run");
            }
        };
        let results = run(&self.chosen(&loaded)?, &loaded);
        let failed = results.iter().filter(|(result, _)| !result.passed).count();
        match output.json {
            true => output.value(&value(&results, failed))?,
            false => tell(&results, failed, output),
        }
        Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn chosen<'l>(&self, loaded: &'l Loaded) -> anyhow::Result<Vec<&'l Case>> {
        if loaded.cases.is_empty() {
            bail!("the configuration has no tests; write some under `tests:`");
        }
        let Some(part) = &self.name else { return Ok(loaded.cases.iter().collect()) };
        let part = part.to_lowercase();
        let has_it = |case: &&Case| case.name.to_lowercase().contains(&part);
        let chosen: Vec<&Case> = loaded.cases.iter().filter(has_it).collect();
        if chosen.is_empty() {
            let names: Vec<String> =
                loaded.cases.iter().map(|case| format!("\n  {}", case.name)).collect();
            bail!("no test has \"{part}\" in its name; there are:{}", names.concat());
        }
        Ok(chosen)
    }
}

fn run(cases: &[&Case], loaded: &Loaded) -> Vec<(CaseResult, Duration)> {
    let stage =
        Stage { router: &loaded.router, rules: &loaded.settings.rules, outlets: &loaded.outlets };
    let mut results = Vec::with_capacity(cases.len());
    for case in cases {
        let began = Instant::now();
        let result = rehearse::run(case, &stage);
        results.push((result, began.elapsed()));
    }
    results
}

fn value(results: &[(CaseResult, Duration)], failed: usize) -> serde_json::Value {
    let tests: Vec<&CaseResult> = results.iter().map(|(result, _)| result).collect();
    json!({ "ok": failed == 0, "passed": tests.len() - failed, "failed": failed, "tests": tests })
}

fn tell(results: &[(CaseResult, Duration)], failed: usize, output: &Output) {
    for (result, took) in results {
        let mark = if result.passed { "✓" } else { "✗" };
        output.line(format!("{mark} {} ({} ms)", result.name, took.as_millis()));
        result.failures.iter().for_each(|failure| tell_failure(failure, output));
    }
    output.line("");
    let passed = results.len() - failed;
    match failed {
        0 => output.line(format!("{passed} passed")),
        _ => output.line(format!("{failed} failed, {passed} passed")),
    }
}

fn tell_failure(failure: &Failure, output: &Output) {
    let step = failure.step.map(|number| format!("step {number}, ")).unwrap_or_default();
    output.line(format!("    {step}{}", failure.at));
    output.line(format!("      expected: {}", failure.expected));
    let found = if failure.found.is_empty() { &failure.sent } else { &failure.found };
    match found.split_first() {
        None => output.line("      found: nothing was sent"),
        Some((first, rest)) => {
            output.line(format!("      found: {first}"));
            rest.iter().for_each(|line| output.line(format!("             {line}")));
        }
    }
    failure.why.iter().for_each(|why| output.line(format!("      because: {why}")));
}
