//! What messages say of a group's history.

use rstest::rstest;

use super::*;
use crate::contract::Dead;
use crate::moments;
use crate::variables::sample;

#[test]
fn every_moment_has_its_words() {
    let mut said = String::new();
    for (name, notice) in moments::all() {
        said.push_str(&format!("# {name}\n{}\n\n", crate::summary::block(&notice)));
    }
    insta::assert_snapshot!("moments", said);
}

#[rstest]
#[case("2026-03-14T01:20:00+01:00", "01:20", "01:20")]
#[case("2026-03-13T23:10:00+01:00", "23:10", "Fri 23:10")]
#[case("2026-03-09T23:10:00+01:00", "Mon 23:10", "Mon 23:10")]
#[case("2026-03-07T23:10:00+01:00", "7 Mar 23:10", "7 Mar 23:10")]
#[case("2024-03-14T23:10:00+01:00", "14 Mar 2024 23:10", "14 Mar 2024 23:10")]
#[case("2026-03-15T00:10:00+01:00", "15 Mar 00:10", "15 Mar 00:10")]
#[case("soon\u{1b}", "soon", "soon")]
fn a_moment_is_as_short_as_it_is_clear(#[case] at: &str, #[case] bare: &str, #[case] full: &str) {
    let from = "2026-03-14T09:00:00+01:00";
    assert_eq!((clock(at, from).as_str(), since(at, from).as_str()), (bare, full));
}

#[test]
fn a_row_says_in_one_line_how_its_group_stands() {
    let digest = moments::digest().digest.unwrap();
    let lines: Vec<&str> = digest.rows.iter().take(5).map(|row| row.line.as_str()).collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    checkout-eu: FAILED, 3 in a row since Fri 23:10 — 3 tests failed in My Test Suite
    nightly-export: MISSING since 03:00 — No run since Fri 13 Mar
    search: failed Fri 23:10, recovered 01:20
    basket: CANCELLED — Stopped by hand
    catalog: PASSED
    ");
}

#[test]
fn what_is_not_known_is_not_said() {
    let bare = |transition: &str| {
        history(&Notice { transition: Some(transition.into()), ..Notice::default() }).unwrap()
    };
    assert_eq!(bare("first_failure"), "New failure");
    assert_eq!(bare("still_failing"), "Still failing");
    assert_eq!(bare("kind_changed"), "Now NO STATUS");
    assert_eq!(bare("recovered"), "Recovered");
    let untold = Notice { untold: true, ..Notice::default() };
    assert!(history(&untold).unwrap().starts_with("Failed and recovered; "));
    assert_eq!(history(&Notice::default()), None);
    assert_eq!(line(&Row::default(), ""), ": no status");
}

#[test]
fn a_message_about_dead_deliveries_tells_no_history() {
    let dead = Dead { sink: "chat".into(), reason: "gone".into(), count: 1 };
    assert_eq!(history(&Notice { dead: Some(dead), ..sample() }), None);
}
