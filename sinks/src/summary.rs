//! A notice in a few lines of plain text: what `console` prints, and what stands in for a template
//! that failed. Pure, and safe to show: no character from an event can move a cursor.

use crate::contract::Notice;
use crate::text::short_line;
use crate::{facts, report, story};

/// The longest line, in bytes. A summary may be as long as the sender likes.
const LINE: usize = 1000;

/// What happened, in a compact block: status and group, then whatever else is known, a line each.
pub fn block(notice: &Notice) -> String {
    let mut lines = vec![headline(notice)];
    lines.extend(report::notes(notice));
    match report::of(notice) {
        Some(digest) => lines.extend(report::lines(digest, false)),
        None => {
            lines.extend(story::history(notice));
            lines.extend(notice.summary.as_deref().map(line));
            lines.extend(about(notice));
            lines.extend(notice.link.as_deref().map(line));
        }
    }
    lines.retain(|line| !line.is_empty());
    lines.join("\n").replace('\n', "\n   ")
}

/// The block, marked with why it stands in for the sink's own words.
pub fn minimal(notice: &Notice, why: &str) -> String {
    let why = short_line(why, LINE);
    format!("{}\n   (the template failed, so this is the built-in text: {why})", block(notice))
}

/// Status and group on one line: `🔴 FAILED  checkout-eu`; of a digest, its title.
pub fn headline(notice: &Notice) -> String {
    if let Some(digest) = report::of(notice) {
        return report::headline(digest);
    }
    let [emoji, group] = [notice.emoji.as_str(), &notice.group].map(line);
    format!("{emoji} {}  {group}", story::label(notice)).trim_start().to_owned()
}

fn about(notice: &Notice) -> Option<String> {
    let mut known = Vec::new();
    known.extend(notice.duration.as_deref().map(|duration| format!("took {}", line(duration))));
    known.extend(notice.finished_at.as_deref().map(|at| format!("finished {}", facts::moment(at))));
    known.extend(notice.rule.as_deref().map(|rule| format!("rule: {}", line(rule))));
    (!known.is_empty()).then(|| known.join(" · "))
}

fn line(text: &str) -> String {
    short_line(text, LINE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::variables::sample;

    #[test]
    fn a_failed_run_reads_at_a_glance() {
        insta::assert_snapshot!(block(&sample()), @r"
        🔴 FAILED  checkout-eu
           Still failing: 4 in a row since 03:00 (10h)
           3 tests failed in My Test Suite
           took 4m · finished Sat 14 Mar 2026, 13:00 (UTC+01:00) · rule: production is red
           https://agnox.dev/dashboard?drawerId=task_abc123
        ");
    }

    #[test]
    fn what_is_unknown_leaves_no_gap() {
        let bare = Notice { group: "__ungrouped__".into(), ..Notice::default() };
        assert_eq!(block(&bare), "NO STATUS  __ungrouped__");
    }

    #[test]
    fn a_message_that_somebody_sends_by_hand_says_so_first() {
        let notice = Notice { test: true, ..sample() };
        let second = block(&notice).lines().nth(1).map(str::to_owned);
        assert_eq!(second.as_deref(), Some("   🧪 A test message, sent by hand"));
    }

    #[test]
    fn a_delayed_message_says_so() {
        let notice = Notice { delayed: Some("12m".into()), ..sample() };
        assert!(block(&notice).contains("This message is 12m late"));
    }

    #[test]
    fn nothing_in_an_event_moves_the_cursor_or_forges_a_line() {
        let hostile = "\u{1b}[2J\r\n🔴 FAILED  forged\0";
        let notice = Notice {
            group: hostile.into(),
            summary: Some(hostile.into()),
            rule: Some(hostile.into()),
            ..sample()
        };
        let block = block(&notice);
        assert!(!block.contains(['\u{1b}', '\r', '\0']));
        assert!(!block.lines().skip(1).any(|line| line.trim().starts_with("🔴")), "{block}");
    }
}
