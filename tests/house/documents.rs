//! What documents show is true: configurations load, commands parse, links lead somewhere, and
//! generated pages are current (`UPDATE_DOCS=1 cargo test` writes them anew).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use agnox_bridge::cli::Cli;
use agnox_bridge::config::{self, LoadOptions, OwnService};
use agnox_bridge_sinks::catalog::Catalog;
use agnox_bridge_sinks::contract::Notice;
use agnox_bridge_sinks::kind::Kind;
use agnox_bridge_sinks::service::form::Form;
use agnox_bridge_sinks::service::{examples, page};
use agnox_bridge_sinks::template::{Escape, Names, Templates};
use agnox_bridge_sinks::variables::sample;
use clap::{CommandFactory, Parser};
use jiff::tz::TimeZone;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn pages() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for folder in [".", "docs", "docs/services", "sinks", "examples"] {
        collect(&root().join(folder), folder == "examples", &mut found);
    }
    assert!(found.len() > 8, "the pages are found");
    found
}

fn collect(folder: &Path, deep: bool, found: &mut Vec<(PathBuf, String)>) {
    for entry in std::fs::read_dir(folder).expect("the folder is readable").flatten() {
        let path = entry.path();
        if deep && path.is_dir() {
            collect(&path, deep, found);
        } else if path.extension().is_some_and(|ending| ending == "md") {
            let text = std::fs::read_to_string(&path).expect("a page is readable");
            found.push((path, text));
        }
    }
}

/// The fenced blocks of one language, without the indentation of their fence.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let opens = format!("```{language}");
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim_start() != opens {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        let block = lines.by_ref().take_while(|line| !line.trim_start().starts_with("```"));
        let block: Vec<&str> = block.map(|line| line.get(indent..).unwrap_or("")).collect();
        found.push(block.join("\n"));
    }
    found
}

/// Whether a block is a service's file.
fn is_service(block: &str) -> bool {
    block.starts_with("name:") && block.contains("\nparameters:")
}

/// A configuration around a fragment that only adds rules and groups.
const AROUND: &str = "\
include: [fragment.yaml]
sources: {main: {secret: a-secret-that-is-long-enough-for-everyone}}
sinks: {team-chat: {slack: {url: 'https://hooks.slack.com/services/T0/B0/x'}}}
groups: [{match: '*', labels: {team: qa, channel: '#qa'}}]
";

/// Loads a block, with the services that its page shows beside it.
fn load(text: &str, services: &[String]) -> Result<(), String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    if is_service(text) {
        return OwnService::read(&service_file(folder.path(), text))
            .map(drop)
            .map_err(|report| report.to_string());
    }
    let whole = text.contains("sources:");
    let name = if whole { "agnox-bridge.yaml" } else { "fragment.yaml" };
    std::fs::write(folder.path().join(name), text).expect("the folder is writable");
    let path = folder.path().join("agnox-bridge.yaml");
    if !whole {
        std::fs::write(&path, AROUND).expect("the folder is writable");
    }
    let catalog = folder.path().join("catalog");
    std::fs::create_dir(&catalog).expect("the folder is writable");
    for service in services {
        service_file(&catalog, service);
    }
    let options = LoadOptions { without_secrets: true, ..LoadOptions::default() };
    config::load(&path, &options).map(drop).map_err(|report| report.to_string())
}

#[test]
fn every_configuration_in_the_documents_loads() {
    let mut loaded = 0;
    for (path, text) in pages() {
        // The page of a service shows bodies as well.
        let shows_bodies = path.parent().is_some_and(|folder| folder.ends_with("services"));
        let shown = blocks(&text, "yaml");
        let services: Vec<String> = shown.iter().filter(|b| is_service(b)).cloned().collect();
        for block in shown {
            if shows_bodies && !block.starts_with("sinks:") {
                continue;
            }
            if let Err(report) = load(&block, &services) {
                panic!("{}:\n{block}\n{report}", path.display());
            }
            loaded += 1;
        }
    }
    assert!(loaded >= 4, "only {loaded} configurations were found");
}

/// Writes a service's file under the name that it gives itself.
fn service_file(folder: &Path, text: &str) -> PathBuf {
    let name = text.lines().next().and_then(|line| line.split_whitespace().nth(1));
    let path = folder.join(format!("{}.yaml", name.expect("a service has a name")));
    std::fs::write(&path, text).expect("the folder is writable");
    path
}

