//! Sinks that stay on the machine: a program gets what it is to get and is gone in time, and a
//! file's lines are whole whatever happens.

use std::collections::BTreeSet;
use std::fs::{File, Permissions};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::support::bridge::Setup;
use crate::support::{SOON, agnox, eventually};

/// A gateway whose one sink runs this script, in the gateway's own folder.
fn running(script: &str, timeout: &str) -> Setup {
    let setup = Setup::new("", "");
    let program = setup.write("program", &format!("#!/bin/sh\n{script}\n"));
    std::fs::set_permissions(&program, Permissions::from_mode(0o755)).expect("it is ours");
    let (program, folder) = (program.display(), setup.path().display());
    let sinks = format!(
        "  lamp:\n    exec:\n      program: {program}\n      args: [\"{{{{ group }}}}\", two words]\n      directory: {folder}\n    timeout: {timeout}"
    );
    setup.configure(
        &format!("allow_exec: [{program}]"),
        &sinks,
        "  - {name: all, when: always, send: lamp}",
    );
    setup
}

/// A file that a program writes whole.
fn written(setup: &Setup, name: &str) -> String {
    let path = setup.path().join(name);
    eventually(name, SOON, || std::fs::read_to_string(&path).ok())
}

fn until_ended(pids: &str) {
    eventually("all processes have ended", SOON, || {
        pids.split_whitespace().all(|pid| !runs(pid)).then_some(())
    });
}

/// Whether a process runs; one that waits to be counted as ended doesn't.
fn runs(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with(" Z"))
}

#[test]
fn a_program_hears_of_an_event_and_of_nothing_else_of_the_bridge() {
    let mut setup = running(
        "cat > input; printf '%s\\n' \"$@\" > arguments; env > environment; ls /proc/self/fd > files\n\
         echo said; mkdir done",
        "20s",
    );
    setup.variables.push(("A_SECRET_OF_THE_BRIDGE".to_owned(), "canary".to_owned()));
    let bridge = setup.start();
    bridge.accept(&agnox::event("checkout; touch hacked $(id)", "FAILED"));
    let setup = &bridge.setup;
    eventually("the program has run", SOON, || setup.path().join("done").exists().then_some(()));
    let input: Value = serde_json::from_str(&written(setup, "input")).expect("it is JSON");
    assert_eq!(input["group"], "checkout; touch hacked $(id)");
    assert_eq!(written(setup, "arguments"), "checkout; touch hacked $(id)\ntwo words\n");
    let environment = written(setup, "environment");
    let delivery = eventually("it is delivered", SOON, || {
        let list = bridge.cli_json(&["deliveries", "list"]);
        list.as_array()?.iter().find(|delivery| delivery["state"] == "delivered").cloned()
    });
    let id = delivery["id"].as_str().expect("an id");
    assert!(environment.contains(&format!("AGNOX_DELIVERY_ID={id}\n")), "{environment}");
    assert!(environment.contains("AGNOX_STATUS=FAILED\n") && !environment.contains("canary"));
    let open = Command::new("ls").arg("/proc/self/fd").output().expect("ls is there").stdout;
    let open = String::from_utf8(open).expect("numbers");
    assert_eq!(written(setup, "files"), open, "no socket and no journal, only what we gave it");
    assert!(!setup.path().join("hacked").exists());
}

#[test]
fn a_program_that_hangs_is_ended_with_all_that_it_started() {
    let script = "trap '' TERM; sleep 1000 & echo $$ $! > new; mv new pids; wait; sleep 1000";
    let bridge = running(script, "2s").start();
    bridge.accept(&agnox::event("group", "FAILED"));
    let pids = written(&bridge.setup, "pids");
    assert_eq!(pids.split_whitespace().count(), 2);
    until_ended(&pids);
    eventually("the failure is told", SOON, || {
        bridge.log().contains("did not end within").then_some(())
    });
}

#[test]
fn a_gateway_that_stops_leaves_no_program_behind() {
    let bridge = running("sleep 1000 & echo $$ $! > new; mv new pids; wait", "5m").start();
    bridge.accept(&agnox::event("group", "FAILED"));
    let pids = written(&bridge.setup, "pids");
    let (_setup, status) = bridge.stop();
    assert!(status.success(), "{status}");
    until_ended(&pids);
}

