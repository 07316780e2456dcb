//! What a page says, and that what stands in a file can't break it.

use serde_json::json;

use super::*;
use crate::catalog::FILES;

fn pigeon() -> Form {
    let text = include_str!("../../../docs/services.md");
    let yaml = text.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next());
    Form::read(serde_yaml::from_str(yaml.unwrap()).unwrap()).unwrap()
}

#[test]
fn the_page_of_the_documented_service_reads_well() {
    insta::assert_snapshot!("pigeon", page(&pigeon()));
}

#[test]
fn everything_that_a_file_may_say_is_told() {
    let form = json!({
        "name": "dove_cote", "title": "Dove cote", "about": "Keeps doves.",
        "docs": "https://d.test", "checked": "real server 2026-11", "reports": false,
        "parameters": {
            "key": {"type": "secret", "required": true, "about": "The key", "example": "k | 1"},
            "perch": {"type": "text", "about": "Where.", "example": "#roof"},
            "most": {"type": "number", "about": "How many.", "min": 1, "max": 9, "default": 3},
            "look": {"type": "choice", "about": "How.", "rule": true,
                     "choices": {"a": "As it is", "b": "Better"}},
        },
        "escape": "markdown",
        "limits": {"items.text": 100, "items": "10 items", "name": "4096 bytes", "whole": "2 MB"},
        "pace": {"rate": "20/m", "burst": 5, "concurrency": 1},
        "open": {"url": "https://d.test", "text": "{{ words }}", "capture": {"number": "id"}},
        "resolve": {"url": "https://d.test/{{ captured.number }}"},
        "answers": [
            {"status": [200, 201], "json": {"error": "*", "code": [1, 2]}, "means": "refused"},
            {"status": "4xx", "text": "gone", "header": {"x-a": "*"}, "when": "with.look",
             "means": "gone", "say": "look again."},
            {"status": 429, "wait": {"json": "after"}, "means": "unavailable"},
        ],
        "examples": [{"name": "nothing", "notice": "passed"},
            {"name": "two steps", "notice": "failed", "requests": [
                {"method": "POST", "url": "https://d.test", "form": {"a": "1\n2"}},
                {"method": "PUT", "url": "https://d.test/2", "text": "a ``` b"}]}],
    });
    insta::assert_snapshot!("dove_cote", page(&Form::read(form).unwrap()));
}

#[test]
fn a_service_that_says_little_has_a_page_too() {
    let form = json!({"name": "a", "title": "A", "about": "A.", "docs": "", "checked": "no",
        "send": {"url": "https://a.test"}});
    let page = page(&Form::read(form).unwrap());
    assert!(
        page.contains("Nothing here has been checked") && page.contains("    a: {}\n"),
        "{page}"
    );
    assert!(!page.contains("\n\n\n") && !page.contains("undefined"), "{page}");
}

/// Writes the page of every built-in service, for a look:
/// `LOOK_AT=/tmp/look cargo test -p agnox-bridge-sinks page`.
#[test]
fn every_built_in_service_has_a_page() {
    for (name, file) in FILES {
        let page = page(&Form::read(serde_yaml::from_str(file).unwrap()).unwrap());
        assert!(page.starts_with("# ") && !page.contains("\n\n\n"), "{name}: {page}");
        if let Some(folder) = std::env::var_os("LOOK_AT") {
            std::fs::write(std::path::Path::new(&folder).join(format!("{name}.md")), page).unwrap();
        }
    }
}
