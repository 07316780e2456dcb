//! A notice in which every text that others choose is another one: how hostile texts are tried.

use serde_json::json;

use crate::contract::Notice;
use crate::digest::Row;
use crate::story;

/// The notice with this text in place of everything that an event, its sender or a configuration
/// may have brought in. What the bridge itself says (how it stands, when it was) stays.
pub fn overwritten(notice: Notice, text: &str) -> Notice {
    let some = || Some(text.to_owned());
    let link = format!("https://agnox.test/{text}");
    let body = json!({ "event": text, "summary": text, text: [text] });
    let digest = notice.digest.map(|mut digest| {
        (digest.rule, digest.by) = (text.to_owned(), some());
        digest.window = digest.window.and_then(|_| some());
        let until = digest.until.clone();
        let rows = digest.rows.into_iter().map(|row| hostile_row(row, text, &until));
        digest.rows = rows.collect();
        digest
    });
    let dead = notice.dead.map(|mut dead| {
        (dead.sink, dead.reason) = (text.to_owned(), text.to_owned());
        dead
    });
    Notice {
        event: some(),
        execution_id: some(),
        task_id: some(),
        status: some(),
        group: text.to_owned(),
        source: text.to_owned(),
        labels: notice.labels.into_keys().map(|name| (name, some())).collect(),
        summary: some(),
        link: Some(link),
        rule: some(),
        rules: vec![text.to_owned(); 3],
        previous_status: notice.previous_status.and_then(|_| some()),
        raw: body.to_string().into_bytes(),
        body,
        digest,
        dead,
        ..notice
    }
}

fn hostile_row(row: Row, text: &str, until: &str) -> Row {
    let some = || Some(text.to_owned());
    let row = Row {
        group: text.to_owned(),
        source: text.to_owned(),
        status: some(),
        summary: some(),
        link: Some(format!("https://agnox.test/{text}")),
        ..row
    };
    Row { line: story::line(&row, until), ..row }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moments::{all, moment};

    #[test]
    fn nothing_that_others_choose_is_left_and_what_it_means_stays() {
        for (name, notice) in all() {
            let said = overwritten(notice.clone(), "COO").data().to_string();
            for theirs in ["checkout-eu", "tests failed", "payments", "qa-mail", "agnox.dev"] {
                assert!(!said.contains(theirs), "{name}: {theirs} in {said}");
            }
            let stays = |one: &Notice| (one.transition.clone(), one.failing, one.incident.clone());
            assert_eq!(stays(&overwritten(notice.clone(), "COO")), stays(&notice), "{name}");
        }
        let digest = overwritten(moment("digest").unwrap(), "COO").digest.unwrap();
        assert_eq!(digest.rows[0].line, "COO: COO, 3 in a row since Fri 23:10 — COO");
    }
}
