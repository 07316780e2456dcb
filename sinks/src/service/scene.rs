//! The scene of a message: one value with all that the service's templates ask for.

use serde_json::{Map, Value};

use super::asked::Asked;
use super::said::said_of;
use crate::contract::{Captured, Notice};
use crate::text::{cut, neutral_line};

/// The longest reason that a message gives for standing in for another, in bytes.
const WHY: usize = 300;

/// What a scene is made of.
pub(super) struct Stuff<'a> {
    pub notice: &'a Notice,
    /// What the templates of the service and of the sink ask for.
    pub asked: &'a Asked,
    /// The same of the rule's own words.
    pub words: Option<Asked>,
    /// The object `options`.
    pub options: Value,
    /// Why this message stands in for another.
    pub note: Option<&'a str>,
}

impl Stuff<'_> {
    /// The scene, with so many rows of a report. Nothing is captured in it yet.
    pub fn scene(&self, rows: usize) -> Value {
        let words = |name: &str| self.words.as_ref().is_some_and(|words| words.variable(name));
        let mut scene = self.notice.picked(&|name| self.asked.variable(name) || words(name));
        let mut said = said_of(self.notice, rows, &|name| self.asked.said(name));
        if let Some(why) = self.note {
            let why = neutral_line(why);
            let why = cut(&why, WHY);
            note(&mut said, &format!("The template failed, so this is the built-in text: {why}"));
        }
        scene.insert("said".to_owned(), said);
        scene.insert("options".to_owned(), self.options.clone());
        Value::Object(scene)
    }
}

/// Says something before everything else.
fn note(said: &mut Value, note: &str) {
    if let Some(notes) = said["notes"].as_array_mut() {
        notes.insert(0, note.into());
    }
    if let Some(text) = said["text"].as_str() {
        said["text"] = format!("{note}\n{text}").into();
    }
}

/// Puts what is known into a scene: every name is there, null where it isn't known.
pub(super) fn capture(scene: &mut Value, names: &[String], captured: &Captured) {
    let value = |name: &String| captured.get(name).cloned().unwrap_or_default();
    let all: Map<String, Value> = names.iter().map(|name| (name.clone(), value(name))).collect();
    scene["captured"] = Value::Object(all);
}

/// Puts a stand-in for what a step will capture into a scene: `‹number›`.
pub(super) fn stand_in(scene: &mut Value, names: &[String]) {
    for name in names {
        scene["captured"][name] = format!("‹{name}›").into();
    }
}
