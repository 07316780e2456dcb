//! Texts that an author of tests could put into a name or a message to break or abuse a service.

use agnox_bridge_sinks::contract::Notice;
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
    texts.push("é\"<🔥".repeat(12_500));
    texts
}

/// A notice that says one text wherever an event could bring it in.
pub fn notice_of(text: &str) -> Notice {
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
        link: some,
        with: [("channel".to_owned(), text.to_owned())].into(),
        body: json!({ text: [text] }),
        raw: text.as_bytes().to_vec(),
        ..sample()
    }
}
