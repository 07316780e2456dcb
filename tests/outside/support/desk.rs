//! A service that holds things: GitHub's issues and Slack's threads on one port, with the answers
//! that those give. It remembers what was opened, added and closed, and can fail in each way.

use std::io::{BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::{Value, json};

use super::place::{Got, read_request};
use super::{SOON, eventually};

/// An issue, or a message with its thread.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Thing {
    /// The repository, or the channel.
    pub place: String,
    /// The key of the request that opened it: the same for one that was repeated.
    pub key: String,
    /// Its title or text.
    pub title: String,
    /// The comments or answers.
    pub said: Vec<String>,
    /// Whether it was closed, or its thread was told of the recovery.
    pub closed: bool,
    /// Whether a person deleted it.
    pub deleted: bool,
}

/// What a request does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// It opens a thing.
    Open,
    /// It adds to one.
    Say,
    /// It closes one, or changes its first message.
    Close,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy)]
pub enum Trouble {
    /// It is not done, and answered so.
    Status(u16, &'static str),
    /// It is done, and answered with something else.
    Done(&'static str),
}

/// The running service; it ends with the test's process.
#[derive(Clone)]
pub struct Desk {
    /// Where it listens.
    pub at: SocketAddr,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    things: Vec<Thing>,
    asked: Vec<Act>,
    troubles: Vec<(Act, usize, Trouble)>,
    silent_from: Option<usize>,
}

impl Desk {
    /// Listens on a port of its own.
    pub fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let at = listener.local_addr().expect("a bound socket has an address");
        let desk = Desk { at, inner: Arc::default() };
        let serving = desk.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let desk = serving.clone();
                std::thread::spawn(move || desk.serve(stream));
            }
        });
        desk
    }

    /// A sink that opens issues here, as YAML for `sinks`.
    pub fn issues(&self, name: &str, repository: &str) -> String {
        format!(
            "  {name}:\n    github: {{token: github_pat_canary, owner: acme, repository: {repository}, url: \"http://{}\"}}\n    rate: 1000/s\n    concurrency: 4",
            self.at
        )
    }

    /// A sink that begins threads here.
    pub fn threads(&self, name: &str) -> String {
        format!(
            "  {name}:\n    slack_bot: {{token: xoxb-canary, channel: CGENERAL, api: \"http://{}/api\"}}\n    rate: 1000/s",
            self.at
        )
    }

    /// The next requests that do this, so many, go wrong.
    pub fn trouble(&self, act: Act, times: usize, trouble: Trouble) {
        self.inner().troubles.push((act, times, trouble));
    }

    /// Nothing goes wrong any more.
    pub fn mend(&self) {
        let mut inner = self.inner();
        inner.troubles.clear();
        inner.silent_from = None;
    }

    /// From the request with this number on, the first being 1, all are done and none is answered.
    pub fn fall_silent_at(&self, number: usize) {
        self.inner().silent_from = Some(number);
    }

    /// A person deletes all that is there.
    pub fn delete_all(&self) {
        self.inner().things.iter_mut().for_each(|thing| thing.deleted = true);
    }

    /// All things so far, the oldest first.
    pub fn things(&self) -> Vec<Thing> {
        self.inner().things.clone()
    }

    /// What was asked so far.
    pub fn asked(&self) -> Vec<Act> {
        self.inner().asked.clone()
    }

    /// Waits until so many requests came.
    pub fn wait_for(&self, count: usize) {
        let what = format!("{count} requests at the desk");
        eventually(&what, SOON, || (self.asked().len() >= count).then_some(()));
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("nobody panicked with it")
    }

    fn serve(&self, stream: TcpStream) -> Option<()> {
        let mut reader = BufReader::new(stream.try_clone().ok()?);
        let mut writer = stream;
        while let Some(got) = read_request(&mut reader) {
            let answer = self.inner().answer(&got);
            let Some((status, body)) = answer else {
                std::thread::sleep(Duration::from_secs(600));
                return None;
            };
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
            );
            writer.write_all((head + &body).as_bytes()).ok()?;
        }
        Some(())
    }
}

impl Inner {
    /// `None` where nothing is answered.
    fn answer(&mut self, got: &Got) -> Option<(u16, String)> {
        let body = got.json();
        let act = act(&got.what, &body);
        self.asked.push(act);
        let trouble = self.next_trouble(act);
        if let Some(Trouble::Status(status, said)) = trouble {
            return Some((status, said.to_owned()));
        }
        let key = got.header("idempotency-key").unwrap_or_default();
        let (status, answer) = match got.what.contains("/api/chat.") {
            true => (200, self.slack(act, &body, key)),
            false => self.github(act, &got.what, &body, key),
        };
        let silent = self.silent_from.is_some_and(|from| self.asked.len() >= from);
        match trouble {
            _ if silent => None,
            Some(Trouble::Done(said)) => Some((status, said.to_owned())),
            _ => Some((status, answer.to_string())),
        }
    }

    fn next_trouble(&mut self, act: Act) -> Option<Trouble> {
        let next = self.troubles.iter_mut().find(|(on, times, _)| *on == act && *times > 0)?;
        next.1 -= 1;
        Some(next.2)
    }

    fn github(&mut self, act: Act, what: &str, body: &Value, key: &str) -> (u16, Value) {
        let parts: Vec<&str> = what.split('/').collect();
        let repository = parts.get(3).copied().unwrap_or_default();
        if act == Act::Open {
            let number = self.begin(repository, key, &body["title"]);
            let link = format!("https://github.com/acme/{repository}/issues/{number}");
            return (201, json!({"number": number, "html_url": link}));
        }
        let number = parts.get(5).and_then(|number| number.parse::<usize>().ok());
        let Some(thing) = self.thing(number).filter(|thing| thing.place == repository) else {
            return (404, json!({"message": "Not Found"}));
        };
        if act == Act::Say {
            thing.said.push(text(&body["body"]));
            return (201, json!({"id": 1}));
        }
        thing.closed = body["state"] == "closed";
        (200, json!({"number": number, "state": body["state"]}))
    }

    fn slack(&mut self, act: Act, body: &Value, key: &str) -> Value {
        let channel = text(&body["channel"]);
        if act == Act::Open {
            let number = self.begin(&channel, key, &body["text"]);
            return json!({"ok": true, "channel": channel, "ts": number.to_string()});
        }
        let ts = if act == Act::Say { &body["thread_ts"] } else { &body["ts"] };
        let Some(thing) = self.thing(text(ts).parse().ok()) else {
            let error = if act == Act::Say { "thread_not_found" } else { "message_not_found" };
            return json!({"ok": false, "error": error});
        };
        if act == Act::Say {
            thing.said.push(text(&body["text"]));
        } else {
            thing.closed = text(&body["text"]).contains("RECOVERED");
        }
        json!({"ok": true, "channel": channel, "ts": "9"})
    }

    fn begin(&mut self, place: &str, key: &str, title: &Value) -> usize {
        let (place, key) = (place.to_owned(), key.to_owned());
        self.things.push(Thing { place, key, title: text(title), ..Thing::default() });
        self.things.len()
    }

    fn thing(&mut self, number: Option<usize>) -> Option<&mut Thing> {
        let thing = self.things.get_mut(number?.checked_sub(1)?)?;
        (!thing.deleted).then_some(thing)
    }
}

fn act(what: &str, body: &Value) -> Act {
    if what.starts_with("PATCH ") || what.ends_with("/api/chat.update") {
        Act::Close
    } else if what.ends_with("/comments") || !body["thread_ts"].is_null() {
        Act::Say
    } else {
        Act::Open
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
