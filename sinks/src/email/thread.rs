//! Which conversation a mail joins: its own id, and the ids that it refers to.
//!
//! All of them are derived from what the notice holds, so that a mail about a recovery finds the
//! mail that it answers by that delivery's id alone, after a restart and years later.

use sha2::{Digest, Sha256};

use crate::contract::Notice;
use crate::{facts, report};

/// A delivery's `Message-ID`. The same over all attempts, so that a mail that arrived twice can be
/// known as one.
pub(super) fn message_id(delivery_id: &str, domain: &str) -> String {
    format!("<{}.agnox-bridge@{domain}>", plain(delivery_id))
}

/// The mail that this one answers; else the conversation's root.
pub(super) fn in_reply_to(notice: &Notice, domain: &str) -> Option<String> {
    answered(notice, domain).or_else(|| root(notice, domain))
}

/// The conversation's root and the mail that this one answers.
pub(super) fn references(notice: &Notice, domain: &str) -> Vec<String> {
    root(notice, domain).into_iter().chain(answered(notice, domain)).collect()
}

fn answered(notice: &Notice, domain: &str) -> Option<String> {
    notice.answers.first().map(|delivery| message_id(delivery, domain))
}

/// What all mails of an incident refer to; without one, those of a group, source and sink. No mail
/// has this id; mail programs thread by it all the same. Reports and runs without a group have
/// nothing in common.
fn root(notice: &Notice, domain: &str) -> Option<String> {
    if let Some(incident) = &notice.incident {
        return Some(format!("<{}.incident.agnox-bridge@{domain}>", plain(incident)));
    }
    if notice.group == facts::UNGROUPED || report::of(notice).is_some() {
        return None;
    }
    let mut hash = Sha256::new();
    for part in [&notice.source, &notice.group, &notice.sink] {
        hash.update(part.len().to_be_bytes());
        hash.update(part.as_bytes());
    }
    let root = hex::encode(&hash.finalize()[..16]);
    Some(format!("<{root}.thread.agnox-bridge@{domain}>"))
}

/// The characters of an id that a header can hold.
fn plain(id: &str) -> String {
    id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(64).collect()
}
