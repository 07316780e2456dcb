//! A restart and an upgrade refuse nobody: the sockets outlive the process.
//!
//! The test stands in for the service manager: it holds the listening sockets, and hands them to one
//! process after the other as `LISTEN_FDS`.

use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::oracle::{Oracle, forwarding};
use crate::support::bridge::{Bridge, PROGRAM, Process, Setup};
use crate::support::place::Place;
use crate::support::{SOON, eventually};

/// Starts the gateway with the two sockets as descriptors 3 and 4.
fn start_with(setup: Setup, public: &TcpListener, admin: &TcpListener) -> Bridge {
    let log = std::fs::File::options().create(true).append(true).open(setup.path().join("stderr"));
    let hand_over = |listener: &TcpListener| -> Stdio {
        OwnedFd::from(listener.try_clone().expect("a socket can be shared")).into()
    };
    // The shell moves the sockets from stdin and stdout to where they are looked for, and becomes
    // the gateway, so that LISTEN_PID is right.
    let script = format!(
        "exec 3<&0 4>&1 </dev/null >/dev/null; LISTEN_FDS=2 LISTEN_PID=$$ exec {PROGRAM} serve --config bridge.yaml"
    );
    let child = Command::new("sh")
        .args(["-c", &script])
        .current_dir(setup.path())
        .env_remove("RUST_LOG")
        .stdin(hand_over(public))
        .stdout(hand_over(admin))
        .stderr(log.expect("the folder is writable"))
        .spawn()
        .expect("the program starts");
    let mut bridge = Bridge { setup, child: Process(child) };
    bridge.wait_until_ready();
    bridge
}

#[test]
fn restarts_under_load_refuse_nobody() {
    let place = Place::open();
    let mut setup = forwarding(&place);
    let public = TcpListener::bind("127.0.0.1:0").expect("loopback has a port");
    let admin = TcpListener::bind("127.0.0.1:0").expect("loopback has a port");
    setup.public = public.local_addr().expect("a bound socket has an address");
    setup.admin = admin.local_addr().expect("a bound socket has an address");
    let address = setup.public;
    let mut bridge = start_with(setup, &public, &admin);

    let over = Arc::new(AtomicBool::new(false));
    let producers: Vec<_> = (0..4)
        .map(|producer| {
            let over = Arc::clone(&over);
            std::thread::spawn(move || {
                let mut oracle = Oracle::default();
                while !over.load(Ordering::Relaxed) {
                    oracle.post(address, &format!("group-{producer}"));
                }
                oracle
            })
        })
        .collect();
    for _ in 0..3 {
        let before = place.got().len();
        place.wait_for(before + 50, SOON);
        let (setup, status) = bridge.stop();
        assert!(status.success(), "it ends well: {status}");
        bridge = start_with(setup, &public, &admin);
    }
    over.store(true, Ordering::Relaxed);

    let mut oracle = Oracle::default();
    for producer in producers {
        oracle.absorb(producer.join().expect("a producer ends"));
    }
    assert_eq!((oracle.refused, oracle.unanswered), (0, 0), "{}", bridge.log());
    assert!(oracle.acknowledged() > 150);
    oracle.judge(&bridge, &place, 0);
}

#[test]
fn what_is_in_hand_is_finished_and_the_rest_goes_on_after_the_restart() {
    let place = Place::open();
    place.say(crate::support::place::Say::Status(503, "", "later"));
    let bridge = forwarding(&place).start();
    let mut oracle = Oracle::default();
    for n in 0..20 {
        oracle.post(bridge.setup.public, &format!("group-{n}"));
    }
    place.wait_for(1, SOON);
    let (setup, status) = bridge.stop();
    assert!(status.success(), "{status}");
    let tries = place.got().len();
    place.say(crate::support::place::OK);
    let bridge = setup.start();
    eventually("the rest is delivered", Duration::from_secs(40), || {
        let waiting = bridge.cli_json(&["deliveries", "list", "--state", "waiting"]);
        waiting.as_array()?.is_empty().then_some(())
    });
    assert!(place.got().len() >= tries + 19);
}
