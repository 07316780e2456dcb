//! What `check` says of programs that aren't allowed, and of files that two sinks would write.

use super::Desk;

const RULE: &str = "rules: [{name: all, when: always, send: lamp}]\n";
const SOURCE: &str = "sources: {main: {secret: a-secret-of-thirty-two-characters-1}}\n";

fn desk(more: &str) -> Desk {
    Desk::new(&format!("{SOURCE}{RULE}{more}"))
}

const LAMP: &str = "sinks:\n  lamp:\n    exec:\n      program: /bin/sh\n";

#[test]
fn a_program_that_is_not_allowed_is_shown_with_the_line_to_add() {
    insta::assert_snapshot!(desk(LAMP).seen(), @"");
}

#[test]
fn a_program_that_the_main_file_allows_may_be_named_by_an_included_one() {
    let main = "include: [team.yaml]\nallow_exec: [/bin/sh]\n";
    assert_eq!(desk(main).file("team.yaml", LAMP).seen(), "");
}

#[test]
fn an_included_file_allows_no_program() {
    let team = format!("allow_exec: [/bin/sh]\n{LAMP}");
    insta::assert_snapshot!(desk("include: [team.yaml]\n").file("team.yaml", &team).seen(), @"");
}

#[test]
fn only_a_whole_path_can_be_allowed() {
    let more = format!("allow_exec: [/bin/sh, sh, /opt/*]\n{LAMP}");
    insta::assert_snapshot!(desk(&more).seen(), @"");
}

#[test]
fn two_sinks_can_not_write_one_file() {
    let more = "sinks:\n  lamp:\n    file: {path: log}\n  other:\n    file: {path: ./log.2}\n";
    insta::assert_snapshot!(desk(more).seen(), @"");
}
