//! Who has the mail, who doesn't yet, and who never will: kept from one try to the next.
//!
//! A mail to several people may reach some of them only. What is known of each is written into
//! [`Failure::progress`](crate::contract::Failure::progress), so that a later try, also one after a
//! restart, sends nothing to those who have it. This file knows no server.

use std::collections::{BTreeMap, BTreeSet};

use lettre::message::Mailbox;
use serde::{Deserialize, Serialize};

use super::address::mailbox;
use super::wire::Reply;
use crate::contract::{Failure, Fault};
use crate::message::Mail;

/// What is known of each recipient, by bare address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tally {
    /// Has the mail.
    has: BTreeSet<String>,
    /// Will not get it, and the server's words.
    refused: BTreeMap<String, String>,
    /// Is put off for now, and the server's words. Starts empty at every try.
    #[serde(skip)]
    deferred: BTreeMap<String, String>,
}

impl Tally {
    /// What an earlier try left; nothing known if there was none, or if it can't be read.
    pub(super) fn resumed(progress: Option<&str>) -> Self {
        progress.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    /// Who is still to be told, each once.
    ///
    /// Where all others were refused earlier, somebody asked for this try by hand: they get
    /// another chance.
    ///
    /// # Errors
    /// If an address can't be read.
    pub(super) fn pending(&mut self, mail: &Mail) -> Result<Vec<Mailbox>, String> {
        let mut everyone: Vec<Mailbox> = Vec::new();
        for text in mail.to.iter().chain(&mail.cc) {
            let one = mailbox(text)?;
            if !everyone.iter().any(|other| other.email == one.email) {
                everyone.push(one);
            }
        }
        everyone.retain(|one| !self.has.contains(&one.email.to_string()));
        let settled = |one: &Mailbox| self.refused.contains_key(&one.email.to_string());
        match everyone.iter().all(settled) {
            true => self.refused.clear(),
            false => everyone.retain(|one| !settled(one)),
        }
        Ok(everyone)
    }

    /// These have the mail.
    pub(super) fn took(&mut self, who: &[Mailbox]) {
        self.has.extend(who.iter().map(|one| one.email.to_string()));
    }

    /// This one is put off or refused, by the reply's first digit.
    pub(super) fn turned_away(&mut self, who: &Mailbox, reply: &Reply, words: String) {
        let list = if reply.is_for_ever() { &mut self.refused } else { &mut self.deferred };
        list.insert(who.email.to_string(), words);
    }

    /// This one can't be written to through this server.
    pub(super) fn impossible(&mut self, who: &Mailbox, why: &str) {
        self.refused.insert(who.email.to_string(), why.to_owned());
    }

    /// For [`Failure::progress`]: nothing if nothing is known yet.
    pub(super) fn progress(&self) -> Option<String> {
        if self.has.is_empty() && self.refused.is_empty() {
            return None;
        }
        serde_json::to_string(self).ok()
    }

    /// What became of the mail once every recipient was asked: nothing if everyone has it.
    pub(super) fn failure(&self, server: &str) -> Option<Failure> {
        let (fault, first) = match (self.deferred.values().next(), self.refused.values().next()) {
            (Some(words), _) => (Fault::Deferred, words),
            (None, Some(words)) => (Fault::Refused, words),
            (None, None) => return None,
        };
        Some(Failure {
            status: first.get(..3).and_then(|digits| digits.parse().ok()),
            excerpt: Some(first.clone()),
            progress: self.progress(),
            ..Failure::new(fault, self.reason(server))
        })
    }

    fn reason(&self, server: &str) -> String {
        let mut parts = Vec::new();
        if !self.deferred.is_empty() {
            parts.push(format!("put off for now: {}", listed(&self.deferred)));
        }
        if !self.refused.is_empty() {
            parts.push(format!("refused: {}", listed(&self.refused)));
        }
        if !self.has.is_empty() {
            let has: Vec<&str> = self.has.iter().map(String::as_str).collect();
            parts.push(format!("got the mail: {}", has.join(", ")));
        }
        format!("{server}: {}", parts.join("; "))
    }
}

fn listed(list: &BTreeMap<String, String>) -> String {
    let items: Vec<String> = list.iter().map(|(who, words)| format!("{who} ({words})")).collect();
    items.join(", ")
}
