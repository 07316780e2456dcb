//! Lists the files of `catalog/`, so that a new service is one new file and no line of Rust.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=catalog");
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("catalog");
    let mut files: Vec<_> = fs::read_dir(&folder)
        .expect("the catalogue is beside this file")
        .map(|entry| entry.expect("the catalogue can be listed").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "yaml"))
        .collect();
    files.sort();
    let mut list = String::from("&[\n");
    for path in files {
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("names are ASCII");
        writeln!(list, "    ({name:?}, include_str!({path:?})),").expect("a text takes all");
    }
    list.push(']');
    let out = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("catalog.rs");
    fs::write(out, list).expect("cargo's folder takes files");
}
