//! A canary in every secret; then everything that the bridge wrote, said or answered is searched.

use std::path::Path;

use crate::support::bridge::Setup;
use crate::support::http;
use crate::support::place::{Place, Say};
use crate::support::{SOON, agnox, eventually};

const CANARY: &str = "canary-4711";

#[test]
fn no_secret_shows_in_logs_answers_metrics_or_the_journal() {
    let place = Place::open();
    // A far side that echoes what it was sent is the likeliest leak.
    place.say(Say::Status(500, "", "you said Bearer canary-4711-token at /canary-4711-url"));
    let url = place.url("/canary-4711-url");
    let sinks = format!(
        "  chat: {{slack: {{url: \"${{CANARY_URL}}\"}}}}\n  hook: {{http: {{url: \"{}\", bearer: \"${{CANARY_TOKEN}}\"}}}}\n  mirror: {{forward: {{url: \"{}\", secret: \"${{CANARY_SECRET}}\"}}}}",
        place.url("/hook"),
        place.url("/mirror"),
    );
    let rules = "  - {name: all, when: always, send: [chat, hook, mirror]}";
    let mut setup = Setup::new(&sinks, rules);
    for (name, value) in [
        ("CANARY_URL", url.as_str()),
        ("CANARY_TOKEN", "canary-4711-token"),
        ("CANARY_SECRET", "canary-4711-secret-of-many-letters-in-all"),
        ("RUST_LOG", "trace"),
    ] {
        setup.variables.push((name.to_owned(), value.to_owned()));
    }
    let bridge = setup.start();
    bridge.accept(&agnox::event("group", "FAILED"));
    place.wait_for(3, SOON);
    let states = eventually("the attempts are recorded", SOON, || {
        let shown = bridge.cli(&["deliveries", "list", "--json"]);
        (shown.matches("\"last_attempt\": {").count() == 3).then_some(shown)
    });
    let mut texts = vec![("deliveries".to_owned(), states)];
    for path in ["/metrics", "/api/v1/sinks", "/api/v1/status", "/api/v1/events"] {
        texts
            .push((path.to_owned(), http::get(bridge.setup.admin, path).expect("it answers").body));
    }
    let command =
        std::fs::read(format!("/proc/{}/cmdline", bridge.child.0.id())).expect("it lives");
    texts.push(("cmdline".to_owned(), String::from_utf8_lossy(&command).into_owned()));
    let (setup, _) = bridge.stop();
    for file in ["stdout", "stderr", "bridge.db", "bridge.db-wal"] {
        texts.push((file.to_owned(), lossy(&setup.path().join(file))));
    }
    for (place, text) in texts {
        let found = text
            .find(CANARY)
            .map(|at| text[at.saturating_sub(80)..].chars().take(200).collect::<String>());
        assert_eq!(found, None, "in {place}");
    }
}

fn lossy(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}
