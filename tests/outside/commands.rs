//! The command line as a person meets it: the first minutes, the wrong inputs, the exit codes.

use std::process::Output;

use crate::support::bridge::{Setup, free_ports};
use crate::support::place::Place;
use crate::support::{SOON, agnox, eventually};

const CONSOLE: &str = "  terminal: {console: {}}";
const ALWAYS: &str = "  - {name: everything, when: always, send: terminal}";

fn text(output: &Output) -> String {
    let out = String::from_utf8_lossy(&output.stdout);
    format!("{out}{}", String::from_utf8_lossy(&output.stderr))
}

#[test]
fn a_newcomer_gets_from_init_to_a_message() {
    let mut setup = Setup::new(CONSOLE, ALWAYS);
    std::fs::remove_file(setup.path().join("bridge.yaml")).expect("it was there");
    let made = setup.run(&["init", "--yes"]);
    assert!(made.status.success(), "{}", text(&made));
    let written = std::fs::read_to_string(setup.path().join("bridge.yaml")).expect("it is there");
    let moved = written
        .replace("127.0.0.1:8080", &setup.public.to_string())
        .replace("127.0.0.1:8081", &setup.admin.to_string());
    setup.write("bridge.yaml", &moved);
    let checked = setup.run(&["check", "--deny-warnings"]);
    assert!(checked.status.success(), "{}", text(&checked));
    setup.flags.clear();
    let bridge = setup.start();
    assert!(
        bridge.cli(&["send", "--status", "FAILED", "--group", "first-steps"]).contains("accepted")
    );
    eventually("the message is printed", SOON, || {
        bridge.stdout().contains("first-steps").then_some(())
    });
}

#[test]
fn init_with_a_chat_writes_what_check_takes() {
    let setup = Setup::new(CONSOLE, ALWAYS);
    let url = "https://hooks.slack.com/services/T0/B0/canary-in-the-url";
    let made = setup.run(&["init", "--yes", "--slack-url", url, "--config", "new.yaml"]);
    assert!(made.status.success(), "{}", text(&made));
    let checked = setup.run(&["check", "--deny-warnings", "--config", "new.yaml"]);
    assert!(checked.status.success(), "{}", text(&checked));
    let told =
        setup.run(&["render", "team-chat", "--transition", "recovered", "--config", "new.yaml"]);
    assert!(text(&told).contains("for failures"), "{}", text(&told));
}

#[test]
fn init_never_overwrites_and_keeps_its_secret_to_its_owner() {
    use std::os::unix::fs::PermissionsExt;
    let setup = Setup::new(CONSOLE, ALWAYS);
    let again = setup.run(&["init", "--yes"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again).contains("--force"), "{}", text(&again));
    assert!(setup.run(&["init", "--yes", "--config", "new.yaml"]).status.success());
    let secret = std::fs::metadata(setup.path().join("agnox.secret")).expect("it is there");
    assert_eq!(secret.permissions().mode() & 0o777, 0o600);
}

#[test]
fn every_broken_item_is_found_in_one_run_with_its_line() {
    let rules = "  - {name: a, when: {statsu: FAILED}, send: terminal}\n  - {name: b, when: always, send: termnial}\n  - {name: c, when: {duration: soon}, send: terminal}";
    let setup = Setup::new(CONSOLE, rules);
    let checked = setup.run(&["check"]);
    let report = text(&checked);
    assert_eq!(checked.status.code(), Some(1), "{report}");
    for hint in ["statsu", "status", "termnial", "terminal", "soon", "bridge.yaml:"] {
        assert!(report.contains(hint), "{hint} in:\n{report}");
    }
    let started = setup.run(&["serve"]);
    assert!(!started.status.success(), "what check refuses, the start refuses");
}

