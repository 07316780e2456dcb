//! What can be wrong at the start: each with a message that names it, and an exit code. `check` finds
//! what the start would refuse.

use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

use agnox_bridge_sinks::signature::HEADER;

use crate::support::agnox::{self, SECRET};
use crate::support::bridge::Setup;
use crate::support::programs::all_there;
use crate::support::{SOON, eventually};

const CONSOLE: &str = "  terminal: {console: {}}";
const ALWAYS: &str = "  - {name: everything, when: always, send: terminal}";

fn text(output: &Output) -> String {
    let out = String::from_utf8_lossy(&output.stdout);
    format!("{out}{}", String::from_utf8_lossy(&output.stderr))
}

/// A configuration that can't be used, and what its report must name.
struct Broken {
    what: &'static str,
    more: &'static str,
    sinks: &'static str,
    rules: &'static str,
    named: &'static [&'static str],
}

const FINE: Broken = Broken { what: "", more: "", sinks: CONSOLE, rules: ALWAYS, named: &[] };

const BROKEN: &[Broken] = &[
    Broken { what: "no YAML", rules: "  - {name: [", named: &["bridge.yaml:"], ..FINE },
    Broken {
        what: "an unknown key at the top",
        more: "sinkz: {}",
        named: &["sinkz", "sinks"],
        ..FINE
    },
    Broken {
        what: "an unknown key at depth",
        sinks: "  chat: {http: {url: \"http://127.0.0.1/x\", headrs: {a: b}}}\n  terminal: {console: {}}",
        named: &["headrs", "headers"],
        ..FINE
    },
    Broken {
        what: "an unset variable",
        sinks: "  terminal: {http: {url: \"${NOBODY_SET_THIS}\"}}",
        named: &["NOBODY_SET_THIS"],
        ..FINE
    },
    Broken {
        what: "a secret's file that is not there",
        sinks: "  terminal: {http: {url: \"${file:/nowhere/at/all}\"}}",
        named: &["/nowhere/at/all"],
        ..FINE
    },
    Broken {
        what: "a sink named twice",
        sinks: "  terminal: {console: {}}\n  terminal: {console: {}}",
        named: &["terminal"],
        ..FINE
    },
    Broken {
        what: "a rule named twice",
        rules: "  - {name: twice, when: always, send: terminal}\n  - {name: twice, when: always, send: terminal}",
        named: &["twice"],
        ..FINE
    },
    Broken {
        what: "a sink that is not there",
        rules: "  - {name: x, when: always, send: termnal}",
        named: &["termnal", "terminal"],
        ..FINE
    },
    Broken {
        what: "a template that doesn't parse",
        sinks: "  terminal: {console: {template: \"{{#if status}}never closed\"}}",
        named: &["template"],
        ..FINE
    },
    Broken {
        what: "a template with an unknown name",
        sinks: "  terminal: {console: {template: \"{{ statsu }}\"}}",
        named: &["statsu", "status"],
        ..FINE
    },
    Broken {
        what: "an empty when",
        rules: "  - {name: x, when: {}, send: terminal}",
        named: &["when", "always"],
        ..FINE
    },
    Broken {
        what: "an expression that doesn't parse",
        rules: "  - {name: x, when: {group: \"/(/\"}, send: terminal}",
        named: &["group"],
        ..FINE
    },
    Broken {
        what: "a time zone that is none",
        more: "timezone: Europe/Atlantis",
        named: &["Atlantis"],
        ..FINE
    },
    Broken {
        what: "on_dead without its sink",
        more: "on_dead: nobody",
        named: &["on_dead", "nobody"],
        ..FINE
    },
    Broken {
        what: "an include that is not there",
        more: "include: [missing.yaml]",
        named: &["missing.yaml"],
        ..FINE
    },
    Broken {
        what: "a templates folder that is not there",
        more: "templates: nowhere/",
        named: &["nowhere"],
        ..FINE
    },
];

#[test]
fn what_the_start_refuses_check_refuses_with_the_same_words() {
    for broken in BROKEN {
        let setup = Setup::with_more(broken.more, broken.sinks, broken.rules);
        let [check, start] = [&["check"][..], &["serve"][..]].map(|words| setup.run(words));
        for (command, output) in [("check", &check), ("serve", &start)] {
            let said = text(output);
            assert_eq!(output.status.code(), Some(1), "{}, {command}: {said}", broken.what);
            for name in broken.named {
                assert!(said.contains(name), "{}, {command}, {name} in: {said}", broken.what);
            }
            assert!(!said.contains("panicked") && !said.contains("Error("), "{said}");
        }
        assert!(!setup.path().join("bridge.db").exists(), "{}: nothing is made", broken.what);
    }
}

