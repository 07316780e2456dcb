//! Messages that each check must refuse: one that minds nothing would show nothing.

use serde_json::{Value, json};

use crate::messages::Checked;

/// Each with what is wrong with it.
pub fn wrong() -> Vec<Checked> {
    let section = |text: &str| json!({"type": "section", "text": {"type": "mrkdwn", "text": text}});
    let card = |item: Value| {
        let content = json!({"type": "AdaptiveCard", "version": "1.4", "body": [item]});
        json!({"type": "message", "attachments": [
            {"contentType": "application/vnd.microsoft.card.adaptive", "content": content}]})
    };
    let list = vec![
        ("slack-webhook", json!({"text": "t", "blocks": [{"type": "divider", "color": "red"}]})),
        ("slack-webhook", json!({"text": "t", "blocks": [{"type": "heading"}]})),
        ("slack-post", json!({"text": "t", "blocks": [section("t")]})),
        ("slack-update", json!({"channel": "C", "text": "t"})),
        ("discord", json!({"embeds": [{"titel": "t"}]})),
        ("discord", json!({"embeds": [{"title": "t".repeat(257)}]})),
        ("discord", json!({"embeds": [{"fields": [{"name": "", "value": "v"}]}]})),
        ("discord", json!({"embeds": vec![json!({"description": "d".repeat(4000)}); 2]})),
        ("mattermost", json!({"attachments": [{"colour": "#fff"}]})),
        ("linear-create", json!({"title": "t"})),
        ("linear-update", json!({"stateId": 3})),
        ("linear-comment", json!({"text": "t"})),
        ("teams", card(json!({"type": "TextBlock", "txt": "t"}))),
        ("teams", card(json!({"type": "TextBlock", "text": "t", "size": "Huge"}))),
        ("teams", card(json!({"type": "TextBlock", "text": "t".repeat(30_000)}))),
        ("github-create", json!({"body": "b"})),
        ("github-update", json!({"state": "done"})),
        ("github-comment", json!({"text": "t"})),
        ("google-chat", json!({"cardsV2": [{"card": {"header": {"titel": "t"}}}]})),
        ("google-chat", json!({"text": 3})),
    ];
    let named = |(index, (kind, value))| Checked { name: format!("wrong {index}"), kind, value };
    list.into_iter().enumerate().map(named).collect()
}
