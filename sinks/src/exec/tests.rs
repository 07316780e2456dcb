//! What an `exec` sink runs, how it ends it, and what it refuses when the configuration is read.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Instant;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::*;
use crate::client::{Client, DialPolicy};
use crate::service::Compiled;
use crate::template::{Names, Templates};
use crate::variables::sample;

fn built_with(options: Value, programs: &[PathBuf]) -> Result<Built, BuildError> {
    let templates = Templates::new(Names { labels: vec!["team".into()] }, TimeZone::UTC);
    let client = Client::new(DialPolicy { private: true });
    let compiled = Compiled::default();
    build(
        options,
        &Surroundings { programs, ..Surroundings::new("lamp", &templates, &client, &compiled) },
    )
}

fn built(options: Value) -> Result<Built, BuildError> {
    built_with(options, &["/bin/sh".into(), "/no/such/program".into(), "sh".into()])
}

/// A sink that runs a shell with this script, since a shell is a program like others.
fn script(text: &str) -> std::sync::Arc<dyn Sink> {
    built(json!({"program": "/bin/sh", "args": ["-c", text, "lamp", "{{ group }}"]})).unwrap().sink
}

async fn send_within(
    sink: &std::sync::Arc<dyn Sink>,
    notice: &Notice,
    deadline: Duration,
) -> Result<Receipt, Failure> {
    let message = sink.render(notice, None).unwrap();
    let attempt = Attempt {
        delivery_id: notice.delivery_id.clone(),
        number: 1,
        at: Timestamp::UNIX_EPOCH,
        deadline,
        progress: None,
    };
    sink.send(&message, &attempt).await
}

async fn send(sink: &std::sync::Arc<dyn Sink>) -> Result<Receipt, Failure> {
    send_within(sink, &sample(), Duration::from_secs(20)).await
}

/// Whether a process runs; one that waits to be counted as ended doesn't.
fn runs(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with(" Z"))
}

