//! What a mail says and how it looks.

use rstest::rstest;
use serde_json::json;

use super::{build, notice, trusting_nobody};
use crate::contract::{Notice, Sink};
use crate::email::{html, plain};
use crate::message::{Mail, Step};

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
fn a_groups_mails_share_subject_and_thread_and_no_id() {
    let first = mail(&notice());
    let second =
        mail(&Notice { status: Some("PASSED".into()), delivery_id: "b".into(), ..notice() });
    assert_eq!((&first.subject, &first.thread), (&second.subject, &second.thread));
    assert_ne!(first.message_id, second.message_id);
    for other in
        [Notice { group: "x".into(), ..notice() }, Notice { source: "x".into(), ..notice() }]
    {
        assert_ne!(mail(&other).thread, first.thread);
    }
    assert_eq!(mail(&bare()).thread, None);
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
    let passed = Notice {
        status: Some("PASSED".into()),
        color: "#16a34a".into(),
        emoji: "✅".into(),
        summary: Some("All 214 tests passed".into()),
        ..notice()
    };
    let pages = [
        ("failed", html::standard(&notice())),
        ("bare", html::standard(&bare())),
        ("hostile", html::standard(&hostile())),
        ("passed", html::standard(&passed)),
        (
            "words",
            html::with_words(&notice(), "checkout-e2e broke after 4m:\nlook at the login first."),
        ),
    ];
    for (name, page) in pages {
        assert!(page.contains("</html>") && !page.contains("@@"), "{name}");
        if let Some(folder) = std::env::var_os("LOOK_AT") {
            std::fs::write(std::path::Path::new(&folder).join(format!("{name}.html")), page)
                .unwrap();
        }
    }
    assert!(plain::text(&bare()).contains("NO STATUS: Run without a group"));
}
