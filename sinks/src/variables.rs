//! The variables of the templates: what each means, an example of it, and how a notice gives them.
//!
//! The names are the fields of [`Notice`] and, with a dot, their fields where these are fixed. A
//! test holds this list and the type together, in both directions.

use serde_json::{Value, json};

use crate::contract::Notice;

/// One variable.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
    /// Its name in a template.
    pub name: &'static str,
    /// What it means.
    pub about: &'static str,
    /// What it may print.
    pub example: &'static str,
}

/// Every variable, in the order of the reference.
pub const VARIABLES: &[Variable] = &[
    variable("event_id", "the event's id in the bridge", "01956b9e-5a80-7c3f-9d1e-0a4b7c6d2e11"),
    variable("event", "the kind of event as Agnox named it", "execution.finished"),
    variable("execution_id", "Agnox's id of the execution", "exec_xyz789"),
    variable("task_id", "Agnox's id of the task", "task_abc123"),
    variable("status", "the status in upper case", "FAILED"),
    variable("failing", "whether the status counts as failing; null for an unknown status", "true"),
    variable("group", "the group's name, `__ungrouped__` where there is none", "checkout-eu"),
    variable("source", "the source that posted the event", "main"),
    variable("labels", "the group's labels from `groups:`, as `labels.team`", "payments"),
    variable("summary", "Agnox's summary in one line", "3 tests failed in My Test Suite"),
    variable("started_at", "when the run started", "2026-03-14T12:56:00+01:00"),
    variable("finished_at", "when the run finished", "2026-03-14T13:00:00+01:00"),
    variable("received_at", "when the bridge received the event", "2026-03-14T13:00:01+01:00"),
    variable("duration", "how long the run took, in words", "4m"),
    variable("duration_seconds", "how long the run took, in seconds", "240"),
    variable("link", "the run in Agnox", "https://agnox.dev/dashboard?drawerId=task_abc123"),
    variable("color", "the status's colour", "#d73a49"),
    variable("emoji", "the status's emoji", "🔴"),
    variable("rule", "the first rule that asked for this message", "production is red"),
    variable("rules", "all rules that asked for it, as a list", "production is red"),
    variable("sink", "the sink that sends it", "team-chat"),
    variable(
        "delivery_id",
        "the delivery's id, the same over all its attempts",
        "01956b9e-5a81-7d20-8f3a-6c1b2d4e5f60",
    ),
    variable(
        "delayed",
        "how much later the message goes out than it could have, in words; null while it is fresh",
        "12m",
    ),
    variable("delayed_seconds", "the same in seconds; null while it is fresh", "720"),
    variable(
        "transition",
        "how the run stands to the one before: `first_failure`, `still_failing`, `kind_changed`, \
         `recovered` or `still_passing`; null for late runs and unknown statuses",
        "still_failing",
    ),
    variable("new_group", "whether it is the first run known of its group", "false"),
    variable("late", "whether it finished before the newest run known of its group", "false"),
    variable("failures_in_a_row", "so many failing runs in a row, with this one", "4"),
    variable("passes_in_a_row", "so many passing runs in a row, with this one", "0"),
    variable("previous_status", "the status of the run before", "FAILED"),
    variable(
        "failing_since",
        "since when the group has been failing, or had been until this run",
        "2026-03-14T03:00:00+01:00",
    ),
    variable("failing_for", "for how long it has been failing, in words", "10h"),
    variable("failing_for_seconds", "for how long it has been failing, in seconds", "36000"),
    variable(
        "recovered_after",
        "after how long it recovered, in words; null where it did not",
        "10h",
    ),
    variable("recovered_after_seconds", "after how long it recovered, in seconds", "36000"),
    variable("recovered_from", "after how many failing runs in a row it recovered", "4"),
    variable(
        "incident",
        "the id of the incident that the run belongs to, or ends",
        "01956971-52a0-7f11-8c3e-2b5d6f7a8091",
    ),
    variable(
        "recovery",
        "whether this is a recovery that is owed, since the failure was told",
        "false",
    ),
    variable(
        "untold",
        "whether the failure it answers never arrived, so that this one message says both",
        "false",
    ),
    variable(
        "digest",
        "what was collected, in a message about several runs; null in others",
        "{…}",
    ),
    variable("digest.kind", "why: `digest`, `deferred` (by a window) or `throttled`", "digest"),
    variable("digest.rule", "the rule that collected it", "morning report"),
    variable("digest.window", "the window that deferred it, if one did", "nights"),
    variable("digest.by", "what it is split by, if it is: a label's value", "payments"),
    variable("digest.since", "when collecting began", "2026-03-13T09:00:00+01:00"),
    variable("digest.until", "when it ended", "2026-03-14T09:00:00+01:00"),
    variable("digest.runs", "how many runs", "42"),
    variable("digest.groups", "how many groups", "12"),
    variable("digest.failing", "how many of the groups in `rows` fail", "3"),
    variable("digest.more", "how many groups are left out of `rows`", "0"),
    variable("digest.rows", "the groups, those that fail first, as a list", "{…}"),
    variable("digest.rows.group", "the group's name", "checkout-eu"),
    variable("digest.rows.source", "the source that posted its runs", "main"),
    variable(
        "digest.rows.net",
        "how it stands at the end: `failing`, `recovered`, `unknown` or `passing`",
        "failing",
    ),
    variable(
        "digest.rows.status",
        "the newest run's status; the worst one's where it failed and recovered",
        "FAILED",
    ),
    variable("digest.rows.emoji", "the emoji of how it stands", "🔴"),
    variable("digest.rows.color", "the colour of how it stands", "#d73a49"),
    variable("digest.rows.runs", "how many of its runs were collected", "4"),
    variable("digest.rows.passed", "how many of them passed", "1"),
    variable("digest.rows.pass_rate", "how many of a hundred passed, in words", "25 %"),
    variable("digest.rows.pass_rate_percent", "how many of a hundred passed", "25"),
    variable("digest.rows.failures_in_a_row", "how many of the newest failed in a row", "3"),
    variable(
        "digest.rows.failing_since",
        "since when it has been failing, or had been",
        "2026-03-13T23:10:00+01:00",
    ),
    variable("digest.rows.recovered_at", "when it recovered", "2026-03-14T01:20:00+01:00"),
    variable("digest.rows.slowest", "how long the slowest run took, in words", "4m"),
    variable("digest.rows.slowest_seconds", "how long the slowest run took, in seconds", "240"),
    variable(
        "digest.rows.summary",
        "the newest failing run's summary, or the newest run's",
        "3 tests failed",
    ),
    variable(
        "digest.rows.link",
        "that run in Agnox",
        "https://agnox.dev/dashboard?drawerId=task_abc123",
    ),
    variable(
        "digest.rows.line",
        "the row in one sentence",
        "checkout-eu: FAILED, 3 in a row since Fri 23:10 — 3 tests failed",
    ),
    variable(
        "dead",
        "what could not be delivered, in a message of `on_dead`; null in others",
        "{…}",
    ),
    variable("dead.sink", "the sink that it was for", "qa-mail"),
    variable("dead.reason", "why it could not be delivered", "the mailbox does not exist"),
    variable(
        "dead.count",
        "how many messages could not be delivered since the last such message",
        "3",
    ),
    variable("with", "the rule's `with:` parameters, as `with.channel`", "#payments"),
    variable(
        "body",
        "the whole body as it came, as `body.any.field`; null if it was unreadable",
        "{…}",
    ),
];

