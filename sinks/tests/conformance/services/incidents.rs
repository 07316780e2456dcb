//! How services behave that hold issues, incidents and alerts.

use serde_json::{Value, json};

use super::Behaviour;
use super::asked::{Asked, No, Reply, at_most, demand, mentions, text, there};

pub const ALL: &[Behaviour] = &[
    Behaviour { name: "github", answer: github },
    Behaviour { name: "gitlab", answer: gitlab },
    Behaviour { name: "jira", answer: jira },
    Behaviour { name: "linear", answer: linear },
    Behaviour { name: "pagerduty", answer: pagerduty },
    Behaviour { name: "opsgenie", answer: opsgenie },
    Behaviour { name: "alertmanager", answer: alertmanager },
    Behaviour { name: "grafana", answer: grafana },
];

fn github(asked: &Asked) -> Result<Reply, Reply> {
    let no = |why: &str| {
        Reply::json(422, &json!({"message": "Validation Failed", "errors": [{"message": why}]}))
    };
    demand(!asked.header("user-agent").is_empty(), || Reply::of(403, "administrative rules"))?;
    demand(asked.header("authorization").starts_with("Bearer "), || Reply::of(401, ""))?;
    let body = asked.json()?;
    demand(crate::services::asked::units(text(&body, "/title")) <= 256, || {
        no("title is too long")
    })?;
    demand(text(&body, "/body").chars().count() <= 65_536, || no("body is too long"))?;
    demand(!mentions(text(&body, "/body")), || Reply::pinged(text(&body, "/body")))?;
    match (asked.method.as_str(), asked.path.as_str()) {
        ("POST", path) if path.ends_with("/issues") => {
            there(&body, "/title", 422)?;
            Ok(Reply::json(
                201,
                &json!({"number": 1347, "html_url": "https://github.com/acme/shop/issues/1347"}),
            ))
        }
        ("POST", path) if path.ends_with("/issues/1347/comments") => {
            there(&body, "/body", 422)?;
            Ok(Reply::json(201, &json!({"id": 1})))
        }
        ("PATCH", path) if path.ends_with("/issues/1347") => {
            demand(["open", "closed"].contains(&text(&body, "/state")), || no("state"))?;
            Ok(Reply::json(200, &json!({"number": 1347, "state": "closed"})))
        }
        _ => Err(Reply::json(404, &json!({"message": "Not Found"}))),
    }
}

fn gitlab(asked: &Asked) -> Result<Reply, Reply> {
    demand(!asked.header("private-token").is_empty(), || Reply::of(401, ""))?;
    let body = asked.json()?;
    at_most(&body, "/title", 255, 400)?;
    for field in ["/description", "/body"] {
        let text = text(&body, field).replace('\r', "");
        let acts = |line: &str| {
            let word = line.strip_prefix('/').unwrap_or_default();
            word.starts_with(|c: char| c.is_ascii_alphabetic())
        };
        demand(!text.lines().any(acts), || Reply::pinged("a quick action would run"))?;
        demand(!mentions(&text), || Reply::pinged(&text))?;
    }
    demand(!mentions(text(&body, "/title")), || Reply::pinged(text(&body, "/title")))?;
    match (asked.method.as_str(), asked.path.as_str()) {
        ("POST", path) if path.ends_with("/issues") => {
            demand(path.contains("/projects/shop%2Fcheckout/"), || Reply::of(404, "Project"))?;
            there(&body, "/title", 400)?;
            Ok(Reply::json(
                201,
                &json!({"id": 84, "iid": 14, "web_url": "https://gitlab.com/x/-/issues/14"}),
            ))
        }
        ("POST", path) if path.ends_with("/issues/14/notes") => {
            there(&body, "/body", 400)?;
            Ok(Reply::json(201, &json!({"id": 302})))
        }
        ("PUT", path) if path.ends_with("/issues/14") => {
            demand(text(&body, "/state_event") == "close", || Reply::of(400, "state_event"))?;
            Ok(Reply::json(200, &json!({"iid": 14, "state": "closed"})))
        }
        _ => Err(Reply::json(404, &json!({"message": "404 Not Found"}))),
    }
}

