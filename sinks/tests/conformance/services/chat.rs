//! How chat services behave.

use serde_json::{Value, json};

use super::Behaviour;
use super::asked::{Asked, No, Reply, at_most, demand, mentions, text, texts, there, units};

pub const ALL: &[Behaviour] = &[
    Behaviour { name: "slack", answer: slack },
    Behaviour { name: "slack_bot", answer: slack_bot },
    Behaviour { name: "mattermost", answer: mattermost },
    Behaviour { name: "rocketchat", answer: rocketchat },
    Behaviour { name: "discord", answer: discord },
    Behaviour { name: "teams", answer: teams },
    Behaviour { name: "google_chat", answer: google_chat },
    Behaviour { name: "telegram", answer: telegram },
    Behaviour { name: "matrix", answer: matrix },
    Behaviour { name: "webex", answer: webex },
    Behaviour { name: "zulip", answer: zulip },
];

/// Fields that hold an address or a name, and in which nothing is looked for.
const PLAIN: [&str; 7] =
    ["url", "title_link", "channel", "username", "icon_emoji", "alias", "emoji"];

fn slack(asked: &Asked) -> Result<Reply, Reply> {
    asked.is("POST")?;
    let message = asked.json().map_err(|_| Reply::of(400, "invalid_payload"))?;
    slack_message(&message).map_err(|no| match no.status {
        418 => no,
        _ => Reply::of(400, "invalid_blocks"),
    })?;
    Ok(Reply::of(200, "ok"))
}

fn slack_bot(asked: &Asked) -> Result<Reply, Reply> {
    asked.is("POST")?;
    let fails = |word: &str| Reply::json(200, &json!({"ok": false, "error": word}));
    demand(asked.header("authorization").starts_with("Bearer "), || fails("not_authed"))?;
    let message = asked.json().map_err(|_| fails("invalid_json"))?;
    there(&message, "/channel", 400).map_err(|_| fails("channel_not_found"))?;
    slack_message(&message).map_err(|no| match no.status {
        418 => no,
        _ => fails("invalid_blocks"),
    })?;
    let update = asked.path.ends_with("/chat.update");
    demand(!update || text(&message, "/ts") == "1503435956.000247", || fails("message_not_found"))?;
    demand(!update || text(&message, "/parse") == "none", || Reply::pinged("parse is client"))?;
    let thread = text(&message, "/thread_ts");
    demand(thread.is_empty() || thread == "1503435956.000247", || fails("thread_not_found"))?;
    Ok(Reply::json(200, &json!({"ok": true, "channel": "C1H9RESGL", "ts": "1503435956.000247"})))
}

/// Slack's Block Kit and attachments, as far as they are limited.
fn slack_message(message: &Value) -> No {
    let no = |why: String| Reply::of(400, why);
    at_most(message, "/text", 40_000, 400)?;
    let attachments = message["attachments"].as_array().cloned().unwrap_or_default();
    let blocks = message["blocks"].as_array().cloned().unwrap_or_default();
    let something = !text(message, "/text").is_empty() || !blocks.is_empty();
    demand(something || !attachments.is_empty(), || no("no_text".into()))?;
    slack_blocks(&blocks)?;
    for bar in &attachments {
        let inner = bar["blocks"].as_array().cloned().unwrap_or_default();
        slack_blocks(&inner)?;
        let color = text(bar, "/color");
        let is_color = color.len() == 7 && color.starts_with('#');
        demand(is_color || matches!(color, "" | "good" | "warning" | "danger"), || {
            no(color.into())
        })?;
        let keys = bar.as_object().into_iter().flatten().map(|(key, _)| key.as_str());
        let beside = keys.filter(|key| !matches!(*key, "color" | "fallback" | "blocks")).count();
        demand(inner.is_empty() || beside == 0, || no("fields beside blocks".into()))?;
    }
    let markup = texts(message);
    for (name, text) in markup.iter().filter(|(name, _)| !PLAIN.contains(&name.as_str())) {
        let pings = ["<!channel", "<!here", "<!everyone", "<@", "<!subteam"];
        demand(!pings.iter().any(|ping| text.contains(ping)), || Reply::pinged(name))?;
    }
    Ok(())
}

