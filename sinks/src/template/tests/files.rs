//! Templates in files: names, partials, cycles, and the folder's walls.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use tempfile::TempDir;

use super::{data, templates};
use crate::template::{Escape, TemplateError, Templates};

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn load(folder: &Path) -> Result<Templates, Vec<TemplateError>> {
    let mut templates = templates();
    templates.load(folder).map(|()| templates)
}

fn print(files: &[(&str, &str)], template: &str) -> String {
    let templates = load(folder(files).path()).unwrap();
    templates.compile(template, Escape::None).unwrap().text(&data()).unwrap()
}

fn errors(files: &[(&str, &str)]) -> Vec<TemplateError> {
    load(folder(files).path()).err().unwrap()
}

#[test]
fn a_file_is_a_template_and_a_partial_under_its_path() {
    let files = [("team/line.hbs", "{{group}}: {{status}}\n"), ("notes.txt", "{{broken")];
    assert_eq!(print(&files, "team/line.hbs"), "checkout-eu: FAILED");
    assert_eq!(print(&files, "[{{> team/line}}]"), "[checkout-eu: FAILED]");
}

#[test]
fn a_partial_sees_the_scope_that_includes_it_and_what_it_is_given() {
    let files = [("row.hbs", "{{mark}}{{this}};"), ("given.hbs", "{{k}}{{word}}{{@root.status}}")];
    assert_eq!(print(&files, "{{#each body.list}}{{> row mark=\"-\"}}{{/each}}"), "-a;-b;");
    assert_eq!(print(&files, "{{> given body.map word=(lower status)}}"), "vfailedFAILED");
}

#[test]
fn a_partial_alone_on_its_line_keeps_the_lines_apart() {
    let files = [("two.hbs", "one\ntwo\n")];
    assert_eq!(print(&files, "a\n  {{> two}}\nb"), "a\n  one\n  two\nb");
    assert_eq!(print(&files, "a {{> two}} b"), "a one\ntwo b");
    assert_eq!(print(&files, "a\n{{> two}}"), "a\none\ntwo");
}

#[test]
fn a_name_is_checked_where_the_partial_is_used() {
    let folder = folder(&[("row.hbs", "ok\n{{title}}\n"), ("main.hbs", "{{> row}}")]);
    let templates = load(folder.path()).unwrap();
    assert!(templates.compile("{{#each body.rows}}{{> row}}{{/each}}", Escape::None).is_ok());
    let error = templates.compile("main.hbs", Escape::None).err().unwrap();
    assert!(error.file.unwrap().ends_with("row.hbs"));
    assert_eq!((error.line, error.column), (Some(2), Some(1)));
}

#[test]
fn a_text_that_names_no_file_gets_the_nearest_one() {
    let templates = load(folder(&[("incident.hbs", "x")]).path()).unwrap();
    let error = templates.compile("incidnet.hbs", Escape::None).err().unwrap();
    assert_eq!(error.hint.as_deref(), Some("did you mean `incident.hbs`?"));
    let error = templates.compile("{{> incidnet}}", Escape::None).err().unwrap();
    assert_eq!(error.hint.as_deref(), Some("did you mean `incident`?"));
}

#[test]
fn partials_that_include_each_other_are_refused() {
    let found = errors(&[("a.hbs", "{{> b}}"), ("b.hbs", "{{> c}}"), ("c.hbs", "{{> a}}")]);
    assert_eq!(found.len(), 3);
    assert!(found[0].message.contains("the partial `a` includes itself (by way of a, b, c)"));
    assert!(errors(&[("a.hbs", "{{> a}}")])[0].message.contains("includes itself"));
}

#[test]
fn partials_that_multiply_are_refused() {
    let names: Vec<String> = (0..30).map(|n| format!("p{n}.hbs")).collect();
    let texts: Vec<String> = (1..31).map(|n| format!("{{{{> p{n}}}}}{{{{> p{n}}}}}")).collect();
    let mut files: Vec<_> =
        names.iter().zip(&texts).map(|(name, text)| (name.as_str(), text.as_str())).collect();
    files.push(("p30.hbs", "x"));
    assert!(errors(&files)[0].message.contains("with its partials filled in"));
}

#[test]
fn every_broken_file_is_reported_with_its_place() {
    let found =
        errors(&[("a.hbs", "x\n{{#if y}}"), ("b.hbs", "{{nohelper 1}}"), ("c.hbs", "fine")]);
    let ends: Vec<_> = found.iter().map(|error| error.file.clone().unwrap()).collect();
    assert!(ends.len() == 2 && ends[0].ends_with("a.hbs") && ends[1].ends_with("b.hbs"));
    assert_eq!((found[1].line, found[1].column), (Some(1), Some(1)));
}

#[test]
fn nothing_outside_the_folder_is_read() {
    let outside = folder(&[("secret.hbs", "secret"), ("below/secret.hbs", "secret")]);
    let inside = folder(&[("a.hbs", "x")]);
    symlink(outside.path().join("secret.hbs"), inside.path().join("link.hbs")).unwrap();
    symlink(outside.path().join("below"), inside.path().join("linked")).unwrap();
    let found = load(inside.path()).err().unwrap();
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|error| error.message.contains("leads out of")));

    let mut tried = templates();
    let _ = tried.load(inside.path());
    let up = format!("{{{{> ../{}/secret}}}}", outside.path().file_name().unwrap().display());
    for name in ["{{> link}}", "{{> linked/secret}}", "../secret.hbs", "/etc/passwd.hbs", &up] {
        assert!(tried.compile(name, Escape::None).is_err(), "{name}");
    }
}

#[test]
fn a_link_within_the_folder_is_a_file_and_a_circle_of_links_ends() {
    let inside = folder(&[("a.hbs", "x"), ("below/b.hbs", "y")]);
    symlink("a.hbs", inside.path().join("c.hbs")).unwrap();
    assert!(load(inside.path()).unwrap().compile("c.hbs", Escape::None).is_ok());
    symlink("..", inside.path().join("below/up")).unwrap();
    assert!(load(inside.path()).err().unwrap()[0].message.contains("link"));
}

#[test]
fn a_missing_folder_and_a_huge_file_are_errors() {
    assert!(load(Path::new("/no/such/folder")).err().unwrap()[0].message.contains("can't be read"));
    let huge = "x".repeat(300_000);
    assert!(errors(&[("a.hbs", &huge)])[0].message.contains("limit"));
}