#[test]
fn every_service_in_the_documents_passes_its_examples() {
    let mut tested = 0;
    for (path, text) in pages() {
        for block in blocks(&text, "yaml").iter().filter(|block| is_service(block)) {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let file = service_file(folder.path(), block);
            let service = OwnService::read(&file).map_err(|report| report.to_string());
            let service = service.unwrap_or_else(|report| panic!("{}:\n{report}", path.display()));
            // A recipe leaves to `--accept` what goes out; whatever is written must hold.
            let accepted = examples::accept(&service.service);
            let accepted = accepted.unwrap_or_else(|wrong| panic!("{}: {wrong:?}", path.display()));
            let recipe = text.contains("sinks test --accept");
            let whole = if recipe { examples::replaced(block, &accepted) } else { block.clone() };
            std::fs::write(&file, whole).expect("the folder is writable");
            let service = OwnService::read(&file).expect("it was read before").service;
            let wrong = examples::run(&service);
            assert!(wrong.is_empty(), "{}: {wrong:#?}", path.display());
            tested += 1;
        }
    }
    assert!(tested >= 2, "only {tested} services were found");
}

#[test]
fn every_command_in_the_documents_is_understood() {
    let mut parsed = 0;
    for (path, text) in pages() {
        for command in commands(&text) {
            if let Err(error) = Cli::try_parse_from(&command) {
                let shown = !error.use_stderr();
                assert!(shown, "{}: {}\n{error}", path.display(), command.join(" "));
            }
            parsed += 1;
        }
    }
    assert!(parsed >= 15, "only {parsed} commands were found");
}

/// Every `agnox-bridge …` in code, in a block or in a line, without what the shell takes away.
fn commands(text: &str) -> Vec<Vec<String>> {
    let in_lines = text.split('`').skip(1).step_by(2);
    let shell = blocks(text, "sh");
    let in_blocks = shell.iter().flat_map(|block| block.lines());
    let all = in_lines.chain(in_blocks).map(str::trim);
    let own = all.filter(|code| code.starts_with("agnox-bridge ") || code.contains(" -- serve "));
    own.map(|code| {
        let code = code.split(" -- ").last().unwrap_or(code);
        let code = code.split([';', '>', '|', '#', '<']).next().unwrap_or(code);
        let words = code.split_whitespace().map(|word| match word {
            "ID" => "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000".to_owned(),
            word => word.trim_matches('\'').to_owned(),
        });
        let name = std::iter::once("agnox-bridge".to_owned());
        name.chain(words.filter(|word| word != "agnox-bridge" && word != "…")).collect()
    })
    .filter(|words: &Vec<String>| words.len() > 1)
    .collect()
}

#[test]
fn every_link_leads_somewhere() {
    for (path, text) in pages() {
        for rest in text.split("](").skip(1) {
            let target = rest.split([')', '#']).next().unwrap_or_default();
            if target.is_empty() || target.contains("://") || target.contains("{{") {
                continue;
            }
            let there = path.parent().expect("a page has a folder").join(target);
            assert!(there.exists(), "{} links to {target}, which isn't there", path.display());
        }
    }
}

#[test]
fn the_page_of_commands_is_current() {
    let mut page = String::from(
        "# Commands\n\n<!-- Written by the tests from the program itself: UPDATE_DOCS=1 cargo test -->\n",
    );
    let mut program = Cli::command();
    program.build();
    for command in program.get_subcommands_mut() {
        if command.get_name() == "help" {
            continue;
        }
        describe(command, &mut page);
    }
    is_current("docs/commands.md", &page);
}

fn describe(command: &mut clap::Command, page: &mut String) {
    let name = command.get_bin_name().unwrap_or(command.get_name()).to_owned();
    let help = command.clone().term_width(90).render_long_help().to_string();
    let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
    page.push_str(&format!("\n## {name}\n\n```text\n{}\n```\n", lines.join("\n").trim()));
    for below in command.get_subcommands_mut() {
        if below.get_name() != "help" {
            describe(below, page);
        }
    }
}

const TEMPLATES: &str = "\
# Templates

<!-- Written by the tests from the program itself: UPDATE_DOCS=1 cargo test -->

A message's words are [handlebars](https://handlebarsjs.com/guide/) templates: `{{ group }} is {{ status }}`.
They stand in a rule (`template:`), in a sink's options, or in files (`*.hbs`) of the folder that
`templates:` names; a file is used by its name, `red.hbs`, or inside another as `{{> red}}`.

Names are checked when the configuration is read, with line and nearest name. What a sink prints is
escaped for the place it goes to, so a test's name can neither break a message nor ping anybody. In a
JSON tree a leaf that is exactly one expression keeps its type. Should a template fail on some event,
the sink's plain built-in message goes out in its place, marked.

