//! What the Slack sink posts, held against Block Kit's documented limits, and how it reads answers.

use jiff::tz::TimeZone;
use rstest::rstest;
use serde_json::{Value, json};

use super::{KIND, answer};
use crate::client::{Client, DialPolicy};
use crate::contract::{Dead, Failure, Fault, Notice, Receipt};
use crate::digest::{Digest, Row};
use crate::kind::{BuildError, Built, Surroundings};
use crate::message::{Message, Step};
use crate::moments;
use crate::template::{Escape, Names, Template, Templates};
use crate::variables::sample;

const URL: &str = "https://hooks.slack.com/services/T0/B0/CANARY";

fn templates() -> Templates {
    Templates::new(Names { labels: vec!["team".into()] }, TimeZone::UTC)
}

fn build(mut options: Value) -> Result<Built, BuildError> {
    if options.get("url").is_none() {
        options["url"] = URL.into();
    }
    let client = Client::new(DialPolicy { private: true });
    let templates = templates();
    (KIND.build)(
        options,
        &Surroundings::new("chat", &templates, &client, &crate::service::Compiled::default()),
    )
}

fn words(text: &str) -> Template {
    templates().compile(text, Escape::Slack).unwrap()
}

fn payload(message: &Message) -> Value {
    let Step::Http(request) = &message.steps[0] else { panic!("{message}") };
    serde_json::from_slice(&request.body).unwrap()
}

fn post(options: Value, notice: &Notice, words: Option<&Template>) -> Value {
    let value = payload(&build(options).unwrap().sink.render(notice, words).unwrap());
    valid(&value);
    value
}

fn plain() -> Notice {
    Notice { with: Default::default(), ..sample() }
}

fn bare() -> Notice {
    Notice { group: "__ungrouped__".into(), source: "main".into(), ..Notice::default() }
}

fn hostile() -> Notice {
    let text = "<!channel> <@U1> <http://x|y> @here & \"'\\ *b* `c`\r\n\0\u{202e}👩‍💻 </script>";
    let long = format!("{text}{}", "<&>é".repeat(25_000));
    Notice {
        status: Some(long.clone()),
        group: long.clone(),
        summary: Some(long.clone()),
        rule: Some(long.clone()),
        labels: (0..60).map(|n| (format!("{n}{text}"), Some(long.clone()))).collect(),
        link: Some("https://x.test/?a=|b>&<".into()),
        delayed: Some("2h".into()),
        transition: Some("kind_changed".into()),
        previous_status: Some(long.clone()),
        failing_since: Some(long.clone()),
        failing_for: Some(long.clone()),
        dead: Some(Dead { sink: long.clone(), reason: long, count: 3 }),
        ..plain()
    }
}

/// Holds a payload against the limits that Slack documents.
fn valid(payload: &Value) {
    let whole = payload.to_string();
    assert!(whole.chars().count() < 13_000, "{}", whole.len());
    for ping in ["<!", "<@", "@here", "@channel", "@everyone"] {
        assert!(!whole.contains(ping), "{ping} in {whole}");
    }
    assert!(within(&payload["text"], 4_000), "{whole}");
    let lists = [&payload["blocks"], &payload["attachments"][0]["blocks"]];
    for blocks in lists.iter().filter_map(|list| list.as_array()) {
        assert!((1..=50).contains(&blocks.len()));
        blocks.iter().for_each(valid_block);
    }
}

fn valid_block(block: &Value) {
    match block["type"].as_str().unwrap() {
        "section" => {
            assert!(block["text"]["type"] == "mrkdwn" && within(&block["text"]["text"], 3_000))
        }
        "context" => {
            let elements = block["elements"].as_array().unwrap();
            assert!((1..=10).contains(&elements.len()));
            assert!(elements.iter().all(|e| e["type"] == "mrkdwn" && within(&e["text"], 3_000)));
        }
        "actions" => {
            for button in block["elements"].as_array().unwrap() {
                assert!(button["type"] == "button" && button["text"]["type"] == "plain_text");
                assert!(within(&button["text"]["text"], 75) && within(&button["url"], 3_000));
                assert!(within(&button["action_id"], 255));
            }
        }
        "header" => {
            assert!(block["text"]["type"] == "plain_text" && within(&block["text"]["text"], 150))
        }
        "divider" => {}
        other => panic!("an unknown block: {other}"),
    }
}