fn slack_blocks(blocks: &[Value]) -> No {
    let no = |why: &str| Reply::of(400, why);
    demand(blocks.len() <= 50, || no("too many blocks"))?;
    let mut whole = 0;
    for block in blocks {
        let kind = text(block, "/type");
        let longest = if kind == "header" { 150 } else { 3_000 };
        if matches!(kind, "section" | "header") && block["fields"].is_null() {
            there(block, "/text/text", 400)?;
        }
        at_most(block, "/text/text", longest, 400)?;
        let elements = block["elements"].as_array().cloned().unwrap_or_default();
        demand(elements.len() <= if kind == "context" { 10 } else { 25 }, || no("elements"))?;
        for element in &elements {
            match text(element, "/type") {
                "button" => {
                    at_most(element, "/text/text", 75, 400)?;
                    at_most(element, "/url", 3_000, 400)?;
                }
                _ => there(element, "/text", 400)?,
            }
        }
        let fields = block["fields"].as_array().cloned().unwrap_or_default();
        demand(fields.len() <= 10, || no("fields"))?;
        for field in &fields {
            there(field, "/text", 400)?;
            at_most(field, "/text", 2_000, 400)?;
        }
        whole += texts(block).iter().map(|(_, text)| units(text)).sum::<usize>();
    }
    demand(whole <= 13_000, || no("msg_blocks_too_long"))
}

fn mattermost(asked: &Asked) -> Result<Reply, Reply> {
    asked.is("POST")?;
    let message = asked.json()?;
    at_most(&message, "/text", 16_383, 400)?;
    for (name, text) in texts(&message) {
        demand(!text.contains('\0'), || Reply::of(500, "NUL"))?;
        if !PLAIN.contains(&name.as_str()) {
            demand(!mentions(&text), || Reply::pinged(&text))?;
            demand(!text.contains("<!") && !text.contains("<@"), || Reply::pinged(&text))?;
        }
    }
    for bar in message["attachments"].as_array().into_iter().flatten() {
        let link = text(bar, "/title_link");
        demand(link.is_empty() || !text(bar, "/title").is_empty(), || Reply::of(400, "title"))?;
        demand(link.is_empty() || link.starts_with("http"), || Reply::of(400, "title_link"))?;
        at_most(bar, "/text", 16_383, 400)?;
    }
    Ok(Reply::of(200, "ok"))
}

fn rocketchat(asked: &Asked) -> Result<Reply, Reply> {
    asked.is("POST")?;
    let message = asked.json()?;
    at_most(&message, "/text", 5_000, 400)?;
    for bar in message["attachments"].as_array().into_iter().flatten() {
        for field in bar["fields"].as_array().into_iter().flatten() {
            there(field, "/title", 400)?;
            there(field, "/value", 400)?;
        }
        let link = bar.get("title_link").map(|link| link.as_str().unwrap_or_default());
        demand(link.is_none_or(|link| link.starts_with("http")), || Reply::of(400, "title_link"))?;
    }
    for (name, text) in texts(&message) {
        let plain = PLAIN.contains(&name.as_str());
        demand(plain || !mentions(&text), || Reply::pinged(&text))?;
    }
    Ok(Reply::json(200, &json!({"success": true})))
}

