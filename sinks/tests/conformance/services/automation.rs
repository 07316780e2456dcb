//! How services behave that take events, and those that begin a workflow.

use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use standardwebhooks::Webhook;

use super::Behaviour;
use super::asked::{Asked, Reply, at_most, demand, mentions, text, there};

/// What the file's own example is signed with.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

pub const ALL: &[Behaviour] = &[
    Behaviour { name: "datadog", answer: datadog },
    Behaviour { name: "apprise", answer: apprise },
    Behaviour { name: "zapier", answer: zapier },
    Behaviour { name: "n8n", answer: n8n },
    Behaviour { name: "standard_webhooks", answer: standard_webhooks },
];

fn datadog(asked: &Asked) -> Result<Reply, Reply> {
    let no = |why: &str| Reply::json(400, &json!({"errors": [why]}));
    asked.is("POST")?;
    demand(!asked.header("dd-api-key").is_empty(), || Reply::of(403, "Forbidden"))?;
    let event = asked.json()?;
    there(&event, "/title", 400)?;
    there(&event, "/text", 400)?;
    let body = text(&event, "/text");
    demand(body.chars().count() <= 4_000, || no("text"))?;
    demand(!body.starts_with("%%%") || body.trim_end().ends_with("\n %%%"), || no("%%%"))?;
    demand(body.matches("%%%").count() <= 2, || no("the block of Markdown ends early"))?;
    at_most(&event, "/aggregation_key", 100, 400)?;
    let kind = text(&event, "/alert_type");
    demand(["error", "warning", "info", "success"].contains(&kind), || no("alert_type"))?;
    for field in ["/title", "/text"] {
        demand(!mentions(text(&event, field)), || Reply::pinged(field))?;
    }
    Ok(Reply::json(202, &json!({"status": "ok", "event": {"id": 1}})))
}

fn apprise(asked: &Asked) -> Result<Reply, Reply> {
    let no = |why: &str| Reply::json(400, &json!({"error": why}));
    asked.is("POST")?;
    demand(asked.path.starts_with("/notify/"), || Reply::of(404, ""))?;
    let message = asked.json()?;
    there(&message, "/body", 400)?;
    at_most(&message, "/title", 250, 400)?;
    at_most(&message, "/body", 32_768, 400)?;
    let kind = text(&message, "/type");
    demand(["info", "success", "warning", "failure"].contains(&kind), || no("type"))?;
    let format = text(&message, "/format");
    demand(["", "text", "markdown", "html"].contains(&format), || no("format"))?;
    for field in ["/title", "/body"] {
        demand(!mentions(text(&message, field)), || Reply::pinged(field))?;
    }
    Ok(Reply::json(200, &json!({"error": null, "details": []})))
}

fn zapier(asked: &Asked) -> Result<Reply, Reply> {
    asked.is("POST")?;
    demand(asked.body().len() <= 10_000_000, || Reply::of(413, ""))?;
    let fields = asked.json()?;
    demand(fields.is_object(), || Reply::of(400, "a list starts the Zap once for each item"))?;
    Ok(Reply::json(200, &json!({"status": "success", "id": "1"})))
}

fn n8n(asked: &Asked) -> Result<Reply, Reply> {
    asked.is("POST")?;
    demand(asked.body().len() <= 16_000_000, || Reply::of(413, ""))?;
    asked.json()?;
    Ok(Reply::json(200, &json!({"message": "Workflow was started"})))
}

fn standard_webhooks(asked: &Asked) -> Result<Reply, Reply> {
    asked.is("POST")?;
    let key = Webhook::new(SECRET).map_err(|_| Reply::of(500, "no key"))?;
    let mut headers = HeaderMap::new();
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        let value = asked.header(name).parse().map_err(|_| Reply::of(401, name))?;
        headers.insert(name, value);
    }
    let verified = key.verify(asked.body(), &headers);
    verified.map_err(|error| Reply::of(401, error.to_string()))?;
    let event: Value = asked.json()?;
    there(&event, "/type", 422)?;
    there(&event, "/timestamp", 422)?;
    demand(event["data"].is_object(), || Reply::of(422, "data"))?;
    Ok(Reply::of(204, ""))
}
