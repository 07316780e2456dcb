//! Mail, to a real SMTP server, read back by another program's parser.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::bridge::{Process, Setup, free_ports};
use crate::support::programs::skip;
use crate::support::{SOON, agnox, eventually};

/// A Python that has aiosmtpd: Debian's, or whatever is first on the path.
fn python() -> Option<&'static str> {
    let has = |python: &&str| {
        let tried =
            Command::new(python).args(["-c", "import aiosmtpd"]).stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    };
    let found = ["/usr/bin/python3", "python3"].into_iter().find(|python| has(python));
    if found.is_none() {
        skip("mail", "aiosmtpd not installed (apt install python3-aiosmtpd)");
    }
    found
}

fn mail_server(python: &str, port: u16, folder: &Path) -> Process {
    let child = Command::new(python)
        .args(["-m", "aiosmtpd", "-n", "-l", &format!("127.0.0.1:{port}")])
        .args(["-c", "aiosmtpd.handlers.Mailbox", &folder.display().to_string()])
        .stderr(Stdio::null())
        .spawn()
        .expect("the mail server starts");
    eventually("the mail server listens", SOON, || TcpStream::connect(("127.0.0.1", port)).ok());
    Process(child)
}

/// Each mail's headers and parts, as Python's own parser reads them, oldest first.
fn mails(python: &str, folder: &Path) -> Vec<serde_json::Value> {
    const READ: &str = "
import email, email.policy, json, mailbox, sys
box = mailbox.Maildir(sys.argv[1], factory=None)
mails = [email.message_from_bytes(box.get_bytes(k), policy=email.policy.default) for k in box.keys()]
mails.sort(key=lambda m: m['Subject'])
print(json.dumps([{
    'headers': {k.lower(): v for k, v in m.items()},
    'text': m.get_body(('plain',)).get_content(),
    'html': m.get_body(('html',)).get_content(),
} for m in mails]))
";
    let output = Command::new(python).args(["-c", READ]).arg(folder).output().expect("python runs");
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn a_group_s_mails_arrive_whole_and_form_one_thread() {
    let Some(python) = python() else { return };
    let [server, _] = free_ports();
    let setup = Setup::new(
        &format!(
            "  qa-mail:\n    email:\n      host: 127.0.0.1\n      port: {}\n      tls: none\n      from: Agnox <agnox@example.com>\n      to: [qa@example.com, lead@example.com]",
            server.port()
        ),
        "  - {name: red, when: {status: FAILED}, send: qa-mail}",
    );
    let folder = setup.path().join("mail");
    let _server = mail_server(python, server.port(), &folder);
    let bridge = setup.start();
    let hostile = "3 failed: <b>\"quotes\"</b>\r\n.\r\nSubject: injected 😀 & more";
    for group in ["checkout-eu", "checkout-eu", "search"] {
        let mut body: serde_json::Value =
            serde_json::from_slice(&agnox::event(group, "FAILED")).expect("a body of ours");
        body["summary"] = hostile.into();
        bridge.accept(body.to_string().as_bytes());
    }
    let mails = eventually("three mails are there", SOON, || {
        let there = std::fs::read_dir(folder.join("new")).ok()?.count();
        (there == 3).then(|| mails(python, &folder))
    });
    let thread =
        |n: usize| mails[n]["headers"]["references"].as_str().expect("it threads").to_owned();
    assert_eq!(thread(0), thread(1), "a group's mails form one thread");
    assert_ne!(thread(0), thread(2), "another group's do not join it");
    for mail in &mails {
        assert!(
            mail["text"]
                .as_str()
                .is_some_and(|text| text.contains("😀") && text.contains("\"quotes\"")),
            "{mail}"
        );
        assert!(mail["html"].as_str().is_some_and(|html| html.contains("&lt;b&gt;")), "{mail}");
        assert!(
            !mail["headers"]["subject"].as_str().expect("a subject").contains("injected"),
            "{mail}"
        );
        assert!(mail["headers"]["to"].as_str().is_some_and(|to| to.contains("lead@example.com")));
    }
}
