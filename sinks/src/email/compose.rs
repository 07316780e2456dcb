//! From a notice to a mail: who gets it, what it is called, what it says, which thread it joins.
//!
//! Pure: the same notice gives the same mail. The words come from the rule, else from the sink's
//! own templates, else from [`super::plain`] and [`super::html`]. How the mail is encoded is
//! [`super::mime`]'s, how it is sent [`super::send`]'s.

use lettre::message::Mailbox;
use serde_json::Value;

use super::address::{mailbox, mailboxes};
use super::options::Addresses;
use super::{html, plain, thread};
use crate::contract::Notice;
use crate::message::Mail;
use crate::template::{RenderError, Template};
use crate::{facts, report, summary};

/// The longest subject, in characters.
const SUBJECT: usize = 200;

/// Everything that composing a mail needs beside the notice.
pub(super) struct Composer {
    pub addresses: Addresses,
    pub subject: Option<Template>,
    pub text: Option<Template>,
    pub html: Option<Template>,
}

impl Composer {
    /// The mail about this notice.
    ///
    /// # Errors
    /// If a template fails, or a `with:` parameter isn't an address.
    pub(super) fn mail(
        &self,
        notice: &Notice,
        words: Option<&Template>,
    ) -> Result<Mail, RenderError> {
        let data = notice.data();
        let (text, html) = self.parts(notice, words, &data)?;
        let mut mail = self.frame(notice, self.subject(notice, &data)?);
        self.readdress(&mut mail, notice)?;
        Ok(Mail { text, html: Some(html), ..mail })
    }

    /// The mail that no template can break: the plain facts, and why it looks like this.
    pub(super) fn minimal(&self, notice: &Notice, why: &str) -> Mail {
        let mut mail = self.frame(notice, default_subject(notice));
        // A rule's own recipients still hold where they can be read.
        if let Ok(to) = recipients(notice, "to") {
            mail.to = to.unwrap_or(mail.to);
        }
        let text = format!("{}\n\n({})\n", plain::text(notice), facts::line(why, 500));
        Mail { text, html: None, ..mail }
    }

    fn parts(
        &self,
        notice: &Notice,
        words: Option<&Template>,
        data: &Value,
    ) -> Result<(String, String), RenderError> {
        if let Some(words) = words {
            let text = words.text(data)?;
            return Ok((text.clone(), html::with_words(notice, &text)));
        }
        let text = self.text.as_ref().map(|template| template.text(data)).transpose()?;
        let html = match (&self.html, &text) {
            (Some(template), _) => template.text(data)?,
            (None, Some(text)) => html::with_words(notice, text),
            (None, None) => html::standard(notice),
        };
        Ok((text.unwrap_or_else(|| plain::text(notice)), html))
    }

    fn subject(&self, notice: &Notice, data: &Value) -> Result<String, RenderError> {
        let subject = match (notice.with.get("subject"), &self.subject) {
            (Some(subject), _) => subject.clone(),
            (None, Some(template)) => template.text(data)?,
            (None, None) => default_subject(notice),
        };
        Ok(facts::line(&subject, SUBJECT))
    }

    fn frame(&self, notice: &Notice, subject: String) -> Mail {
        let domain = self.addresses.from.email.domain();
        Mail {
            from: self.addresses.from.to_string(),
            to: texts(&self.addresses.to),
            cc: texts(&self.addresses.cc),
            reply_to: self.addresses.reply_to.as_ref().map(Mailbox::to_string),
            subject,
            text: String::new(),
            html: None,
            message_id: thread::message_id(&notice.delivery_id, domain),
            in_reply_to: thread::in_reply_to(notice, domain),
            references: thread::references(notice, domain),
        }
    }

    fn readdress(&self, mail: &mut Mail, notice: &Notice) -> Result<(), RenderError> {
        if let Some(to) = recipients(notice, "to")? {
            mail.to = to;
        }
        if let Some(cc) = recipients(notice, "cc")? {
            mail.cc = cc;
        }
        if let Some(text) = notice.with.get("reply_to") {
            let reply_to = mailbox(text).map_err(|e| RenderError(format!("with.reply_to: {e}")))?;
            mail.reply_to = Some(reply_to.to_string());
        }
        Ok(())
    }
}

fn recipients(notice: &Notice, parameter: &str) -> Result<Option<Vec<String>>, RenderError> {
    let Some(text) = notice.with.get(parameter) else { return Ok(None) };
    match mailboxes(text) {
        Ok(list) => Ok(Some(texts(&list))),
        Err(e) => Err(RenderError(format!("with.{parameter}: {e}"))),
    }
}

fn texts(list: &[Mailbox]) -> Vec<String> {
    list.iter().map(Mailbox::to_string).collect()
}

/// The same for all mails of a conversation: Gmail and Outlook end one where it changes. A mail
/// that belongs to none says its news in the subject.
fn default_subject(notice: &Notice) -> String {
    let subject = match report::of(notice) {
        Some(digest) => report::headline(digest),
        None if notice.group == facts::UNGROUPED => summary::headline(notice),
        None => format!("[Agnox] {}", facts::group(notice)),
    };
    facts::line(&subject, SUBJECT)
}
