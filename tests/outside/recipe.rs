//! The recipe of `sinks/README.md`, done as a newcomer does it: step by step in an empty folder, with
//! the real program, and a local server where the service would be.

use std::path::Path;
use std::process::Command;

use crate::support::agnox::SECRET;
use crate::support::bridge::PROGRAM;
use crate::support::place::{Place, Say};

/// What the recipe has a person write, in its order.
const FILES: [&str; 2] = ["catalog/board.yaml", "agnox-bridge.yaml"];

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(path).expect("the file is there")
}

/// The recipe's blocks with their languages, in order, without the indentation of their fences.
fn steps(recipe: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut lines = recipe.lines();
    while let Some(line) = lines.next() {
        let Some(language) = line.trim_start().strip_prefix("```") else { continue };
        let indent = line.len() - line.trim_start().len();
        let block = lines.by_ref().take_while(|line| !line.trim_start().starts_with("```"));
        let block: Vec<&str> = block.map(|line| line.get(indent..).unwrap_or("")).collect();
        found.push((language.to_owned(), block.join("\n") + "\n"));
    }
    found
}

/// Runs a line of the recipe; what it says.
fn run(line: &str, folder: &Path, place: &Place) -> String {
    let mut words = line.split_whitespace();
    assert_eq!(words.next(), Some("agnox-bridge"), "{line}");
    let output = Command::new(PROGRAM)
        .args(words)
        .current_dir(folder)
        .env_remove("AGNOX_BRIDGE_CONFIG")
        .env("AGNOX_WEBHOOK_SECRET", SECRET)
        .env("BOARD_URL", place.url(""))
        .env("BOARD_TOKEN", "the-boards-token")
        .output()
        .expect("the program starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let trouble = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{line}\n{said}{trouble}");
    said
}

#[test]
fn the_recipe_of_a_service_leads_from_an_empty_folder_to_a_message() {
    let page = read("sinks/README.md");
    let (_, recipe) = page.split_once("## A service in YAML").expect("the recipe is there");
    let (recipe, _) = recipe.split_once("\n## ").expect("it ends");
    let place = Place::open();
    place.say(Say::Status(201, "", "{\"id\": 42}"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut files = FILES.iter();
    let mut said = String::new();
    for (language, block) in steps(recipe) {
        match &language[..] {
            "yaml" => {
                let name = files.next().expect("the recipe writes these files");
                std::fs::write(folder.path().join(name), block).expect("the folder is there");
            }
            _ => block.lines().for_each(|line| said += &run(line, folder.path(), &place)),
        }
    }
    assert!(files.next().is_none(), "the recipe writes all of {FILES:?}");
    assert!(said.contains("nothing of this test stays open"), "{said}");
    let got = place.got();
    assert_eq!(got.len(), 2, "it is opened and closed");
    assert_eq!(got[0].header("authorization"), Some("Bearer the-boards-token"));
    assert_eq!(got[0].json()["team"], "shop");
    assert!(got[1].json()["text"].as_str().expect("a text").contains("Recovered"));
    for name in FILES {
        let written = std::fs::read_to_string(folder.path().join(name)).expect("it was written");
        let example = read(&format!("examples/own-service/{name}"));
        assert!(
            example.ends_with(&written),
            "the example's {name} is not the recipe's:\n{written}"
        );
    }
}