#[test]
fn an_unset_variable_is_an_error_unless_secrets_are_left_out() {
    let setup = Setup::new(
        "  chat: {slack: {url: \"${NOBODY_SET_THIS}\"}}",
        "  - {name: x, when: always, send: chat}",
    );
    let report = text(&setup.run(&["check"]));
    assert!(report.contains("NOBODY_SET_THIS"), "{report}");
    let without = setup.run(&["check", "--without-secrets"]);
    assert!(without.status.success(), "{}", text(&without));
}

#[test]
fn sign_and_verify_agree_and_verify_names_the_check_that_failed() {
    let setup = Setup::new(CONSOLE, ALWAYS);
    setup.write("body.json", "{\"status\":\"FAILED\"}");
    let signature = text(&setup.run(&["sign", "body.json"]));
    let signature = signature.trim();
    assert!(signature.starts_with("sha256="), "{signature}");
    assert!(setup.run(&["verify", "body.json", "--signature", signature]).status.success());
    for (wrong, named) in
        [(&signature[7..], "`sha256=`"), ("sha256=ab", "64"), (&signature.replace('a', "b"), "")]
    {
        let refused = setup.run(&["verify", "body.json", "--signature", wrong]);
        assert_eq!(refused.status.code(), Some(1));
        assert!(text(&refused).contains(named), "{wrong}: {}", text(&refused));
    }
}

#[test]
fn explain_says_at_which_condition_a_rule_does_not_match() {
    let rules = "  - {name: production, when: {status: FAILED, group: prod-*}, send: terminal}\n  - {name: rest, when: always, send: terminal}";
    let setup = Setup::new(CONSOLE, rules);
    let told = text(&setup.run(&["explain", "--group", "checkout-eu"]));
    assert!(
        told.contains("✘ production") && told.contains("prod-*") && told.contains("checkout-eu"),
        "{told}"
    );
    assert!(told.contains("would be sent to: terminal"), "{told}");
    assert!(told.contains("first failure, of a group that is new"), "{told}");
}

#[test]
fn explain_knows_what_a_made_up_run_means_after_others() {
    let setup = Setup::new(
        CONSOLE,
        "  - {name: once, when: {status: FAILED}, send: terminal, once_per: incident, send_recovery: true}\n\
         \x20 - {name: report, when: always, send: terminal, digest: {every: 1h}}",
    );
    let still = text(&setup.run(&["explain", "--transition", "still_failing"]));
    assert!(still.contains("∅ terminal: not told; the rule told of this incident"), "{still}");
    assert!(still.contains("∅ terminal: not told; it is collected"), "{still}");
    assert!(still.contains("nothing would be sent at once"), "{still}");
    let over = text(&setup.run(&["explain", "--transition", "recovered"]));
    assert!(over.contains("note: the recovery that it owes"), "{over}");
    assert!(over.contains("would be sent to: terminal"), "{over}");
}

#[test]
fn explain_tells_of_a_stored_event_what_became_of_it() {
    let place = Place::open();
    let sinks = format!("  hook: {{http: {{url: \"{}\"}}}}", place.url("/x"));
    let bridge = Setup::new(&sinks, "  - {name: all, when: always, send: hook}").start();
    let body = agnox::event("group", "FAILED");
    bridge.accept(&body);
    place.wait_for(1, SOON);
    let told = eventually("it is delivered", SOON, || {
        let told = bridge.cli(&["explain", "--execution", &agnox::execution(&body)]);
        told.contains("hook: delivered").then_some(told)
    });
    assert!(told.contains("✔ all"), "{told}");
}

