//! What Slack's short answers mean, in words for a person.
//!
//! The client has judged the status code already; the body's word says more, and sometimes says
//! that it is somebody else's trouble: a channel that this message alone asked for.

use crate::contract::{Failure, Fault, Receipt};

/// What a word in an answer means: the word, whose trouble it is, what to do.
const WORDS: &[(&str, Fault, &str)] = &[
    (
        "invalid_payload",
        Fault::Refused,
        "it can't read the message; check own `blocks` in Slack's Block Kit Builder",
    ),
    (
        "invalid_blocks",
        Fault::Refused,
        "it can't read the blocks; check them in Slack's Block Kit Builder",
    ),
    ("invalid_attachments", Fault::Refused, "it can't read the attachments"),
    ("no_text", Fault::Refused, "the message has no text"),
    ("user_not_found", Fault::Refused, "there is no such user"),
    (
        "no_service",
        Fault::Suspended,
        "the webhook was removed or switched off; make a new one and set `url`",
    ),
    (
        "no_active_hooks",
        Fault::Suspended,
        "the webhook is switched off; switch it on or make a new one",
    ),
    ("no_team", Fault::Suspended, "the workspace is gone; check `url`"),
    ("invalid_token", Fault::Suspended, "the webhook's key is wrong; check `url`"),
    ("action_prohibited", Fault::Suspended, "an administrator forbids this webhook to post there"),
    (
        "posting_to_general_channel_denied",
        Fault::Suspended,
        "only administrators may post to this channel",
    ),
    (
        "channel_not_found",
        Fault::Suspended,
        "the channel doesn't exist, or the webhook may not see it",
    ),
    (
        "channel_is_archived",
        Fault::Suspended,
        "the channel is archived; unarchive it or choose another",
    ),
    ("rollup_error", Fault::Unavailable { retry_after: None }, "it has trouble of its own"),
];

/// The failure with what the answer's word means; `chosen` says that the message itself chose its
/// channel, so that the channel is this message's trouble and not the sink's.
pub(super) fn explained(failure: Failure, chosen: bool) -> Failure {
    let Some(excerpt) = &failure.excerpt else { return failure };
    let Some((word, fault, meaning)) = WORDS.iter().find(|(word, ..)| excerpt.contains(word))
    else {
        return failure;
    };
    let fault = if chosen && word.starts_with("channel_") { Fault::Refused } else { *fault };
    let fault = match (fault, failure.fault) {
        // How long to wait is only in the header, which the client has read.
        (Fault::Unavailable { .. }, known @ Fault::Unavailable { .. }) => known,
        (fault, _) => fault,
    };
    let reason = format!("{}; it says `{word}`: {meaning}", failure.reason);
    Failure { fault, reason, ..failure }
}

/// Some servers say with a 200 that they took nothing.
pub(super) fn honest(receipt: Receipt) -> Result<Receipt, Failure> {
    let excerpt = receipt.excerpt.as_deref().unwrap_or_default();
    let answer: serde_json::Value = serde_json::from_str(excerpt).unwrap_or_default();
    if answer["ok"] != false && answer["success"] != false {
        return Ok(receipt);
    }
    Err(Failure {
        status: receipt.status,
        excerpt: receipt.excerpt.clone(),
        ..Failure::new(Fault::Refused, "the server answered that it did not take the message")
    })
}
