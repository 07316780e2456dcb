//! Digests: when they go out, to whom, split by what, and how the groups stand in them.

use super::*;

#[test]
fn matches_are_collected_and_told_when_the_cron_says() {
    let mut watch = Watch::new("digest: {cron: '0 9 * * *'}");
    for (time, group, status) in [
        ("13 10:00:00", "green", "PASSED"),
        ("13 11:00:00", "red", "FAILED"),
        ("13 12:00:00", "red", "FAILED"),
        ("13 13:00:00", "mended", "ERROR"),
        ("13 14:00:00", "mended", "PASSED"),
        ("14 08:59:59", "odd", "WEIRD"),
    ] {
        assert_eq!(why(&watch.run(time, group, status)), Some(&Absence::Collected));
    }
    watch.until("14 09:00:00");
    let told = watch.one();
    let rows = [
        ("red", Net::Failing, 2),
        ("mended", Net::Recovered, 2),
        ("odd", Net::Unknown, 1),
        ("green", Net::Passing, 1),
    ];
    assert_eq!(told.rows(), rows);
    assert_eq!(told.summary(), "4 groups: 1 failing, 1 recovered, 1 unknown, 1 passing");
    assert_eq!(&*told.event.reading.group, "r", "several groups: the rule names it");
    let digest = &told.message.digest;
    assert_eq!((digest.runs, digest.groups, digest.more), (6, 4, 0));
    assert_eq!((digest.since, digest.until), (at("13 10:00:00"), at("14 09:00:00")));
    assert_eq!(digest.rows[1].status.as_deref(), Some("ERROR"));
    assert_eq!(digest.rows[1].passed, 1);
    assert_eq!(digest.rows[0].slowest, Some(90.0));
    assert_eq!(told.planned.duty, None, "nothing answers a digest");
}

#[test]
fn after_a_long_downtime_it_goes_out_once() {
    let mut watch = Watch::new("digest: {cron: '0 * * * *'}");
    watch.run("13 10:30:00", "a", "FAILED");
    watch.until("14 15:00:00");
    assert_eq!(watch.one().at, at("13 11:00:00"));
    watch.until("15 15:00:00");
    assert!(watch.told().is_empty(), "nothing collected, nothing sent");
}

#[test]
fn an_interval_counts_from_the_first_match() {
    let mut watch = Watch::new("digest: {every: 2h}");
    watch.run("14 10:30:00", "a", "FAILED");
    watch.run("14 12:00:00", "a", "FAILED");
    watch.until("14 12:29:59");
    assert!(watch.told().is_empty());
    watch.until("14 12:30:00");
    assert_eq!(watch.one().rows(), [("a", Net::Failing, 2)]);
}

#[test]
fn the_worst_come_first_and_the_rest_is_counted() {
    let mut watch = Watch::new("digest: {every: 1h, max: 3}");
    for (group, status, times) in [
        ("a", "PASSED", 1),
        ("b", "FAILED", 2),
        ("c", "ERROR", 1),
        ("d", "FAILED", 3),
        ("e", "FAILED", 1),
    ] {
        for _ in 0..times {
            watch.run("14 10:00:00", group, status);
        }
    }
    watch.until("14 11:00:00");
    let told = watch.one();
    let groups: Vec<&str> = told.rows().iter().map(|row| row.0).collect();
    assert_eq!(groups, ["c", "d", "b"]);
    let digest = &told.message.digest;
    assert_eq!((digest.groups, digest.more, digest.runs), (5, 2, 8), "all are counted");
    assert_eq!(told.summary(), "5 groups: 4 failing, 1 passing");
    assert_eq!(told.event.reading.status, Some(Status::Error));
}

#[test]
fn each_destination_and_each_value_of_by_gets_its_own() {
    let groups = "[{match: 'a*', labels: {team: x, floor: one}}, {match: 'b*', labels: {team: y, floor: one}}]";
    let rules =
        "[{name: r, when: always, send: [chat, mail], digest: {every: 1h, by: labels.team}}]";
    let mut watch = Watch::over(rules, groups);
    for group in ["a1", "a2", "b1", "c"] {
        watch.run("14 10:00:00", group, "FAILED");
    }
    watch.until("14 11:00:00");
    let told = watch.told();
    let mut seen: Vec<(&str, Option<&str>, u32)> = told
        .iter()
        .map(|t| (&*t.message.sink, t.message.digest.by.as_deref(), t.message.digest.groups))
        .collect();
    seen.sort_unstable();
    let each = |sink| [(sink, None, 1), (sink, Some("x"), 2), (sink, Some("y"), 1)];
    assert_eq!(seen, [each("chat"), each("mail")].concat());
    let team = told.iter().find(|t| t.message.digest.by.as_deref() == Some("x")).unwrap();
    assert_eq!(team.message.labels.get("team").map(String::as_str), Some("x"));
}

