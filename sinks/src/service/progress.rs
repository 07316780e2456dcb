//! How far the steps of a message came: what a failed try leaves for the next one, also over a
//! restart.

use serde::{Deserialize, Serialize};

use super::stage::Stage;
use crate::contract::Captured;

/// How far the steps of one stage came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Which stage.
    pub stage: Stage,
    /// So many of its steps are done.
    pub done: usize,
    /// What is known of the thing that is held, with what these steps captured.
    #[serde(default)]
    pub captured: Captured,
    /// Whether one of these steps was more than a question.
    #[serde(default)]
    pub told: bool,
}

impl Progress {
    /// Nothing is done yet.
    pub fn new(stage: Stage, captured: Captured) -> Self {
        Progress { stage, done: 0, captured, told: false }
    }

    /// What an earlier try left; `None` where there was none, or nobody can read it any more.
    pub fn read(text: Option<&str>) -> Option<Self> {
        serde_json::from_str(text?).ok()
    }

    /// For the next try; `None` where it begins anew.
    pub fn written(&self) -> Option<String> {
        let begun = self.done > 0;
        begun.then(|| serde_json::to_string(self).expect("plain data with texts as field names"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn progress_comes_back_as_it_was_left() {
        let captured = Captured::from([("number".to_owned(), json!(7))]);
        let progress = Progress { done: 1, told: true, ..Progress::new(Stage::Open, captured) };
        let text = progress.written().unwrap();
        assert_eq!(text, r#"{"stage":"open","done":1,"captured":{"number":7},"told":true}"#);
        assert_eq!(Progress::read(Some(&text)), Some(progress));
    }

    #[test]
    fn who_has_done_nothing_leaves_nothing_and_junk_is_nothing() {
        assert_eq!(Progress::new(Stage::Send, Captured::new()).written(), None);
        for junk in [None, Some(""), Some("a@b.c"), Some(r#"{"stage":"fly","done":1}"#)] {
            assert_eq!(Progress::read(junk), None);
        }
    }
}
