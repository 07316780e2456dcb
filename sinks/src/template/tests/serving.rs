//! What the templates of a service know.

use rstest::rstest;
use serde_json::json;

use super::{Brought, fails, service, service_with, templates};
use crate::template::{Escape, RenderError, TemplateError};

fn text(template: &str, brought: &Brought) -> String {
    let field = service(Escape::None).field(template, Escape::None, None).unwrap();
    field.text(&brought.filling()).unwrap()
}

fn refused(template: &str) -> TemplateError {
    match service(Escape::None).field(template, Escape::None, None) {
        Ok(_) => panic!("{template} compiles"),
        Err(error) => error,
    }
}

#[rstest]
#[case("{{ options.channel }} {{ status }}", "#ops FAILED")]
#[case("{{ captured.number }}{{ captured.thread }}", "7")]
#[case("{{ said.headline }}{{ said.summary }}", "🔴 checkout-eu · FAILED")]
#[case("{{#each said.facts}}{{ name }}={{ value }} {{/each}}", "Duration=4m Rule=red ")]
#[case("{{#each said.notes}}{{ this }},{{/each}}", "first,second,third,")]
#[case("{{#each options.tags}}{{ this }}{{/each}}", "ab")]
#[case("{{#if words}}yes{{else}}no{{/if}}{{ words }}", "no")]
#[case("{{#if (or words options.text)}}yes{{else}}no{{/if}}", "no")]
#[case("{{> main}}", "<FAILED>")]
fn a_services_template_prints(#[case] template: &str, #[case] printed: &str) {
    assert_eq!(text(template, &Brought::new()), printed);
}

#[rstest]
#[case("{{ options.chanel }}", "there is no parameter `chanel`", "`channel`")]
#[case("{{ captured.nummer }}", "no step captures `nummer`", "`number`")]
#[case("{{ said.headlin }}", "`said` has no field `headlin`", "`headline`")]
#[case("{{#each said.rows}}{{ sumary }}{{/each}}", "`said.rows` has no field", "`summary`")]
#[case("{{#each said.facts}}{{ vale }}{{/each}}", "`said.facts` has no field", "`value`")]
#[case("{{ optoins.channel }}", "there is no variable `optoins`", "`options`")]
#[case("{{ item }}", "outside of a list", "$each")]
#[case("{{ words.first }}", "asked of a value that has no fields", "")]
#[case("{{ upper words }}", "`words` is filled in", "{{#if words}}")]
#[case("{{#each words}}{{/each}}", "goes through a list", "")]
#[case("{{#with words}}{{/with}}", "`words` is filled in", "{{#if words}}")]
#[case("{{> main x=words}}", "`words` is filled in", "{{#if words}}")]
#[case("{{ default options.text status }}", "`options.text` is filled in", "options.text")]
#[case("{{ options.blocks }}", "`options.blocks` is a tree", "$tree: options.blocks")]
fn what_a_services_template_does_not_know_is_an_error(
    #[case] template: &str,
    #[case] message: &str,
    #[case] hint: &str,
) {
    let error = refused(template);
    assert!(error.message.contains(message), "{error}");
    assert!(error.hint.unwrap_or_default().contains(hint));
}

#[rstest]
#[case("{{ options.channel }}")]
#[case("{{ captured.number }}")]
#[case("{{ said.link }}")]
#[case("{{ words }}")]
#[case("{{ item }}")]
fn a_rules_template_knows_nothing_of_services(#[case] template: &str) {
    assert!(fails(template).message.contains("there is no variable"));
}

#[test]
fn words_are_the_rules_own_template_with_its_data_escaped() {
    let mut brought = Brought::new();
    brought.data["summary"] = json!("<b>&");
    let words = "<i>{{ summary }}</i>{{#if failing}}!{{/if}}";
    brought.words = Some(templates().compile(words, Escape::Html).unwrap());
    let print = |escape: Escape| {
        let field = service(escape).field("{{#if words}}[{{ words }}]{{/if}}", escape, None);
        field.unwrap().text(&brought.filling()).unwrap()
    };
    assert_eq!(print(Escape::Html), "[<i>&lt;b&gt;&amp;</i>!]");
    assert_eq!(print(Escape::Plain), "[<i><b>&</i>!]");
}