/// Sources and servers that can't be, each instead of the tests' own lines.
#[test]
fn sources_and_servers_that_can_t_be_are_refused_by_check_and_start() {
    for (what, from, to, named) in [
        ("an empty secret", format!("secret: {SECRET}"), "secret: \"\"", "secret"),
        ("a blank secret", format!("secret: {SECRET}"), "secret: \"   \"", "secret"),
        ("no secret", format!("{{secret: {SECRET}}}"), "{}", "has no secret"),
        ("no journal", "sqlite:bridge.db".into(), "postgres://x/y", "sqlite"),
        ("no address", "server: {".into(), "server: {body_limit: lots, ", "body_limit"),
        (
            "a certificate that is not there",
            "server: {".into(),
            "server: {tls: {cert: no.pem, key: no.key}, ",
            "no.pem",
        ),
    ] {
        let setup = Setup::new(CONSOLE, ALWAYS);
        let good = std::fs::read_to_string(setup.path().join("bridge.yaml")).expect("it is there");
        let bad = good.replace(&from, to);
        assert_ne!(good, bad, "{what}");
        setup.write("bridge.yaml", &bad);
        for command in ["check", "serve"] {
            let output = setup.run(&[command]);
            let said = text(&output);
            assert_eq!(output.status.code(), Some(1), "{what}, {command}: {said}");
            assert!(said.contains(named), "{what}, {command}: {said}");
        }
    }
}

#[test]
fn an_admin_listener_beyond_loopback_needs_a_token() {
    let setup = Setup::new(CONSOLE, ALWAYS);
    let good = std::fs::read_to_string(setup.path().join("bridge.yaml")).expect("it is there");
    let open = format!("admin: \"0.0.0.0:{}\"", setup.admin.port());
    let bad = good.replace(&format!("admin: \"{}\"", setup.admin), &open);
    assert_ne!(good, bad);
    setup.write("bridge.yaml", &bad);
    for command in ["check", "serve"] {
        let output = setup.run(&[command]);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output));
        assert!(text(&output).contains("admin_token"), "{}", text(&output));
    }
}

#[test]
fn a_configuration_that_is_not_there_says_how_to_make_one() {
    let setup = Setup::new(CONSOLE, ALWAYS);
    for command in ["serve", "check"] {
        let output = setup.run(&[command, "--config", "nowhere.yaml"]);
        let said = text(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("nowhere.yaml"), "{said}");
    }
}

#[test]
fn a_journal_that_can_t_be_used_says_why_and_what_to_do() {
    let at = |journal: &str| {
        let setup = Setup::new(CONSOLE, ALWAYS);
        let good = std::fs::read_to_string(setup.path().join("bridge.yaml")).expect("it is there");
        setup.write("bridge.yaml", &good.replace("sqlite:bridge.db", journal));
        setup
    };
    let missing = at("sqlite:no/such/folder/bridge.db");
    let output = missing.run(&["serve"]);
    let said = text(&output);
    assert_eq!(output.status.code(), Some(74), "{said}");
    assert!(said.contains("no/such/folder") && said.contains("must exist"), "{said}");

    let folder = at("sqlite:a-folder");
    std::fs::create_dir(folder.path().join("a-folder")).expect("it can be made");
    let output = folder.run(&["serve"]);
    assert!(!output.status.success() && text(&output).contains("a-folder"), "{}", text(&output));

    let corrupt = at("sqlite:bridge.db");
    corrupt.write("bridge.db", &"this is no database, whatever it says\n".repeat(400));
    let output = corrupt.run(&["serve"]);
    let said = text(&output);
    assert_eq!(output.status.code(), Some(78), "{said}");
    assert!(said.contains("backup") && said.contains("bridge.db"), "{said}");

    if !all_there("a newer journal", &["python3"]) {
        return;
    }
    let bridge = Setup::new(CONSOLE, ALWAYS).start();
    let (newer, _) = bridge.stop();
    let raise = "import sqlite3; c = sqlite3.connect('bridge.db'); c.execute('PRAGMA user_version = 4711'); c.commit()";
    let raised = Command::new("python3").args(["-c", raise]).current_dir(newer.path()).status();
    assert!(raised.expect("python runs").success());
    let output = newer.run(&["serve"]);
    let said = text(&output);
    assert_eq!(output.status.code(), Some(78), "{said}");
    assert!(said.contains("newer") && said.contains("4711") && said.contains("backup"), "{said}");
}