fn discord(asked: &Asked) -> Result<Reply, Reply> {
    let no = |why: &str| Reply::json(400, &json!({"code": 50035, "message": why}));
    demand(matches!(asked.method.as_str(), "POST" | "PATCH"), || no("method"))?;
    demand(asked.method == "PATCH" || asked.query("wait") == Some("true"), || no("wait"))?;
    let message = asked.json()?;
    demand(message["allowed_mentions"] == json!({"parse": []}), || Reply::pinged("all"))?;
    at_most(&message, "/content", 2_000, 400)?;
    let embeds = message["embeds"].as_array().cloned().unwrap_or_default();
    let empty = text(&message, "/content").is_empty() && embeds.is_empty();
    demand(!empty && embeds.len() <= 10, || no("embeds"))?;
    let mut whole = 0;
    for embed in &embeds {
        at_most(embed, "/title", 256, 400)?;
        at_most(embed, "/description", 4_096, 400)?;
        at_most(embed, "/footer/text", 2_048, 400)?;
        demand(embed["color"].as_u64().is_none_or(|color| color <= 0xff_ffff), || no("color"))?;
        demand(embed["color"].is_null() || embed["color"].is_u64(), || no("color"))?;
        let fields = embed["fields"].as_array().cloned().unwrap_or_default();
        demand(fields.len() <= 25, || no("fields"))?;
        for field in &fields {
            there(field, "/name", 400)?;
            there(field, "/value", 400)?;
            at_most(field, "/name", 256, 400)?;
            at_most(field, "/value", 1_024, 400)?;
            whole += units(text(field, "/name")) + units(text(field, "/value"));
        }
        for part in ["/title", "/description", "/footer/text", "/author/name"] {
            whole += units(text(embed, part));
        }
        let link = embed.get("url").map(|link| link.as_str().unwrap_or_default());
        demand(link.is_none_or(|link| link.starts_with("http")), || no("url"))?;
    }
    demand(whole <= 6_000, || no("embeds are longer than 6000"))?;
    Ok(Reply::json(200, &json!({"id": "1099", "channel_id": "1098"})))
}

fn teams(asked: &Asked) -> Result<Reply, Reply> {
    asked.is("POST")?;
    demand(asked.body().len() <= 20_000, || Reply::of(413, "too large"))?;
    let message = asked.json()?;
    demand(text(&message, "/type") == "message", || Reply::of(400, "type"))?;
    let kind = text(&message, "/attachments/0/contentType");
    demand(kind == "application/vnd.microsoft.card.adaptive", || Reply::of(400, "contentType"))?;
    let card = &message["attachments"][0]["content"];
    demand(text(card, "/type") == "AdaptiveCard", || Reply::of(400, "no card"))?;
    let version = text(card, "/version");
    demand(["1.2", "1.3", "1.4", "1.5"].contains(&version), || Reply::of(400, "version"))?;
    for action in card["actions"].as_array().into_iter().flatten() {
        demand(text(action, "/url").starts_with("http"), || Reply::of(400, "action"))?;
    }
    demand(card.pointer("/msteams/entities").is_none(), || Reply::pinged("entities"))?;
    Ok(Reply::of(202, ""))
}

fn google_chat(asked: &Asked) -> Result<Reply, Reply> {
    asked.is("POST")?;
    demand(asked.body().len() <= 32_000, || Reply::of(400, "too large"))?;
    let message = asked.json()?;
    let something = !text(&message, "/text").is_empty() || message["cardsV2"].is_array();
    demand(something, || Reply::of(400, "empty"))?;
    let plain = text(&message, "/text");
    demand(!plain.contains("<users/"), || Reply::pinged(plain))?;
    Ok(Reply::json(
        200,
        &json!({"name": "spaces/AAA/messages/BBB.CCC", "thread": {"name": "spaces/AAA/threads/DDD"}}),
    ))
}

fn telegram(asked: &Asked) -> Result<Reply, Reply> {
    let no =
        |why: &str| Reply::json(400, &json!({"ok": false, "error_code": 400, "description": why}));
    asked.is("POST")?;
    demand(asked.path.starts_with("/bot"), || Reply::of(404, "no bot"))?;
    let message = asked.json()?;
    let chat = &message["chat_id"];
    demand(chat.is_i64() || chat.as_str().is_some_and(|id| !id.is_empty()), || {
        no("chat not found")
    })?;
    let body = text(&message, "/text");
    demand(text(&message, "/parse_mode") == "HTML", || no("parse_mode"))?;
    let shown = shown_of_html(body).ok_or_else(|| no("can't parse entities"))?;
    demand(!shown.trim().is_empty(), || no("message text is empty"))?;
    demand(units(&shown) <= 4_096, || no("message is too long"))?;
    demand(!mentions(&shown), || Reply::pinged(&shown))?;
    Ok(Reply::json(200, &json!({"ok": true, "result": {"message_id": 7}})))
}

