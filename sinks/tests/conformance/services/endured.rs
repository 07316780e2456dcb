//! Every example of every service with a hostile text in place of all that others choose: valid
//! JSON, limits that hold, and no secret that shows.

use agnox_bridge_sinks::catalog::{Catalog, FILES};
use agnox_bridge_sinks::kind::Kind;
use agnox_bridge_sinks::service::{Service, examples};

use crate::corpus::hostile;

/// Longer texts are played to the stand-in servers; here each example renders each text anew.
const LONGEST: usize = 4_000;

fn service(name: &str) -> &Service {
    match Catalog::built_in().kind(name) {
        Some(Kind::Service(service)) => service,
        _ => panic!("{name} is no service of the catalogue"),
    }
}

#[test]
fn every_example_holds_with_every_hostile_text() {
    let mut wrong = Vec::new();
    for (name, _) in FILES {
        for text in hostile() {
            let text: String = text.chars().take(LONGEST).collect();
            for endured in examples::endure(service(name), &text) {
                let what = format!("{name}, {}, {text:.40?}", endured.example);
                wrong.extend(endured.wrong.iter().map(|why| format!("{what}: {why:?}")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
