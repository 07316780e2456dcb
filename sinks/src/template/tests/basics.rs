//! What a template prints, and what of it is checked when it is read.

use rstest::rstest;

use super::{Escape, print, templates};
use crate::variables::sample;

#[rstest]
#[case("{{group}} is {{status}}", "checkout-eu is FAILED")]
#[case("{{delayed}}|{{labels.team}}|{{with.channel}}", "|payments|#payments")]
#[case("{{duration_seconds}} {{failing}} {{rules}}", "240 true production is red")]
#[case("{{body.executionId}}{{body.no.such.thing}}{{with.nothing}}", "exec_xyz789")]
#[case(
    "{{body.list.1}}{{#each body.list}}{{@index}}{{this}}{{#unless @last}},{{/unless}}{{/each}}",
    "b0a,1b"
)]
#[case("{{#each body.rows}}{{name}}@{{../group}}{{else}}none{{/each}}", "none")]
#[case(
    "{{#each body.list as |x i|}}{{i}}{{x}}{{@root.group}}{{/each}}",
    "0acheckout-eu1bcheckout-eu"
)]
#[case("{{#each body.map}}{{@key}}={{this}} {{/each}}", "k=v ")]
#[case("{{#if dead}}{{dead.reason}}{{else}}alive{{/if}}", "alive")]
#[case("{{#with dead}}{{sink}}{{else}}none{{/with}}", "none")]
#[case("{{#with body.map}}{{k}}{{../delayed}}{{/with}}", "v")]
#[case("{{#if delayed}}a{{else if failing}}b{{else}}c{{/if}}", "b")]
#[case("{{#eq status \"FAILED\"}}red{{else}}green{{/eq}}", "red")]
#[case("{{#unless delayed}}fresh{{/unless}}{{! a word }}{{!-- {{x}} --}}", "fresh")]
#[case(r"\{{group}} {{upper 'a\'b'}}", "{{group}} A'B")]
fn a_template_prints(#[case] template: &str, #[case] expected: &str) {
    assert_eq!(print(template), expected);
}

#[test]
fn a_template_goes_through_the_groups_of_a_digest() {
    let template = "{{digest.failing}}: {{#each digest.rows}}{{group}} {{net}}{{#unless @last}}, \
                    {{/unless}}{{else}}none{{/each}} {{digest.rows.0.status}}";
    let template = templates().compile(template, Escape::None).unwrap();
    assert_eq!(template.text(&sample().data()).unwrap(), ": none ");
    let said = template.text(&crate::moments::digest().data()).unwrap();
    assert!(said.starts_with("2: checkout-eu failing, nightly-export failing, search recovered"));
    assert!(said.ends_with("smoke passing FAILED"), "{said}");
}
