//! Hostile texts through every escape.

use proptest::prelude::*;
use rstest::rstest;
use serde_json::json;

use super::{data, templates};
use crate::template::{Escape, cut};

#[rstest]
#[case(Escape::None, "<b> & \"x\" @all\u{0}\u{202e}", "<b> & \"x\" @all\u{0}\u{202e}")]
#[case(Escape::Slack, "<!channel> & <http://x|y>", "&lt;!channel&gt; &amp; &lt;http://x|y&gt;")]
#[case(Escape::Slack, "@everyone a@b.example", "@\u{200b}everyone a@b.example")]
#[case(Escape::Html, "<a href=\"x\" b='y'>&", "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;")]
#[case(
    Escape::Markdown,
    "[x](http://y) *b* `c` <@1>",
    "\\[x\\]\\(http://y\\) \\*b\\* \\`c\\` \\<@\u{200b}1\\>"
)]
#[case(Escape::Markdown, "a@everyone\\", "a@\u{200b}everyone\\\\")]
#[case(Escape::Markdown, "/close\n  /label x/y", "\u{200b}/close\n  \u{200b}/label x/y")]
#[case(Escape::Markdown, "a\r/close\r\n/x", "a/close\n\u{200b}/x")]
#[case(Escape::Markdown, "#12 # x", "\\#\u{200b}12 \\# x")]
#[case(Escape::Markdown, "Linear.app/a.app/", "Linear\\.\u{200b}app/a\\.app/")]
#[case(Escape::Html, "@room a@b.example", "@\u{200b}room a@b.example")]
#[case(Escape::Wiki, "{code}[~me] *b* a\\b", "\\{code\\}\\[\\~me\\] \\*b\\* a&#92;b")]
#[case(Escape::Wiki, "h1. a\nbq. b h1. c", "h1\u{200b}. a\nbq\u{200b}. b h1. c")]
#[case(Escape::Wiki, "a & b &lbrack;x :) :b: @me", "a & b &amp;lbrack;x \\:) :b: @\u{200b}me")]
#[case(Escape::Plain, "<b> & @all\u{202e}", "<b> & @all")]
#[case(Escape::Slack, "a\u{0}b\u{202e}c\u{2066}d\u{200b}e\r\nf\u{7f}\u{feff}", "abcde\nf")]
#[case(Escape::Html, "he\u{200d}re 👩\u{200d}👩\u{200d}👧 é", "here 👩\u{200d}👩\u{200d}👧 é")]
fn a_hostile_text_is_disarmed(#[case] escape: Escape, #[case] text: &str, #[case] shown: &str) {
    let mut data = data();
    data["summary"] = json!(text);
    let template = templates().compile("{{summary}}", escape).unwrap();
    assert_eq!(template.text(&data).unwrap(), shown);
    assert_eq!(template.value(&data).unwrap(), shown);
}

#[test]
fn an_escape_leaves_the_templates_own_text_alone() {
    let template = templates().compile("<b>*&@all {{summary}}", Escape::Slack).unwrap();
    assert!(template.text(&data()).unwrap().starts_with("<b>*&@all 3 tests"));
}

#[test]
fn a_helpers_answer_is_escaped_too() {
    let template = templates()
        .compile("{{json body.map}}{{replace group \"-\" \"<\"}}", Escape::Html)
        .unwrap();
    let text = template.text(&data()).unwrap();
    assert_eq!(text, "{&quot;k&quot;:&quot;v&quot;}checkout&lt;eu");
}

#[test]
fn a_typed_leaf_is_escaped_to_its_depths() {
    let mut data = data();
    data["body"] = json!({"<k>": ["<v>", 1]});
    let template = templates().compile("{{body}}", Escape::Slack).unwrap();
    assert_eq!(template.value(&data).unwrap(), json!({"&lt;k&gt;": ["&lt;v&gt;", 1]}));
}

#[rstest]
#[case("abc", 3, "abc")]
#[case("abcd", 3, "ab…")]
#[case("äöüß", 2, "ä…")]
#[case("abc", 0, "")]
#[case("", 0, "")]
#[case("ab👩\u{200d}👧c", 5, "ab…")]
#[case("👍🏽👍🏽", 2, "…")]
#[case("xe\u{301}y", 4, "xe\u{301}y")]
#[case("xe\u{301}yz", 3, "x…")]
#[case("🇩🇪🇫🇷x", 4, "🇩🇪…")]
#[case("🇩🇪🇫🇷x", 3, "🇩🇪…")]
fn a_text_is_cut_between_what_a_reader_sees(
    #[case] text: &str,
    #[case] max: usize,
    #[case] kept: &str,
) {
    assert_eq!(cut(text, max), kept);
}

#[test]
fn a_pile_of_accents_is_cut_all_the_same() {
    let pile = format!("a{}", "\u{301}".repeat(1000));
    assert_eq!(cut(&pile, 100).chars().count(), 100);
}

#[test]
fn where_nothing_can_be_escaped_what_would_act_is_parted() {
    let text = "a_b@c.de @**all** <time:1> [x](https://y.test) #**z**";
    let parted = Escape::Defused.apply(text);
    assert_eq!(parted.replace('\u{200b}', ""), text);
    for acting in ["@**", "<time", "](", "#**"] {
        assert!(!parted.contains(acting), "{acting} in {parted}");
    }
    assert!(parted.starts_with("a_b@c.de "), "{parted}");
}

proptest! {
    #[test]
    fn any_text_stands_in_json_exactly_as_it_came(text in any::<String>()) {
        let mut data = data();
        data["summary"] = json!(text);
        let tree = json!({"a": "{{summary}}", "b": ["x{{summary}}y\"{{status}}"]});
        let rendered = templates().tree(&tree, Escape::None).unwrap().render(&data).unwrap();
        let back: serde_json::Value = serde_json::from_str(&rendered.to_string()).unwrap();
        prop_assert_eq!(&back["a"], &text);
        prop_assert_eq!(&back["b"][0], &format!("x{text}y\"FAILED"));
    }

    #[test]
    fn no_text_opens_a_tag_or_a_mention(text in "(<|>|&|@|!|[a-z]|\\PC)*") {
        let slack = Escape::Slack.apply(&text);
        prop_assert!(!slack.contains(['<', '>']), "{}", slack);
        prop_assert!(!slack.starts_with("@a"));
        let html = Escape::Html.apply(&text);
        prop_assert!(!html.contains(['<', '>', '"', '\'']), "{}", html);
        let markdown = Escape::Markdown.apply(&text);
        prop_assert!(!markdown.contains("@e"), "{}", markdown);
        let defused = Escape::Defused.apply(&text);
        prop_assert!(!defused.starts_with("@a") && !defused.contains(" @a"), "{}", defused);
        prop_assert!(!defused.contains("<!") && !defused.contains("<a"), "{}", defused);
    }

    #[test]
    fn a_cut_text_fits(text in any::<String>(), max in 0_usize..40) {
        let kept = cut(&text, max);
        prop_assert!(kept.chars().count() <= max);
        prop_assert!(text.starts_with(kept.strip_suffix('…').unwrap_or(&kept)) || text == kept);
    }
}
