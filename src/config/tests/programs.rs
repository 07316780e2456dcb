//! What `check` says of programs that aren't allowed, and of files that two sinks would write.

use super::Desk;

const RULE: &str = "rules: [{name: all, when: always, send: lamp}]\n";
const SOURCE: &str = "sources: {main: {secret: '${SECRET}'}}\n";

fn desk(more: &str) -> Desk {
    let desk = Desk::new(&format!("{SOURCE}{RULE}{more}"));
    desk.var("SECRET", "a-secret-of-thirty-two-characters-1")
}

const LAMP: &str = "sinks:\n  lamp:\n    exec:\n      program: /bin/sh\n";

#[test]
fn a_program_that_is_not_allowed_is_shown_with_the_line_to_add() {
    insta::assert_snapshot!(desk(LAMP).seen(), @r"
    error: `/bin/sh` is not allowed to be run
     --> bridge.yaml:6:16
      |
    6 |       program: /bin/sh
      |                ^^^^^^^
      |
    help: write in the main file: `allow_exec: [/bin/sh]`
    ");
}

#[test]
fn a_program_that_the_main_file_allows_may_be_named_by_an_included_one() {
    let main = "include: [team.yaml]\nallow_exec: [/bin/sh]\n";
    assert_eq!(desk(main).file("team.yaml", LAMP).seen(), "");
}

#[test]
fn an_included_file_allows_no_program() {
    let team = format!("allow_exec: [/bin/sh]\n{LAMP}");
    insta::assert_snapshot!(desk("include: [team.yaml]\n").file("team.yaml", &team).seen(), @r"
    error: `allow_exec` can't stand in an included file
     --> team.yaml:1:1
      |
    1 | allow_exec: [/bin/sh]
      | ^^^^^^^^^^
      |
    help: included files hold sinks, groups, rules, windows, missed_runs and tests; the rest stands in the main file

    error: `/bin/sh` is not allowed to be run
     --> team.yaml:5:16
      |
    5 |       program: /bin/sh
      |                ^^^^^^^
      |
    help: write in the main file: `allow_exec: [/bin/sh]`
    ");
}

#[test]
fn only_a_whole_path_can_be_allowed() {
    let more = format!("allow_exec: [/bin/sh, sh, /opt/*]\n{LAMP}");
    insta::assert_snapshot!(desk(&more).seen(), @r"
    error: `sh` is no absolute path
     --> bridge.yaml:3:23
      |
    3 | allow_exec: [/bin/sh, sh, /opt/*]
      |                       ^^
      |
    help: write it from `/` on

    error: `/opt/*` is a pattern
     --> bridge.yaml:3:27
      |
    3 | allow_exec: [/bin/sh, sh, /opt/*]
      |                           ^^^^^^
      |
    help: name each program by itself
    ");
}

#[test]
fn two_sinks_can_not_write_one_file() {
    let more = "sinks:\n  lamp:\n    file: {path: log}\n  other:\n    file: {path: ./log.2}\n";
    insta::assert_snapshot!(desk(more).seen(), @r"
    error: the sink `lamp` writes this file, or rotates into it
     --> bridge.yaml:7:18
      |
    7 |     file: {path: ./log.2}
      |                  ^^^^^^^
      |
    help: give each sink a file of its own
    ");
}