/// What a reader sees of Telegram's HTML; `None` where a tag is unknown, unclosed or crossed.
fn shown_of_html(html: &str) -> Option<String> {
    let (mut shown, mut open, mut rest) = (String::new(), Vec::new(), html);
    while let Some(at) = rest.find(['<', '&']) {
        shown.push_str(&rest[..at]);
        let end = rest[at..].find(if rest[at..].starts_with('<') { '>' } else { ';' })? + at;
        let inside = &rest[at + 1..end];
        if rest[at..].starts_with('&') {
            let known = [("lt", '<'), ("gt", '>'), ("amp", '&'), ("quot", '"')];
            let found = known.iter().find(|(name, _)| *name == inside).map(|(_, c)| *c);
            shown.push(found.or(inside.starts_with('#').then_some('?'))?);
        } else if let Some(name) = inside.strip_prefix('/') {
            (open.pop()? == name).then_some(())?;
        } else {
            let name = inside.split(' ').next()?;
            ["b", "i", "u", "s", "a", "code", "pre", "blockquote", "tg-spoiler"]
                .contains(&name)
                .then_some(())?;
            open.push(name);
        }
        rest = &rest[end + 1..];
    }
    shown.push_str(rest);
    open.is_empty().then_some(shown)
}

fn matrix(asked: &Asked) -> Result<Reply, Reply> {
    let no = |code: &str| Reply::json(400, &json!({"errcode": code, "error": "no"}));
    asked.is("PUT")?;
    demand(asked.body().len() <= 60_000, || Reply::json(413, &json!({"errcode": "M_TOO_LARGE"})))?;
    demand(asked.header("authorization").starts_with("Bearer "), || no("M_MISSING_TOKEN"))?;
    demand(asked.path.starts_with("/_matrix/client/v3/rooms/"), || no("M_UNRECOGNIZED"))?;
    let message = asked.json()?;
    there(&message, "/body", 400)?;
    there(&message, "/msgtype", 400)?;
    demand(!has_float(&message), || no("M_BAD_JSON"))?;
    let answers = message.get("m.relates_to").is_some();
    let root = text(&message, "/m.relates_to/event_id");
    demand(!answers || root == "$first", || no("M_UNKNOWN"))?;
    demand(message["m.mentions"] == json!({}), || Reply::pinged("no m.mentions"))?;
    Ok(Reply::json(200, &json!({"event_id": "$first"})))
}

fn has_float(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(items) => items.iter().any(has_float),
        Value::Object(fields) => fields.values().any(has_float),
        _ => false,
    }
}

fn webex(asked: &Asked) -> Result<Reply, Reply> {
    let no = |why: &str| Reply::json(400, &json!({"message": why}));
    asked.is("POST")?;
    let message = asked.json()?;
    there(&message, "/roomId", 400)?;
    let markdown = text(&message, "/markdown");
    demand(markdown.len() <= 7_439, || no("markdown is too long"))?;
    let something = !markdown.is_empty() || !text(&message, "/text").is_empty();
    demand(something || message["attachments"].is_array(), || no("empty"))?;
    let pings = markdown.match_indices("<@").any(|(at, mark)| {
        markdown[at + mark.len()..].starts_with(|c: char| c.is_ascii_alphabetic())
    });
    demand(!pings, || Reply::pinged(markdown))?;
    Ok(Reply::json(200, &json!({"id": "Y2lzY29zcGFyazovL3Vz"})))
}

fn zulip(asked: &Asked) -> Result<Reply, Reply> {
    let no = |code: &str| Reply::json(400, &json!({"result": "error", "code": code, "msg": code}));
    asked.is("POST")?;
    demand(asked.header("authorization").starts_with("Basic "), || no("UNAUTHORIZED"))?;
    let form = asked.form()?;
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map_or("", |(_, v)| v);
    demand(["stream", "channel"].contains(&field("type")), || no("BAD_REQUEST"))?;
    demand(!field("to").is_empty(), || no("STREAM_DOES_NOT_EXIST"))?;
    demand(!field("topic").is_empty() && field("topic").chars().count() <= 60, || no("topic"))?;
    let content = field("content");
    demand(!content.trim().is_empty() && content.chars().count() <= 10_000, || no("content"))?;
    demand(!content.contains("@**") && !content.contains("@*"), || Reply::pinged(content))?;
    Ok(Reply::json(200, &json!({"result": "success", "msg": "", "id": 42})))
}
