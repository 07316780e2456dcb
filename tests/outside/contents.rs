//! Whoever names a test or writes a body: whatever is validly signed is taken, kept and shown, and no
//! word of it is more than a word.

use crate::support::bridge::Setup;
use crate::support::place::Place;
use crate::support::{SOON, agnox, eventually};

/// Bodies that no parser likes, each with a name.
fn strange_bodies() -> Vec<(&'static str, Vec<u8>)> {
    let mut large = br#"{"event":"execution.finished","status":"FAILED","summary":""#.to_vec();
    large.resize((1 << 20) - 2, b'x');
    large.extend_from_slice(b"\"}");
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        ("a lone surrogate", text(r#"{"status":"FAILED","summary":"half \ud83d of it"}"#)),
        ("a byte order mark", text("\u{feff}{\"status\":\"FAILED\",\"groupName\":\"bom\"}")),
        ("depth", [vec![b'['; 10_000], vec![b']'; 10_000]].concat()),
        ("depth without end", vec![b'{'; 10_000]),
        ("keys twice", text(r#"{"status":"PASSED","status":"FAILED"}"#)),
        ("an unknown status", text(r#"{"status":"MELTED","groupName":"g"}"#)),
        ("a null group", text(r#"{"status":"FAILED","groupName":null}"#)),
        ("wrong types", text(r#"{"status":7,"groupName":["a"],"summary":{},"finishedAt":true}"#)),
        (
            "numbers too large",
            text(r#"{"status":"FAILED","startedAt":1e999,"n":99999999999999999999999}"#),
        ),
        (
            "impossible times",
            text(
                r#"{"status":"FAILED","startedAt":"2026-99-99","finishedAt":"+292277026596-01-01T00:00:00Z"}"#,
            ),
        ),
        ("nothing", Vec::new()),
        ("no JSON", text("status=FAILED&group=x")),
        ("no text", vec![0xff, 0xfe, 0x00, 0x80]),
        ("NUL in a name", text("{\"status\":\"FAILED\",\"groupName\":\"a\\u0000b\"}")),
        ("the largest", large),
    ]
}

#[test]
fn whatever_is_signed_is_taken_listed_and_shown() {
    let place = Place::open();
    let url = place.url("/mirror");
    let sinks = format!(
        "  mirror: {{forward: {{url: \"{url}\", secret: a-secret-of-the-mirror-and-nobody-else}}}}\n  terminal: {{console: {{}}}}\n  chat: {{slack: {{url: \"{}\"}}}}",
        place.url("/chat")
    );
    let rules = "  - {name: all, when: always, send: [mirror, terminal]}";
    let bridge = Setup::new(&sinks, rules).start();
    let bodies = strange_bodies();
    let ids: Vec<String> = bodies
        .iter()
        .map(|(_, body)| bridge.accept(body).json()["id"].as_str().expect("an id").to_owned())
        .collect();
    let got = place.wait_for(bodies.len(), SOON);
    for (what, body) in &bodies {
        assert!(got.iter().any(|got| got.body == *body), "{what} arrives byte for byte");
    }
    let listed = bridge.cli_json(&["events", "list", "--limit", "100"]);
    assert_eq!(listed.as_array().map(Vec::len), Some(bodies.len()));
    bridge.cli(&["events", "list"]);
    for (id, (what, body)) in ids.iter().zip(&bodies) {
        let shown = bridge.cli_json(&["events", "show", id]);
        assert_eq!(shown["bytes"], body.len(), "{what}");
        bridge.cli(&["events", "show", id]);
    }
    let answer = bridge.accept(&bodies[0].1).json();
    assert_eq!((&answer["duplicate"], answer["id"].as_str()), (&true.into(), Some(&*ids[0])));
    eventually("all are delivered", SOON, || {
        let waiting = bridge.cli_json(&["deliveries", "list", "--state", "waiting"]);
        waiting.as_array()?.is_empty().then_some(())
    });
    let dead = bridge.cli_json(&["deliveries", "list", "--state", "dead"]);
    assert_eq!(dead.as_array().map(Vec::len), Some(0), "{dead}");
}

#[test]
fn hostile_words_stay_words_at_every_place() {
    let place = Place::open();
    let sinks = format!(
        "  terminal: {{console: {{}}}}\n  chat: {{slack: {{url: \"{}\"}}, rate: 100/s}}\n  hook: {{http: {{url: \"{}\", json: {{title: \"{{{{ group }}}}\", text: \"{{{{ summary }}}}\"}}}}}}\n  mirror: {{forward: {{url: \"{}\", secret: a-secret-of-the-mirror-and-nobody-else}}}}",
        place.url("/chat"),
        place.url("/hook"),
        place.url("/mirror")
    );
    let rules = "  - {name: all, when: always, send: [terminal, chat, hook, mirror]}";
    let bridge = Setup::new(&sinks, rules).start();
    let hostile = [
        "<!channel> <!here> @everyone <@U123>",
        "[click](http://evil.example) <http://evil.example|here>",
        "<script>alert(1)</script> & < >",
        "\"}, {\"injected\": \"yes",
        "line\r\nHeader: injected\r\n\r\nbody",
        "back\\slash \\u0000 \u{0} \u{7} \u{1b}[31mred\u{1b}]0;title\u{7}",
        "\u{202e}desrever\u{2066} zero\u{200b}width",
        "{{ secret }} {{{raw}}} {{> partial}}",
        &"😀".repeat(25_000),
    ];
    for words in hostile {
        let mut body: serde_json::Value =
            serde_json::from_slice(&agnox::event("hostile", "FAILED")).expect("a body of ours");
        body["summary"] = words.into();
        body["groupName"] = words.chars().take(300).collect::<String>().into();
        bridge.accept(body.to_string().as_bytes());
    }
    let got = place.wait_for(hostile.len() * 3, SOON);
    eventually("the terminal has everything", SOON, || {
        let waiting = bridge.cli_json(&["deliveries", "list", "--state", "waiting"]);
        waiting.as_array()?.is_empty().then_some(())
    });
    let dead = bridge.cli_json(&["deliveries", "list", "--state", "dead"]);
    assert_eq!(dead.as_array().map(Vec::len), Some(0), "{dead}");
    for got in &got {
        let body = got.json();
        if body.get("text").is_some() && body.get("title").is_none() {
            let text = body.to_string();
            assert!(!text.contains("<!channel>") && !text.contains("<@U123>"), "{text}");
            assert!(!text.contains("<http://evil.example|here>"), "{text}");
        }
        assert_eq!(body.get("injected"), None, "{body}");
        assert_eq!(got.header("header"), None);
    }
    let shown = bridge.stdout();
    assert!(!shown.contains('\u{1b}'), "no word steers the terminal");
    assert!(!shown.contains('\u{7}') && !shown.contains('\u{202e}'), "no word steers the terminal");
    let listed = bridge.cli(&["events", "list"]);
    assert!(!listed.contains('\u{1b}') && !listed.contains('\u{202e}'), "{listed:?}");
}
