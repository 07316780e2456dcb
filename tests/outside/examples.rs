//! Every folder under `examples/`: its configuration starts, its events are taken, and exactly the
//! sinks that its `expected.yaml` names hear of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::agnox::{self, SECRET};
use crate::support::bridge::{Setup, free_ports};
use crate::support::place::{Place, Say};
use crate::support::programs::all_there;
use crate::support::{SOON, eventually};

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

fn scenarios() -> Vec<PathBuf> {
    let folders = std::fs::read_dir(examples()).expect("the examples are there").flatten();
    let found: Vec<PathBuf> =
        folders.map(|f| f.path()).filter(|path| path.join("agnox-bridge.yaml").exists()).collect();
    assert!(found.len() >= 4);
    found
}

/// A copy of an example in a folder of its own, with ports of its own and every URL leading to one
/// place.
fn set_up(example: &Path, place: &Place) -> Setup {
    let mut setup = Setup::new("", "");
    let [public, admin] = free_ports();
    (setup.public, setup.admin) = (public, admin);
    let text = std::fs::read_to_string(example.join("agnox-bridge.yaml")).expect("it is there");
    let server = format!(
        "server: {{listen: \"{public}\", admin: \"{admin}\"}}\njournal: {{url: \"sqlite:bridge.db\"}}\n"
    );
    // Where the example has its program installed, the tests have it beside the example.
    let lamp = examples().join("programs/lamp").display().to_string();
    let text = text.replace("/usr/local/bin/lamp", &lamp);
    setup.write("bridge.yaml", &(server + &text));
    if let Ok(services) = std::fs::read_dir(example.join("catalog")) {
        std::fs::create_dir(setup.path().join("catalog")).expect("the folder is new");
        for file in services.flatten() {
            let there = setup.path().join("catalog").join(file.file_name());
            std::fs::copy(file.path(), there).expect("the folder is writable");
        }
        // Such a service says where it put the message.
        place.say(Say::Status(201, "", "{\"id\": 42}"));
    }
    let url = |path: &str| place.url(path);
    setup.variables = [
        ("AGNOX_WEBHOOK_SECRET", SECRET.to_owned()),
        ("SLACK_WEBHOOK_URL", url("/slack")),
        ("CHAT_WEBHOOK_URL", url("/chat")),
        ("PLATFORM_WEBHOOK_URL", url("/platform")),
        ("OWN_SERVICE_URL", url("/own")),
        ("OWN_SERVICE_SECRET", "the-receivers-own-secret-of-many-letters".to_owned()),
        ("BOARD_URL", url("")),
        ("BOARD_TOKEN", "the-boards-token".to_owned()),
        ("N8N_WEBHOOK_URL", url("/webhook/agnox")),
        ("SMTP_HOST", "127.0.0.1".to_owned()),
        ("SMTP_PORT", place.at.port().to_string()),
        ("SMTP_TLS", "none".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    setup
}

#[test]
fn each_example_tells_exactly_the_sinks_that_it_says() {
    for example in scenarios() {
        let Ok(expected) = std::fs::read_to_string(example.join("expected.yaml")) else {
            // Its own `tests:` say it; `scenarios` plays them.
            continue;
        };
        let place = Place::open();
        let bridge = set_up(&example, &place).start();
        let expected: BTreeMap<String, Vec<String>> =
            serde_yaml::from_str(&expected).expect("it is YAML");
        for (event, sinks) in expected {
            let body =
                std::fs::read(example.join("events").join(&event)).expect("the event is there");
            let id = bridge.accept(&body).json()["id"].as_str().expect("an id").to_owned();
            let told = eventually("the event is decided", SOON, || {
                let shown = bridge.cli_json(&["events", "show", &id]);
                let told: Vec<String> = shown["deliveries"]
                    .as_array()?
                    .iter()
                    .map(|d| d["sink"].as_str().unwrap_or_default().to_owned())
                    .collect();
                (told.len() == sinks.len()).then_some(told)
            });
            assert_eq!(told, sinks, "{} with {event}", example.display());
        }
    }
}

#[test]
fn the_documents_own_verifiers_accept_a_forwarded_event() {
    if !all_there("the documents' verifiers", &["node", "python3"]) {
        return;
    }
    let place = Place::open();
    let example = examples().join("forward");
    let bridge = set_up(&example, &place).start();
    let body = agnox::event("nightly-eu", "PASSED");
    bridge.accept(&body);
    let got = place.wait_for(1, SOON).remove(0);
    assert_eq!(got.body, body, "forwarded bytes equal received bytes");
    let signature = got.header("x-agnox-signature").expect("it is signed");
    for (program, script) in [("node", "verify.js"), ("python3", "verify.py")] {
        for (signature, holds) in
            [(signature, true), (&signature.replace(['0', '1'], "2")[..], false)]
        {
            let mut child = Command::new(program)
                .arg(example.join(script))
                .args(["the-receivers-own-secret-of-many-letters", signature])
                .stdin(std::process::Stdio::piped())
                .stdout(std::process::Stdio::null())
                .spawn()
                .expect("the verifier starts");
            std::io::Write::write_all(&mut child.stdin.take().expect("piped"), &got.body)
                .expect("it reads");
            assert_eq!(child.wait().expect("it ends").success(), holds, "{script}");
        }
    }
}

#[test]
fn the_proxies_and_prometheus_accept_their_examples() {
    let deploy = examples().join("deploy");
    let checks: [(&str, Vec<String>); 2] = [
        (
            "caddy",
            vec![
                "validate".into(),
                "--adapter".into(),
                "caddyfile".into(),
                "--config".into(),
                deploy.join("Caddyfile").display().to_string(),
            ],
        ),
        (
            "promtool",
            vec!["check".into(), "rules".into(), deploy.join("alerts.yaml").display().to_string()],
        ),
    ];
    for (program, arguments) in checks {
        if all_there("the deployment examples", &[program]) {
            let output = Command::new(program).args(arguments).output().expect("it starts");
            assert!(
                output.status.success(),
                "{program}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }
}

#[test]
fn every_metric_that_an_alert_names_is_there() {
    let alerts =
        std::fs::read_to_string(examples().join("deploy/alerts.yaml")).expect("it is there");
    let registered = include_str!("../../src/telemetry/mod.rs");
    let mut named = 0;
    for rest in alerts.split("agnox_bridge_").skip(1) {
        let end = rest.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(rest.len());
        let name = rest[..end].trim_end_matches("_total");
        assert!(registered.contains(&format!("\"{name}\"")), "{name}");
        named += 1;
    }
    assert!(named > 8);
}

#[test]
fn nginx_accepts_its_example() {
    if !all_there("nginx's example", &["nginx"]) {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let own = rcgen::generate_simple_self_signed(["bridge.example.com".to_owned()]);
    let own = own.expect("a certificate is made");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("the folder is writable");
        path.display().to_string()
    };
    let cert = write("cert.pem", &own.cert.pem());
    let key = write("key.pem", &own.signing_key.serialize_pem());
    let example =
        std::fs::read_to_string(examples().join("deploy/nginx.conf")).expect("it is there");
    let example = example
        .replace("/etc/ssl/bridge/fullchain.pem", &cert)
        .replace("/etc/ssl/bridge/privkey.pem", &key);
    let pid = folder.path().join("pid").display().to_string();
    let whole = write("nginx.conf", &format!("pid {pid};\nevents {{}}\nhttp {{\n{example}\n}}\n"));
    let checked = Command::new("nginx").args(["-t", "-e", "stderr", "-c", &whole]).output();
    let checked = checked.expect("nginx starts");
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}
