//! What a mail says and how it looks.

use jiff::Timestamp;
use rstest::rstest;
use serde_json::json;

use super::{build, notice, trusting_nobody};
use crate::contract::{Notice, Sink};
use crate::digest::{Digest, Row};
use crate::email::{html, mime, plain};
use crate::message::{Mail, Step};
use crate::moments;

fn mail(notice: &Notice) -> Mail {
    let options = json!({"host": "mail.test", "from": "Agnox <agnox@x.test>", "to": "a@x.test"});
    let message = build(options, trusting_nobody()).unwrap().render(notice, None).unwrap();
    match &message.steps[0] {
        Step::Mail(mail) => mail.clone(),
        other => panic!("{other:?}"),
    }
}

fn bare() -> Notice {
    Notice { group: "__ungrouped__".into(), source: "main".into(), ..Notice::default() }
}

fn hostile() -> Notice {
    let text = "<script>alert(1)</script> \"'&\r\nBcc: x@y.test\r\n.\r\n\r.\r\n\0\u{202e}<!channel> @everyone [x](http://y) 👩‍💻";
    Notice {
        status: Some(text.into()),
        group: text.into(),
        summary: Some(format!("{text}{}", "x".repeat(100_000))),
        link: Some("https://x.test/\"><script>".into()),
        color: "red;background:url(//x)".into(),
        delayed: Some("2h".into()),
        ..notice()
    }
}

#[test]
fn the_built_in_mail_says_what_is_known() {
    insta::assert_snapshot!("failed", mail(&notice()));
}

#[test]
fn what_is_not_known_leaves_no_gap() {
    insta::assert_snapshot!("bare", mail(&bare()));
}

#[test]
fn hostile_texts_stay_texts() {
    let mail = mail(&hostile());
    let html = mail.html.unwrap();
    assert!(!html.contains("<script") && !html.contains("url(//x)"), "{html}");
    assert!(html.len() < 100_000 && mail.text.len() < 100_000);
    assert!(!mail.subject.contains(['\r', '\n', '\0', '\u{202e}']) && mail.subject.len() < 1_000);
}

#[test]
fn a_groups_mails_share_subject_and_root_and_no_id() {
    let first = mail(&notice());
    let second =
        mail(&Notice { status: Some("PASSED".into()), delivery_id: "b".into(), ..notice() });
    assert_eq!((&first.subject, &first.references), (&second.subject, &second.references));
    assert_ne!(first.message_id, second.message_id);
    for other in
        [Notice { group: "x".into(), ..notice() }, Notice { source: "x".into(), ..notice() }]
    {
        assert_ne!(mail(&other).references, first.references);
    }
    assert_eq!((mail(&bare()).in_reply_to, mail(&bare()).references), (None, vec![]));
}

#[test]
fn a_recovery_answers_the_mail_that_told_of_the_failure() {
    let failure = mail(&moments::failed());
    let answers = vec![moments::failed().delivery_id, "later".into()];
    let recovery = mail(&Notice { answers, delivery_id: "b".into(), ..moments::recovered() });
    assert_eq!(recovery.in_reply_to.as_ref(), Some(&failure.message_id));
    assert_eq!(recovery.references, [failure.references[0].clone(), failure.message_id.clone()]);
    assert_eq!(recovery.subject, failure.subject);
    assert_ne!(recovery.message_id, failure.message_id);
}

#[test]
fn the_headers_of_a_recovery_lead_to_the_root_and_to_the_failure() {
    let answers = vec!["first".into()];
    let mail = mail(&Notice { incident: Some("i1".into()), answers, ..moments::recovered() });
    let bytes = mime::bytes(&mail, Timestamp::UNIX_EPOCH, |_| true).unwrap();
    let text = String::from_utf8(bytes).unwrap().replace("\r\n ", " ");
    let first = "<first.agnox-bridge@x.test>";
    assert!(text.contains(&format!("In-Reply-To: {first}\r\n")), "{text}");
    let both = format!("References: <i1.incident.agnox-bridge@x.test> {first}\r\n");
    assert!(text.contains(&both), "{text}");
}

#[test]
fn the_mails_of_two_incidents_of_a_group_are_two_conversations() {
    let next = Notice { incident: Some("another".into()), ..moments::failed() };
    assert_ne!(mail(&next).references, mail(&moments::failed()).references);
}

#[test]
fn a_recovery_of_what_a_report_told_answers_the_report() {
    let report = mail(&moments::digest());
    assert_eq!((report.in_reply_to, report.references), (None, vec![]));
    let answers = vec![moments::digest().delivery_id];
    let recovery = mail(&Notice { answers, delivery_id: "b".into(), ..moments::recovered() });
    assert_eq!(recovery.in_reply_to, Some(report.message_id));
}

#[test]
fn every_moment_reads_well_as_plain_text() {
    let mut said = String::new();
    for (name, notice) in moments::all() {
        let mail = mail(&notice);
        let html = mail.html.unwrap();
        assert!(html.len() < 100_000 && !html.contains("@@"), "{name}");
        said.push_str(&format!("# {name}\nSubject: {}\n\n{}\n", mail.subject, mail.text));
    }
    insta::assert_snapshot!("moments", said);
}

