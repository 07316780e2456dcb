//! The reference page of all options, from the schema and so from the doc comments.

use std::fmt::Write;

use agnox_bridge_sinks::catalog::Catalog;
use agnox_bridge_sinks::kind::Kind;
use agnox_bridge_sinks::service::form::{Form, Type};
use serde::Serialize;
use serde_json::{Map, Value};

use super::schema;

/// How the page begins.
const HEAD: &str = "# Configuration\n\n\
    Generated from the types that read it; `config.example.yaml` shows every option at work. \
    Unknown options are errors. Lengths of time are written with their unit (`500ms`, `10s`, `5m`, \
    `1h30m`, `30d`), sizes too (`64KiB`, `1MiB`). Any text may hold `${VARIABLE}`, \
    `${VARIABLE:-default}` or `${file:/path}`; whatever comes from outside is kept out of every \
    log, answer and page.\n";

/// The page, in Markdown.
pub fn reference() -> String {
    let kinds: Vec<&Kind> = in_rust().collect();
    let schema = schema::of(&kinds);
    let page = Page { schema: &schema, text: HEAD.to_owned() };
    page.write()
}

fn in_rust() -> impl Iterator<Item = &'static Kind> {
    Catalog::built_in().kinds().filter(|kind| matches!(kind, Kind::Native(_)))
}

/// An option of a kind of sink, as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct Described {
    /// Its name.
    pub name: String,
    /// What is written for it, in a word or two.
    pub takes: String,
    /// Whether it must be there.
    pub required: bool,
    /// What it is where it is left out.
    pub default: Option<String>,
    /// One line about it.
    pub about: String,
}

/// The options of a kind, in their order.
pub fn options(kind: &Kind) -> Vec<Described> {
    let schema = schema::of(&[kind]);
    let page = Page { schema: &schema, text: String::new() };
    let own = page.resolve(&schema["$defs"]["Sink"]["properties"][kind.name()]);
    let required = required(own);
    let all = own["properties"].as_object().into_iter().flatten();
    all.map(|(name, option)| Described {
        name: name.clone(),
        takes: match kind {
            Kind::Service(service) => takes(service.form(), name),
            Kind::Native(_) => page.kind(option),
        },
        required: required.contains(&name.as_str()),
        default: option.get("default").filter(|default| is_telling(default)).map(plain),
        about: flat(option["description"].as_str().unwrap_or_default()),
    })
    .collect()
}

/// What is written for a service's parameter.
fn takes(form: &Form, name: &str) -> String {
    let Some(parameter) = form.parameters.get(name) else { return String::new() };
    match parameter.kind {
        Type::Text => "text".to_owned(),
        Type::Secret => "secret".to_owned(),
        Type::Url if parameter.secret => "web address, secret".to_owned(),
        Type::Url => "web address".to_owned(),
        Type::Number => "number".to_owned(),
        Type::Flag => "true or false".to_owned(),
        Type::Choice => parameter.words().join(", "),
        Type::List => "list".to_owned(),
        Type::Duration => "length of time".to_owned(),
        Type::Template => "template".to_owned(),
        Type::Tree => "anything, with templates".to_owned(),
    }
}

struct Page<'s> {
    schema: &'s Value,
    text: String,
}

impl<'s> Page<'s> {
    fn write(mut self) -> String {
        self.section(2, "The file", self.schema);
        for (title, name) in [
            ("`server`", "ServerConfig"),
            ("`server.tls`", "TlsConfig"),
            ("`journal`", "JournalConfig"),
            ("`agnox`", "AgnoxConfig"),
            ("`sources`: each", "SourceConfig"),
            ("`groups`: each", "GroupConfig"),
            ("`rules`: each", "RuleConfig"),
            ("`when`", "Conditions"),
            ("`throttle`", "ThrottleConfig"),
            ("`mute`", "MuteConfig"),
            ("`digest`", "DigestConfig"),
            ("`windows`: each", "WindowConfig"),
            ("`missed_runs`: each", "MissedConfig"),
            ("`tests`: each", "CaseConfig"),
            ("`steps`: each", "StepConfig"),
            ("`event` of a test", "EventConfig"),
            ("`expect` of a test", "ExpectConfig"),
            ("`send` of an `expect`: an entry", "SentEntry"),
            ("`heartbeat`", "HeartbeatConfig"),
        ] {
            let section = self.definition(name);
            self.section(2, title, section);
        }
        self.sinks();
        self.text
    }

    fn sinks(&mut self) {
        let sink = self.definition("Sink");
        self.line("\n## `sinks`: each\n");
        self.line("One kind with its options, and beside it:\n");
        let beside = |name: &str| Catalog::built_in().kind(name).is_none();
        let all = sink["properties"].as_object();
        let shared: Map<String, Value> = all
            .into_iter()
            .flatten()
            .filter(|(name, _)| beside(name))
            .map(|(name, option)| (name.clone(), option.clone()))
            .collect();
        self.options(&shared, &[], "");
        self.services();
        for kind in in_rust() {
            let schema = self.resolve(&sink["properties"][kind.name()]);
            self.section(3, &format!("`{}`", kind.name()), schema);
            self.parameters(kind.parameters());
        }
    }

