//! The notice of an example: a moment's name, or a map that is like one and says what differs.

use serde_json::{Map, Value};

use super::moment;
use crate::contract::Notice;
use crate::kind::BuildError;
use crate::options::read as deserialize;
use crate::story;
use crate::template::nearest;
use crate::variables::VARIABLES;

/// Reads what an example says after `notice:`: `failed`, or `{like: failed, group: a}`. Of `digest`
/// and `dead` a map may name some fields only; all else that it names is taken whole. `test: true`
/// makes it a message that a person sends by hand.
///
/// # Errors
/// If there is no such moment or variable, or a value is of the wrong type; at its path.
pub fn read(written: &Value) -> Result<Notice, BuildError> {
    match written {
        Value::String(name) => known(name, ""),
        Value::Object(fields) => altered(fields),
        _ => Err(BuildError::new("", "a notice is a moment's name, or a map with `like: name`")),
    }
}

fn known(name: &str, path: &str) -> Result<Notice, BuildError> {
    moment(name).ok_or_else(|| {
        let error = BuildError::new(path, format!("there is no moment `{name}`"));
        match nearest(name, super::names()) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => {
                let names: Vec<&str> = super::names().collect();
                error.hint(format!("there are {}", names.join(", ")))
            }
        }
    })
}

fn altered(fields: &Map<String, Value>) -> Result<Notice, BuildError> {
    let Some(like) = fields.get("like").and_then(Value::as_str) else {
        let error = BuildError::new("", "the map doesn't say which moment it is like");
        return Err(error.hint("such as `{like: failed, group: a}`"));
    };
    let base = known(like, "like")?;
    let mut data = base.data();
    for (name, value) in fields.iter().filter(|(name, _)| !matches!(name.as_str(), "like" | "test"))
    {
        let Some(place) = data.get_mut(name) else { return Err(unknown(name)) };
        match (name.as_str(), place.as_object_mut(), value) {
            ("digest" | "dead", Some(known), Value::Object(own)) => known.extend(own.clone()),
            _ => *place = value.clone(),
        }
    }
    let test = flag(fields)?;
    let body = fields.get("body").map(|body| body.to_string().into_bytes());
    let mut notice: Notice = deserialize(data)?;
    retell(&mut notice);
    Ok(Notice { raw: body.unwrap_or(base.raw), answers: base.answers, test, ..notice })
}

fn flag(fields: &Map<String, Value>) -> Result<bool, BuildError> {
    match fields.get("test") {
        None => Ok(false),
        Some(test) => {
            test.as_bool().ok_or_else(|| BuildError::new("test", "expected true or false"))
        }
    }
}

/// A row that says no line of its own says what such a row says.
fn retell(notice: &mut Notice) {
    let Some(digest) = &mut notice.digest else { return };
    for row in digest.rows.iter_mut().filter(|row| row.line.is_empty()) {
        row.line = story::line(row, &digest.until);
    }
}

fn unknown(name: &str) -> BuildError {
    let error = BuildError::new(name, format!("there is no variable `{name}`"));
    let names = VARIABLES.iter().map(|variable| variable.name).filter(|name| !name.contains('.'));
    match nearest(name, names) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint("an example may set the variables of templates, and `test: true`"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_moment_survives_being_written_and_read() {
        for name in super::super::names() {
            let alike = read(&json!({ "like": name })).unwrap();
            let (read, moment) = (alike.data(), moment(name).unwrap());
            assert_eq!(read, moment.data(), "{name}");
            assert_eq!((alike.raw, alike.answers), (moment.raw, moment.answers), "{name}");
        }
    }

    #[test]
    fn a_map_says_what_differs() {
        let notice = read(&json!({"like": "failed", "group": "a", "labels": {"team": "web"},
            "body": {"n": 1}, "test": true}));
        let notice = notice.unwrap();
        assert_eq!((notice.group.as_str(), notice.test), ("a", true));
        assert_eq!(notice.labels.len(), 1);
        assert_eq!(notice.raw, br#"{"n":1}"#);
        let digest = read(&json!({"like": "digest", "digest": {"rows": [{"group": "b"}]}}));
        let digest = digest.unwrap().digest.unwrap();
        assert_eq!((digest.rule.as_str(), digest.rows.len()), ("morning report", 1));
        assert_eq!(digest.rows[0].line, "b: no status");
    }

    #[test]
    fn what_is_not_known_is_refused_with_the_nearest() {
        let error = |written| {
            let error = read(&written).unwrap_err();
            (error.path, error.hint.unwrap_or(error.message))
        };
        let near = |name: &str| format!("did you mean `{name}`?");
        assert_eq!(error(json!("faild")), (String::new(), near("failed")));
        assert_eq!(error(json!({"like": "digst"})), ("like".into(), near("digest")));
        assert_eq!(error(json!({"like": "failed", "grup": 1})), ("grup".into(), near("group")));
        assert_eq!(error(json!({"like": "failed", "group": 1})).0, "group");
        let inner = error(json!({"like": "digest", "digest": {"rows": [{"grop": "b"}]}}));
        assert_eq!(inner, ("digest.rows[0].grop".into(), near("group")));
        assert!(error(json!({"group": "a"})).1.contains("like: failed"));
    }
}