#[test]
fn a_report_is_a_table() {
    insta::assert_snapshot!("digest", html::standard(&moments::digest()));
}

#[test]
fn a_report_of_hostile_groups_is_cut_and_counted() {
    let text = "<script>\"'&\r\n\0\u{202e}👩‍💻".repeat(5_000);
    let row = Row {
        group: text.clone(),
        status: Some(text.clone()),
        net: "failing".into(),
        color: "red;background:url(//x)".into(),
        summary: Some(text.clone()),
        slowest: Some(text.clone()),
        link: Some(format!("https://x.test/{text}")),
        failing_since: Some(text.clone()),
        failures_in_a_row: 3,
        ..Row::default()
    };
    let digest =
        Digest { rows: vec![row; 500], groups: 600, more: 100, rule: text, ..Digest::default() };
    let mail = mail(&Notice { digest: Some(Box::new(digest)), ..moments::digest() });
    let html = mail.html.unwrap();
    assert!(!html.contains("<script") && !html.contains("url(//x)"), "{html}");
    assert!(html.len() < 100_000 && mail.text.len() < 100_000, "{}", html.len());
    assert!(mail.text.contains(" more groups") && html.contains(" more groups"));
    assert!(!mail.subject.contains(['\r', '\n', '\0', '\u{202e}']) && mail.subject.len() < 1_000);
}

#[test]
fn a_rule_may_readdress_the_mail() {
    let with = [
        ("to", "Lead <lead@x.test>, qa@x.test"),
        ("cc", "c@x.test"),
        ("subject", "S\r\nBcc: z"),
        ("reply_to", "r@x.test"),
    ];
    let with = with.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let mail = mail(&Notice { with, ..notice() });
    assert_eq!(mail.to, ["Lead <lead@x.test>", "qa@x.test"]);
    assert_eq!((mail.cc, mail.reply_to), (vec!["c@x.test".into()], Some("r@x.test".into())));
    assert_eq!(mail.subject, "S  Bcc: z");
}

#[test]
fn a_parameter_that_is_no_address_fails_and_the_minimal_mail_goes_to_the_sinks_own() {
    let options = json!({"host": "mail.test", "from": "agnox@x.test", "to": "a@x.test"});
    let email = build(options, trusting_nobody()).unwrap();
    let with = [("to".to_owned(), "nobody".to_owned())].into();
    let notice = Notice { with, ..notice() };
    let error = email.render(&notice, None).unwrap_err();
    assert!(error.0.starts_with("with.to: \"nobody\""), "{error}");
    let message = email.minimal(&notice, &error.0);
    assert!(message.fallback.is_some());
    let Step::Mail(mail) = &message.steps[0] else { panic!() };
    assert_eq!(mail.to, ["a@x.test"]);
    assert!(
        mail.text.contains("3 tests failed") && mail.text.contains("(with.to:"),
        "{}",
        mail.text
    );
}

#[rstest]
#[case(json!({"host": "m", "from": "a@x.test", "to": ["a@x.test", "b"]}), "to[1]")]
#[case(json!({"host": "m", "from": "a", "to": "a@x.test"}), "from")]
#[case(json!({"host": "m", "from": "a@x.test", "to": []}), "to")]
#[case(json!({"host": "", "from": "a@x.test", "to": "a@x.test"}), "host")]
#[case(json!({"host": "a b", "from": "a@x.test", "to": "a@x.test"}), "host")]
#[case(json!({"host": "m", "from": "a@x.test", "to": "a@x.test", "cc": "b\r\nc@x.test"}), "cc")]
#[case(json!({"host": "m", "from": "a@x.test", "to": "a@x.test", "username": "u"}), "username")]
fn what_cannot_work_is_refused_at_its_option(
    #[case] options: serde_json::Value,
    #[case] path: &str,
) {
    let Err(error) = build(options, trusting_nobody()) else { panic!("built") };
    assert_eq!(error.path, path, "{error}");
}

/// Writes the built-in mail in its variants, for a look in a browser:
/// `LOOK_AT=/tmp/look cargo test -p agnox-bridge-sinks look`.
#[test]
fn the_card_can_be_looked_at() {
    let mut pages = vec![
        ("bare", html::standard(&bare())),
        ("hostile", html::standard(&hostile())),
        ("words", html::with_words(&notice(), "checkout-e2e broke after 4m:\nlook there first.")),
    ];
    pages.extend(moments::all().map(|(name, notice)| (name, html::standard(&notice))));
    for (name, page) in pages {
        assert!(page.contains("</html>") && !page.contains("@@"), "{name}");
        if let Some(folder) = std::env::var_os("LOOK_AT") {
            std::fs::write(std::path::Path::new(&folder).join(format!("{name}.html")), page)
                .unwrap();
        }
    }
    assert!(plain::text(&bare()).contains("NO STATUS: Run without a group"));
}
