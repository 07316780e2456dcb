//! A path into the body: `stats.failed`, `tags[0]`, `["a.b"].c`.

use serde_json::Value;

/// Where to look in a body.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BodyPath(Vec<Step>);

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Key(String),
    Index(usize),
}

impl BodyPath {
    /// Reads a path.
    ///
    /// # Errors
    /// With a sentence that says what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<BodyPath, String> {
        let mut steps = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (step, after) = match rest.strip_prefix('[') {
                Some(inner) => bracket(inner)?,
                None => key(rest)?,
            };
            steps.push(step);
            rest = separated(after)?;
        }
        if steps.is_empty() { Err("the path is empty".into()) } else { Ok(BodyPath(steps)) }
    }

    /// What stands there, if the path leads anywhere.
    pub(super) fn get<'v>(&self, body: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(body, |value, step| match step {
            Step::Key(key) => value.get(key.as_str()),
            Step::Index(index) => value.get(index),
        })
    }
}

/// Reads a key up to the next dot or bracket.
fn key(text: &str) -> Result<(Step, &str), String> {
    let end = text.find(['.', '[']).unwrap_or(text.len());
    if end == 0 {
        return Err("a name is missing before or after a `.`".into());
    }
    Ok((Step::Key(text[..end].to_owned()), &text[end..]))
}

/// Reads what follows a `[`: a number, or a name in double quotes.
fn bracket(text: &str) -> Result<(Step, &str), String> {
    if let Some(quoted) = text.strip_prefix('"') {
        let (name, after) = quoted.split_once("\"]").ok_or("a `[\"` has no `\"]`")?;
        return Ok((Step::Key(name.to_owned()), after));
    }
    let (number, after) = text.split_once(']').ok_or("a `[` has no `]`")?;
    let index = number.parse().map_err(|_| {
        format!("`[{number}]` is no place in a list; write [0] for the first, [\"name\"] for a key")
    })?;
    Ok((Step::Index(index), after))
}

/// Takes the dot that stands before a further key.
fn separated(after: &str) -> Result<&str, String> {
    match after.strip_prefix('.') {
        Some("") => Err("the path ends with a `.`".into()),
        Some(rest) => Ok(rest),
        None if after.is_empty() || after.starts_with('[') => Ok(after),
        None => Err("a `]` is followed by neither `.` nor `[`".into()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_leads_through_objects_and_lists() {
        let body = json!({"a": {"b": [1, {"c.d": 2}]}, "": 3});
        let at = |path: &str| BodyPath::parse(path).unwrap().get(&body).cloned();
        assert_eq!(at("a.b[0]"), Some(json!(1)));
        assert_eq!(at("a.b[1][\"c.d\"]"), Some(json!(2)));
        assert_eq!(at("[\"a\"].b[0]"), Some(json!(1)));
        assert_eq!(at("[\"\"]"), Some(json!(3)));
        assert_eq!(at("a.x.y"), None);
        assert_eq!(at("a[0]"), None);
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for path in ["", ".a", "a.", "a..b", "a[", "a[x]", "a[-1]", "a[0]b", "[\"a", "a.[0]x"] {
            assert!(BodyPath::parse(path).is_err(), "{path}");
        }
    }
}