#[test]
fn a_silence_is_previewed_added_listed_and_ended() {
    let bridge = Setup::new(CONSOLE, ALWAYS).start();
    bridge.accept(&agnox::event("checkout-eu", "FAILED"));
    let add = ["silence", "add", "--group", "checkout-*", "--for", "2h", "--comment", "it moves"];
    let asked = bridge.setup.run(&add);
    assert_eq!(asked.status.code(), Some(1), "nobody said yes");
    assert!(text(&asked).contains("--yes"), "{}", text(&asked));
    assert!(bridge.cli(&["silence", "list"]).contains("no silences"));
    assert!(bridge.cli(&[&add[..], &["--preview"]].concat()).contains("it would have held back"));
    assert!(bridge.cli(&[&add[..], &["--yes"]].concat()).contains("is set"));
    let listed = bridge.cli(&["silence", "list"]);
    assert!(listed.contains("active") && listed.contains("it moves"), "{listed}");
    let id = listed.lines().nth(1).and_then(|line| line.split_whitespace().next());
    let id = id.expect("a row with the id");
    assert!(bridge.cli(&["silence", "expire", &id[..18]]).contains("is over"));
    assert!(bridge.cli(&["silence", "list"]).contains("no silences"));
    assert!(bridge.cli(&["silence", "list", "--all"]).contains("ended"));
}

#[test]
fn render_shows_the_exact_message_with_secrets_covered() {
    let setup = Setup::new(
        "  chat: {slack: {url: \"https://hooks.slack.com/services/T0/B0/canary-in-the-url\"}}",
        "  - {name: red, when: {status: FAILED}, send: chat}",
    );
    let shown = text(&setup.run(&["render", "chat"]));
    assert!(shown.contains("checkout-eu") && shown.contains("POST"), "{shown}");
    assert!(!shown.contains("canary"), "{shown}");
}

#[test]
fn render_shows_a_recovery_and_a_digest_in_the_rule_s_own_words() {
    let words = "'{{#if digest}}{{digest.failing}} of {{digest.groups}} fail{{else}}{{transition}} \
                 after {{recovered_from}}, owed: {{recovery}}{{/if}}'";
    let rule = |name, more| {
        format!(
            "  - {{name: {name}, when: {{status: FAILED}}, send: [{{sink: terminal, template: {words}}}], {more}}}\n"
        )
    };
    let rules = rule("red", "send_recovery: true") + &rule("report", "digest: {cron: 0 9 * * *}");
    let setup = Setup::new(CONSOLE, rules.trim_end());
    let shown = text(&setup.run(&["render", "--transition", "recovered"]));
    assert!(shown.contains("recovered after 3, owed: true"), "{shown}");
    let shown = text(&setup.run(&["render", "--digest"]));
    assert!(shown.contains("1 of 2 fail") && shown.contains("for report"), "{shown}");
    let shown = text(&setup.run(&["render", "--digest", "--status", "ERROR"]));
    assert!(shown.contains("no rule collects"), "{shown}");
    let shown = text(&setup.run(&["render", "--transition", "recovered", "--status", "ERROR"]));
    assert!(shown.contains("can't be `recovered`"), "{shown}");
}

#[test]
fn a_stopped_gateway_s_journal_can_be_read_and_mended() {
    let bridge = Setup::new(CONSOLE, ALWAYS).start();
    let id = bridge.accept(&agnox::event("group", "FAILED")).json()["id"].clone();
    let (setup, status) = bridge.stop();
    assert!(status.success());
    let listed = text(&setup.run(&["events", "list"]));
    assert!(listed.contains(id.as_str().expect("an id")), "{listed}");
    assert!(text(&setup.run(&["journal", "check"])).contains("whole"));
    assert!(setup.run(&["journal", "backup", "copy.db"]).status.success());
    assert!(setup.path().join("copy.db").exists());
    assert_eq!(
        setup.run(&["journal", "backup", "copy.db"]).status.code(),
        Some(1),
        "never overwritten"
    );
}

#[test]
fn a_second_gateway_on_the_same_journal_is_told_who_holds_it() {
    let bridge = Setup::new(CONSOLE, ALWAYS).start();
    let text_of_first =
        std::fs::read_to_string(bridge.setup.path().join("bridge.yaml")).expect("it is there");
    let [public, admin] = free_ports().map(|address| address.to_string());
    let elsewhere = text_of_first
        .replace(&bridge.setup.public.to_string(), &public)
        .replace(&bridge.setup.admin.to_string(), &admin);
    bridge.setup.write("second.yaml", &elsewhere);
    let second = bridge.setup.run(&["serve", "--config", "second.yaml"]);
    assert!(!second.status.success());
    let said = text(&second);
    assert!(said.contains(&bridge.child.0.id().to_string()), "{said}");
}

