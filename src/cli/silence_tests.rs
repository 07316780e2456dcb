//! What a silence's flags ask for.

use clap::Parser;

use super::*;

#[derive(Parser)]
struct Typed {
    #[command(flatten)]
    add: Add,
}

fn wanted(flags: &[&str]) -> anyhow::Result<NewSilence> {
    let typed = Typed::try_parse_from([&["add"], flags].concat())?;
    let now = "2026-11-23T12:00:00Z".parse().unwrap();
    typed.add.wanted(&TimeZone::get("Europe/Berlin").unwrap(), now)
}

#[test]
fn a_length_counts_from_the_start() {
    let now = wanted(&["--group", "checkout-*", "--for", "2h"]).unwrap();
    assert_eq!(now.end, Some("2026-11-23T14:00:00Z".parse().unwrap()));
    assert_eq!(now.start, None, "at once is when the gateway takes it");
    let later = wanted(&["--group", "*", "--start", "22:00", "--for", "90m"]).unwrap();
    assert_eq!(later.start, Some("2026-11-23T21:00:00Z".parse().unwrap()));
    assert_eq!(later.end, Some("2026-11-23T22:30:00Z".parse().unwrap()));
}

#[test]
fn an_end_is_needed_and_one_is_enough() {
    let none = wanted(&["--group", "x"]).unwrap_err().to_string();
    assert!(none.contains("--until-recovery"), "{none}");
    assert!(wanted(&["--group", "x", "--for", "1h", "--until", "07:00"]).is_err());
    let recovery = wanted(&["--group", "x", "--until-recovery"]).unwrap();
    assert!(recovery.until_recovery && recovery.end.is_none());
    let both = wanted(&["--group", "x", "--until-recovery", "--for", "1d"]).unwrap();
    assert!(both.until_recovery && both.end.is_some());
}

#[test]
fn statuses_and_labels_add_up() {
    let flags = ["--status", "FAILED,ERROR", "--label", "team=pay=ments", "--label", "tier=1"];
    let new = wanted(&[&flags[..], &["--for", "1h"]].concat()).unwrap();
    assert_eq!(new.status, ["FAILED", "ERROR"]);
    assert_eq!(new.labels["team"], "pay=ments");
    assert_eq!(new.labels["tier"], "1");
    assert!(wanted(&["--label", "team", "--for", "1h"]).is_err());
}

#[test]
fn a_silence_says_what_it_matches_and_until_when() {
    let silence = crate::model::Silence {
        group: Some("checkout-*".into()),
        status: vec!["FAILED".into(), "ERROR".into()],
        labels: [("team".to_owned(), "payments".to_owned())].into(),
        end: Some("2026-11-24T06:00:00Z".parse().unwrap()),
        until_recovery: true,
        ..crate::model::Silence::default()
    };
    assert_eq!(matchers(&silence), "group checkout-*, status FAILED,ERROR, label team=payments");
    assert_eq!(until(&silence, &TimeZone::UTC), "recovery, at most 2026-11-24 06:00 UTC");
    let all = crate::model::Silence { rule: Some("*".into()), ..Default::default() };
    assert_eq!(matchers(&all), "everything");
}

#[test]
fn a_preview_tells_messages_from_what_was_collected_for_later_ones() {
    let preview = |messages, collected| SilencePreview {
        since: Timestamp::UNIX_EPOCH,
        looked_at: 9,
        complete: true,
        events: 3,
        messages,
        collected,
        newest: Vec::new(),
    };
    assert_eq!(held_back(&preview(1, 0)), "1 message");
    assert_eq!(held_back(&preview(4, 1)), "4 messages and 1 entry for later ones");
    assert_eq!(held_back(&preview(0, 2)), "2 entries for later messages");
}
