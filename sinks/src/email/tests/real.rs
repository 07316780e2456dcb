//! A mail through a real server (`aiosmtpd`), read back by a real reader (Python's `email`).

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::{attempt, build, notice, trusting_nobody};
use crate::contract::{Notice, Sink};

/// Takes mails on a free port, prints the port, and prints each mail as it understands it.
const SERVER: &str = r#"
import asyncio, email, email.policy, json
from aiosmtpd.smtp import SMTP
class Handler:
    async def handle_DATA(self, server, session, envelope):
        m = email.message_from_bytes(envelope.content, policy=email.policy.default)
        part = lambda kind: m.get_body((kind,)).get_content()
        print(json.dumps({"rcpt": envelope.rcpt_tos, "to": m["to"], "from": m["from"],
            "subject": m["subject"], "id": m["message-id"], "references": m["references"],
            "reply": m["in-reply-to"], "date": m["date"], "auto": m["auto-submitted"],
            "headers": m.keys(), "defects": [str(d) for p in m.walk() for d in p.defects],
            "text": part("plain"), "html": part("html"),
            "ascii": envelope.content.isascii()}), flush=True)
        return "250 taken"
async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Handler()), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"#;

struct Python(Child);

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A Python that has aiosmtpd; none is a reason to skip, but not where tests must be complete.
fn python() -> Option<&'static str> {
    let has = |python: &&str| {
        let mut check = Command::new(python);
        let check = check.args(["-c", "import aiosmtpd"]).stderr(Stdio::null()).status();
        check.is_ok_and(|status| status.success())
    };
    let found = ["python3", "/usr/bin/python3"].into_iter().find(has);
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "aiosmtpd is needed: pip install aiosmtpd");
        println!("SKIPPED: no python3 with aiosmtpd (pip install aiosmtpd)");
    }
    found
}

#[tokio::test]
async fn a_real_reader_finds_what_was_meant_and_nothing_else() {
    let Some(python) = python() else { return };
    let child = Command::new(python).args(["-c", SERVER]).stdout(Stdio::piped()).spawn().unwrap();
    let mut python = Python(child);
    let mut lines = BufReader::new(python.0.stdout.take().unwrap());
    let port: u16 = line(&mut lines).parse().unwrap();
    let options = json!({"host": "127.0.0.1", "port": port, "tls": "none",
        "from": "Agnöx <agnox@x.test>", "to": ["\"Jürgen, QA\" <a@x.test>"], "cc": "c@x.test"});
    let email = build(options, trusting_nobody()).unwrap();

    for notice in [notice(), hostile()] {
        let message = email.render(&notice, None).unwrap();
        email.send(&message, &attempt(None)).await.unwrap();
        let got: Value = serde_json::from_str(&line(&mut lines)).unwrap();
        let crate::message::Step::Mail(mail) = &message.steps[0] else { panic!() };
        compare(&got, mail);
    }
}

fn hostile() -> Notice {
    let text =
        ".\r\n.\n\r.\r\n..\nBcc: x@y.test\0\u{1f469}\u{200d}\u{1f4bb}\n\nFrom nobody\n=3D =\n";
    let long = "ä.".repeat(50_000);
    Notice {
        group: format!("a\r\nBcc: x@y.test {text}"),
        summary: Some(format!("{text}{long}")),
        ..notice()
    }
}

fn compare(got: &Value, mail: &crate::message::Mail) {
    assert_eq!(got["rcpt"], json!(["a@x.test", "c@x.test"]));
    assert_eq!(got["to"], "\"Jürgen, QA\" <a@x.test>");
    assert_eq!(got["subject"], mail.subject.as_str());
    assert_eq!(got["id"], mail.message_id.as_str());
    assert_eq!(got["references"], json!(mail.references.join(" ")));
    assert_eq!(got["reply"], json!(mail.in_reply_to));
    assert_eq!(got["date"], "Thu, 01 Jan 1970 00:00:00 +0000");
    assert_eq!(got["auto"], "auto-generated");
    assert_eq!(got["defects"], json!([]));
    assert_eq!(got["ascii"], true);
    let body = |kind: &str| got[kind].as_str().unwrap().replace("\r\n", "\n");
    assert_eq!(body("text").trim_end(), mail.text.trim_end());
    assert_eq!(body("html").trim_end(), mail.html.as_deref().unwrap().trim_end());
    let headers: Vec<String> = serde_json::from_value(got["headers"].clone()).unwrap();
    assert!(!headers.iter().any(|name| name.eq_ignore_ascii_case("bcc")), "{headers:?}");
}

fn line(from: &mut impl BufRead) -> String {
    let mut line = String::new();
    from.take(1 << 22).read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}