#[test]
fn a_port_in_use_is_named() {
    let holder = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback has a port");
    let mut setup = Setup::new(CONSOLE, ALWAYS);
    setup.public = holder.local_addr().expect("bound");
    setup.configure("", CONSOLE, ALWAYS);
    let said = text(&setup.run(&["serve"]));
    assert!(said.contains(&setup.public.to_string()) && said.contains("in use"), "{said}");
}

#[test]
fn the_example_s_own_secret_is_refused_beyond_loopback() {
    let setup = Setup::new(CONSOLE, ALWAYS);
    let example = include_str!("../../config.example.yaml");
    let open = example.replace("listen: 127.0.0.1:8080", "listen: 0.0.0.0:8080");
    assert_ne!(open, example, "the example says where it listens");
    setup.write("bridge.yaml", &open);
    let report = text(&setup.run(&["check"]));
    assert!(report.contains("example"), "{report}");
    assert_eq!(setup.run(&["check"]).status.code(), Some(1), "{report}");
}

#[test]
fn healthcheck_says_whether_it_is_ready() {
    let bridge = Setup::new(CONSOLE, ALWAYS).start();
    assert!(bridge.setup.run(&["healthcheck"]).status.success());
    let (setup, _) = bridge.stop();
    assert_eq!(setup.run(&["healthcheck"]).status.code(), Some(1));
}

#[test]
fn machines_get_json_and_shells_get_completions() {
    let setup = Setup::new(CONSOLE, ALWAYS);
    let schema: serde_json::Value =
        serde_json::from_slice(&setup.run(&["schema"]).stdout).expect("it is JSON");
    assert!(schema["properties"]["rules"].is_object());
    let checked: serde_json::Value =
        serde_json::from_slice(&setup.run(&["check", "--json"]).stdout).expect("it is JSON");
    assert_eq!(checked["ok"], true);
    assert!(text(&setup.run(&["completions", "bash"])).contains("agnox__bridge"));
    assert_eq!(setup.run(&["no-such-command"]).status.code(), Some(2));
}

#[test]
fn check_finds_the_journal_and_the_address_that_the_start_would_refuse() {
    let holder = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback has a port");
    let mut setup = Setup::new(CONSOLE, ALWAYS);
    setup.public = holder.local_addr().expect("bound");
    setup.configure("", CONSOLE, ALWAYS);
    setup.write("bridge.db", "hello, this is no database, but it is long enough to be looked at");
    let checked = setup.run(&["check"]);
    let report = text(&checked);
    assert_eq!(checked.status.code(), Some(1), "{report}");
    assert!(report.contains("bridge.db"), "{report}");
    assert!(report.contains(&format!("{} is in use", setup.public)), "{report}");
    assert!(setup.run(&["check", "--without-secrets"]).status.success(), "for pull requests");
}

#[test]
fn check_is_content_beside_a_gateway_that_runs_on_the_same_file() {
    let bridge = Setup::new(CONSOLE, ALWAYS).start();
    let checked = bridge.setup.run(&["check"]);
    assert!(checked.status.success(), "{}", text(&checked));
}

#[test]
fn looking_at_a_gateway_that_never_ran_makes_no_journal() {
    let setup = Setup::new(CONSOLE, ALWAYS);
    let listed = setup.run(&["events", "list"]);
    assert!(text(&listed).contains("no journal yet"), "{}", text(&listed));
    assert!(!setup.path().join("bridge.db").exists());
}

#[test]
fn sinks_of_a_stopped_gateway_are_listed_with_their_kinds() {
    let bridge = Setup::new(CONSOLE, ALWAYS).start();
    let (setup, _) = bridge.stop();
    let listed = text(&setup.run(&["sinks", "list"]));
    assert!(listed.contains("terminal") && listed.contains("console"), "{listed}");
}
