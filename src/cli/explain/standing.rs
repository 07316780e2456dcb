//! What an event meant against its group's history, as a sentence.

use agnox_bridge_sinks::template::humanize;
use jiff::tz::TimeZone;

use crate::cli::when::on;
use crate::model::{Standing, Transition};

/// The sentence.
pub(super) fn words(standing: &Standing, zone: &TimeZone) -> String {
    if standing.late {
        return "late: it finished before the newest run known of its group, and changed nothing"
            .to_owned();
    }
    let Some(transition) = standing.transition else {
        return "no transition: its status is neither failing nor passing".to_owned();
    };
    let since = standing.failing_since.map(|at| format!(" since {}", on(at, zone)));
    let since = since.unwrap_or_default();
    let failures = in_a_row(standing.failures_in_a_row);
    let mut text = match transition {
        Transition::FirstFailure if standing.new_group => {
            "first failure, of a group that is new".to_owned()
        }
        Transition::FirstFailure => "first failure".to_owned(),
        Transition::StillFailing => format!("still failing, {failures}{since}"),
        Transition::KindChanged => format!("failing in another way, {failures}{since}"),
        Transition::Recovered => {
            let after = standing.recovered_after.map(|seconds| humanize(seconds as f64));
            let after = after.map(|after| format!(" after {after}")).unwrap_or_default();
            format!("recovered{after}, had been failing{since}")
        }
        Transition::StillPassing if standing.new_group => {
            "passing, the first run of a group that is new".to_owned()
        }
        Transition::StillPassing => {
            format!("still passing, {}", in_a_row(standing.passes_in_a_row))
        }
    };
    if let Some(previous) = &standing.previous_status {
        text.push_str(&format!("; the run before was {previous}"));
    }
    text
}

fn in_a_row(count: u32) -> String {
    format!("{count} in a row")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<jiff::Timestamp> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn each_transition_is_said_with_the_history_that_it_stood_against() {
        let still = Standing {
            transition: Some(Transition::StillFailing),
            failures_in_a_row: 4,
            previous_status: Some("FAILED".into()),
            failing_since: at("2026-11-20T02:10:00Z"),
            ..Standing::default()
        };
        assert_eq!(
            words(&still, &TimeZone::UTC),
            "still failing, 4 in a row since 2026-11-20 02:10 UTC; the run before was FAILED"
        );
        let recovered = Standing {
            transition: Some(Transition::Recovered),
            recovered_after: Some(7260),
            ..still
        };
        assert_eq!(
            words(&recovered, &TimeZone::UTC),
            "recovered after 2h 1m, had been failing since 2026-11-20 02:10 UTC; the run before \
             was FAILED"
        );
        let new = Standing {
            transition: Some(Transition::FirstFailure),
            new_group: true,
            ..Standing::default()
        };
        assert_eq!(words(&new, &TimeZone::UTC), "first failure, of a group that is new");
    }

    #[test]
    fn what_has_no_transition_says_why() {
        let late = Standing { late: true, ..Standing::default() };
        assert!(words(&late, &TimeZone::UTC).starts_with("late: "));
        assert!(words(&Standing::default(), &TimeZone::UTC).contains("neither failing nor"));
    }
}