const fn variable(name: &'static str, about: &'static str, example: &'static str) -> Variable {
    Variable { name, about, example }
}

impl Notice {
    /// The data that templates see: every variable, null where unknown.
    pub fn data(&self) -> Value {
        serde_json::to_value(self).expect("a notice is plain data with texts as field names")
    }
}

/// A realistic notice of a failed run, for documentation, previews and tests.
pub fn sample() -> Notice {
    let body = json!({
        "event": "execution.finished",
        "executionId": "exec_xyz789",
        "taskId": "task_abc123",
        "status": "FAILED",
        "summary": "3 tests failed in My Test Suite",
        "groupName": "checkout-eu",
        "startedAt": "2026-03-14T11:56:00.000Z",
        "finishedAt": "2026-03-14T12:00:00.000Z",
    });
    let text = |text: &str| Some(text.to_owned());
    Notice {
        event_id: "01956b9e-5a80-7c3f-9d1e-0a4b7c6d2e11".to_owned(),
        event: text("execution.finished"),
        execution_id: text("exec_xyz789"),
        task_id: text("task_abc123"),
        status: text("FAILED"),
        failing: Some(true),
        group: "checkout-eu".to_owned(),
        source: "main".to_owned(),
        labels: [("channel".to_owned(), text("#payments")), ("team".to_owned(), text("payments"))]
            .into(),
        summary: text("3 tests failed in My Test Suite"),
        started_at: text("2026-03-14T12:56:00+01:00"),
        finished_at: text("2026-03-14T13:00:00+01:00"),
        received_at: "2026-03-14T13:00:01+01:00".to_owned(),
        duration: text("4m"),
        duration_seconds: Some(240.0),
        link: text("https://agnox.dev/dashboard?drawerId=task_abc123"),
        color: "#d73a49".to_owned(),
        emoji: "🔴".to_owned(),
        rule: text("production is red"),
        rules: vec!["production is red".to_owned()],
        sink: "team-chat".to_owned(),
        delivery_id: "01956b9e-5a81-7d20-8f3a-6c1b2d4e5f60".to_owned(),
        transition: text("still_failing"),
        failures_in_a_row: Some(4),
        passes_in_a_row: Some(0),
        previous_status: text("FAILED"),
        failing_since: text("2026-03-14T03:00:00+01:00"),
        failing_for: text("10h"),
        failing_for_seconds: Some(36_000),
        incident: text("01956971-52a0-7f11-8c3e-2b5d6f7a8091"),
        with: [("channel".to_owned(), "#payments".to_owned())].into(),
        raw: body.to_string().into_bytes(),
        body,
        ..Notice::default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::contract::Dead;
    use crate::digest::{Digest, Row};

    fn names_of_a_notice() -> BTreeSet<String> {
        let dead = Dead { sink: "a".into(), reason: "b".into(), count: 1 };
        let digest = Digest { rows: vec![Row::default()], ..Digest::default() };
        let data = Notice { dead: Some(dead), digest: Some(digest.into()), ..sample() }.data();
        let below = |prefix: &str, value: &Value| -> Vec<String> {
            value.as_object().unwrap().keys().map(|name| format!("{prefix}{name}")).collect()
        };
        let mut names = below("", &data);
        names.extend(below("dead.", &data["dead"]));
        names.extend(below("digest.", &data["digest"]));
        names.extend(below("digest.rows.", &data["digest"]["rows"][0]));
        names.into_iter().collect()
    }

    #[test]
    fn every_field_of_a_notice_is_documented_and_nothing_else() {
        let documented: BTreeSet<_> = VARIABLES.iter().map(|v| v.name.to_owned()).collect();
        assert_eq!(documented, names_of_a_notice());
        assert_eq!(documented.len(), VARIABLES.len(), "a variable is documented twice");
    }

    #[test]
    fn every_variable_is_there_when_nothing_is_known() {
        let data = Notice::default().data();
        for variable in VARIABLES.iter().filter(|variable| !variable.name.contains('.')) {
            assert!(data.get(variable.name).is_some(), "{} is missing", variable.name);
        }
    }

    #[test]
    fn the_sample_prints_what_the_reference_says() {
        let data = sample().data();
        for name in [
            "status",
            "group",
            "duration",
            "link",
            "summary",
            "emoji",
            "finished_at",
            "transition",
            "failing_since",
            "failing_for",
            "incident",
        ] {
            let example = VARIABLES.iter().find(|v| v.name == name).unwrap().example;
            assert_eq!(data[name], example);
        }
    }
}
