//! Who is told, how often, and with what.

use agnox_bridge_sinks::contract::Notice;
use agnox_bridge_sinks::digest::Digest;
use agnox_bridge_sinks::variables::sample;

use super::*;

#[test]
fn whoever_is_named_by_several_rules_is_told_once_in_the_first_ones_words() {
    let router = router(
        "[{name: a, when: {status: FAILED}, send: [mail, chat]}, \
          {name: b, when: {group: g}, send: {sink: chat, template: '{{ group }}'}}, \
          {name: c, when: always, send: [chat, chat, {sink: chat, with: {channel: '#c'}}]}]",
        "[]",
    );
    let planned = router.decide(&run("FAILED", "g"), &mut State::default()).planned;
    let told: Vec<_> = planned
        .iter()
        .map(|p| (p.sink.as_str(), p.brief.rules.join(" "), p.brief.with.len()))
        .collect();
    let expected =
        [("mail", "a".into(), 0), ("chat", "a b c".into(), 0), ("chat", "c".to_owned(), 1)];
    assert_eq!(told, expected);
    assert!(planned.iter().all(|planned| planned.brief.words.is_none()));
}

#[test]
fn a_rules_words_are_found_by_rule_and_entry() {
    let router = router(
        "[{name: a, when: always, send: [mail, {sink: chat, template: '{{ group }} & more'}]}]",
        "[]",
    );
    let decision = router.decide(&run("FAILED", "g"), &mut State::default());
    let words = decision.planned[1].brief.words.clone().unwrap();
    assert_eq!(words, Words { rule: "a".into(), entry: 1 });
    let to = |sink: &str| Notice { sink: sink.into(), ..sample() };
    let text = router.words(Some(&words), &to("chat")).unwrap().text(&sample().data());
    assert_eq!(text.unwrap(), "checkout-eu & more");
    let without = Words { rule: "a".into(), entry: 0 };
    assert!(router.words(Some(&without), &to("mail")).is_none());
    let gone = Words { rule: "gone".into(), entry: 1 };
    assert!(router.words(Some(&gone), &to("chat")).is_none());
    let other = router.words(Some(&words), &to("mail"));
    assert!(other.is_none(), "an entry that was for another sink then");
}

#[test]
fn words_about_a_failure_are_not_said_of_its_end_or_of_a_table() {
    let says = |template: &str, notice: &Notice| {
        let rules =
            format!("[{{name: a, when: always, send: {{sink: chat, template: '{template}'}}}}]");
        let words = Words { rule: "a".into(), entry: 0 };
        router(&rules, "[]").words(Some(&words), notice).is_some()
    };
    let failure = Notice { sink: "chat".into(), ..sample() };
    let recovery = Notice { recovery: true, ..failure.clone() };
    let table = |groups, failing| Digest { groups, failing, ..Digest::default() };
    let report = Notice { digest: Some(Box::new(table(12, 3))), ..failure.clone() };
    let one = Notice { digest: Some(Box::new(table(1, 1))), ..failure.clone() };
    let mended = Notice { digest: Some(Box::new(table(1, 0))), ..failure.clone() };
    for (template, fits) in [
        ("{{ group }} broke", [true, false, false, true, false]),
        ("{{ group }} is {{ status }}", [true, true, false, true, false]),
        ("{{#if digest}}{{ digest.groups }}{{else}}broke{{/if}}", [true, false, true, true, true]),
    ] {
        let said = [&failure, &recovery, &report, &one, &mended].map(|n| says(template, n));
        assert_eq!(said, fits, "{template}");
    }
}

#[test]
fn parameters_come_out_for_the_event_and_make_the_destination() {
    let router = router(
        "[{name: a, when: always, send: {sink: chat, with: {channel: '{{ labels.channel }}'}}}, \
          {name: b, when: always, send: {sink: chat, with: {channel: '#pay'}}}]",
        "[{match: pay-*, labels: {channel: '#pay'}}]",
    );
    let known = router.decide(&run("FAILED", "pay-1"), &mut State::default()).planned;
    assert_eq!(known.len(), 1);
    assert_eq!((known[0].brief.rules.len(), &*known[0].brief.with["channel"]), (2, "#pay"));
    let unknown = router.decide(&run("FAILED", "x"), &mut State::default()).planned;
    assert_eq!(unknown.len(), 2, "a parameter that comes out empty is left out");
    assert!(unknown[0].brief.with.is_empty());
}

#[test]
fn a_parameter_that_fails_is_left_out_and_the_message_goes_out() {
    let router = router(
        "[{name: a, when: always, send: {sink: chat, with: {channel: '{{ humanize summary }}'}}}]",
        "[]",
    );
    let event = event(&json!({"summary": "three"}));
    let planned = router.decide(&event, &mut State::default()).planned;
    assert_eq!(planned.len(), 1);
    assert!(planned[0].brief.with.is_empty());
    let Finding::Matched { tells, .. } = &router.explain(&event, &Standing::default())[0].finding
    else {
        panic!()
    };
    assert!(tells[0].notes[0].contains("`channel` is left out"), "{:?}", tells[0].notes);
}

#[test]
fn the_sinks_that_rules_name_are_known() {
    let router = router("[{name: a, when: always, send: [mail, mirror, mail]}]", "[]");
    assert_eq!(router.sinks_named().into_iter().collect::<Vec<_>>(), ["mail", "mirror"]);
}
