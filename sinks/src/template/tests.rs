//! Tests of the templates, by what they hold.

mod basics;
mod branching;
mod escapes;
mod files;
mod fitting;
mod helping;
mod limiting;
mod naming;
mod serving;
mod trees;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::{
    Escape, Extras, Filling, Names, Printed, ServiceTemplates, Template, TemplateError, Templates,
    Tree,
};
use crate::variables::sample;

fn templates() -> Templates {
    let labels = vec!["channel".to_owned(), "owner".to_owned(), "team".to_owned()];
    Templates::new(Names { labels }, TimeZone::get("Europe/Berlin").unwrap())
}

/// The sample's data, with a body that has some of everything.
fn data() -> Value {
    let mut data = sample().data();
    data["body"]["list"] = json!(["a", "b"]);
    data["body"]["map"] = json!({"k": "v"});
    data["body"]["number"] = json!(1.5);
    data
}

/// What a sink and a rule bring to a service's templates in these tests.
#[derive(Default)]
struct Brought {
    data: Value,
    words: Option<Template>,
    templates: BTreeMap<String, Template>,
    trees: BTreeMap<String, Arc<Tree>>,
}

impl Brought {
    /// Only data: the sample with options, captures and words of the built-in messages.
    fn new() -> Self {
        let mut data = data();
        data["options"] = json!({"channel": "#ops", "tags": ["a", "b"], "token": "hidden", "n": 5});
        data["captured"] = json!({"number": 7});
        data["said"] = json!({
            "headline": "🔴 checkout-eu · FAILED",
            "link": "https://agnox.example/run?a=1&b=2",
            "notes": ["first", "second", "third"],
            "facts": [{"name": "Duration", "value": "4m"}, {"name": "Rule", "value": "red"}],
            "rows": [],
            "summary": null,
        });
        Brought { data, ..Brought::default() }
    }

    fn filling(&self) -> Filling<'_> {
        let Brought { data, words, templates, trees } = self;
        Filling { data, words: words.as_ref(), templates, trees, most: usize::MAX }
    }
}

/// A service with some of every parameter.
fn service(escape: Escape) -> ServiceTemplates {
    let texts = [("main", "<{{> inner}}>"), ("inner", "{{ status }}"), ("fact", "{{ item.name }}")];
    service_with(escape, &texts).unwrap()
}

fn service_with(escape: Escape, texts: &[(&str, &str)]) -> Result<ServiceTemplates, TemplateError> {
    let option = |name: &str, printed: Printed| (name.to_owned(), printed);
    let extras = Extras {
        options: vec![
            option("channel", Printed::Value),
            option("tags", Printed::Value),
            option("token", Printed::Value),
            option("text", Printed::Template),
            option("blocks", Printed::Tree),
        ],
        captured: vec!["number".to_owned(), "thread".to_owned()],
        texts: texts.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect(),
    };
    templates().of_service(&extras, escape)
}

fn print(template: &str) -> String {
    templates().compile(template, Escape::None).unwrap().text(&data()).unwrap()
}

fn fails(template: &str) -> TemplateError {
    match templates().compile(template, Escape::None) {
        Ok(_) => panic!("{template} compiles"),
        Err(error) => error,
    }
}
