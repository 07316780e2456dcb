//! What silences hold back, and what they don't.

use super::story::{held, minute, told};
use super::*;
use crate::route::check_silence;

const RED: &str = "[{name: red, when: {status: FAILED}, send: [chat, mail], once_per: incident, \
                     send_recovery: true}]";

fn silence(change: impl Fn(&mut Silence)) -> Silence {
    let mut silence = Silence { id: Uuid::from_u128(9), start: minute(0), ..Silence::default() };
    change(&mut silence);
    silence
}

#[test]
fn every_matcher_that_is_given_must_match() {
    let story = Story::with_groups(RED, "[{match: pay-*, labels: {team: pay}}]");
    let event = run("FAILED", "pay-1");
    let holds = |change: fn(&mut Silence)| {
        story.router.would_silence(&silence(change), &event, "red", "chat")
    };
    assert!(holds(|s| s.group = Some("pay-*".into())));
    assert!(holds(|s| s.group = Some("/pay-[0-9]/".into())));
    assert!(!holds(|s| s.group = Some("pay".into())));
    assert!(holds(|s| s.source = Some("main".into())));
    assert!(!holds(|s| s.source = Some("partner".into())));
    assert!(holds(|s| s.status = vec!["error".into(), "failed".into()]));
    assert!(!holds(|s| s.status = vec!["PASSED".into()]));
    assert!(holds(|s| s.rule = Some("r*".into())));
    assert!(!holds(|s| s.sink = Some("mail".into())));
    assert!(holds(|s| s.labels = [("team".into(), "p*".into())].into()));
    assert!(!holds(|s| s.labels = [("tier".into(), "*".into())].into()));
    assert!(!holds(|s| (s.group, s.rule) = (Some("*".into()), Some("green".into()))));
}

#[test]
fn an_incident_is_told_when_the_quiet_is_over() {
    let mut story = Story::new(RED);
    story.state.set_silences(vec![silence(|s| {
        (s.sink, s.end) = (Some("chat".into()), Some(minute(5)));
    })]);
    let first = story.run("FAILED", 1);
    assert_eq!(
        (told(&first), held(&first)),
        (vec!["mail: red".into()], vec!["red > chat: silenced".into()])
    );
    let why = &first.account.as_ref().unwrap().matched[0].held[0].why;
    assert_eq!(*why, Absence::Silenced { silence: Uuid::from_u128(9) });
    assert_eq!(held(&story.run("FAILED", 4)), ["red > chat: silenced", "red > mail: repeat"]);
    let later = story.run("FAILED", 5);
    assert_eq!(
        (told(&later), held(&later)),
        (vec!["chat: red".into()], vec!["red > mail: repeat".into()])
    );
}

#[test]
fn a_recovery_that_is_owed_is_not_silenced() {
    let mut story = Story::new(RED);
    story.run("FAILED", 1);
    story.state.set_silences(vec![silence(|s| s.group = Some("g".into()))]);
    assert_eq!(told(&story.run("PASSED", 2)), ["chat: red", "mail: red"]);
}

#[test]
fn a_silence_until_the_group_recovers_ends_for_each_group_by_itself() {
    let mut story = Story::new(
        "[{name: r, when: {status: FAILED}, send: chat}, \
                                 {name: green, when: {transition: recovered}, send: mail}]",
    );
    let other = |story: &mut Story, at| {
        let event = story.next(&json!({"status": "FAILED", "groupName": "h"}), at);
        told(&story.decide(&event)).len()
    };
    story.run("FAILED", -2);
    story.run("PASSED", -1);
    story.state.set_silences(vec![silence(|s| {
        (s.group, s.until_recovery) = (Some("*".into()), true);
    })]);
    assert_eq!((told(&story.run("FAILED", 1)).len(), other(&mut story, 1)), (0, 0));
    assert_eq!(told(&story.run("PASSED", 2)), ["mail: green"]);
    assert_eq!((told(&story.run("FAILED", 3)).len(), other(&mut story, 3)), (1, 0));
}

#[test]
fn a_silence_that_is_wrong_is_refused_and_never_holds_back() {
    let paths = |silence: &Silence| -> Vec<String> {
        let problems = check_silence(silence).err().unwrap_or_default();
        problems.into_iter().map(|problem| problem.path).collect()
    };
    let wrong = silence(|s| {
        s.group = Some("/(/".into());
        s.labels = [("team".into(), "[".into())].into();
        s.end = Some(minute(-1));
    });
    assert_eq!(paths(&wrong), ["group", "labels.team", "end"]);
    assert_eq!(paths(&silence(|_| {})), [""]);
    assert_eq!(paths(&silence(|s| s.group = Some("*".into()))), [""; 0]);
    let mut story = Story::new(RED);
    story.state.set_silences(vec![wrong]);
    assert_eq!(told(&story.run("FAILED", 1)).len(), 2);
}