#[test]
fn a_program_that_is_not_allowed_is_named_with_its_line_and_what_to_add() {
    let setup = running("exit 0", "20s");
    let text = std::fs::read_to_string(setup.path().join("bridge.yaml")).expect("it is there");
    assert!(setup.run(&["check"]).status.success());
    let kept: Vec<&str> = text.lines().filter(|line| !line.starts_with("allow_exec")).collect();
    setup.write("bridge.yaml", &kept.join("\n"));
    let line = kept.iter().position(|line| line.contains("program: ")).expect("it is named") + 1;
    let program = setup.path().join("program").display().to_string();
    for command in ["check", "serve"] {
        let output = setup.run(&[command]);
        let said =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success());
        for part in [&format!("bridge.yaml:{line}:"), &format!("allow_exec: [{program}]")] {
            assert!(said.contains(part), "{command} doesn't say {part}:\n{said}");
        }
    }
}

/// A gateway whose one sink writes `log` in its folder.
fn logging(more: &str) -> Setup {
    let sinks = format!("  log: {{file: {{path: log{more}}}}}");
    Setup::new(&sinks, "  - {name: all, when: always, send: log}")
}

/// Every line of the log and of what it was renamed to, each whole.
fn lines(folder: &Path) -> Vec<Value> {
    let mut all = Vec::new();
    for path in logs(folder) {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        all.extend(text.lines().map(|line| serde_json::from_str(line).expect("a whole line")));
    }
    all
}

fn logs(folder: &Path) -> Vec<PathBuf> {
    let names = std::fs::read_dir(folder).expect("it is there").flatten().map(|file| file.path());
    names.filter(|path| path.file_stem().is_some_and(|name| name == "log")).collect()
}

#[test]
fn killed_in_the_middle_a_file_has_every_line_whole() {
    let mut bridge = logging(", rotate: 16KiB, keep: 1000").start();
    let mut sent = BTreeSet::new();
    for round in 1..=4 {
        for n in 0..60 {
            let body = agnox::numbered(&format!("group-{}", n % 5), "FAILED", n);
            bridge.accept(&body);
            sent.insert(agnox::execution(&body));
        }
        let some = round * 20;
        eventually("some lines are there", SOON, || {
            // The last line may be on its way.
            let count = |path| {
                std::fs::read(path).unwrap_or_default().iter().filter(|b| **b == b'\n').count()
            };
            (logs(bridge.setup.path()).into_iter().map(count).sum::<usize>() > some).then_some(())
        });
        bridge = bridge.kill().start();
    }
    let told = eventually("every run is told", SOON, || {
        let (setup, listed) =
            (&bridge.setup, bridge.cli_json(&["deliveries", "list", "--state", "waiting"]));
        listed.as_array()?.is_empty().then(|| lines(setup.path()))
    });
    let found: BTreeSet<String> =
        told.iter().filter_map(|line| line["execution_id"].as_str().map(str::to_owned)).collect();
    assert_eq!(found, sent);
    assert!(told.len() < sent.len() + 4 * 16, "{} lines for {} runs", told.len(), sent.len());
    assert!(logs(bridge.setup.path()).len() > 5, "it was rotated");
}

#[test]
fn a_line_that_finds_no_room_is_cut_off_and_told_when_there_is() {
    const LIMIT: u64 = 8 << 20;
    let mut setup = logging("");
    let script = format!("trap '' XFSZ; ulimit -f {}; exec \"$@\"", LIMIT / 512);
    setup.under = ["sh", "-c", &script, "sh"].map(str::to_owned).to_vec();
    let path = setup.path().join("log");
    let log = File::create(&path).expect("the folder is writable");
    log.write_all_at(b"\n", LIMIT - 101).expect("there is room for a hole");
    let bridge = setup.start();
    bridge.accept(&agnox::event("group", "FAILED"));
    eventually("the line finds no room", SOON, || {
        bridge.log().contains("can't be written").then_some(())
    });
    assert_eq!(log.metadata().expect("it is there").len(), LIMIT - 100, "no half line is left");
    std::fs::rename(&path, bridge.setup.path().join("moved")).expect("it is ours");
    let told = eventually("it is told", Duration::from_secs(60), || {
        path.exists().then(|| lines(bridge.setup.path())).filter(|lines| !lines.is_empty())
    });
    assert_eq!((told.len(), &told[0]["group"]), (1, &"group".into()));
}
