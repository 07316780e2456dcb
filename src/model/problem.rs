//! Something wrong with the configuration, said by the room that reads that part of it.

/// What is wrong, where, and what to do. The configuration turns the path into file and line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The item, as a path from the top: `rules[3].when.duration`.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it, such as the nearest known name.
    pub hint: Option<String>,
}

impl Problem {
    /// A problem without a hint.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Problem { path: path.into(), message: message.into(), hint: None }
    }

    /// The same with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same with the nearest known name as its hint, or with all of them where they are few.
    #[must_use]
    pub fn nearest<'n>(mut self, name: &str, known: impl Iterator<Item = &'n str> + Clone) -> Self {
        self.hint = nearest(name, known);
        self
    }
}

/// What to say to who wrote a name that isn't known.
pub fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str> + Clone) -> Option<String> {
    if let Some(best) = likest(name, known.clone(), 0.7) {
        return Some(format!("did you mean `{best}`?"));
    }
    let all: Vec<&str> = known.collect();
    match all.len() {
        0 => Some("there are none".to_owned()),
        1..=12 => Some(format!("there are: {}", all.join(", "))),
        _ => None,
    }
}

/// The name that is most like one that isn't known, if it is so like it (0 to 1).
pub fn likest<'n>(
    name: &str,
    known: impl Iterator<Item = &'n str>,
    at_least: f64,
) -> Option<&'n str> {
    let scored = known.map(|other| (strsim::jaro_winkler(name, other), other));
    let (likeness, best) = scored.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    (likeness >= at_least).then_some(best)
}
