//! Names that aren't there, found when the template is read.

use rstest::rstest;

use super::{fails, print};

#[rstest]
#[case("{{stauts}}", "there is no variable `stauts`", "did you mean `status`?")]
#[case("{{#if finishd_at}}{{/if}}", "variable `finishd_at`", "`finished_at`")]
#[case("{{upper (default sumary \"x\")}}", "variable `sumary`", "`summary`")]
#[case("{{labels.teem}}", "there is no label `teem`", "`team`")]
#[case("{{dead.sinc}}", "`dead` has no field `sinc`", "`sink`")]
#[case("{{#with dead}}{{raison}}{{/with}}", "`dead` has no field `raison`", "`reason`")]
#[case("{{digest.rulle}}", "`digest` has no field `rulle`", "`rule`")]
#[case("{{#each digest.rows}}{{grup}}{{/each}}", "`digest.rows` has no field `grup`", "`group`")]
#[case("{{#each digest.rows as |row|}}{{row.sumary}}{{/each}}", "`sumary`", "`summary`")]
#[case("{{digest.rows.0.grup}}", "`grup`", "`group`")]
#[case("{{digest.rows.group}}", "asked of a list", "#each")]
#[case("{{truncat summary 5}}", "there is no helper `truncat`", "`truncate`")]
#[case("{{#iff status}}{{/iff}}", "there is no block `iff`", "`if`")]
#[case("{{#status}}{{/status}}", "there is no block `status`", "{{#if status}}")]
#[case("{{#each body.xs}}{{@indx}}{{/each}}", "loop variable `@indx`", "`index`")]
#[case("{{#each rules}}{{group}}{{/each}}", "has no fields", "`@root.group`")]
#[case("{{@index}}", "outside of a loop", "{{#each")]
#[case("{{../group}}", "leads out of the template", "scope")]
#[case("{{#each body.xs}}{{../stauts}}{{/each}}", "variable `stauts`", "`status`")]
#[case("{{#each body.xs}}{{@root.stauts}}{{/each}}", "variable `stauts`", "`status`")]
#[case("{{#each status}}{{/each}}", "goes through a list", "{{")]
#[case("{{&status}}", "without its escape", "{{…}}")]
#[case("{{#*inline \"x\"}}{{/inline}}", "not supported", "{{> name}}")]
#[case("{{#if delayed}}{{else if delaye}}{{/if}}", "variable `delaye`", "`delayed`")]
#[case("{{> header}}", "there is no partial `header`", "")]
fn an_unknown_name_is_found_with_the_nearest_one(
    #[case] template: &str,
    #[case] message: &str,
    #[case] hint: &str,
) {
    let error = fails(template);
    assert!(error.message.contains(message), "{error}");
    assert!(error.hint.unwrap_or_default().contains(hint));
}

#[rstest]
#[case("a\nbc {{x}}", (2, 4))]
#[case("ä{{#if delayed}}\n  {{x}}{{/if}}", (2, 3))]
#[case("{{#each body.a}}{{/each}} {{x}}", (1, 27))]
#[case("a\n{{#if delayed}}{{/unless}}", (2, 16))]
#[case("a\n{{status", (2, 9))]
#[case("a\n {{{status}}}", (2, 2))]
fn an_error_says_where(#[case] template: &str, #[case] place: (usize, usize)) {
    let error = fails(template);
    assert_eq!((error.line, error.column), (Some(place.0), Some(place.1)), "{error}");
}

#[test]
fn a_name_far_from_all_others_gets_no_hint() {
    assert_eq!(fails("{{zzzzqqq}}").hint, None);
}

#[test]
fn what_the_body_and_the_parameters_hold_is_theirs() {
    assert_eq!(
        print("{{body.a.b.c}}{{with.x}}{{#each body.a}}{{b.c}}{{/each}}{{#if body.z}}!{{/if}}"),
        ""
    );
    assert_eq!(print("{{#with body}}{{status}}{{/with}}"), "FAILED");
}

#[test]
fn a_known_label_without_a_value_prints_nothing() {
    assert_eq!(print("[{{labels.owner}}]"), "[]");
}
