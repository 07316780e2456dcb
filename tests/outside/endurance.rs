//! What wears a long-running process down: jumping clocks, reloads, scarce descriptors and memory, a
//! large backlog, damaged files.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::oracle::{Oracle, forwarding};
use crate::support::bridge::{Bridge, Setup};
use crate::support::http;
use crate::support::place::{OK, Place, Say};
use crate::support::programs::{faketime, skip};
use crate::support::{SOON, agnox, eventually};

/// A line of the process's status, in KiB.
fn kibibytes(bridge: &Bridge, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", bridge.child.0.id()));
    let status = status.expect("the process lives");
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("it is there");
    line.trim_matches([':', '\t', ' ']).trim_end_matches(" kB").trim().parse().expect("a number")
}

fn descriptors(bridge: &Bridge) -> usize {
    let folder = format!("/proc/{}/fd", bridge.child.0.id());
    std::fs::read_dir(folder).expect("the process lives").count()
}

/// Posts from several threads at once and remembers what came of it.
fn load(bridge: &Bridge, threads: usize, each: usize) -> Oracle {
    let public = bridge.setup.public;
    let producers: Vec<_> = (0..threads)
        .map(|producer| {
            std::thread::spawn(move || {
                let mut oracle = Oracle::default();
                for _ in 0..each {
                    oracle.post(public, &format!("group-{producer}"));
                }
                oracle
            })
        })
        .collect();
    let mut oracle = Oracle::default();
    for producer in producers {
        oracle.absorb(producer.join().expect("a producer ends"));
    }
    oracle
}