    fn services(&mut self) {
        let services = Catalog::built_in().kinds().filter_map(|kind| match kind {
            Kind::Service(service) => Some(format!("[`{0}`](services/{0}.md)", service.name())),
            Kind::Native(_) => None,
        });
        let services: Vec<String> = services.collect();
        if !services.is_empty() {
            self.line(
                "\nThe services, each with a page of its own ([all of them](services/README.md)):",
            );
            self.line(&format!("{}.", services.join(", ")));
        }
        self.line("A service of your own is a file: [services.md](services.md). The other kinds:");
    }

    fn parameters(&mut self, parameters: Option<Vec<(&str, &str)>>) {
        match parameters {
            None => {
                self.line("\nA rule's `with:` may give any parameter: `{{ with.name }}`.");
            }
            Some(named) if named.is_empty() => {}
            Some(named) => {
                self.line("\nA rule's `with:` may give:\n");
                for (name, about) in named {
                    self.line(&format!("- `{name}`: {about}"));
                }
            }
        }
    }

    fn section(&mut self, level: usize, title: &str, schema: &'s Value) {
        self.line(&format!("\n{} {title}\n", "#".repeat(level)));
        if let Some(about) = schema["description"].as_str() {
            self.line(&format!("{}\n", flat(about)));
        }
        let required = required(schema);
        match schema["properties"].as_object() {
            Some(options) if !options.is_empty() => self.options(options, &required, ""),
            _ => self.line("It has no options."),
        }
    }

    fn options(&mut self, options: &Map<String, Value>, required: &[&str], indent: &str) {
        for (name, option) in options {
            let must = if required.contains(&name.as_str()) { ", required" } else { "" };
            let default = option.get("default").filter(|default| is_telling(default));
            let default = default.map(|default| format!(", default `{}`", plain(default)));
            let about = flat(option["description"].as_str().unwrap_or_default());
            let (kind, default) = (self.kind(option), default.unwrap_or_default());
            self.line(&format!("{indent}- **`{name}`** ({kind}{must}{default}): {about}"));
            self.below(option, indent);
        }
    }

    /// The options of a map that has no section of its own.
    fn below(&mut self, option: &Value, indent: &str) {
        let Some(name) = option["$ref"].as_str().and_then(|path| path.rsplit('/').next()) else {
            return;
        };
        if !indent.is_empty() || name.ends_with("Config") || name == "Conditions" {
            return;
        }
        let below = self.definition(name);
        if let Some(options) = below["properties"].as_object() {
            self.options(options, &required(below), "  ");
        }
    }

    /// What is written for an option, in a word or two.
    fn kind(&self, option: &Value) -> String {
        let option = option["$ref"].as_str().map_or(option, |_| self.resolve_any(option));
        if let Some(choices) = option.get("anyOf").or(option.get("oneOf")).and_then(Value::as_array)
        {
            let mut kinds: Vec<String> = choices.iter().map(|choice| self.kind(choice)).collect();
            kinds.dedup();
            return kinds.join(" or ");
        }
        if let Some(values) = option["enum"].as_array() {
            return values
                .iter()
                .map(|value| format!("`{}`", plain(value)))
                .collect::<Vec<_>>()
                .join(", ");
        }
        if let Some(value) = option.get("const") {
            return format!("`{}`", plain(value));
        }
        match option["type"].as_str() {
            Some("string") if option["writeOnly"] == true => "secret".to_owned(),
            Some("string") => "text".to_owned(),
            Some("boolean") => "true or false".to_owned(),
            Some("integer" | "number") => "number".to_owned(),
            Some("array") => "list".to_owned(),
            Some("object") => "map".to_owned(),
            Some(other) => other.to_owned(),
            None => "anything".to_owned(),
        }
    }

    fn definition(&self, name: &str) -> &'s Value {
        &self.schema["$defs"][name]
    }

    fn resolve(&self, schema: &'s Value) -> &'s Value {
        self.target(schema).unwrap_or(schema)
    }

    fn resolve_any<'a>(&self, schema: &'a Value) -> &'a Value
    where
        's: 'a,
    {
        self.target(schema).unwrap_or(schema)
    }

    fn target(&self, schema: &Value) -> Option<&'s Value> {
        let pointer = schema["$ref"].as_str()?.strip_prefix('#')?;
        self.schema.pointer(pointer)
    }

    fn line(&mut self, line: &str) {
        // Writing to a text can't fail.
        let _ = writeln!(self.text, "{line}");
    }
}

fn required(schema: &Value) -> Vec<&str> {
    let names = schema["required"].as_array();
    names.into_iter().flatten().filter_map(Value::as_str).collect()
}

/// A default that says something: nothing, an empty list and an empty map don't.
fn is_telling(default: &Value) -> bool {
    match default {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(_) => false,
        _ => true,
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
