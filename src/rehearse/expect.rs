//! Compares what was sent with what a person expects, and says the difference.

use super::config::{ExpectConfig, SentConfig};
use super::outbox::Sent;
use super::readable::holds;
use crate::route::OneOrMany;

/// An expectation that doesn't hold.
pub(super) struct Unmet {
    /// What was expected, as a sentence.
    pub(super) expected: String,
    /// What was found instead: of the texts and figures; who was told is said elsewhere.
    pub(super) found: Vec<String>,
    /// The sink that was not told, where one should have been.
    pub(super) untold: Option<String>,
}

/// Everything in an expectation that doesn't hold for what was sent.
pub(super) fn unmet(config: &ExpectConfig, sent: &[Sent]) -> Vec<Unmet> {
    let wanted = config.send.as_ref().map(items);
    let mut unmet = Vec::new();
    for message in wanted.iter().flatten() {
        unmet.extend(missing(message, sent));
    }
    for message in config.not_send.iter().flat_map(items) {
        unmet.extend(forbidden(message, sent));
    }
    if let Some(wanted) = wanted.filter(|wanted| config.only || wanted.is_empty()) {
        unmet.extend(others(&wanted, sent));
    }
    unmet
}

fn items(messages: &OneOrMany<SentConfig>) -> Vec<&SentConfig> {
    messages.items("").into_iter().map(|(_, message)| message).collect()
}

fn missing(message: &SentConfig, sent: &[Sent]) -> Option<Unmet> {
    let fitting = sent.iter().filter(|one| message.fits(one)).count();
    let wanted = message.times.map(|times| times as usize);
    if wanted.map_or(fitting > 0, |times| times == fitting) {
        return None;
    }
    let mut found = Vec::new();
    if fitting > 0 {
        found.push(format!("{} sent", counted(fitting)));
    }
    let near = sent.iter().filter(|one| message.is_to(one) && !message.fits(one));
    near.for_each(|one| found.extend(message.difference(one)));
    let untold = (fitting == 0 && found.is_empty()).then(|| message.sink.clone());
    let expected = match message.times {
        Some(times) => format!("{} to {}", counted(times as usize), message.described()),
        None => format!("a message to {}", message.described()),
    };
    Some(Unmet { expected, found, untold })
}

fn forbidden(message: &SentConfig, sent: &[Sent]) -> Option<Unmet> {
    let fitting: Vec<&Sent> = sent.iter().filter(|one| message.fits(one)).collect();
    if fitting.is_empty() {
        return None;
    }
    let expected = format!("no message to {}", message.described());
    let found = fitting.iter().flat_map(|one| said(one)).collect();
    Some(Unmet { expected, found, untold: None })
}

fn others(wanted: &[&SentConfig], sent: &[Sent]) -> Option<Unmet> {
    let others: Vec<&Sent> =
        sent.iter().filter(|one| !wanted.iter().any(|message| message.fits(one))).collect();
    if others.is_empty() {
        return None;
    }
    let expected = if wanted.is_empty() { "nothing is sent" } else { "nothing else is sent" };
    let found = others.iter().flat_map(|one| said(one)).collect();
    Some(Unmet { expected: expected.to_owned(), found, untold: None })
}

fn counted(number: usize) -> String {
    if number == 1 { "1 message".to_owned() } else { format!("{number} messages") }
}

/// A message with what it says.
fn said(sent: &Sent) -> Vec<String> {
    let mut lines = vec![format!("{} was told:", sent.shown())];
    let text = sent.text.lines().filter(|line| !line.trim().is_empty());
    lines.extend(text.map(|line| format!("  | {line}")));
    lines
}

impl Sent {
    /// Whom it went to, and who asked for it.
    pub(super) fn shown(&self) -> String {
        let with = self.with.iter().map(|(name, value)| format!(", {name}: {value}"));
        let rules: Vec<String> = self.rules.iter().map(|rule| format!("\"{rule}\"")).collect();
        format!("{}{} (rule {})", self.sink, with.collect::<String>(), rules.join(", "))
    }
}

impl SentConfig {
    fn fits(&self, sent: &Sent) -> bool {
        self.is_to(sent)
            && self.text.iter().all(|part| holds(&sent.text, part))
            && !self.not_text.iter().any(|part| holds(&sent.text, part))
    }

    /// Whether it went to the destination and was asked for by the rule, whatever it says.
    fn is_to(&self, sent: &Sent) -> bool {
        let has = |(name, value): (&String, &String)| {
            sent.with.iter().any(|(own, found)| own == name && found == value)
        };
        self.sink == sent.sink
            && self.rule.as_ref().is_none_or(|rule| sent.rules.contains(rule))
            && self.with.iter().all(has)
    }

    fn described(&self) -> String {
        let mut text = format!("`{}`", self.sink);
        for (name, value) in &self.with {
            text.push_str(&format!(", {name}: {value}"));
        }
        if let Some(rule) = &self.rule {
            text.push_str(&format!(", by the rule \"{rule}\""));
        }
        for part in self.text.iter() {
            text.push_str(&format!(", with the text \"{part}\""));
        }
        for part in self.not_text.iter() {
            text.push_str(&format!(", without the text \"{part}\""));
        }
        text
    }

    /// What a message's text lacks or has too much, and then the text.
    fn difference(&self, sent: &Sent) -> Vec<String> {
        let mut lines = Vec::new();
        for part in self.text.iter().filter(|part| !holds(&sent.text, part)) {
            lines.push(format!("nowhere in it: \"{part}\""));
        }
        for part in self.not_text.iter().filter(|part| holds(&sent.text, part)) {
            let line = sent.text.lines().find(|line| holds(line, part)).unwrap_or_default();
            lines.push(format!("in it: \"{part}\", in the line \"{}\"", line.trim()));
        }
        lines.extend(said(sent));
        lines
    }
}