#[test]
fn a_clock_that_jumps_stalls_nothing_and_repeats_nothing() {
    let Some(library) = faketime() else {
        skip("a clock that jumps", "libfaketime not installed (apt install libfaketime)");
        return;
    };
    let place = Place::open();
    let mut setup = forwarding(&place);
    let clock = setup.write("clock", "+0");
    for (name, value) in [
        ("LD_PRELOAD", library.as_str()),
        ("FAKETIME_TIMESTAMP_FILE", &clock.display().to_string()),
        ("FAKETIME_NO_CACHE", "1"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ] {
        setup.variables.push((name.to_owned(), value.to_owned()));
    }
    let bridge = setup.start();
    let mut oracle = Oracle::default();
    for offset in ["+3600", "-3600", "+315360000", "-315360000", "+0"] {
        place.say(Say::Status(503, "", "later"));
        for n in 0..5 {
            oracle.post(bridge.setup.public, &format!("group-{n}"));
        }
        let tried = place.got().len();
        bridge.setup.write("clock", offset);
        std::thread::sleep(Duration::from_millis(500));
        assert!(place.got().len() < tried + 20, "no storm at {offset}");
        place.say(OK);
        eventually(&format!("all is delivered at {offset}"), Duration::from_secs(45), || {
            bridge
                .admin("/metrics")
                .body
                .contains("deliveries_waiting{sink=\"mirror\"} 0")
                .then_some(())
        });
    }
    assert_eq!((oracle.refused, oracle.unanswered), (0, 0));
    let arrived = place.got().len();
    oracle.judge(&bridge, &place, arrived);
}

#[test]
fn hundreds_of_reloads_under_load_leave_memory_and_descriptors_flat() {
    let place = Place::open();
    let bridge = forwarding(&place).start();
    let good =
        std::fs::read_to_string(bridge.setup.path().join("bridge.yaml")).expect("it is there");
    let reloads = |count: usize| {
        for n in 0..count {
            let bad = n % 3 == 2;
            bridge.setup.write("bridge.yaml", if bad { "rules: [{name: broken" } else { &good });
            let answer =
                http::post(bridge.setup.admin, "/api/v1/reload", &[], b"").expect("answers");
            assert_eq!(answer.status == 200, !bad, "{}", answer.body);
        }
    };
    let mut oracle = load(&bridge, 2, 100);
    reloads(200);
    let (memory, open) = (kibibytes(&bridge, "VmRSS"), descriptors(&bridge));
    std::thread::scope(|scope| {
        let loading = scope.spawn(|| load(&bridge, 2, 200));
        reloads(800);
        oracle.absorb(loading.join().expect("the load ends"));
    });
    assert_eq!((oracle.refused, oracle.unanswered), (0, 0));
    oracle.judge(&bridge, &place, 0);
    let grown = kibibytes(&bridge, "VmRSS").saturating_sub(memory);
    assert!(grown < 24 * 1024, "{grown} KiB more after 800 reloads, from {memory}");
    assert!(
        descriptors(&bridge) < open + 24,
        "{} descriptors, {open} before",
        descriptors(&bridge)
    );
}

#[test]
fn without_descriptors_the_journal_goes_on_and_all_recovers() {
    let place = Place::open();
    let mut setup = forwarding(&place);
    setup.under = ["sh", "-c", "ulimit -n 64; exec \"$0\" \"$@\""].map(str::to_owned).to_vec();
    let mut bridge = setup.start();
    let public = bridge.setup.public;
    let mut oracle = load(&bridge, 1, 5);
    let held: Vec<TcpStream> = (0..120).filter_map(|_| TcpStream::connect(public).ok()).collect();
    std::thread::sleep(Duration::from_secs(1));
    assert!(bridge.child.0.try_wait().expect("it is ours").is_none(), "{}", bridge.log());
    drop(held);
    eventually("it takes events again", SOON, || {
        let refused = oracle.unanswered;
        oracle.post(public, "after");
        (oracle.unanswered == refused).then_some(())
    });
    oracle.judge(&bridge, &place, 0);
}

#[test]
fn large_bodies_at_once_stay_within_their_memory() {
    let nobody = "  - {name: none, when: {group: nobody}, send: terminal}";
    let setup = Setup::new("  terminal: {console: {}}", nobody);
    let text = std::fs::read_to_string(setup.path().join("bridge.yaml")).expect("it is there");
    setup.write("bridge.yaml", &text.replace("server: {", "server: {body_memory: 8MiB, "));
    let bridge = setup.start();
    let public = bridge.setup.public;
    let posters: Vec<_> = (0..32)
        .map(|poster| {
            std::thread::spawn(move || {
                (0..2)
                    .map(|n| {
                        let mut body = format!("{{\"n\":\"{poster}-{n} ").into_bytes();
                        body.resize((1 << 20) - 2, b'x');
                        body.extend_from_slice(b"\"}");
                        agnox::post(public, &body).expect("it answers").status
                    })
                    .collect::<Vec<u16>>()
            })
        })
        .collect();
    let answers: Vec<u16> =
        posters.into_iter().flat_map(|poster| poster.join().expect("it ends")).collect();
    assert!(answers.iter().all(|status| matches!(status, 202 | 408 | 503)), "{answers:?}");
    let refused = answers.iter().filter(|status| **status != 202).count();
    let metrics = bridge.admin("/metrics").body;
    let counted: usize = metrics
        .lines()
        .filter(|line| line.contains("cause=\"memory\"") || line.contains("cause=\"slow_body\""))
        .filter_map(|line| line.rsplit(' ').next()?.parse::<usize>().ok())
        .sum();
    assert_eq!(counted, refused, "each refusal is counted");
    assert!(answers.contains(&202));
    let most = kibibytes(&bridge, "VmHWM");
    assert!(most < 128 * 1024, "{most} KiB at most");
    bridge.accept(&agnox::event("after", "FAILED"));
}

#[test]
fn a_large_backlog_delays_neither_the_start_nor_others() {
    let (down, fine) = (Place::open(), Place::open());
    down.say(Say::Status(503, "", "down"));
    let sinks = format!(
        "  one: {{http: {{url: \"{}\"}}}}\n  two: {{http: {{url: \"{}\"}}}}",
        down.url("/one"),
        fine.url("/two")
    );
    let rules = "  - {name: backlog, when: {group: \"group-*\"}, send: one}\n  - {name: fresh, when: {group: fresh}, send: two}";
    let bridge = Setup::new(&sinks, rules).start();
    let oracle = load(&bridge, 16, 300);
    assert_eq!(oracle.acknowledged(), 16 * 300);
    let (setup, status) = bridge.stop();
    assert!(status.success(), "{status}");
    let began = Instant::now();
    let bridge = setup.start();
    assert!(began.elapsed() < Duration::from_secs(2), "ready after {:?}", began.elapsed());
    bridge.accept(&agnox::event("fresh", "FAILED"));
    fine.wait_for(1, Duration::from_secs(5));
}

#[test]
fn a_journal_that_is_deleted_is_noticed_within_seconds() {
    let place = Place::open();
    let mut bridge = forwarding(&place).start();
    for file in ["bridge.db", "bridge.db-wal", "bridge.db-shm"] {
        std::fs::remove_file(bridge.setup.path().join(file)).expect("it is there");
    }
    let status = eventually("it ends", Duration::from_secs(6), || {
        bridge.child.0.try_wait().expect("the process is ours")
    });
    assert_eq!(status.code(), Some(74), "{}", bridge.log());
    let log = bridge.log();
    assert!(log.contains("bridge.db"), "{log}");
}

#[test]
fn a_torn_log_loses_nothing_and_a_damaged_file_is_refused_with_the_way_back() {
    let place = Place::open();
    let bridge = forwarding(&place).start();
    let oracle = load(&bridge, 2, 50);
    place.wait_for(100, SOON);
    let setup = bridge.kill();
    let log = setup.path().join("bridge.db-wal");
    let mut torn = std::fs::read(&log).expect("it is there");
    torn.extend_from_slice(&[0x5a; 3000]);
    std::fs::write(&log, torn).expect("it is ours");
    let bridge = setup.start();
    let listed = bridge.cli_json(&["events", "list", "--limit", "1000"]);
    assert_eq!(listed.as_array().map(Vec::len), Some(oracle.acknowledged()));
    let (setup, _) = bridge.stop();
    let file = setup.path().join("bridge.db");
    let mut damaged = std::fs::read(&file).expect("it is there");
    let end = damaged.len();
    damaged[4096..end].iter_mut().for_each(|byte| *byte ^= 0xa5);
    std::fs::write(&file, damaged).expect("it is ours");
    let output = setup.run(&["serve"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(78), "{said}");
    assert!(said.contains("damaged") && said.contains("backup"), "{said}");
}

#[test]
fn a_template_that_fails_on_one_event_alone_sends_its_minimal_message() {
    let place = Place::open();
    let sinks = format!(
        "  one: {{http: {{url: \"{}\", json: {{text: \"{{{{ group }}}} {{{{ body.words }}}} {{{{ body.words }}}}\"}}}}}}",
        place.url("/one")
    );
    let bridge = Setup::new(&sinks, "  - {name: everything, when: always, send: one}").start();
    let say = |group: &str, length: usize| {
        let words = "x".repeat(length);
        let body =
            format!("{{\"status\":\"FAILED\",\"groupName\":\"{group}\",\"words\":\"{words}\"}}");
        bridge.accept(body.as_bytes());
    };
    // Two of these are more than a template may say.
    for (n, (group, length)) in [("first", 4), ("second", 700_000), ("third", 4)].iter().enumerate()
    {
        say(group, *length);
        place.wait_for(n + 1, SOON);
    }
    let got = place.got();
    let minimal = String::from_utf8_lossy(&got[1].body).into_owned();
    assert!(minimal.contains("second"), "{minimal}");
    assert!(minimal.contains("the template failed"), "it says why: {minimal}");
    assert_eq!(got[2].json()["text"], "third xxxx xxxx");
}