#[test]
fn labels_that_all_groups_share_are_the_message_s() {
    let groups = "[{match: '*', labels: {floor: one}}, {match: 'a*', labels: {team: x}}]";
    let mut watch =
        Watch::over("[{name: r, when: always, send: chat, digest: {every: 1h}}]", groups);
    watch.run("14 10:00:00", "a", "FAILED");
    watch.run("14 10:00:00", "b", "FAILED");
    watch.until("14 11:00:00");
    let labels: Vec<(String, String)> = watch.one().planned.brief.labels.into_iter().collect();
    assert_eq!(labels, [("floor".to_owned(), "one".to_owned())]);
}

#[test]
fn an_empty_one_goes_out_only_where_it_is_asked_for() {
    let mut watch = Watch::new("digest: {cron: '0 9 * * *', even_if_empty: true}");
    watch.router.take_over(&mut watch.state, &[], at("13 12:00:00"));
    watch.until("14 09:00:00");
    let told = watch.one();
    assert_eq!(told.summary(), "Nothing to report since Fri 12:00");
    assert_eq!(told.planned.brief.failing, None);
    watch.run("14 12:00:00", "a", "FAILED");
    watch.until("15 09:00:00");
    assert_eq!(watch.one().rows(), [("a", Net::Failing, 1)], "in the same collection");
    watch.until("20 12:00:00");
    assert_eq!(watch.one().at, at("16 09:00:00"), "once after days of downtime");
    assert_eq!(watch.state.next_due(), Some(at("21 09:00:00")));
}

#[test]
fn a_late_run_is_counted_and_says_nothing_of_how_the_group_stands() {
    let mut watch = Watch::new("digest: {every: 1h}");
    watch.run("14 10:00:00", "a", "PASSED");
    let (event, _) = watch.event(at("14 10:01:00"), "a", "FAILED");
    let late = Standing { late: true, ..Standing::default() };
    watch.pass(&event, &late, "r");
    watch.until("14 11:00:00");
    assert_eq!(watch.one().rows(), [("a", Net::Passing, 2)]);
}

#[test]
fn hostile_names_keep_collections_apart() {
    let mut watch = Watch::over(
        r#"
- {name: "r", when: always, send: chat, digest: {every: 1h, by: group}}
- {name: "r\u001fchat", when: always, send: chat, digest: {every: 1h, by: group}}
"#,
        "[]",
    );
    let long = "x".repeat(1 << 20);
    let names = ["", "a\u{1f}b", "a\u{1e}sb", "\u{1f}", "a", &long];
    for name in names {
        for rule in ["r", "r\u{1f}chat"] {
            let (event, standing) = watch.event(at("14 10:00:00"), name, "FAILED");
            watch.pass(&event, &standing, rule);
        }
    }
    watch.until("14 11:00:00");
    let told = watch.told();
    // An empty name reads as no group.
    assert_eq!(told.len(), 2 * names.len());
    assert!(told.iter().all(|letter| letter.message.digest.runs == 1));
    assert!(told.iter().all(|letter| letter.summary().len() < 400));
    assert_eq!(watch.state.next_due(), None);
}

#[test]
fn what_comes_from_outside_can_not_make_a_digest_huge() {
    let mut watch = Watch::new("digest: {every: 1h, max: 1000}");
    for number in 0..50 {
        let huge = format!("{number} {}", "x".repeat(1 << 17));
        let (mut event, standing) = watch.event(at("14 10:00:00"), &huge, "FAILED");
        event.reading.summary = Some(huge.clone());
        event.reading.execution_id = Some(huge);
        watch.pass(&event, &standing, "r");
    }
    watch.until("14 11:00:00");
    let told = watch.one();
    assert_eq!(told.message.digest.rows.len(), 50);
    assert!(told.event.body.len() < 50 * 3000, "{} bytes", told.event.body.len());
}