#[test]
fn a_folder_that_can_t_be_written_is_named() {
    let setup = Setup::new(CONSOLE, ALWAYS);
    let folder = setup.path().join("sealed");
    std::fs::create_dir(&folder).expect("it can be made");
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o555)).expect("it is ours");
    if std::fs::write(folder.join("probe"), "").is_ok() {
        eprintln!("SKIPPED a folder without permission: this user may write everywhere");
        return;
    }
    let good = std::fs::read_to_string(setup.path().join("bridge.yaml")).expect("it is there");
    setup.write("bridge.yaml", &good.replace("sqlite:bridge.db", "sqlite:sealed/bridge.db"));
    let output = setup.run(&["serve"]);
    let said = text(&output);
    assert!(!output.status.success() && said.contains("sealed"), "{said}");
}

fn certificate(setup: &Setup, name: &str) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("it works");
    setup.write(&format!("{name}.pem"), &made.cert.pem());
    setup.write(&format!("{name}.key"), &made.signing_key.serialize_pem());
}

fn with_tls(setup: &Setup, cert: &str, key: &str) {
    let good = std::fs::read_to_string(setup.path().join("bridge.yaml")).expect("it is there");
    let tls = format!("server: {{tls: {{cert: {cert}, key: {key}}}, ");
    setup.write("bridge.yaml", &good.replace("server: {", &tls));
}

#[test]
fn certificates_that_can_t_be_used_are_refused_by_check_and_start() {
    for (what, cert, key, named) in [
        ("no certificate", "junk.pem", "one.key", "junk.pem"),
        ("no key", "one.pem", "junk.pem", "junk.pem"),
        ("another's key", "one.pem", "two.key", "two.key"),
    ] {
        let setup = Setup::new(CONSOLE, ALWAYS);
        certificate(&setup, "one");
        certificate(&setup, "two");
        setup.write("junk.pem", "this is no certificate\n");
        with_tls(&setup, cert, key);
        for command in ["serve", "check"] {
            let output = setup.run(&[command]);
            let said = text(&output);
            assert!(!output.status.success(), "{what}, {command}: {said}");
            assert!(said.contains(named), "{what}, {command}: {said}");
        }
    }
}

#[test]
fn a_signed_event_is_taken_over_tls_and_a_reload_changes_the_certificate() {
    if !all_there("TLS", &["curl"]) {
        return;
    }
    let setup = Setup::new(CONSOLE, ALWAYS);
    certificate(&setup, "one");
    certificate(&setup, "two");
    std::fs::copy(setup.path().join("one.pem"), setup.path().join("now.pem")).expect("it is there");
    std::fs::copy(setup.path().join("one.key"), setup.path().join("now.key")).expect("it is there");
    with_tls(&setup, "now.pem", "now.key");
    let bridge = setup.spawn();
    let port = bridge.setup.public.port();
    let post = |trusted: &str| {
        let body = agnox::event("over-tls", "FAILED");
        bridge.setup.write("body", &String::from_utf8_lossy(&body));
        let signature = format!("{HEADER}: {}", agnox::signature(&body));
        let done = Command::new("curl")
            .args(["-sS", "--noproxy", "*", "--cacert", trusted, "-o", "answer"])
            .args(["-w", "%{http_code}", "-H", &signature, "--data-binary", "@body"])
            .args(["--resolve", &format!("localhost:{port}:127.0.0.1")])
            .arg(format!("https://localhost:{port}/hooks/main"))
            .current_dir(bridge.setup.path())
            .output()
            .expect("curl runs");
        String::from_utf8_lossy(&done.stdout).into_owned()
    };
    eventually("it answers over TLS", SOON, || (post("one.pem") == "202").then_some(()));
    assert_ne!(post("two.pem"), "202", "another certificate is not what it shows");
    assert!(bridge.stdout().contains("https://"), "{}", bridge.stdout());
    for file in ["pem", "key"] {
        let from = bridge.setup.path().join(format!("two.{file}"));
        std::fs::copy(from, bridge.setup.path().join(format!("now.{file}"))).expect("it is there");
    }
    bridge.signal("HUP");
    eventually("the new one is shown", SOON, || (post("two.pem") == "202").then_some(()));
}