A rule's template says the runs that the rule tells. Of a recovery (`send_recovery`) it says only what it
asks for, such as `recovery`, `transition` or `status`, and of a message about several groups (a digest,
or what a window or a throttle held back) only if it asks for `digest`; else the sink's own words go out,
so that nothing that is mended is said to have broken:

```handlebars
{{#if digest}}
{{digest.rule}}: {{digest.failing}} of {{digest.groups}} groups failing
{{#each digest.rows}}{{emoji}} {{line}}
{{/each}}{{#if digest.more}}and {{digest.more}} more{{/if}}
{{else if recovery}}
{{emoji}} {{group}} is mended after {{recovered_after}}{{#if untold}}; this could not be told before{{/if}}
{{else}}
{{emoji}} {{group}}: {{status}}{{#if failing_for}}, for {{failing_for}}{{/if}}
{{/if}}
```

`agnox-bridge render team-chat` shows the message of a failure, with `--transition recovered` that of a
recovery, and with `--digest` what a rule collected. `--group` names a group that the rule matches.

Where all of it is about one group, the ordinary names (`group`, `status`, `summary`, `link`) tell of
that group, so a template that knows no digest serves too.
";

#[test]
fn the_page_of_templates_is_current() {
    let page = format!("{TEMPLATES}\n{}", agnox_bridge_sinks::template::reference());
    is_current("docs/templates.md", &page);
}

#[test]
fn the_template_on_the_page_of_templates_compiles() {
    let (_, rest) = TEMPLATES.split_once("```handlebars\n").expect("a template is on the page");
    let (template, _) = rest.split_once("```").expect("it ends");
    let templates = Templates::new(Names::default(), TimeZone::UTC);
    let template = templates.compile(template, Escape::None).expect("its names are known");
    let said = template.text(&sample().data()).expect("it has a value for each");
    assert_eq!(said.trim(), "🔴 checkout-eu: FAILED, for 10h");
    let recovered = Notice {
        recovery: true,
        untold: true,
        emoji: "✅".to_owned(),
        recovered_after: Some("10h".to_owned()),
        ..sample()
    };
    let said = template.text(&recovered.data()).expect("it has a value for each");
    assert_eq!(said.trim(), "✅ checkout-eu is mended after 10h; this could not be told before");
}

#[test]
fn the_page_of_the_configuration_is_current() {
    is_current("docs/configuration.md", &config::reference());
}

const SERVICES: &str = "\
# The services

<!-- Written by the tests from the services' files: UPDATE_DOCS=1 cargo test -->

Each is one file in [`sinks/catalog/`](../../sinks/catalog), and each has a page here that is made from it.
[services.md](../services.md) says how such a file is written; one of your own works the same way.
`agnox-bridge sinks show slack` says on the terminal what the page of `slack` says.

| service | name | what it does | holds something open | checked by |
|---|---|---|---|---|
";

#[test]
fn every_service_has_a_page_that_is_current() {
    let mut index = SERVICES.to_owned();
    let mut known = vec!["README.md".to_owned()];
    for form in services() {
        let Form { name, title, about, checked, .. } = form;
        let holds = if form.holds() { "yes, for each incident" } else { "" };
        let line = format!("| [{title}]({name}.md) | `{name}` | {about} | {holds} | {checked} |\n");
        index.push_str(&line);
        is_current(&format!("docs/services/{name}.md"), &page::page(form));
        known.push(format!("{name}.md"));
    }
    is_current("docs/services/README.md", &index);
    let folder = std::fs::read_dir(root().join("docs/services")).expect("it is there");
    for entry in folder.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(known.contains(&name), "docs/services/{name} is of no service");
    }
}

fn services() -> impl Iterator<Item = &'static Form> {
    Catalog::built_in().kinds().filter_map(|kind| match kind {
        Kind::Service(service) => Some(service.form()),
        Kind::Native(_) => None,
    })
}

fn is_current(page: &str, wanted: &str) {
    let path = root().join(page);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a page has a folder")).expect("writable");
        std::fs::write(&path, wanted).expect("the page is writable");
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(there == wanted, "{page} is not current; write it anew with UPDATE_DOCS=1 cargo test");
}

#[test]
fn every_example_folder_stands_in_the_list_of_examples() {
    let list = std::fs::read_to_string(root().join("examples/README.md")).expect("it is there");
    let mut folders = BTreeMap::new();
    for entry in std::fs::read_dir(root().join("examples")).expect("readable").flatten() {
        if entry.path().is_dir() {
            folders.insert(entry.file_name().to_string_lossy().into_owned(), ());
        }
    }
    for folder in folders.keys() {
        assert!(list.contains(&format!("]({folder})")), "{folder} is not listed");
    }
}
