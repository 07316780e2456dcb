//! The scene of a message: one value with all that the service's templates ask for.

use serde_json::{Map, Value};

use super::asked::Asked;
use super::said::said_of;
use crate::contract::{Captured, Notice};
use crate::text::short_line;

/// The longest reason that a message gives for standing in for another, in bytes.
const WHY: usize = 300;

/// What a scene is made of.
pub(super) struct Stuff<'a> {
    pub notice: &'a Notice,
    /// What the templates of the service and of the sink ask for.
    pub asked: &'a Asked,
    /// The same of the rule's own words.
    pub words: Option<Asked>,
    /// Why this message stands in for another.
    pub note: Option<&'a str>,
}

impl Stuff<'_> {
    /// The scene with the object `options`. Nothing is said or captured in it yet.
    pub fn scene(&self, options: Value) -> Value {
        let words = self.words.as_ref().map(|words| words.variables).unwrap_or_default();
        let mut scene = self.notice.picked(self.asked.variables.and(words));
        scene.insert("options".to_owned(), options);
        Value::Object(scene)
    }

    /// The object `said`, with so many rows of a report.
    pub fn said(&self, rows: usize) -> Value {
        let mut said = said_of(self.notice, rows, &|name| self.asked.said(name));
        if let Some(why) = self.note {
            let why = short_line(why, WHY);
            note(&mut said, &format!("The template failed, so this is the built-in text: {why}"));
        }
        said
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
