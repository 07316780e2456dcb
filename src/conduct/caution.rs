//! What broke the rules lately, and how often.
//!
//! Whatever breaks leaves a state that is half changed, so the state is read anew and everything
//! since the last commit is done again. An event or a timer that keeps breaking must not hold up
//! the rest: after a few tries the event is put aside, and the timer waits for an hour.

use crate::model::EventSeq;

/// So often something is tried.
const TRIES: u32 = 3;

/// What broke.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Broken {
    /// Whose rules were being applied.
    pub(super) what: Suspect,
    /// The panic's words.
    pub(super) words: String,
}

/// What may break.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Suspect {
    /// An event that was to be decided.
    Event(EventSeq),
    /// A timer that was to fire, by its name.
    Timer(String),
}

/// The latest that broke. There is one at a time: everything is done in order, so nothing else is
/// reached before it has passed or was put aside.
#[derive(Debug, Default)]
pub(super) struct Caution(Option<(Broken, u32)>);

impl Caution {
    /// Remembers that something broke.
    pub(super) fn note(&mut self, broken: Broken) {
        let before = self.0.take().filter(|(before, _)| before.what == broken.what);
        let tries = before.map_or(1, |(_, tries)| tries + 1);
        self.0 = Some((broken, tries));
    }

    /// All is well again.
    pub(super) fn relax(&mut self) {
        self.0 = None;
    }

    /// The last words of an event that is not tried again.
    pub(super) fn given_up(&self, event: EventSeq) -> Option<&str> {
        self.spent().filter(|broken| broken.what == Suspect::Event(event)).map(|b| &*b.words)
    }

    /// The last words of a timer that is not tried again for now.
    pub(super) fn given_up_timer(&self, name: &str) -> Option<&str> {
        let named = |broken: &&Broken| matches!(&broken.what, Suspect::Timer(it) if it == name);
        self.spent().filter(named).map(|broken| &*broken.words)
    }

    fn spent(&self) -> Option<&Broken> {
        self.0.as_ref().filter(|(_, tries)| *tries >= TRIES).map(|(broken, _)| broken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(seq: i64) -> Broken {
        Broken { what: Suspect::Event(EventSeq(seq)), words: "by a name".to_owned() }
    }

    #[test]
    fn what_breaks_is_given_up_after_three_tries_in_a_row() {
        let mut caution = Caution::default();
        for _ in 0..2 {
            caution.note(event(7));
        }
        assert_eq!(caution.given_up(EventSeq(7)), None);
        caution.note(event(7));
        assert_eq!(caution.given_up(EventSeq(7)), Some("by a name"));
        assert_eq!(caution.given_up(EventSeq(8)), None);
        caution.note(event(8));
        assert_eq!(caution.given_up(EventSeq(8)), None, "each has its own tries");
    }

    #[test]
    fn a_timer_is_given_up_by_its_name() {
        let mut caution = Caution::default();
        for _ in 0..3 {
            let what = Suspect::Timer("collect\u{1f}a".to_owned());
            caution.note(Broken { what, words: "late".to_owned() });
        }
        assert_eq!(caution.given_up_timer("collect\u{1f}a"), Some("late"));
        assert_eq!(caution.given_up_timer("collect\u{1f}b"), None);
        caution.relax();
        assert_eq!(caution.given_up_timer("collect\u{1f}a"), None);
    }
}
