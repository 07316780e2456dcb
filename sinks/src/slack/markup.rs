//! Slack's markup: data made harmless and fitted into the service's limits.

use crate::template::{Escape, cut};

/// The text, cut so that it fits into so many characters once it is escaped.
pub(super) fn fitted(text: &str, most: usize) -> String {
    let mut keep = most;
    loop {
        let escaped = Escape::Slack.apply(&cut(text, keep)).into_owned();
        let length = escaped.chars().count();
        if length <= most || keep == 0 {
            return escaped;
        }
        keep = (keep * most / length).min(keep - 1);
    }
}

/// A finished markup text, cut between characters and never inside an entity such as `&lt;`.
pub(super) fn shortened(markup: &str, most: usize) -> String {
    if markup.chars().count() <= most {
        return markup.to_owned();
    }
    let kept: String = markup.chars().take(most.saturating_sub(1)).collect();
    let end = match kept.rfind('&') {
        Some(at) if !kept[at..].contains(';') && kept.len() - at < 5 => at,
        _ => kept.len(),
    };
    format!("{}…", &kept[..end])
}

/// A web address that a button or a link may carry, as Slack takes it; nothing for what isn't one.
pub(super) fn address(link: &str) -> Option<String> {
    let url = url::Url::parse(link).ok()?;
    let text = url.to_string().replace('|', "%7C").replace('>', "%3E").replace('<', "%3C");
    (matches!(url.scheme(), "http" | "https") && text.len() <= 3000).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_fits_after_its_escape_and_is_cut_before_it() {
        let text = fitted(&"<".repeat(5000), 3000);
        assert!(text.chars().count() <= 3000 && text.ends_with("&lt;…"), "{text}");
        assert_eq!(fitted("<!channel>", 100), "&lt;!channel&gt;");
    }

    #[test]
    fn finished_markup_is_not_cut_inside_an_entity() {
        assert_eq!(shortened("ab&lt;cd", 6), "ab…");
        assert_eq!(shortened("ab&lt;cd", 8), "ab&lt;cd");
        assert_eq!(shortened("ab&lt;cdef", 8), "ab&lt;c…");
    }

    #[test]
    fn only_a_web_address_becomes_a_link() {
        assert_eq!(address("javascript:alert(1)"), None);
        assert_eq!(address("https://x.test/?a|b>").as_deref(), Some("https://x.test/?a%7Cb%3E"));
    }
}
