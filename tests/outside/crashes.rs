//! The process dies or its disk fails, at every point that matters; nothing acknowledged is lost.

use std::time::Duration;

use crate::oracle::{Oracle, forwarding};
use crate::support::bridge::{Bridge, Setup};
use crate::support::place::Place;
use crate::support::programs::all_there;
use crate::support::{SOON, eventually};

/// In flight at once to one sink, by default.
pub const IN_FLIGHT: usize = 16;

/// Syscalls in which SQLite makes things durable.
pub const SYNCS: &str = "fdatasync,fsync";

/// Starts the program under a tracer that does this to its syscalls.
pub fn under_strace(setup: &mut Setup, inject: &str) {
    let trace = inject.split(':').next().unwrap_or_default();
    setup.under = ["strace", "-f", "-qqq", "-o", "/dev/null", "-e"].map(str::to_owned).to_vec();
    setup.under.push(format!("trace={trace}"));
    setup.under.push("-e".to_owned());
    setup.under.push(format!("inject={inject}"));
}

/// Waits for the end of the traced program; `None` if it lives on.
pub fn ended_within(bridge: &mut Bridge, within: Duration) -> Option<std::process::ExitStatus> {
    let began = std::time::Instant::now();
    while began.elapsed() < within {
        if let Some(status) = bridge.child.0.try_wait().expect("the process is ours") {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    None
}

/// Posts until all are answered or the gateway is gone.
fn post_some(oracle: &mut Oracle, bridge: &mut Bridge, count: usize) {
    let public = bridge.setup.public;
    for n in 0..count {
        if !oracle.post(public, &format!("group-{}", n % 3)) {
            return;
        }
    }
}

/// Whether it became ready before it ended.
pub fn became_ready(bridge: &mut Bridge) -> bool {
    eventually("the gateway is ready or ends", SOON, || {
        if bridge.child.0.try_wait().expect("the process is ours").is_some() {
            return Some(false);
        }
        let answer = crate::support::http::get(bridge.setup.public, "/readyz");
        answer.is_ok_and(|answer| answer.status == 200).then_some(true)
    })
}

/// The same folder and program without the tracer.
pub fn without_tracer(mut setup: Setup) -> Setup {
    setup.under.clear();
    setup
}

#[test]
fn killed_at_each_sync_it_loses_nothing_that_it_acknowledged() {
    if !all_there("killed at each sync", &["strace"]) {
        return;
    }
    let mut killed = 0;
    for nth in 1.. {
        let place = Place::open();
        let mut setup = forwarding(&place);
        under_strace(&mut setup, &format!("{SYNCS}:signal=SIGKILL:when={nth}"));
        let mut oracle = Oracle::default();
        let mut bridge = setup.spawn();
        if became_ready(&mut bridge) {
            post_some(&mut oracle, &mut bridge, 8);
        }
        let alive = ended_within(&mut bridge, Duration::from_millis(300)).is_none();
        if alive {
            stop_traced(&bridge);
        }
        let restarted = without_tracer(bridge.kill()).start();
        oracle.judge(&restarted, &place, IN_FLIGHT);
        if alive && oracle.acknowledged() > 8 {
            // This run needed fewer syncs than that: every one has had its turn.
            break;
        }
        killed += 1;
    }
    assert!(killed >= 8, "only {killed} syncs were there to be killed at");
}

/// A tracer does not pass signals on: the traced program is its child. None is left where the last
/// look was just before its end.
pub fn stop_traced(bridge: &Bridge) {
    let tracer = bridge.child.0.id().to_string();
    let status = std::process::Command::new("pkill").args(["-KILL", "-P", &tracer]).status();
    let code = status.expect("pkill is there").code();
    assert!(matches!(code, Some(0 | 1)), "pkill ended with {code:?}");
}

#[test]
fn killed_in_the_middle_of_a_load_it_loses_nothing_that_it_acknowledged() {
    let place = Place::open();
    let mut bridge = forwarding(&place).start();
    let mut oracle = Oracle::default();
    for _ in 0..4 {
        let public = bridge.setup.public;
        let producers: Vec<_> = (0..4)
            .map(|producer| {
                std::thread::spawn(move || {
                    let mut oracle = Oracle::default();
                    while oracle.post(public, &format!("group-{producer}")) {}
                    oracle
                })
            })
            .collect();
        let before = place.got().len();
        place.wait_for(before + 100, SOON);
        let setup = bridge.kill();
        for producer in producers {
            oracle.absorb(producer.join().expect("a producer ends"));
        }
        bridge = setup.start();
    }
    assert!(oracle.acknowledged() > 400);
    oracle.judge(&bridge, &place, 4 * IN_FLIGHT);
}

#[test]
fn a_sync_that_fails_acknowledges_nothing_and_ends_the_process() {
    if !all_there("a sync that fails", &["strace"]) {
        return;
    }
    let place = Place::open();
    let mut setup = forwarding(&place);
    under_strace(&mut setup, &format!("{SYNCS}:error=EIO:when=24"));
    let mut oracle = Oracle::default();
    let mut bridge = setup.spawn();
    assert!(became_ready(&mut bridge), "the start itself needs fewer than two dozen syncs");
    post_some(&mut oracle, &mut bridge, 60);
    let status = ended_within(&mut bridge, SOON).expect("the process ends");
    assert_eq!(status.code(), Some(74), "{}", bridge.log());
    let restarted = without_tracer(bridge.kill()).start();
    oracle.judge(&restarted, &place, IN_FLIGHT);
}

#[test]
fn a_full_disk_is_refused_with_503_and_recovers_unaided() {
    if !all_there("a full disk", &["strace"]) {
        return;
    }
    let place = Place::open();
    let mut setup = forwarding(&place);
    under_strace(&mut setup, "pwrite64:error=ENOSPC:when=150..220");
    let mut oracle = Oracle::default();
    let mut bridge = setup.spawn();
    assert!(became_ready(&mut bridge), "{}", bridge.log());
    let public = bridge.setup.public;
    eventually("some are refused, then all are taken again", SOON, || {
        let before = oracle.refused;
        oracle.post(public, "full");
        (before > 0 && oracle.refused == before).then_some(())
    });
    let metrics = bridge.admin("/metrics").body;
    assert!(
        metrics.contains("agnox_bridge_requests_refused_total{cause=\"disk_full\"}"),
        "{metrics}"
    );
    oracle.judge(&bridge, &place, 0);
    stop_traced(&bridge);
}
