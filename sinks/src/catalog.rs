//! The kinds of sinks that a configuration may name: those in Rust, the built-in services, and the
//! services in files of a person's own.
//!
//! A built-in service is only read when somebody asks for more than its name. This file knows no
//! single kind.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use crate::kind::{Kind, NATIVE};
use crate::service::Service;

/// The built-in services: their names and their files.
pub const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/catalog.rs"));

/// All kinds of one configuration, by name.
#[derive(Clone)]
pub struct Catalog {
    kinds: BTreeMap<String, Kind>,
}

impl Catalog {
    /// The built-in kinds.
    pub fn built_in() -> &'static Catalog {
        static BUILT_IN: OnceLock<Catalog> = OnceLock::new();
        BUILT_IN.get_or_init(|| {
            let native = NATIVE.iter().map(|native| (native.name.to_owned(), Kind::Native(native)));
            let services = FILES.iter().map(|(name, text)| {
                ((*name).to_owned(), Kind::Service(Arc::new(Service::built_in(name, text))))
            });
            Catalog { kinds: native.chain(services).collect() }
        })
    }

    /// Adds a service of a person's own, unless there is a kind of its name already, and says
    /// whether it did.
    pub fn add(&mut self, service: Service) -> bool {
        let is_new = !self.kinds.contains_key(service.name());
        if is_new {
            self.kinds.insert(service.name().to_owned(), Kind::Service(Arc::new(service)));
        }
        is_new
    }

    /// The kind of this name.
    pub fn kind(&self, name: &str) -> Option<&Kind> {
        self.kinds.get(name)
    }

    /// All kinds, by name.
    pub fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.kinds.values()
    }

    /// The names of all kinds.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.kinds.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;
    use crate::client::{Client, DialPolicy};
    use crate::kind::Surroundings;
    use crate::service::{Compiled, examples};
    use crate::template::{Names, Templates};

    #[test]
    fn every_built_in_file_is_right_and_its_examples_are_true() {
        for (name, text) in FILES {
            let file = serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            let service = Service::read(file).unwrap_or_else(|wrong| panic!("{name}: {wrong:#?}"));
            assert_eq!(service.name(), *name);
            assert!(NATIVE.iter().all(|native| native.name != *name), "{name} is in Rust as well");
            assert!(!service.form().examples.is_empty(), "{name} has no examples");
            assert_eq!(examples::run(&service), [], "{name}");
        }
    }

    /// What `check` mentions of options that can be used.
    fn mentioned(kind: &str, options: Value) -> Vec<String> {
        let templates = Templates::new(Names::default(), TimeZone::UTC);
        let (client, compiled) = (Client::new(DialPolicy { private: true }), Compiled::default());
        let around = Surroundings::new("chat", &templates, &client, &compiled);
        let built = Catalog::built_in().kind(kind).unwrap().build(options, &around).unwrap();
        built.warnings.into_iter().map(|warning| warning.path).collect()
    }

    #[rstest]
    #[case("slack", "https://hooks.slack.com/services/T0/B0/x", false)]
    #[case("slack", "https://hooks.slack-gov.com/services/T0/B0/x", false)]
    #[case("slack", "https://chat.example.com/hooks/x", false)]
    #[case("slack", "https://example.com/slack.com/x", false)]
    #[case("slack", "https://hooks.slack.com/triggers/T0/1/x", true)]
    #[case("slack", "https://app.slack.com/client/T0/C0", true)]
    #[case("slack", "https://hooks.slack.com/", true)]
    #[case("teams", "https://prod-00.westeurope.logic.azure.com/workflows/0?sig=x", false)]
    #[case("teams", "https://example.webhook.office.com/webhookb2/x", true)]
    #[case("teams", "https://outlook.office.com/webhook/x", true)]
    #[case("n8n", "https://n8n.example.com/webhook/x", false)]
    #[case("n8n", "https://n8n.example.com/webhook-test/x", true)]
    fn an_address_that_is_hardly_meant_is_mentioned(
        #[case] kind: &str,
        #[case] url: &str,
        #[case] mentions: bool,
    ) {
        let paths = mentioned(kind, json!({ "url": url }));
        assert_eq!(paths, if mentions { vec!["url"] } else { vec![] });
    }
}