fn jira(asked: &Asked) -> Result<Reply, Reply> {
    let no = |why: &str| Reply::json(400, &json!({"errorMessages": [why], "errors": {}}));
    demand(!asked.header("authorization").is_empty(), || Reply::of(401, ""))?;
    let body = asked.json()?;
    asked.is("POST")?;
    let wiki = |text: &str| demand(!unescaped(text, "[~"), || Reply::pinged(text));
    match asked.path.as_str() {
        path if path.ends_with("/rest/api/2/issue") => {
            let fields = &body["fields"];
            there(fields, "/project/key", 400)?;
            there(fields, "/issuetype/name", 400)?;
            there(fields, "/summary", 400)?;
            at_most(fields, "/summary", 254, 400)?;
            demand(!text(fields, "/summary").contains('\n'), || no("newline characters"))?;
            at_most(fields, "/description", 32_767, 400)?;
            for label in fields["labels"].as_array().into_iter().flatten() {
                let spaces = label.as_str().is_some_and(|label| label.contains(' '));
                demand(!spaces, || no("contains spaces which is invalid"))?;
            }
            wiki(text(fields, "/description"))?;
            Ok(Reply::json(201, &json!({"id": "10000", "key": "SHOP-24"})))
        }
        path if path.ends_with("/issue/SHOP-24/comment") => {
            there(&body, "/body", 400)?;
            at_most(&body, "/body", 32_767, 400)?;
            wiki(text(&body, "/body"))?;
            Ok(Reply::json(201, &json!({"id": "10001"})))
        }
        path if path.ends_with("/issue/SHOP-24/transitions") => {
            let id = text(&body, "/transition/id");
            demand(id.parse::<u32>().is_ok(), || no("identifier must be an integer"))?;
            Ok(Reply::of(204, ""))
        }
        _ => Err(Reply::of(404, "")),
    }
}

/// Whether a mark stands in a text without a backslash before it.
fn unescaped(text: &str, mark: &str) -> bool {
    text.match_indices(mark).any(|(at, _)| !text[..at].ends_with('\\'))
}

fn linear(asked: &Asked) -> Result<Reply, Reply> {
    let no = |code: &str, why: &str| {
        Reply::json(200, &json!({"errors": [{"message": why, "extensions": {"code": code}}]}))
    };
    asked.is("POST")?;
    let token = asked.header("authorization");
    demand(token.starts_with("lin_api_"), || no("AUTHENTICATION_ERROR", "not authenticated"))?;
    let body = asked.json()?;
    let (query, input) = (text(&body, "/query"), &body["variables"]["input"]);
    for field in ["/description", "/body"] {
        let text = text(input, field);
        demand(!text.contains("linear.app/acme/profiles"), || Reply::pinged(text))?;
    }
    if query.contains("issueCreate") {
        demand(!text(input, "/teamId").is_empty(), || no("INPUT_ERROR", "teamId"))?;
        demand(!text(input, "/title").is_empty(), || no("INPUT_ERROR", "title"))?;
        at_most(input, "/title", 255, 400)?;
        let issue = json!({"id": "a-uuid", "identifier": "ENG-123", "url": "https://linear.app/x"});
        return Ok(Reply::json(
            200,
            &json!({"data": {"issueCreate": {"success": true, "issue": issue}}}),
        ));
    }
    if query.contains("commentCreate") {
        demand(text(input, "/issueId") == "a-uuid", || {
            no("INPUT_ERROR", "Entity not found: Issue")
        })?;
        demand(!text(input, "/body").is_empty(), || no("INPUT_ERROR", "body"))?;
        return Ok(Reply::json(200, &json!({"data": {"commentCreate": {"success": true}}})));
    }
    let known = query.contains("issueUpdate") && text(&body, "/variables/id") == "a-uuid";
    demand(known, || no("GRAPHQL_VALIDATION_FAILED", "unknown"))?;
    Ok(Reply::json(200, &json!({"data": {"issueUpdate": {"success": true}}})))
}

fn pagerduty(asked: &Asked) -> Result<Reply, Reply> {
    let no = |why: &str| Reply::json(400, &json!({"status": "invalid event", "errors": [why]}));
    asked.is("POST")?;
    demand(asked.body().len() <= 512_000, || no("too large"))?;
    let event = asked.json()?;
    let key = text(&event, "/routing_key");
    demand(key.len() == 32, || no("Length of 'routing_key' is incorrect"))?;
    let dedup = text(&event, "/dedup_key");
    demand(dedup.chars().count() <= 255, || no("dedup_key"))?;
    match text(&event, "/event_action") {
        "resolve" | "acknowledge" => demand(!dedup.is_empty(), || no("dedup_key"))?,
        "trigger" => {
            demand(!text(&event, "/payload/summary").is_empty(), || no("summary"))?;
            demand(!text(&event, "/payload/source").is_empty(), || no("source"))?;
            at_most(&event, "/payload/summary", 1_024, 400)?;
            let severity = text(&event, "/payload/severity");
            let known = ["critical", "error", "warning", "info"].contains(&severity);
            demand(known, || no("severity"))?;
            for link in event["links"].as_array().into_iter().flatten() {
                demand(text(link, "/href").starts_with("http"), || no("links"))?;
            }
        }
        _ => return Err(no("event_action")),
    }
    Ok(Reply::json(202, &json!({"status": "success", "dedup_key": dedup})))
}

