//! What a person sees who steps into one of YAML's traps: whole messages, in `snapshots/`.

use super::Desk;

/// Rules and a sink around one line, so that nothing but the trap is wrong.
fn rule(condition: &str) -> String {
    Desk::new(&format!(
        "sources:\n  main:\n    secret: {}\nsinks:\n  terminal:\n    console: {{}}\nrules:\n  - name: one\n    when:\n      {condition}\n    send: terminal\n",
        crate::config::EXAMPLE_SECRET,
    ))
    .seen()
}

macro_rules! traps {
    ($($name:ident: $seen:expr;)*) => {
        $(#[test]
        fn $name() {
            insta::assert_snapshot!($seen);
        })*
    };
}

traps! {
    a_star_alone_is_an_alias: rule("group: *");
    a_star_before_a_name_is_an_alias: rule("group: *-smoke");
    a_star_within_brackets_is_an_alias: rule("group: [prod, *]");
    an_exclamation_mark_is_a_tag: rule("status: !PASSED");
    a_greater_sign_opens_a_block: rule("duration: > 10m");
    a_greater_or_equal_sign_opens_a_block: rule("duration: >= 3");
    a_hash_is_a_comment: rule("group: #payments");
    a_hash_within_brackets_is_a_comment: rule("labels: {channel: #payments}");
    a_text_that_is_a_number: rule("group: 2024");
    a_text_that_is_a_boolean: rule("group: true");
    double_braces_are_a_map: Desk::new("sinks:\n  a:\n    console:\n      template: {{ group }} is {{ status }}\n").seen();
    a_variable_within_braces: Desk::new("sinks:\n  a:\n    http: {url: ${URL}, method: PUT}\n").seen();
    an_at_sign_is_reserved: Desk::new("rules:\n  - name: x\n    digest: @daily\n").seen();
    off_is_a_text: Desk::new("sources:\n  main:\n    allow_unsigned: on\n").seen();
    no_is_a_text: Desk::new("rules:\n  - name: x\n    when: always\n    stop: no\n").seen();
    a_tab_indents: Desk::new("server:\n\tlisten: 127.0.0.1:80\n").seen();
    a_key_that_stands_twice: Desk::new("sinks:\n  a:\n    console: {}\n  a:\n    console: {}\n").seen();
    a_list_where_a_map_is_expected: Desk::new("sinks:\n  - a:\n      console: {}\nserver:\n  - listen: 127.0.0.1:80\n").seen();
    a_map_where_a_list_is_expected: Desk::new("rules:\n  name: x\n  when: always\n").seen();
    a_colon_within_a_text: Desk::new("rules:\n  - name: red: again\n").seen();
    an_alias_bomb: Desk::new(&bomb()).seen();
}

/// Nine levels of nine aliases each: 387 million values.
fn bomb() -> String {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    text
}

#[test]
fn what_only_looks_like_a_trap_is_left_alone() {
    let desk = Desk::new(
        "x: &base\n  a: \"*\"\n  b: >-\n    \ttab in a block\n  c: 'it''s > 3 {{ x }}'\n  d: prod-*\n  e: a#b\n\
         y:\n  <<: *base\n  url: https://x.example/?a=b#c\n",
    );
    let seen = desk.seen();
    assert_eq!(seen.matches("is no section").count(), 2, "{seen}");
    assert_eq!(seen.matches("error").count(), 2, "{seen}");
}
