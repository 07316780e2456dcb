//! Playing an example: the service's own sink, built, asked to render and to send, over a client
//! that is given its answers. What comes out is what a real far side would have seen.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::FutureExt;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::body;
use super::mismatch::Mismatch;
use crate::client::{Client, Prepared, Script};
use crate::contract::{Attempt, Failure, Notice, Receipt, Sink};
use crate::kind::Surroundings;
use crate::message::{Message, Request};
use crate::moments;
use crate::service::form::{Answered, Example, Reply};
use crate::service::{Compiled, Service, texts};
use crate::template::{Names, RenderError, Template, Templates};

/// When examples take place: a second after the sample's run has finished.
const NOW: i64 = 1_773_489_601;

/// Plays the examples of one service.
pub(super) struct Stagehand<'a> {
    pub(super) service: &'a Service,
    templates: Templates,
    compiled: Compiled,
}

/// What came of an example.
pub(super) struct Played {
    /// The message, as it is shown before it goes out.
    pub(super) message: Message,
    /// What went out, in order.
    pub(super) asked: Vec<Request>,
    /// What the last answer meant.
    pub(super) outcome: Outcome,
    /// The options that are secret.
    pub(super) secrets: Vec<String>,
}

/// What goes out where a template fails.
type Otherwise = dyn Fn(&dyn Sink, &Notice, &RenderError) -> Result<Message, Mismatch>;

/// What came of a try.
pub(super) type Outcome = Result<Receipt, Failure>;

impl<'a> Stagehand<'a> {
    /// For one service. Its templates know every label that the file names or an example has.
    pub(super) fn new(service: &'a Service) -> Self {
        let notices = service.form().examples.iter().filter_map(|example| notice(example).ok());
        let mut labels: BTreeSet<String> = notices.flat_map(|one| one.labels.into_keys()).collect();
        for (_, text) in texts::of_form(service.form()) {
            labels.extend(texts::below(text, "labels").into_iter().map(str::to_owned));
        }
        let names = Names { labels: labels.into_iter().collect() };
        let templates = Templates::new(names, TimeZone::UTC);
        Stagehand { service, templates, compiled: Compiled::default() }
    }

    /// Plays an example to its end, as its own answers lead it.
    pub(super) fn play(&self, example: &Example) -> Result<Played, Mismatch> {
        let answers = example.requests.iter().map(|request| prepared(request.answer.as_ref()));
        self.perform(example, notice(example)?, Script::new(answers), &broken)
    }

    /// Plays an example with this text in place of all that others choose.
    pub(super) fn overwritten(&self, example: &Example, text: &str) -> Result<Played, Mismatch> {
        let answers = example.requests.iter().map(|request| prepared(request.answer.as_ref()));
        let notice = moments::overwritten(notice(example)?, text);
        self.perform(example, notice, Script::new(answers), &|sink, notice, error| {
            Ok(sink.minimal(notice, &error.0))
        })
    }

    /// What it means that the last request is answered so.
    pub(super) fn answered(
        &self,
        example: &Example,
        answered: &Answered,
    ) -> Result<Outcome, Mismatch> {
        let Some((_, earlier)) = example.requests.split_last() else {
            return Err(Mismatch::new("", "nothing goes out, so nothing is answered"));
        };
        let last = Reply {
            status: answered.status,
            headers: answered.headers.clone(),
            json: answered.json.clone(),
            text: answered.text.clone(),
        };
        let earlier = earlier.iter().map(|request| prepared(request.answer.as_ref()));
        let script = Script::new(earlier.chain([prepared(Some(&last))]));
        self.perform(example, notice(example)?, script, &broken).map(|played| played.outcome)
    }

    fn perform(
        &self,
        example: &Example,
        notice: Notice,
        script: Script,
        otherwise: &Otherwise,
    ) -> Result<Played, Mismatch> {
        let words = self.words(example)?;
        let form = self.service.form();
        let options = form.read_options(example.options.clone());
        let options = options.map_err(|error| Mismatch::of(error, "options"))?;
        let client = Client::scripted(script.clone());
        let around = Surroundings::new("example", &self.templates, &client, &self.compiled);
        let built = self.service.build(example.options.clone(), &around);
        let sink = built.map_err(|error| Mismatch::of(error, "options"))?.sink;
        let message = sink
            .render(&notice, words.as_ref())
            .or_else(|error| otherwise(&*sink, &notice, &error))?;
        let attempt = attempt(&notice);
        let outcome = sink.send(&message, &attempt).now_or_never().ok_or_else(|| {
            Mismatch::new("", "the sink waits for something, though every answer is there")
        })?;
        let secrets = options.secrets().map(str::to_owned).collect();
        Ok(Played { message, asked: script.asked(), outcome, secrets })
    }

    fn words(&self, example: &Example) -> Result<Option<Template>, Mismatch> {
        let Some(text) = &example.words else { return Ok(None) };
        let Some(escape) = self.service.form().words() else {
            let wrong = "the service takes no words of a rule: it says `words` nowhere";
            return Err(Mismatch::new("words", wrong));
        };
        let words = self.templates.compile(text, escape);
        words.map(Some).map_err(|error| Mismatch::new("words", error.to_string()))
    }
}

/// In an example a template may not fail.
fn broken(_: &dyn Sink, _: &Notice, error: &RenderError) -> Result<Message, Mismatch> {
    Err(Mismatch::new("", format!("the message can't be made: {error}")))
}

fn notice(example: &Example) -> Result<Notice, Mismatch> {
    let mut notice =
        moments::read(&example.notice).map_err(|error| Mismatch::of(error, "notice"))?;
    notice.with.extend(example.with.iter().map(|(name, text)| (name.to_owned(), text.clone())));
    notice.held = example.captured.as_ref().map(|captured| {
        captured.iter().map(|(name, value)| (name.to_owned(), value.clone())).collect()
    });
    Ok(notice)
}

fn attempt(notice: &Notice) -> Attempt {
    Attempt {
        delivery_id: notice.delivery_id.clone(),
        number: 1,
        at: Timestamp::from_second(NOW).unwrap_or_default(),
        deadline: Duration::from_secs(10),
        progress: None,
    }
}

fn prepared(reply: Option<&Reply>) -> Prepared {
    let Some(reply) = reply else { return Prepared { status: 200, ..Prepared::default() } };
    let headers = reply.headers.iter().map(|(name, value)| (name.to_owned(), value.clone()));
    Prepared {
        status: reply.status.unwrap_or(200),
        headers: headers.collect(),
        body: body::written(reply.json.as_ref(), reply.text.as_deref()),
    }
}
