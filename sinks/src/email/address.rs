//! Addresses: what a person writes, made safe for the envelope and the header.
//!
//! An address that passed here holds no line break and has an ASCII domain (an international one
//! is turned into its `xn--` form), so that only letters before the `@` can need SMTPUTF8. This
//! file knows nothing of options or of the server.

use lettre::Address;
use lettre::message::{Mailbox, Mailboxes};
use url::Host;

/// One address, with or without a name: `qa@example.com` or `QA <qa@example.com>`.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub(super) fn mailbox(text: &str) -> Result<Mailbox, String> {
    if text.chars().any(char::is_control) {
        return Err(format!("{text:?} holds a control character"));
    }
    let mailbox: Mailbox =
        text.trim().parse().map_err(|e| format!("{text:?} is not a mail address: {e}"))?;
    with_ascii_domain(mailbox).ok_or_else(|| format!("{text:?} has no usable domain"))
}

/// Several addresses, separated by commas.
///
/// # Errors
/// As [`mailbox`], also if there is none.
pub(super) fn mailboxes(text: &str) -> Result<Vec<Mailbox>, String> {
    if text.chars().any(char::is_control) {
        return Err(format!("{text:?} holds a control character"));
    }
    let list: Mailboxes =
        text.trim().parse().map_err(|e| format!("{text:?} is not a list of addresses: {e}"))?;
    let list: Option<Vec<Mailbox>> = list.into_iter().map(with_ascii_domain).collect();
    match list {
        Some(list) if !list.is_empty() => Ok(list),
        Some(_) => Err("there is no address".to_owned()),
        None => Err(format!("{text:?} has no usable domain")),
    }
}

fn with_ascii_domain(mailbox: Mailbox) -> Option<Mailbox> {
    let domain = mailbox.email.domain();
    if domain.is_ascii() {
        return Some(mailbox);
    }
    let Ok(Host::Domain(ascii)) = Host::parse(domain) else { return None };
    let email = Address::new(mailbox.email.user(), ascii).ok()?;
    Some(Mailbox::new(mailbox.name, email))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_plain_addresses_are_read() {
        assert_eq!(mailbox("QA <qa@example.com>").unwrap().email.to_string(), "qa@example.com");
        assert_eq!(mailboxes("a@x.org, \"B, C\" <b@y.org>").unwrap().len(), 2);
    }

    #[test]
    fn what_could_break_out_of_the_envelope_is_refused() {
        for text in ["a@x.org\r\nRCPT TO:<b@y.org>", "a b@x.org", "", "<a@x.org>>", "a@", "a@x\ny"]
        {
            assert!(mailbox(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_international_domain_becomes_ascii() {
        assert_eq!(mailbox("qa@bücher.example").unwrap().email.domain(), "xn--bcher-kva.example");
    }
}