fn within(text: &Value, most: usize) -> bool {
    text.as_str().is_some_and(|text| (1..=most).contains(&text.chars().count()))
}

#[rstest]
#[case::blocks("blocks")]
#[case::attachments("attachments")]
#[case::text("text")]
fn the_built_in_message_in_each_format(#[case] format: &str) {
    let options = || json!({ "format": format });
    insta::assert_json_snapshot!(format!("{format}_failed"), post(options(), &plain(), None));
    insta::assert_json_snapshot!(format!("{format}_bare"), post(options(), &bare(), None));
    post(options(), &hostile(), None);
}

#[rstest]
#[case::blocks("blocks")]
#[case::attachments("attachments")]
#[case::text("text")]
fn every_moment_in_each_format(#[case] format: &str) {
    let mut said = String::new();
    for (name, notice) in moments::all() {
        let payload = post(json!({ "format": format }), &notice, None);
        said.push_str(&format!("# {name}\n{payload:#}\n\n"));
    }
    insta::assert_snapshot!(format!("{format}_moments"), said);
}

#[rstest]
#[case::blocks("blocks")]
#[case::attachments("attachments")]
#[case::text("text")]
fn a_report_of_hostile_groups_is_cut_and_counted(#[case] format: &str) {
    let text = hostile().group;
    let row = Row {
        group: text.clone(),
        status: Some(text.clone()),
        net: "failing".into(),
        emoji: text.clone(),
        summary: Some(text.clone()),
        slowest: Some(text.clone()),
        link: Some("https://x.test/?a=|b>&<".into()),
        failing_since: Some(text.clone()),
        failures_in_a_row: 3,
        ..Row::default()
    };
    let digest =
        Digest { rows: vec![row; 200], groups: 300, more: 100, rule: text, ..Digest::default() };
    let notice = Notice { digest: Some(Box::new(digest)), ..plain() };
    let payload = post(json!({ "format": format }), &notice, None).to_string();
    assert!(payload.contains(" more groups"), "{payload}");
}

#[rstest]
#[case("PASSED", "#2ea44f", "🟢")]
#[case("ERROR", "#8250df", "🟣")]
#[case("UNSTABLE", "#dbab09", "🟡")]
fn each_status_has_its_colour(#[case] status: &str, #[case] color: &str, #[case] emoji: &str) {
    let notice =
        Notice { status: Some(status.into()), color: color.into(), emoji: emoji.into(), ..plain() };
    let payload = post(json!({}), &notice, None);
    assert_eq!(payload["attachments"][0]["color"], color);
    assert_eq!(payload["text"], format!("{emoji} *checkout-eu* · {status}"));
}

#[test]
fn a_delayed_message_says_so_first() {
    let notice = Notice { delayed: Some("12m".into()), ..plain() };
    insta::assert_json_snapshot!(post(json!({}), &notice, None));
}

#[test]
fn a_rules_words_stand_in_for_the_summary_and_are_escaped() {
    let words = words("*{{ group }}* broke: {{ summary }}");
    let notice = Notice { summary: Some("<!channel> & co".into()), ..plain() };
    let payload = post(json!({}), &notice, Some(&words));
    let section = &payload["attachments"][0]["blocks"][0]["text"]["text"];
    assert_eq!(section, "*checkout-eu* broke: &lt;!channel&gt; &amp; co");
    let text = post(json!({"format": "text"}), &notice, Some(&words));
    assert_eq!(text, json!({"text": "*checkout-eu* broke: &lt;!channel&gt; &amp; co"}));
}

