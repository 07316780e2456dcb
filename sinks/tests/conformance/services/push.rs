//! How services behave that push to phones.

use serde_json::{Value, json};

use super::Behaviour;
use super::asked::{Asked, Reply, demand, text, there, units};

pub const ALL: &[Behaviour] = &[
    Behaviour { name: "ntfy", answer: ntfy },
    Behaviour { name: "gotify", answer: gotify },
    Behaviour { name: "pushover", answer: pushover },
];

fn ntfy(asked: &Asked) -> Result<Reply, Reply> {
    let no = |code: u32| Reply::json(400, &json!({"code": code, "http": 400, "error": "no"}));
    demand(matches!(asked.method.as_str(), "POST" | "PUT"), || no(40000))?;
    let message = asked.json().map_err(|_| no(40024))?;
    there(&message, "/topic", 400)?;
    demand(text(&message, "/message").len() <= 4_096, || no(40014))?;
    demand(text(&message, "/title").len() <= 1_024, || no(40000))?;
    let priority = &message["priority"];
    demand(priority.is_null() || priority.as_i64().is_some_and(|p| (1..=5).contains(&p)), || {
        no(40007)
    })?;
    let click = message.get("click").map(|click| click.as_str().unwrap_or_default());
    demand(click.is_none_or(|click| click.starts_with("http")), || no(40000))?;
    Ok(Reply::json(200, &json!({"id": "hwQ2YpKdmg", "event": "message"})))
}

fn gotify(asked: &Asked) -> Result<Reply, Reply> {
    asked.is("POST")?;
    let message = asked.json()?;
    there(&message, "/message", 400)?;
    demand(message["priority"].is_i64() || message["priority"].is_null(), || {
        Reply::of(400, "priority")
    })?;
    Ok(Reply::json(200, &json!({"id": 25})))
}

fn pushover(asked: &Asked) -> Result<Reply, Reply> {
    let no = |why: &str| Reply::json(400, &json!({"status": 0, "errors": [why]}));
    asked.is("POST")?;
    let form = match asked.json() {
        Ok(value) => value,
        Err(_) => Value::Object(
            asked.form()?.into_iter().map(|(name, value)| (name, value.into())).collect(),
        ),
    };
    there(&form, "/token", 400)?;
    there(&form, "/user", 400)?;
    demand(!text(&form, "/message").trim().is_empty(), || no("message cannot be blank"))?;
    demand(units(text(&form, "/message")) <= 1_024, || no("message is too long"))?;
    demand(units(text(&form, "/title")) <= 250, || no("title is too long"))?;
    demand(units(text(&form, "/url")) <= 512, || no("url is too long"))?;
    demand(units(text(&form, "/url_title")) <= 100, || no("url_title is too long"))?;
    Ok(Reply::json(200, &json!({"status": 1, "request": "647d2300"})))
}
