//! The course of a service's message: which steps of which stage it goes through, and the scene
//! that later steps are rendered with when earlier ones were answered.
//!
//! It goes with the message from rendering to sending, and nobody else looks into it.

use std::fmt;

use serde_json::Value;

use super::progress::Progress;
use super::scene::stand_in;
use super::stage::Stage;
use crate::contract::Holding;
use crate::secret::Redactor;
use crate::template::Template;

/// What a service needs to go through its steps.
#[derive(Clone)]
pub struct Course {
    /// Where it begins.
    pub(super) start: Progress,
    /// The steps that are left, in the order of the message's.
    pub(super) planned: Vec<Planned>,
    pub(super) scene: Value,
    /// The rule's own template.
    pub(super) words: Option<Template>,
    /// The most that any printed value may take.
    pub(super) most: usize,
    /// Whether the person's own templates are left out.
    pub(super) bare: bool,
    pub(super) secrets: Redactor,
}

/// A step that is left to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Planned {
    /// Which of its stage.
    pub step: usize,
    /// Whether its request can only be known when an earlier one was answered.
    pub waits: bool,
}

impl Course {
    /// What is held after it, where all goes well.
    pub(crate) fn supposed(&self) -> Option<Holding> {
        match self.start.stage {
            Stage::Open => {
                let mut scene = self.scene.clone();
                let captured = scene["captured"].as_object();
                let names: Vec<String> =
                    captured.into_iter().flat_map(|all| all.keys().cloned()).collect();
                stand_in(&mut scene, &names);
                let captured = serde_json::from_value(scene["captured"].take());
                Some(Holding::Open(captured.unwrap_or_default()))
            }
            Stage::Resolve => Some(Holding::Closed),
            Stage::Send | Stage::Update => None,
        }
    }

    /// A text of the message as it may be shown.
    pub(crate) fn shown(&self, text: &str) -> String {
        match self.planned.is_empty() {
            true => format!("(nothing is sent: {})\n", self.start.stage.idle()),
            false => self.secrets.cover(text),
        }
    }
}

impl PartialEq for Course {
    fn eq(&self, other: &Self) -> bool {
        self.start == other.start
            && self.planned == other.planned
            && self.scene == other.scene
            && self.most == other.most
            && self.bare == other.bare
    }
}

impl fmt::Debug for Course {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Course({}, {:?})", self.start.stage.name(), self.planned)
    }
}