#[test]
fn own_blocks_and_text_are_filled_in() {
    let options = json!({
        "text": "{{ group }}",
        "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "{{ summary }}"}}],
    });
    let payload = post(options, &Notice { summary: Some("a\"b\n<".into()), ..plain() }, None);
    assert_eq!(payload["text"], "checkout-eu");
    assert_eq!(payload["blocks"][0]["text"]["text"], "a\"b\n&lt;");
}

#[test]
fn a_rule_may_choose_channel_and_name_and_an_empty_choice_is_none() {
    let options = || json!({"channel": "#qa", "username": "Agnox"});
    let with =
        [("channel".to_owned(), "#payments".to_owned()), ("username".to_owned(), String::new())];
    let payload = post(options(), &Notice { with: with.into(), ..plain() }, None);
    assert_eq!((&payload["channel"], &payload["username"]), (&json!("#payments"), &json!("Agnox")));
    assert_eq!(payload.get("icon_emoji"), None);
}

#[test]
fn the_minimal_message_is_plain_and_says_why() {
    let sink = build(json!({})).unwrap().sink;
    for notice in [plain(), bare(), hostile()] {
        let message = sink.minimal(&notice, "<!channel> broke");
        assert!(message.fallback.is_some());
        valid(&payload(&message));
    }
    let text = payload(&sink.minimal(&plain(), "it broke"))["text"].to_string();
    assert!(text.contains("3 tests failed") && text.contains("it broke"), "{text}");
}

#[rstest]
#[case(json!({"url": "hooks.slack.com/x"}), "url")]
#[case(json!({"blocks": []}), "blocks")]
#[case(json!({"blocks": {}}), "blocks")]
#[case(json!({"blocks": [{}], "format": "text"}), "format")]
#[case(json!({"blocks": [{"text": "{{ grup }}"}]}), "blocks[0].text")]
#[case(json!({"text": "{{ grup }}"}), "text")]
fn what_cannot_work_is_refused_at_its_option(#[case] options: Value, #[case] path: &str) {
    let Err(error) = build(options) else { panic!("built") };
    assert_eq!(error.path, path, "{error}");
    assert!(!error.to_string().contains("CANARY"));
}

#[test]
fn a_slack_page_is_no_webhook() {
    assert!(build(json!({})).unwrap().warnings.is_empty());
    let page = build(json!({"url": "https://app.slack.com/client/T0/C0"})).unwrap();
    assert_eq!(page.warnings[0].path, "url");
}

#[rstest]
#[case("no_service", Fault::Refused, false, Fault::Suspended)]
#[case("channel_is_archived", Fault::Suspended, false, Fault::Suspended)]
#[case("channel_is_archived", Fault::Suspended, true, Fault::Refused)]
#[case("invalid_payload", Fault::Refused, true, Fault::Refused)]
#[case("something_new", Fault::Refused, true, Fault::Refused)]
fn slacks_words_are_explained(
    #[case] word: &str,
    #[case] judged: Fault,
    #[case] chosen: bool,
    #[case] fault: Fault,
) {
    let failure = Failure { excerpt: Some(word.into()), ..Failure::new(judged, "it answered 400") };
    let failure = answer::explained(failure, chosen);
    assert_eq!(failure.fault, fault);
    assert_eq!(failure.reason.contains(word), word != "something_new", "{failure}");
}

#[test]
fn a_success_that_says_it_is_none_is_believed() {
    let receipt =
        |text: &str| Receipt { status: Some(200), excerpt: Some(text.into()), holding: None };
    assert!(answer::honest(receipt("ok")).is_ok());
    assert!(answer::honest(receipt("{\"success\":true}")).is_ok());
    assert!(answer::honest(receipt("{\"success\":false,\"error\":\"x\"}")).is_err());
}
