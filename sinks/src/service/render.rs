//! From a notice to a service's message: the stage, the scene, and the requests of the steps that
//! are left, made to fit.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::asked::Asked;
use super::course::{Course, Planned};
use super::progress::Progress;
use super::scene::{Stuff, capture, stand_in};
use super::sink::{NONE, ServiceSink};
use super::stage::Stage;
use super::step::Step;
use crate::contract::Notice;
use crate::message::{self, Message};
use crate::template::{Filling, RenderError, Template};

/// Where a whole is too large, no value is longer than this, then than half of it, and so on.
const FIRST: usize = 4096;
/// So often.
const HALVES: usize = 5;
/// Keys and names of channels are not longer than this, and are never cut.
pub(super) const LAST: usize = 64;

/// One notice that a sink tells of.
pub(super) struct Telling<'a> {
    sink: &'a ServiceSink,
    notice: &'a Notice,
    words: Option<&'a Template>,
    /// Why it stands in for another message; then without the person's own templates.
    note: Option<&'a str>,
    start: Progress,
}

/// How much room a message has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Room {
    /// The most that any printed value may take.
    most: usize,
    /// The most rows of a report.
    rows: usize,
}

/// The requests of a message, and which steps they are.
#[derive(Default)]
struct Rendered {
    steps: Vec<message::Step>,
    planned: Vec<Planned>,
    /// The largest body.
    largest: usize,
}

impl<'a> Telling<'a> {
    /// A notice, with the rule's own words or with a note that says why it has none.
    pub fn new(
        sink: &'a ServiceSink,
        notice: &'a Notice,
        words: Option<&'a Template>,
        note: Option<&'a str>,
    ) -> Self {
        Telling { sink, notice, words, note, start: start(sink, notice) }
    }

    /// The message.
    ///
    /// # Errors
    /// If a template fails.
    pub fn message(&self) -> Result<Message, RenderError> {
        let stuff = self.stuff();
        let rooms = rooms(self.sink.program.whole, self.sink.program.rows, self.notice);
        let mut scene = stuff.scene(self.options()?);
        let mut of_rows = None;
        for (place, room) in rooms.iter().enumerate() {
            if of_rows != Some(room.rows) {
                scene["said"] = stuff.said(room.rows);
                of_rows = Some(room.rows);
            }
            let rendered = self.steps(&mut scene, room.most)?;
            let fits = self.sink.program.whole.is_none_or(|whole| rendered.largest <= whole);
            if fits || place + 1 == rooms.len() {
                return Ok(self.concluded(rendered, scene, room.most));
            }
        }
        Err(RenderError("there is no room for a message".to_owned()))
    }