#[tokio::test]
async fn a_program_gets_arguments_environment_and_input_and_its_words_are_the_receipt() {
    let sink =
        script(r#"printf '%s|%s|' "$#" "$1"; env | grep -c AGNOX_; echo "$AGNOX_STATUS"; cat"#);
    let receipt = send(&sink).await.unwrap();
    let said = receipt.excerpt.unwrap();
    let ours = ENVIRONMENT.iter().filter(|given| given.name.starts_with("AGNOX_")).count();
    assert!(said.starts_with("1|checkout-eu|"), "{said}");
    assert!(said.contains("\nFAILED\n{\"event_id\":"), "{said}");
    let lines: usize = said["1|checkout-eu|".len()..].lines().next().unwrap().parse().unwrap();
    assert_eq!((lines, receipt.status), (ours, Some(0)));
}

#[tokio::test]
async fn a_program_has_the_documented_environment_and_no_other() {
    let sink = script("env | grep -E '^[A-Za-z_]+=' | cut -d= -f1 | sort | tr '\\n' ' '; pwd");
    let said = send(&sink).await.unwrap().excerpt.unwrap();
    let (names, folder) = said.rsplit_once(' ').unwrap();
    let mut known: Vec<&str> = ENVIRONMENT.iter().map(|given| given.name).collect();
    known.extend(["PWD", "OLDPWD", "SHLVL", "_"]); // the shell's own
    let unknown: Vec<&str> = names.split(' ').filter(|name| !known.contains(name)).collect();
    assert_eq!(unknown, Vec::<&str>::new());
    assert_eq!(folder, "/");
}

#[test]
fn the_page_of_programs_has_each_variable() {
    let page = include_str!("../../../docs/programs.md");
    for Given { name, about, .. } in ENVIRONMENT {
        assert!(page.contains(&format!("| `{name}` | {about} |\n")), "| `{name}` | {about} |");
    }
    let named = page.lines().filter(|line| line.starts_with("| `AGNOX_")).count();
    assert_eq!(named, ENVIRONMENT.len() - 2, "PATH and LANG are the others");
}

#[tokio::test]
async fn the_exit_code_says_whose_trouble_it_is() {
    for (code, name) in [(1, "deferred"), (65, "refused"), (75, "unavailable"), (127, "suspended")]
    {
        let failure = send(&script(&format!("echo why; exit {code}"))).await.unwrap_err();
        assert_eq!(failure.fault.name(), name, "{failure}");
        assert_eq!((failure.status, failure.excerpt.as_deref()), (Some(code), Some("why")));
        assert!(failure.reason.starts_with(&format!("/bin/sh ended with {code}: ")), "{failure}");
        assert!(!failure.maybe_arrived);
    }
    let failure = send(&script("kill -SEGV $$")).await.unwrap_err();
    assert_eq!((failure.fault, failure.maybe_arrived), (Fault::Deferred, true));
    assert_eq!(failure.reason, "/bin/sh was ended by signal 11");
}

#[tokio::test]
async fn a_program_that_hangs_is_ended_with_all_that_it_started() {
    for ignoring in ["", "trap '' TERM;"] {
        let sink = script(&format!("{ignoring} sleep 1000 & echo $$ $!; wait; sleep 1000"));
        let began = Instant::now();
        let deadline = Duration::from_secs(2);
        let failure = send_within(&sink, &sample(), deadline).await.unwrap_err();
        assert!(began.elapsed() < deadline + Duration::from_millis(500), "{:?}", began.elapsed());
        assert_eq!(failure.fault, Fault::Unavailable { retry_after: None });
        assert!(
            failure.maybe_arrived && failure.reason.contains("did not end within"),
            "{failure}"
        );
        let said = failure.excerpt.unwrap();
        assert_eq!(said.split_whitespace().count(), 2);
        until_ended(&said).await;
    }
}

#[tokio::test]
async fn an_attempt_that_is_given_up_leaves_nothing_running() {
    let folder = tempfile::tempdir().unwrap();
    let pids = folder.path().join("pids");
    let sink =
        script(&format!("sleep 1000 & echo $$ $! > {}.new; mv {0}.new {0}; wait", pids.display()));
    let notice = sample();
    let sending = send_within(&sink, &notice, Duration::from_secs(60));
    tokio::select! {
        ended = sending => panic!("{ended:?}"),
        () = until(|| pids.exists()) => {}
    }
    until_ended(&fs::read_to_string(&pids).unwrap()).await;
}

async fn until_ended(pids: &str) {
    until(|| pids.split_whitespace().all(|pid| !runs(pid))).await;
}

async fn until(holds: impl Fn() -> bool) {
    let patience = Duration::from_secs(20);
    let waiting = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(patience, waiting).await.expect("it comes to hold");
}

#[tokio::test]
async fn what_a_program_leaves_behind_is_ended_and_holds_nobody_up() {
    let began = Instant::now();
    let said = send(&script("sleep 1000 & echo $!")).await.unwrap().excerpt.unwrap();
    until_ended(&said).await;
    // Out of our reach, in a session of its own, and with our pipe in its hands.
    send(&script("setsid sleep 15 & exit 0")).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(12), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_program_that_talks_without_end_or_reads_nothing_is_not_held_up() {
    let said = send(&script("head -c 3000000 /dev/zero | tr '\\0' x")).await.unwrap();
    assert_eq!(said.excerpt.unwrap().len(), 1024);
    let notice = Notice { body: json!("x".repeat(3_000_000)), ..sample() };
    let deadline = Duration::from_secs(20);
    send_within(&script("exit 0"), &notice, deadline).await.unwrap();
    let counted = send_within(&script("wc -c"), &notice, deadline).await.unwrap().excerpt.unwrap();
    assert!(counted.trim().parse::<usize>().unwrap() > 3_000_000, "{counted}");
}

#[tokio::test]
async fn the_most_and_longest_texts_are_cut_and_never_too_long_for_the_system() {
    let long = "é".repeat(200_000);
    let notice = Notice { group: long.clone(), summary: Some(long.clone()), ..sample() };
    let mut args = vec!["-c".to_owned(), r#"echo "$#"; exit 0"#.to_owned(), "lamp".to_owned()];
    args.extend(vec!["{{ group }}".to_owned(); 61]);
    let env: serde_json::Map<String, Value> =
        (0..64).map(|n| (format!("{}{n}", "N".repeat(98)), "{{ summary }}".into())).collect();
    let options = json!({"program": "/bin/sh", "args": args, "env": env});
    let sink = built(options).unwrap().sink;
    let receipt = send_within(&sink, &notice, Duration::from_secs(20)).await.unwrap();
    assert_eq!(receipt.excerpt.as_deref(), Some("61"));
}

#[tokio::test]
async fn what_can_not_be_started_is_suspended_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str, mode: u32| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    };
    for (program, says) in [
        (PathBuf::from("/no/such/program"), "there is no program"),
        (write("plain", "echo", 0o644), "may not be executed"),
        (write("lost", "#!/no/such/interpreter\n", 0o755), "interpreter"),
        (write("nothing", "echo hello", 0o755), "begins with `#!`"),
    ] {
        let options = json!({"program": program});
        let sink = built_with(options, std::slice::from_ref(&program)).unwrap().sink;
        let failure = send(&sink).await.unwrap_err();
        assert_eq!(failure.fault, Fault::Suspended, "{failure}");
        assert!(failure.reason.contains(says), "{failure}");
    }
    let nowhere = json!({"program": "/bin/sh", "directory": "/no/such/folder"});
    let failure = send(&built(nowhere).unwrap().sink).await.unwrap_err();
    assert_eq!(failure.fault, Fault::Suspended);
    assert!(failure.reason.contains("no folder /no/such/folder"), "{failure}");
}

#[tokio::test]
async fn a_secret_of_the_environment_is_covered_where_it_is_shown_and_where_it_comes_back() {
    let options = json!({
        "program": "/bin/sh",
        "args": ["-c", "echo key: $TOKEN path: $PATH"],
        "env": {"TOKEN": "CANARY-{{ group }}", "PATH": "/own/bin"},
    });
    let sink = built(options).unwrap().sink;
    let shown = sink.render(&sample(), None).unwrap().to_string();
    assert!(shown.contains("TOKEN=***") && !shown.contains("CANARY"), "{shown}");
    assert!(shown.contains("AGNOX_GROUP=\"checkout-eu\""), "{shown}");
    assert_eq!(send(&sink).await.unwrap().excerpt.unwrap(), "key: *** path: ***");
}

#[test]
fn a_template_that_fails_is_replaced_and_each_argument_stays_one() {
    let notice = Notice { body: json!({"a": "x".repeat(600_000)}), ..sample() };
    let options = json!({
        "program": "/bin/sh",
        "args": ["{{ group }}", "{{ body.a }}{{ body.a }}", "last"],
    });
    let sink = built(options).unwrap().sink;
    let error = sink.render(&notice, None).unwrap_err();
    assert!(error.0.starts_with("args[1]: "), "{error}");
    let message = sink.minimal(&notice, &error.0);
    assert_eq!(message.fallback.as_deref(), Some(error.0.as_str()));
    let [Step::Run(run)] = message.steps.as_slice() else { panic!("{message:?}") };
    assert_eq!(run.arguments, ["checkout-eu", "", "last"]);
    let input: Value = serde_json::from_slice(&run.input).unwrap();
    assert!(input["text"].as_str().unwrap().contains("checkout-eu"));
    assert_eq!(input["fallback"], error.0);
}

#[test]
fn what_can_not_work_is_refused_at_its_option() {
    let many: Vec<&str> = vec!["x"; 65];
    for (options, path) in [
        (json!({}), ""),
        (json!({"program": "sh"}), "program"),
        (json!({"program": "/bin/bash"}), "program"),
        (json!({"program": "/bin/sh", "directory": "tmp"}), "directory"),
        (json!({"program": "/bin/sh", "args": ["{{ gruop }}"]}), "args[0]"),
        (json!({"program": "/bin/sh", "args": many}), "args"),
        (json!({"program": "/bin/sh", "args": "-c true"}), "args"),
        (json!({"program": "/bin/sh", "env": {"A B": "x"}}), "env.A B"),
        (json!({"program": "/bin/sh", "env": {"1A": "x"}}), "env.1A"),
        (json!({"program": "/bin/sh", "env": {"AGNOX_GROUP": "x"}}), "env.AGNOX_GROUP"),
        (json!({"program": "/bin/sh", "env": {"A": "{{ gruop }}"}}), "env.A"),
        (json!({"program": "/bin/sh", "arg": []}), "arg"),
    ] {
        let error = built(options.clone()).map(drop).unwrap_err();
        assert_eq!(error.path, path, "{options}: {error}");
    }
}

#[test]
fn a_program_that_is_not_listed_is_refused_with_the_line_to_write() {
    let hint = |programs: &[PathBuf]| {
        let error = built_with(json!({"program": "/bin/sh"}), programs).map(drop).unwrap_err();
        assert_eq!(error.message, "`/bin/sh` is not allowed to be run");
        error.hint.unwrap()
    };
    assert_eq!(hint(&[]), "write in the main file: `allow_exec: [/bin/sh]`");
    let listed = hint(&["/a".into()]);
    assert_eq!(listed, "write in the main file: `allow_exec: [/a, /bin/sh]`");
}

#[test]
fn a_program_that_is_missing_or_that_others_can_change_is_warned_about() {
    let folder = tempfile::tempdir().unwrap();
    let warned = |program: &Path| {
        let built = built_with(json!({"program": program}), &[program.to_owned()]).unwrap();
        built.warnings.into_iter().map(|warning| warning.message).collect::<Vec<_>>()
    };
    let program = folder.path().join("deep/page");
    assert!(warned(&program)[0].contains("can't be found"));
    fs::create_dir(folder.path().join("deep")).unwrap();
    fs::write(&program, "").unwrap();
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode));
    mode(&program, 0o644).unwrap();
    assert!(warned(&program)[0].contains("can't be executed"));
    mode(&program, 0o755).unwrap();
    assert_eq!(warned(&program), Vec::<String>::new());
    mode(&program, 0o757).unwrap();
    assert!(warned(&program)[0].ends_with("/deep/page"), "{:?}", warned(&program));
    mode(&program, 0o755).unwrap();
    mode(&folder.path().join("deep"), 0o777).unwrap();
    assert!(warned(&program)[0].ends_with("/deep"), "{:?}", warned(&program));
    mode(&folder.path().join("deep"), 0o1777).unwrap();
    assert_eq!(warned(&program), Vec::<String>::new(), "there only the owner may replace it");
    let nowhere = json!({"program": "/bin/sh", "directory": "/no/such/folder"});
    assert_eq!(built(nowhere).unwrap().warnings[0].path, "directory");
}

#[test]
fn an_events_text_that_could_become_an_option_is_warned_about() {
    let warned = |args: Value| {
        let built = built(json!({"program": "/bin/sh", "args": args})).unwrap();
        built.warnings.into_iter().map(|warning| warning.path).collect::<Vec<_>>()
    };
    assert_eq!(warned(json!(["{{ group }}", "x", "{{ status }}"])), ["args[0]", "args[2]"]);
    assert!(warned(json!(["--", "{{ group }}"])).is_empty());
    assert!(warned(json!(["-m", "{{ group }}", "--g={{ group }}", "g {{ group }}"])).is_empty());
}

#[tokio::test]
async fn reaching_says_whether_it_can_be_executed_and_runs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("mark");
    let sink = script(&format!("touch {}", mark.display()));
    let reached = sink.reach(Duration::from_secs(5)).await.unwrap();
    assert_eq!(reached, "/bin/sh can be executed");
    assert!(!mark.exists());
    let missing = built(json!({"program": "/no/such/program"})).unwrap().sink;
    let failure = missing.reach(Duration::from_secs(5)).await.unwrap_err();
    assert_eq!(failure.fault, Fault::Suspended);
}
