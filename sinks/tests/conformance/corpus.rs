//! Texts that an author of tests could put into a name or a message to break or abuse a service.

use agnox_bridge_sinks::contract::Notice;
use agnox_bridge_sinks::digest::{Digest, Row};
use agnox_bridge_sinks::variables::sample;
use serde_json::json;

/// Each of them, and a very long one.
pub fn hostile() -> Vec<String> {
    let mut texts: Vec<String> = [
        "& < > &amp; &#x3c;",
        "<!channel> <!here> <@U012AB3CD> <https://evil.example|your bank>",
        "@everyone @here @channel",
        "[click](https://evil.example) ![x](https://evil.example/p.png) **b** `c` ~~~ # h",
        "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "a\r\nBcc: victim@example.com\r\n\r\nbody",
        "\"quotes\" 'and' \\backslashes\\ \\u0022 \\\" \\n",
        "{{ group }} {{{raw}}} {{#each}} ${SECRET} $(id) `id` %s %n",
        "nul\0bell\u{7}escape\u{1b}[2J\u{1b}]0;title\u{7}del\u{7f}c1\u{9b}31m",
        "bidi \u{202e}txt.exe\u{202c} \u{2066}x\u{2069} zero\u{200b}width\u{feff}",
        "half an emoji \u{fffd} a whole one 👩\u{200d}💻 and e\u{301}",
        "../../etc/passwd ..\\..\\ /%2e%2e/ ?a=b&c=d#e @evil.example //evil.example",
        "..",
        ".",
        "",
        " ",
        "\n",
        "null",
        "true",
        "[]",
    ]
    .map(str::to_owned)
    .into();
    texts.push("é\"<🔥".repeat(2_500));
    texts
}

/// Notices that say one text wherever an event could bring it in: of a run, of one group that was
/// held back, and of many groups.
pub fn notices_of(text: &str) -> [Notice; 3] {
    let row = row_of(text);
    let many = if text.len() < 1_000 { 60 } else { 3 };
    [
        notice_of(text),
        Notice { digest: Some(digest_of(text, vec![row.clone()])), ..notice_of(text) },
        Notice { digest: Some(digest_of(text, vec![row; many])), ..notice_of(text) },
    ]
}

fn notice_of(text: &str) -> Notice {
    let some = Some(text.to_owned());
    Notice {
        event: some.clone(),
        execution_id: some.clone(),
        task_id: some.clone(),
        status: some.clone(),
        group: text.to_owned(),
        summary: some.clone(),
        rule: some.clone(),
        rules: vec![text.to_owned(); 3],
        labels: [("team".to_owned(), some.clone())].into(),
        link: some.clone(),
        with: [("channel".to_owned(), text.to_owned())].into(),
        transition: Some("kind_changed".to_owned()),
        previous_status: some.clone(),
        incident: some,
        body: json!({ text: [text] }),
        raw: text.as_bytes().to_vec(),
        answers: vec![text.to_owned()],
        ..sample()
    }
}

fn digest_of(text: &str, rows: Vec<Row>) -> Box<Digest> {
    let groups = u32::try_from(rows.len()).unwrap();
    Box::new(Digest {
        kind: "deferred".to_owned(),
        rule: text.to_owned(),
        window: Some(text.to_owned()),
        by: Some(text.to_owned()),
        since: "2026-03-13T22:00:00+01:00".to_owned(),
        until: "2026-03-14T07:00:00+01:00".to_owned(),
        runs: 3 * groups,
        groups,
        failing: groups,
        more: 0,
        rows,
    })
}

fn row_of(text: &str) -> Row {
    let some = Some(text.to_owned());
    Row {
        group: text.to_owned(),
        source: text.to_owned(),
        net: "failing".to_owned(),
        status: some.clone(),
        runs: 3,
        failures_in_a_row: 3,
        failing_since: Some("2026-03-13T23:10:00+01:00".to_owned()),
        summary: some.clone(),
        link: some,
        line: text.to_owned(),
        ..Row::default()
    }
}