fn opsgenie(asked: &Asked) -> Result<Reply, Reply> {
    let no = |why: &str| Reply::json(422, &json!({"message": why, "took": 0.0}));
    asked.is("POST")?;
    demand(asked.header("authorization").starts_with("GenieKey "), || Reply::of(401, ""))?;
    let alert = asked.json()?;
    let alias = asked.query("identifierType") == Some("alias");
    if asked.path.ends_with("/notes") || asked.path.ends_with("/close") {
        demand(alias, || no("identifierType"))?;
        at_most(&alert, "/note", 25_000, 422)?;
    } else {
        there(&alert, "/message", 422)?;
        for (field, most) in [
            ("/message", 130),
            ("/alias", 512),
            ("/description", 15_000),
            ("/entity", 512),
            ("/source", 100),
        ] {
            at_most(&alert, field, most, 422)?;
        }
        let details: usize = super::asked::texts(&alert["details"])
            .iter()
            .map(|(_, text)| text.chars().count())
            .sum();
        demand(details <= 8_000, || no("details"))?;
        let tags = alert["tags"].as_array().map_or(0, Vec::len);
        demand(tags <= 20, || no("tags"))?;
        let priority = text(&alert, "/priority");
        demand(["", "P1", "P2", "P3", "P4", "P5"].contains(&priority), || no("priority"))?;
    }
    Ok(Reply::json(202, &json!({"result": "Request will be processed", "requestId": "43a29c5c"})))
}

fn alertmanager(asked: &Asked) -> Result<Reply, Reply> {
    let no = |why: String| Reply::json(400, &Value::String(why));
    asked.is("POST")?;
    let alerts = asked.json()?;
    let Some(alerts) = alerts.as_array() else { return Err(no("not a list".into())) };
    for alert in alerts {
        for name in ["labels", "annotations"] {
            let labels = alert[name].as_object().cloned().unwrap_or_default();
            for (label, value) in &labels {
                let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
                let named =
                    label.chars().all(plain) && !label.starts_with(|c: char| c.is_ascii_digit());
                demand(named && value.is_string(), || no(format!("label {label}")))?;
            }
        }
        let (starts, ends) = (text(alert, "/startsAt"), text(alert, "/endsAt"));
        let time = |text: &str| text.parse::<jiff::Timestamp>().ok();
        demand(starts.is_empty() || time(starts).is_some(), || Reply::of(422, "startsAt"))?;
        demand(ends.is_empty() || time(ends).is_some(), || Reply::of(422, "endsAt"))?;
        let before = time(starts).zip(time(ends)).is_some_and(|(starts, ends)| ends < starts);
        demand(!before, || no("start time must be before end time".into()))?;
        let url = alert.get("generatorURL").map(|url| url.as_str().unwrap_or_default());
        demand(url.is_none_or(|url| url.starts_with("http")), || Reply::of(422, "generatorURL"))?;
    }
    Ok(Reply::of(200, ""))
}

fn grafana(asked: &Asked) -> Result<Reply, Reply> {
    let no = |why: &str| Reply::json(400, &json!({"message": why}));
    demand(asked.header("authorization").starts_with("Bearer "), || Reply::of(401, ""))?;
    let body = asked.json()?;
    let tags = body["tags"].to_string();
    demand(tags.len() <= 500 || body["tags"].is_null(), || no("tags length"))?;
    grafana_times(&body)?;
    match (asked.method.as_str(), asked.path.as_str()) {
        ("POST", path) if path.ends_with("/api/annotations") => {
            demand(!text(&body, "/text").is_empty(), || no("text should not be empty"))?;
            Ok(Reply::json(200, &json!({"message": "Annotation added", "id": 1})))
        }
        ("PATCH", path) if path.ends_with("/api/annotations/1") => {
            Ok(Reply::json(200, &json!({"message": "Annotation patched"})))
        }
        _ => Err(Reply::json(404, &json!({"message": "Not found"}))),
    }
}

fn grafana_times(body: &Value) -> No {
    for name in ["time", "timeEnd"] {
        let time = &body[name];
        let milliseconds = time.as_i64().is_none_or(|time| time > 1_000_000_000_000);
        let whole = time.is_null() || time.is_i64();
        demand(milliseconds && whole, || Reply::json(400, &json!({"message": name})))?;
    }
    Ok(())
}