#[test]
fn words_that_print_nothing_are_words_all_the_same() {
    let mut brought = Brought::new();
    brought.words = Some(templates().compile("{{ delayed }}", Escape::None).unwrap());
    assert_eq!(text("{{#if words}}{{ words }}-{{else}}none{{/if}}", &brought), "-");
}

#[test]
fn words_alone_are_a_text_of_their_own() {
    let mut brought = Brought::new();
    brought.words = Some(templates().compile("{{ duration_seconds }}", Escape::None).unwrap());
    let field = service(Escape::None).field("{{ words }}", Escape::None, None).unwrap();
    assert_eq!(field.value(&brought.filling()).unwrap(), json!("240"));
}

#[test]
fn a_parameter_that_is_a_template_is_filled_in() {
    let mut brought = Brought::new();
    let own = templates().compile("{{ group }}?", Escape::None).unwrap();
    brought.templates.insert("text".to_owned(), own);
    assert_eq!(text("{{#if options.text}}{{ options.text }}{{/if}}", &brought), "checkout-eu?");
    assert_eq!(text("{{#with options}}{{ text }}{{/with}}", &brought), "checkout-eu?");
}

#[rstest]
#[case("{{#each @root}}{{@key}}={{this}} {{/each}}")]
#[case("{{ json @root }}")]
#[case("{{ this }}")]
#[case("{{ json (lookup @root \"options\") }}")]
#[case("{{#with @root}}{{ json this }}{{/with}}")]
fn the_data_as_a_whole_is_the_notice_without_the_sinks_options(#[case] words: &str) {
    let mut brought = Brought::new();
    brought.words = Some(templates().compile(words, Escape::None).unwrap());
    let printed = text("{{ words }}", &brought);
    assert!(!printed.contains("hidden") && !printed.contains("captured"), "{printed}");
}

#[rstest]
#[case("said.link", true)]
#[case("not said.summary", true)]
#[case("eq options.channel \"#ops\"", true)]
#[case("words", false)]
#[case("and failing (gt failures_in_a_row 9)", false)]
fn an_expression_is_asked(#[case] expression: &str, #[case] holds: bool) {
    let expression = service(Escape::None).expression(expression).unwrap();
    assert_eq!(expression.holds(&Brought::new().filling()).unwrap(), holds);
}

#[rstest]
#[case("{{ status }}", "is no expression")]
#[case("#if status", "is no expression")]
#[case("status }} {{ group", "is no expression")]
#[case("! comment", "is no expression")]
#[case("", "is no expression")]
#[case("(status", "is no expression")]
#[case("stauts", "there is no variable `stauts`")]
fn what_is_no_expression_is_refused(#[case] expression: &str, #[case] message: &str) {
    let error = service(Escape::None).expression(expression).err().unwrap();
    assert!(error.message.contains(message), "{error}");
}

#[rstest]
#[case(&[("a", "{{> b}}"), ("b", "{{> a}}")], "includes itself")]
#[case(&[("a", "{{> c}}")], "there is no partial `c`")]
#[case(&[("a", "{{ upper status group }}")], "takes 1 value")]
#[case(&[("a", "{{")], "no valid template")]
fn a_text_that_can_not_be_used_is_named(#[case] texts: &[(&str, &str)], #[case] message: &str) {
    let error = service_with(Escape::None, texts).err().unwrap();
    assert!(error.message.contains(message), "{error}");
    assert!(error.path.starts_with("texts."), "{}", error.path);
}

#[rstest]
#[case("{{ options.token }}", "options.token", true)]
#[case("{{ options.token }}", "options", true)]
#[case("{{ options.channel }}", "options.token", false)]
#[case("{{#with options}}{{ token }}{{/with}}", "options.token", true)]
#[case("{{#if words}}x{{/if}}", "words", true)]
#[case("{{ words }}", "words", true)]
#[case("{{> main}}", "status", true)]
#[case("{{ status }}", "words", false)]
fn a_field_says_what_it_asks_for(#[case] field: &str, #[case] name: &str, #[case] asks: bool) {
    let field = service(Escape::None).field(field, Escape::None, None).unwrap();
    assert_eq!(field.mentions(&[name]), asks);
}

#[test]
fn a_helper_that_fails_says_so() {
    let field = service(Escape::None).field("{{ humanize status }}", Escape::None, None).unwrap();
    let RenderError(why) = field.text(&Brought::new().filling()).unwrap_err();
    assert!(why.contains("`humanize` takes a number of seconds"), "{why}");
}
