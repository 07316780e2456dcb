//! Tests of the templates, by what they hold.

mod basics;
mod escapes;
mod files;
mod helping;
mod limiting;
mod naming;
mod trees;

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::{Escape, Names, TemplateError, Templates};
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

fn print(template: &str) -> String {
    templates().compile(template, Escape::None).unwrap().text(&data()).unwrap()
}

fn fails(template: &str) -> TemplateError {
    match templates().compile(template, Escape::None) {
        Ok(_) => panic!("{template} compiles"),
        Err(error) => error,
    }
}
