//! What `throttle`, `mute` and `digest` can't be together with, and what is wrong in them.

use super::*;

fn problems(options: &str) -> Vec<(String, String)> {
    let rules = format!("[{{name: r, when: always, {options}}}]");
    let found = compile(&rules, "[]").err().expect("this rule is wrong");
    let said = |p: Problem| (p.path, format!("{} {}", p.message, p.hint.expect("there is a hint")));
    found.into_iter().map(said).collect()
}

#[test]
fn each_is_said_at_its_place() {
    for (options, path, said) in [
        (
            "send: chat, digest: {every: 1h}, throttle: {limit: 1, per: 1h}",
            "throttle",
            "can't have",
        ),
        ("send: chat, digest: {every: 1h}, mute: {during: nights}", "mute", "can't have"),
        ("send: chat, digest: {every: 1h}, once_per: incident", "once_per", "can't have"),
        ("send: chat, digest: {every: 1h}, send_recovery: true", "send_recovery", "can't have"),
        ("send: chat, digest: {cron: 61 * * * *}", "digest.cron", ""),
        ("send: chat, digest: {}", "digest", "`cron` or `every`"),
        ("send: chat, digest: {every: 1h, by: rule}", "digest.by", "leave `rule` out"),
        (
            "send: chat, digest: {every: 1h, by: group, even_if_empty: true}",
            "digest.even_if_empty",
            "split",
        ),
        ("send: chat, mute: {during: night}", "mute.during", "did you mean `nights`?"),
        ("send: chat, mute: {during: [dawn, nihgts]}", "mute.during[1]", "did you mean `nights`?"),
        ("send: chat, throttle: {limit: 1, per: 0s}", "throttle.per", "1h"),
        ("send: mirror, digest: {every: 1h}", "send", "a `wire` sink can't take a digest"),
        ("send: [chat, mirror], mute: {during: nights}", "send[1]", "can't take a digest"),
        (
            "send: [chat, {sink: mirror}], throttle: {limit: 1, per: 1h}",
            "send[1].sink",
            "rule of its own",
        ),
        ("send: mirror, mute: {during: nights, then: drop}, send_recovery: true", "send", "mute"),
    ] {
        let found = problems(options);
        let expected = format!("rules[0].{path}");
        assert!(
            found.len() == 1 && found[0].0 == expected && found[0].1.contains(said),
            "{options}: {found:#?}"
        );
    }
}

#[test]
fn what_is_dropped_may_be_meant_for_any_sink() {
    let rules = "[{name: r, when: always, send: mirror, mute: {during: nights, then: drop}}]";
    assert!(compile(rules, "[]").is_ok());
}

#[test]
fn an_empty_digest_that_nobody_gets_is_warned_of() {
    let rules = r#"
- name: r
  when: always
  send: {sink: chat, with: {channel: "{{ group }}"}}
  digest: {every: 1h, even_if_empty: true, by: []}
"#;
    let paths = |rules: &str| compile(rules, "[]").err().expect("an empty list is wrong");
    assert_eq!(paths(rules)[0].path, "rules[0].digest.by");
    let router = router(&rules.replace(", by: []", ""), "[]");
    assert_eq!(router.warnings()[0].path, "rules[0].digest.even_if_empty");
}

#[test]
fn a_label_that_nobody_has_is_warned_of() {
    let rules =
        "[{name: r, when: always, send: chat, throttle: {limit: 1, per: 1h, by: labels.taem}}]";
    let router = router(rules, "[{match: '*', labels: {team: x}}]");
    let warning = &router.warnings()[0];
    assert_eq!(warning.path, "rules[0].throttle.by");
    assert_eq!(warning.hint.as_deref(), Some("did you mean `team`?"));
}