    fn stuff(&self) -> Stuff<'a> {
        Stuff {
            notice: self.notice,
            asked: &self.sink.asked,
            words: self.words.map(Asked::of_words),
            note: self.note,
        }
    }

    fn options(&self) -> Result<Value, RenderError> {
        let options = self.sink.options.for_notice(&self.notice.with);
        // What a rule asked for may be what failed; the sink's own options stand in for it.
        let mut options = match self.note {
            Some(_) => options.or_else(|_| self.sink.options.for_notice(&BTreeMap::new()))?,
            None => options?,
        };
        if self.note.is_some() {
            let own = &self.sink.own;
            own.templates
                .keys()
                .chain(own.trees.keys())
                .for_each(|name| options[name] = Value::Null);
        }
        Ok(options)
    }

    fn filling<'f>(&'f self, scene: &'f Value, most: usize) -> Filling<'f> {
        let own = if self.note.is_some() { &NONE } else { &self.sink.own };
        Filling {
            data: scene,
            words: self.words,
            templates: &own.templates,
            trees: &own.trees,
            most,
        }
    }

    /// The steps that are left. What they will capture stands in the later ones as `‹name›`.
    fn steps(&self, scene: &mut Value, most: usize) -> Result<Rendered, RenderError> {
        let program = &self.sink.program;
        capture(scene, &program.captured, &self.start.captured);
        let mut rendered = Rendered::default();
        let mut to_come: Vec<&String> = Vec::new();
        let steps = program.steps(self.start.stage).iter().enumerate();
        for (number, step) in steps.skip(self.start.done) {
            let waits = step.asks.iter().any(|name| to_come.contains(&name));
            let request = self.request(step, &self.filling(scene, most));
            let shown = match request {
                Ok(None) => continue,
                Ok(Some(request)) => {
                    rendered.largest = rendered.largest.max(request.body.len());
                    message::Step::Http(request)
                }
                // What its template makes of the real value is not known yet.
                Err(RenderError(why)) if waits => message::Step::Print(format!("({why})")),
                Err(why) => return Err(why),
            };
            rendered.steps.push(shown);
            rendered.planned.push(Planned { step: number, waits });
            to_come.extend(&step.captured);
            stand_in(scene, &step.captured);
        }
        Ok(rendered)
    }

    fn request(
        &self,
        step: &Step,
        filling: &Filling<'_>,
    ) -> Result<Option<message::Request>, RenderError> {
        if !step.applies(filling)? {
            return Ok(None);
        }
        let secrets: Vec<&str> = self.sink.options.secrets().collect();
        step.request(filling, secrets.iter().copied()).map(Some)
    }

    fn concluded(&self, rendered: Rendered, mut scene: Value, most: usize) -> Message {
        capture(&mut scene, &self.sink.program.captured, &self.start.captured);
        let course = Course {
            start: self.start.clone(),
            planned: rendered.planned,
            scene,
            words: self.words.cloned(),
            most,
            bare: self.note.is_some(),
            secrets: self.sink.redactor().clone(),
        };
        Message { steps: rendered.steps, fallback: None, course: Some(Arc::new(course)) }
    }
}

/// Where the message begins: where an earlier try stopped, or at the stage that the notice belongs
/// to.
fn start(sink: &ServiceSink, notice: &Notice) -> Progress {
    let program = &sink.program;
    let left = Progress::read(notice.progress.as_deref());
    if let Some(left) = left.filter(|left| left.done <= program.steps(left.stage).len()) {
        return left;
    }
    // What was opened by another file of the service may lack what this one needs.
    let held = notice.held.as_ref().filter(|held| program.is_enough(held));
    let stage = Stage::of(notice, program.holds, held.is_some());
    Progress::new(stage, held.cloned().unwrap_or_default())
}

/// What is tried until the whole fits: all of it, then shorter and shorter values, then fewer and
/// fewer rows.
fn rooms(whole: Option<usize>, rows: usize, notice: &Notice) -> Vec<Room> {
    let mut rooms = vec![Room { most: usize::MAX, rows }];
    let Some(whole) = whole else { return rooms };
    let mut room = Room { most: FIRST.min(whole / 2), rows };
    for half in 0..HALVES {
        room.most = (room.most >> half.min(1)).max(LAST);
        rooms.push(room);
    }
    let shown = notice.digest.as_ref().map_or(0, |digest| digest.rows.len());
    room.rows = rows.min(shown);
    while room.rows > 1 {
        room.rows /= 2;
        rooms.push(room);
    }
    rooms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::{Digest, Row};
    use crate::variables::sample;

    #[test]
    fn values_give_way_first_and_rows_after_them() {
        let rows = vec![Row::default(); 12];
        let notice =
            Notice { digest: Some(Box::new(Digest { rows, ..Digest::default() })), ..sample() };
        let all = rooms(Some(20_000), 30, &notice);
        let most: Vec<usize> = all.iter().map(|room| room.most).collect();
        assert_eq!(most, [usize::MAX, 4096, 2048, 1024, 512, 256, 256, 256, 256]);
        let rows: Vec<usize> = all.iter().map(|room| room.rows).collect();
        assert_eq!(rows, [30, 30, 30, 30, 30, 30, 6, 3, 1]);
        assert_eq!(rooms(None, 30, &notice).len(), 1);
        assert_eq!(rooms(Some(1000), 30, &sample()).last().unwrap().most, LAST);
    }
}
