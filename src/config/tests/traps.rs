//! What a person sees who steps into one of YAML's traps: whole rendered messages.

use crate::config::diagnostic::Report;
use crate::config::files::Files;
use crate::config::yaml;

fn seen(text: &str) -> String {
    let mut files = Files::default();
    let file = files.add("bridge.yaml".into(), text.to_owned());
    let wrong = match yaml::read(&files, file) {
        Ok((_, twice)) => twice,
        Err(error) => vec![*error],
    };
    Report::new(wrong).render(false)
}

#[test]
fn probe() {
    for text in [
        "rules:\n  - when:\n      group: *\n",
        "rules:\n  - when: {group: *}\n",
        "rules:\n  - when:\n      group: *prod\n",
        "rules:\n  - when:\n      status: !FAILED\n",
        "rules:\n  - when:\n      status: [!FAILED, x]\n",
        "rules:\n  - when:\n      duration: > 10m\n    send: x\n",
        "rules:\n  - when:\n      duration: >= 3\n",
        "rules:\n  - when:\n      duration: >10m\n",
        "rules:\n  - when: {duration: > 10m}\n",
        "groups:\n  - labels: {channel: #payments}\n  - match: x\n",
        "json:\n  title: {{ group }}\n",
        "json:\n  title: {{ group }} is {{ status }}\n",
        "json:\n  - {{ group }} is {{ status }}\nx: y\n",
        "slack: {url: ${SLACK}}\n",
        "slack: {url: ${SLACK}, x: y}\n",
        "cron: @daily\n",
        "a:\n\tb: c\n",
        "a:\n  b: 1\n  c: 2\n  b: 3\n",
        "a: b: c\n",
        "a: \"b\n",
        "a: [1, 2\nb: 3\n",
        "---\na: 1\n---\nb: 2\n",
        "a: &x [1]\nb: {<<: 3}\n",
    ] {
        println!("-----\n{text}\n{}\n", seen(text));
    }
}
