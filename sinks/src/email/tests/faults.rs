//! Every way a mail server can fail, and whose trouble it then is.

use std::sync::Arc;
use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};

use super::server::{Act, Manners, Post, certificate};
use super::{attempt, build, notice, send, sink, trusting_nobody};
use crate::contract::{Failure, Fault, Sink};

const UNAVAILABLE: Fault = Fault::Unavailable { retry_after: None };

async fn failure(acts: &[(&'static str, Act)], options: Value) -> (Failure, Post) {
    let post = Post::start(Manners::with(acts)).await;
    let failure = send(&sink(&post, options), None).await.unwrap_err();
    (failure, post)
}

#[tokio::test]
async fn everyone_gets_one_mail_in_one_transaction() {
    let post = Post::start(Manners::default()).await;
    let receipt = send(&sink(&post, json!({})), None).await.unwrap();
    assert_eq!(receipt.status, Some(250));
    assert_eq!(receipt.excerpt.as_deref(), Some("250 2.0.0 taken as 4711"));
    assert_eq!(post.said("RCPT").len(), 3);
    assert_eq!(post.mails().len(), 1);
}

#[rstest]
#[case::busy("CONNECT", "421 too busy", UNAVAILABLE)]
#[case::banned("CONNECT", "554 no service for you", Fault::Suspended)]
#[case::not_mail("CONNECT", "SSH-2.0-OpenSSH_9.2", UNAVAILABLE)]
#[case::no_ehlo("EHLO", "502 what?", Fault::Suspended)]
#[case::closing("MAIL", "421 going down", UNAVAILABLE)]
#[case::storage("MAIL", "452 disk full", UNAVAILABLE)]
#[case::login_wanted("MAIL", "530 authenticate first", Fault::Suspended)]
#[case::sender("MAIL", "553 not your address", Fault::Suspended)]
#[case::closing_later("RCPT", "421 going down", UNAVAILABLE)]
#[case::greylisted("RCPT", "451 4.7.1 greylisted", Fault::Deferred)]
#[case::nobody("RCPT", "550 no such user", Fault::Refused)]
#[case::data_later("DATA", "451 not now", Fault::Deferred)]
#[case::data_never("DATA", "554 no", Fault::Refused)]
#[case::data_odd("DATA", "250 hm", UNAVAILABLE)]
#[case::mail_later(".", "451 greylisted", Fault::Deferred)]
#[case::mail_closing(".", "421 going down", UNAVAILABLE)]
#[case::spam(".", "550 spam", Fault::Refused)]
#[case::several_lines("RCPT", "550-no\r\n550-such\r\n550 user", Fault::Refused)]
#[tokio::test]
async fn each_answer_says_whose_trouble_it_is(
    #[case] at: &'static str,
    #[case] answer: &'static str,
    #[case] fault: Fault,
) {
    let (failure, _post) = failure(&[(at, Act::Say(answer))], json!({})).await;
    assert_eq!(failure.fault, fault, "{failure}");
    assert!(!failure.maybe_arrived, "{failure}");
    assert!(failure.reason.contains("127.0.0.1:"), "{failure}");
}

#[tokio::test]
async fn an_answer_that_is_no_completion_is_not_taken_for_one() {
    let (failure, _post) = failure(&[(".", Act::Say("354 go on"))], json!({})).await;
    assert_eq!(failure.fault, UNAVAILABLE);
    assert!(failure.maybe_arrived);
}

#[tokio::test]
async fn one_bad_recipient_holds_nobody_back_and_no_retry_reaches_who_has_it() {
    let acts = [
        ("RCPT TO:<a@x.test>", Act::Say("550 no such user")),
        ("RCPT TO:<b@x.test>", Act::Say("451 greylisted")),
    ];
    let (failure, post) = failure(&acts, json!({})).await;
    assert_eq!(failure.fault, Fault::Deferred);
    assert_eq!(post.mails().len(), 1);
    assert!(failure.reason.contains("put off for now: b@x.test (451 greylisted)"), "{failure}");
    assert!(failure.reason.contains("refused: a@x.test (550 no such user)"), "{failure}");
    assert!(failure.reason.contains("got the mail: c@x.test"), "{failure}");

    let kinder = Post::start(Manners::default()).await;
    let email = sink(&kinder, json!({}));
    let failure = send(&email, failure.progress).await.unwrap_err();
    assert_eq!(kinder.said("RCPT"), ["RCPT TO:<b@x.test>"]);
    assert_eq!(failure.fault, Fault::Refused, "{failure}");
    assert!(failure.reason.contains("a@x.test (550 no such user)"), "{failure}");

    // Only a person asks again once nobody is left to try: for those who were refused.
    assert!(send(&email, failure.progress).await.is_ok());
    assert_eq!(kinder.said("RCPT"), ["RCPT TO:<b@x.test>", "RCPT TO:<a@x.test>"]);
}

#[tokio::test]
async fn who_was_refused_stays_known_when_the_server_breaks_afterwards() {
    let acts = [("RCPT TO:<a@x.test>", Act::Say("550 no such user")), ("DATA", Act::HangUp)];
    let (failure, _post) = failure(&acts, json!({})).await;
    assert_eq!(failure.fault, UNAVAILABLE);
    assert!(failure.progress.unwrap().contains("a@x.test"));
}

#[rstest]
#[case::no_greeting("CONNECT", false)]
#[case::no_answer("EHLO", false)]
#[case::no_data("DATA", false)]
#[case::no_verdict(".", true)]
#[tokio::test]
async fn one_deadline_ends_every_silence(#[case] at: &'static str, #[case] unknown: bool) {
    let post = Post::start(Manners::with(&[(at, Act::Silence)])).await;
    let email = sink(&post, json!({}));
    let message = email.render(&notice(), None).unwrap();
    let brief = crate::contract::Attempt { deadline: Duration::from_millis(300), ..attempt(None) };
    let failure = email.send(&message, &brief).await.unwrap_err();
    assert_eq!((failure.fault, failure.maybe_arrived), (UNAVAILABLE, unknown), "{failure}");
    assert!(failure.reason.contains("no end after 300ms, while"), "{failure}");
}

#[tokio::test]
async fn a_server_that_drips_is_not_waited_for() {
    let post =
        Post::start(Manners::with(&[("CONNECT", Act::Drip("220 a very slow greeting\r\n"))]));
    let email = sink(&post.await, json!({}));
    let message = email.render(&notice(), None).unwrap();
    let brief = crate::contract::Attempt { deadline: Duration::from_millis(300), ..attempt(None) };
    let failure = email.send(&message, &brief).await.unwrap_err();
    assert!(failure.reason.contains("while waiting for the greeting"), "{failure}");
}

#[rstest]
#[case("CONNECT", false)]
#[case("MAIL", false)]
#[case(".", true)]
#[tokio::test]
async fn a_server_that_hangs_up_is_tried_again(#[case] at: &'static str, #[case] unknown: bool) {
    let (failure, _post) = failure(&[(at, Act::HangUp)], json!({})).await;
    assert_eq!((failure.fault, failure.maybe_arrived), (UNAVAILABLE, unknown), "{failure}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_tried_again() {
    let options = json!({"host": "127.0.0.1", "port": 1, "tls": "none", "from": "a@x.test",
        "to": "b@x.test"});
    let email = build(options, trusting_nobody()).unwrap();
    let failure = send(&email, None).await.unwrap_err();
    assert_eq!(failure.fault, UNAVAILABLE);
    assert!(failure.reason.contains("refused"), "{failure}");
}

#[tokio::test]
async fn a_stripped_starttls_gets_no_mail_and_no_password() {
    let login = json!({"tls": "starttls", "username": "u", "password": "hunter2secret"});
    let (failure, post) = failure(&[], login).await;
    assert_eq!(failure.fault, Fault::Suspended);
    assert!(failure.reason.contains("doesn't offer STARTTLS"), "{failure}");
    assert_eq!(post.commands().len(), 1, "{:?}", post.commands());
}

#[rstest]
#[case::later("454 TLS not available", UNAVAILABLE)]
#[case::never("502 no", Fault::Suspended)]
#[case::injected("220 go\r\n250 injected", UNAVAILABLE)]
#[tokio::test]
async fn a_failed_starttls_is_not_gone_around(#[case] answer: &'static str, #[case] fault: Fault) {
    let acts = [("EHLO", Act::Say("250-x\r\n250 STARTTLS")), ("STARTTLS", Act::Say(answer))];
    let (failure, post) = failure(&acts, json!({"tls": "starttls"})).await;
    assert_eq!(failure.fault, fault, "{failure}");
    assert!(post.said("MAIL").is_empty());
}

#[rstest]
#[case::implicit("implicit")]
#[case::starttls("starttls")]
#[tokio::test]
async fn tls_is_spoken_with_who_is_trusted_and_with_nobody_else(#[case] tls: &str) {
    let (server, trusting) = certificate("localhost");
    let skills = Act::Say("250-x\r\n250-STARTTLS\r\n250 AUTH PLAIN");
    let post = Post::start(Manners {
        acts: vec![("EHLO", skills)],
        tls: Some(server),
        implicit: tls == "implicit",
    })
    .await;
    let options = |host: &str| {
        json!({"host": host, "port": post.address.port(), "tls": tls, "username": "u",
            "password": "hunter2secret", "from": "a@x.test", "to": "b@x.test"})
    };
    let good = build(options("localhost"), trusting.clone()).unwrap();
    send(&good, None).await.unwrap();
    assert_eq!(post.mails().len(), 1);
    assert!(good.reach(Duration::from_secs(5)).await.unwrap().contains("over TLS, logged in as u"));
    let commands = post.said("AUTH").len();

    for (host, trust) in [("localhost", trusting_nobody()), ("127.0.0.1", trusting)] {
        let email = build(options(host), trust).unwrap();
        let failure = send(&email, None).await.unwrap_err();
        assert_eq!(failure.fault, UNAVAILABLE);
        assert!(failure.reason.contains("TLS failed"), "{failure}");
    }
    assert_eq!(post.said("AUTH").len(), commands, "the password went to a stranger");
}

#[rstest]
#[case::wrong("AUTH PLAIN", "535 5.7.8 wrong", Fault::Suspended)]
#[case::later("AUTH PLAIN", "454 try later", UNAVAILABLE)]
#[case::odd("AUTH PLAIN", "334 more?", UNAVAILABLE)]
#[case::none("EHLO", "250 x", Fault::Suspended)]
#[tokio::test]
async fn a_failed_login_says_so(
    #[case] at: &'static str,
    #[case] answer: &'static str,
    #[case] fault: Fault,
) {
    let login = json!({"username": "u", "password": "hunter2secret"});
    let (failure, post) = failure(&[(at, Act::Say(answer))], login).await;
    assert_eq!(failure.fault, fault, "{failure}");
    assert!(failure.reason.contains("login"), "{failure}");
    assert!(post.said("MAIL").is_empty());
}

#[tokio::test]
async fn the_older_login_works_too() {
    let acts = [
        ("EHLO", Act::Say("250-x\r\n250 AUTH=LOGIN")),
        ("AUTH LOGIN", Act::Say("334 VXNlcm5hbWU6")),
        ("dXNlcg==", Act::Say("334 UGFzc3dvcmQ6")),
        ("aHVudGVyMnNlY3JldA==", Act::Say("235 ok")),
    ];
    let post = Post::start(Manners::with(&acts)).await;
    let email = sink(&post, json!({"username": "user", "password": "hunter2secret"}));
    send(&email, None).await.unwrap();
}

#[tokio::test]
async fn an_echoed_password_is_covered() {
    let echo = "501 bad: AUTH PLAIN AHUAaHVudGVyMnNlY3JldA== hunter2secret aHVudGVyMnNlY3JldA==";
    let login = json!({"username": "u", "password": "hunter2secret"});
    let (failure, _post) = failure(&[("AUTH", Act::Say(echo))], login).await;
    let all = format!("{failure:?}");
    assert!(!all.contains("hunter2") && !all.contains("aHVudGVyMnNlY3JldA"), "{all}");
    assert!(all.contains("501 bad: AUTH PLAIN ***"), "{all}");
}

#[tokio::test]
async fn an_address_beyond_ascii_needs_a_server_that_reads_it() {
    let (failure, post) = failure(&[], json!({"to": ["jürgen@x.test", "a@x.test"]})).await;
    assert_eq!(failure.fault, Fault::Refused);
    assert!(failure.reason.contains("jürgen@x.test (the address has letters beyond"), "{failure}");
    assert!(failure.reason.contains("got the mail: a@x.test, c@x.test"), "{failure}");
    assert!(post.mails()[0].is_ascii());

    let wide = Post::start(Manners::with(&[("EHLO", Act::Say("250-x\r\n250 SMTPUTF8"))])).await;
    send(&sink(&wide, json!({"to": ["jürgen@x.test"]})), None).await.unwrap();
    assert_eq!(wide.said("MAIL"), ["MAIL FROM:<agnox@x.test> SMTPUTF8"]);
}

#[tokio::test]
async fn the_dial_guard_holds_for_mail() {
    let options: super::Options = serde_json::from_value(json!({"host": "169.254.169.254",
        "from": "a@x.test", "to": "b@x.test"}))
    .unwrap();
    let templates = super::Templates::new(super::Names::default(), super::TimeZone::UTC);
    let client = super::Client::new(super::DialPolicy { private: true });
    let compiled = crate::service::Compiled::default();
    let surroundings = super::Surroundings::new("m", &templates, &client, &compiled);
    let email = super::Email::new(&options, &surroundings, trusting_nobody()).unwrap();
    let email = Arc::new(email);
    let failure = send(&email, None).await.unwrap_err();
    assert_eq!(failure.fault, Fault::Suspended, "{failure}");
}
