//! Silences: what one would have held back, what it holds back, and what makes no sense in one.

use super::*;
use crate::admin::DeskError;
use crate::admin::shapes::{SilenceState, SilenceView};
use crate::model::Absence;

#[tokio::test]
async fn a_preview_says_what_a_silence_would_have_held_back_and_stores_nothing() {
    let past = Past::begin();
    past.run("checkout", "FAILED", 0).await;
    past.run("checkout", "FAILED", 1).await;
    past.run("checkout", "PASSED", 2).await;
    past.run("other", "FAILED", 3).await;
    let preview = past.desk.preview(checkout()).await.unwrap();
    assert_eq!((preview.events, preview.complete), (3, true), "{preview:?}");
    assert_eq!(preview.messages, 4, "chat and mail, mail, and the recovery");
    assert_eq!(preview.newest[1].sinks, ["mail"]);
    let mail = NewSilence { sink: Some("mail".into()), ..checkout() };
    assert_eq!(past.desk.preview(mail).await.unwrap().messages, 2);
    let all = NewSilence { group: None, everything: true, ..checkout() };
    assert_eq!(past.desk.preview(all).await.unwrap().messages, 5);
    assert!(past.desk.silences().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_preview_counts_what_was_collected_for_later_messages_too() {
    let past = Past::begin();
    past.run("report-a", "PASSED", 0).await;
    past.run("report-a", "FAILED", 1).await;
    let report = NewSilence { group: Some("report-*".into()), ..checkout() };
    let preview = past.desk.preview(report.clone()).await.unwrap();
    assert_eq!((preview.events, preview.messages, preview.collected), (2, 1, 2), "{preview:?}");
    assert_eq!(
        (&*preview.newest[0].sinks, &*preview.newest[0].collected),
        (&["chat".to_owned()][..], &["mail".to_owned()][..])
    );
    let chat = NewSilence { sink: Some("chat".into()), ..report };
    assert_eq!(past.desk.preview(chat).await.unwrap().collected, 0);
}

#[tokio::test]
async fn a_silence_holds_back_and_says_so_until_it_is_ended() {
    let past = Past::begin();
    let early = NewSilence { start: Some(past.began), ..checkout() };
    let SilenceView { silence, state } = past.desk.silence(early).await.unwrap();
    assert_eq!(state, SilenceState::Active);
    let quiet = past.run("checkout", "FAILED", 1).await;
    let detail = past.desk.event(quiet).await.unwrap();
    assert!(detail.deliveries.is_empty());
    let why = Absence::Silenced { silence: silence.id };
    assert_eq!(detail.account.unwrap().matched[0].held[0].why, why);
    assert_eq!(detail.silences[0].author, "anna");

    let ended = past.desk.expire(&silence.id.to_string()).await.unwrap();
    assert_eq!(ended.state, SilenceState::Ended);
    let again = past.desk.expire(&silence.id.to_string()).await.unwrap_err();
    assert!(matches!(again, DeskError::Conflict(_)), "{again}");
    let coming = Timestamp::now() + SignedDuration::from_mins(30);
    past.desk.silence(NewSilence { start: Some(coming), ..checkout() }).await.unwrap();
    let states: Vec<_> = past.desk.silences().await.unwrap().iter().map(|s| s.state).collect();
    assert_eq!(states, [SilenceState::Ended, SilenceState::Coming]);
}

#[tokio::test]
async fn a_silence_that_makes_no_sense_is_refused() {
    let past = Past::begin();
    let past_end = Some(Timestamp::now() - SignedDuration::from_hours(1));
    for (new, named) in [
        (NewSilence { group: None, ..checkout() }, "nothing says what"),
        (NewSilence { everything: true, ..checkout() }, "leave out either"),
        (NewSilence { end: None, ..checkout() }, "when the silence ends"),
        (NewSilence { end: past_end, ..checkout() }, "over before it begins"),
        (NewSilence { group: Some("[a".into()), ..checkout() }, "group: "),
        (NewSilence { group: Some("a".repeat(3_000)), ..checkout() }, "group: the text is longer"),
        (NewSilence { comment: "a".repeat(3_000), ..checkout() }, "comment: the text is longer"),
        (
            NewSilence { labels: [("team".into(), "/(/".into())].into(), ..checkout() },
            "labels.team",
        ),
    ] {
        let refused = past.desk.silence(new.clone()).await.unwrap_err();
        assert!(matches!(&refused, DeskError::Invalid(why) if why.contains(named)), "{refused}");
        assert!(past.desk.preview(new).await.is_err(), "a preview refuses the same");
    }
    let unending = NewSilence { end: None, until_recovery: true, ..checkout() };
    past.desk.silence(unending).await.unwrap();
    assert_eq!(past.journal.silences().await.unwrap().len(), 1);
}
