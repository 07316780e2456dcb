//! What is wrong with a service's file is found when it is read, each at its path.

use super::*;

/// The tracker with something else at a pointer (`/open/0/url`), or without it where it is null.
fn errors(changes: &[(&str, Value)]) -> Vec<BuildError> {
    let mut file: Value = serde_yaml::from_str(TRACKER).unwrap();
    for (pointer, value) in changes {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        match file.pointer_mut(parent).unwrap() {
            Value::Array(items) => items[key.parse::<usize>().unwrap()] = value.clone(),
            Value::Object(fields) if value.is_null() => drop(fields.remove(key)),
            parent => parent[key] = value.clone(),
        }
    }
    Service::read(file).err().unwrap_or_default()
}

#[test]
fn a_mistake_is_found_at_its_path() {
    for (pointer, value, path, message) in [
        ("/about", json!("no full stop"), "about", "a sentence"),
        ("/checked", json!("yes"), "checked", "`yes`"),
        ("/docs", json!("nowhere"), "docs", "URL"),
        ("/opne", json!([]), "opne", "unknown field"),
        ("/limits/titel", json!(10), "limits.titel", "no step has a field"),
        ("/limits/whole", json!(10), "limits.whole", "counted in bytes"),
        ("/open/0/json/title", json!("{{ gruop }}"), "open[0].json.title", "gruop"),
        ("/open/0/json/$foo", json!("x"), "open[0].json.$foo", "directive"),
        ("/open/0/text", json!("x"), "open[0].text", "several"),
        ("/open/0/method", json!("PO ST"), "open[0].method", "HTTP method"),
        ("/open/0/headers/bad name", json!("x"), "open[0].headers.bad name", "no name"),
        ("/open/0/headers/Host", json!("x"), "open[0].headers.Host", "by itself"),
        ("/open/0/headers/x-run", json!("x"), "open[0].headers.x-run", "twice"),
        ("/open/0/capture/more", json!("id"), "open[0].capture.more", "used nowhere"),
        (
            "/open/1",
            json!({"url": "{{ options.url }}", "capture": {"number": "id"}}),
            "open[1].capture.number",
            "captures it too",
        ),
        ("/open/0/url", json!("https://{{ group }}/x"), "open[0].url", "host"),
        ("/open/0/url", json!("{{ options.project }}/x"), "open[0].url", "type `url`"),
        (
            "/open/0/url",
            json!("{{ options.url }}/{{ captured.number }}"),
            "open[0].url",
            "known yet",
        ),
        ("/update/url", json!("{{ options.url }}/{{ captured.nubmer }}"), "update.url", "nubmer"),
        ("/update/when", json!("{{ late }}"), "update.when", ""),
        ("/update/json/text", json!("{{> mian}}"), "update.json.text", "mian"),
        ("/update/answers/0/status", json!(9), "update.answers[0].status", "9"),
        ("/answers/0/when", json!("nobody"), "answers[0].when", "nobody"),
        ("/texts/main", json!("{{ sumary }}"), "texts.main", "sumary"),
        ("/send/text", json!("{{ captured.number }}"), "send.text", "known yet"),
        ("/parameters/url/example", Value::Null, "parameters.url", "example"),
        ("/parameters/close/default", json!("yes"), "parameters.close.default", "expected"),
        (
            "/parameters/more",
            json!({"type": "text", "about": "x"}),
            "parameters.more",
            "no template",
        ),
        ("/limits/title", json!(0), "limits.title", "nothing fits"),
        ("/rows", json!(0), "rows", "at least one"),
        ("/pace", json!({"burst": 0}), "pace.burst", "nonzero"),
        ("/open/0/capture/a-b", json!("id"), "open[0].capture.a-b", "named by letters"),
        ("/open/0/when", json!("{{ late }}"), "open[0].when", "braces are left out"),
        ("/docs", json!("tracker.example"), "docs", "no whole URL"),
        ("/parameters/url/required", json!(false), "open[0].url", "may be left out"),
    ] {
        let errors = errors(&[(pointer, value.clone())]);
        let found =
            errors.iter().any(|error| error.path == path && error.message.contains(message));
        assert!(found, "{pointer}: {value} gives {errors:#?}");
    }
}

#[test]
fn a_service_sends_something_and_opens_what_it_adds_to() {
    let paths =
        |errors: Vec<BuildError>| errors.into_iter().map(|one| one.path).collect::<Vec<_>>();
    let without = errors(&[("/open", Value::Null)]);
    assert!(
        paths(without.clone()).starts_with(&["update".into(), "resolve".into()]),
        "{without:#?}"
    );
    let silent = ["/open", "/update", "/resolve", "/send"].map(|pointer| (pointer, Value::Null));
    assert_eq!(errors(&silent)[0].message, "the service sends nothing");
}

#[test]
fn several_mistakes_are_told_at_once() {
    let found = errors(&[
        ("/about", json!("x")),
        ("/open/0/url", json!("{{ options.url }}/{{ options.project }}/{{ gruop }}")),
        ("/open/0/headers/Host", json!("x")),
        ("/update/url", json!("nowhere")),
    ]);
    let paths: Vec<&str> = found.iter().map(|error| error.path.as_str()).collect();
    assert_eq!(paths, ["about", "open[0].url", "open[0].headers.Host", "update.url"]);
}

#[test]
fn a_persons_options_are_read_and_their_templates_compiled() {
    let error = |options: Value| built(&tracker(), options).map(drop).unwrap_err();
    let url = "https://tracker.example";
    assert_eq!(
        error(json!({"url": url, "token": "x", "boddy": "x"})).hint.unwrap(),
        "did you mean `body`?"
    );
    assert_eq!(error(json!({"url": url, "token": "x", "body": "{{ gruop }}"})).path, "body");
    let cut = json!({"url": "https://tracker.example/#x", "token": "x"});
    assert_eq!(built(&tracker(), cut).unwrap().warnings[0].path, "url");
}

#[test]
fn every_built_in_file_is_right() {
    for (name, text) in crate::catalog::FILES {
        let file: Value = serde_yaml::from_str(text).unwrap();
        let service = Service::read(file).unwrap_or_else(|errors| panic!("{name}: {errors:#?}"));
        assert_eq!(service.name(), *name);
    }
}
