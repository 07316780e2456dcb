//! A mail as bytes on the wire.
//!
//! Bodies are always quoted-printable: in a `7bit` body, a lone carriage return can smuggle the
//! end of the mail past the dot-stuffing (`\r.\r\n`). Control characters are taken out, headers
//! hold one line each. The server's part in this is [`super::wire`]'s.

use std::time::SystemTime;

use jiff::Timestamp;
use lettre::Message;
use lettre::message::header::{
    ContentTransferEncoding, ContentType, Header, HeaderName, HeaderValue,
};
use lettre::message::{Mailbox, MultiPart, SinglePart};

use super::address::mailbox;
use crate::facts;
use crate::message::Mail;

/// The mail's bytes, lines ended by CRLF, before dot-stuffing. Only those recipients stand in the
/// headers that `keep` wants.
///
/// # Errors
/// A sentence, if an address or a header can't be written.
pub(super) fn bytes(
    mail: &Mail,
    at: Timestamp,
    keep: impl Fn(&Mailbox) -> bool,
) -> Result<Vec<u8>, String> {
    let mut builder = Message::builder()
        .from(mailbox(&mail.from)?)
        .subject(facts::line(&mail.subject, usize::MAX))
        .date(SystemTime::from(at))
        .message_id(Some(mail.message_id.clone()))
        .header(AutoSubmitted);
    for to in boxes(&mail.to, &keep)? {
        builder = builder.to(to);
    }
    for cc in boxes(&mail.cc, &keep)? {
        builder = builder.cc(cc);
    }
    for reply_to in boxes(mail.reply_to.as_slice(), &keep)? {
        builder = builder.reply_to(reply_to);
    }
    if !mail.references.is_empty() {
        builder = builder.references(mail.references.join(" "));
    }
    if let Some(answered) = &mail.in_reply_to {
        builder = builder.in_reply_to(answered.clone());
    }
    let text = part(ContentType::TEXT_PLAIN, &mail.text);
    let message = match &mail.html {
        Some(html) => builder.multipart(
            MultiPart::alternative()
                .singlepart(text)
                .singlepart(part(ContentType::TEXT_HTML, html)),
        ),
        None => builder.singlepart(text),
    };
    message.map(|message| message.formatted()).map_err(|e| e.to_string())
}

fn boxes(texts: &[String], keep: impl Fn(&Mailbox) -> bool) -> Result<Vec<Mailbox>, String> {
    let mut list = Vec::new();
    for text in texts {
        list.push(mailbox(text)?);
    }
    list.retain(keep);
    Ok(list)
}

fn part(kind: ContentType, text: &str) -> SinglePart {
    SinglePart::builder()
        .header(kind)
        .header(ContentTransferEncoding::QuotedPrintable)
        .body(facts::lines(text).into_owned())
}

/// Keeps holiday notices from answering (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(AutoSubmitted)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
