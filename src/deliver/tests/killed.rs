//! The process is killed at its syncs and in the middle of its commits while a sink opens a thing, adds to it and closes it:
//! at most the step that was under way is repeated.
//!
//! The program that is killed is this test binary, which runs [`a_life`] alone.

use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use super::holding::{captured, comes, failure, recovery};
use super::*;

/// Where [`a_life`] keeps its journal and the far side what was done to it.
const FOLDER: &str = "AGNOX_BRIDGE_TEST_LIFE";

/// A tracker whose every act is a line in a file, synced by nobody: it outlives a kill.
struct FarSide(PathBuf);

impl FarSide {
    fn acts(&self) -> Vec<String> {
        let text = std::fs::read_to_string(&self.0).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    fn act(&self, what: &str, number: &serde_json::Value) {
        let mut file = std::fs::File::options().create(true).append(true).open(&self.0).unwrap();
        file.write_all(format!("{what} {number}\n").as_bytes()).unwrap();
    }

    /// Opens in two steps, the second of which works only at the next try.
    fn take(&self, this: &Try) -> Do {
        let Some(held) = &this.held else {
            let opened = self.acts().iter().filter(|act| act.starts_with("open")).count() as u64;
            let captured = captured(opened + 1);
            self.act("open", &captured["number"]);
            return Do::Stop(UNAVAILABLE, Some(Holding::Open(captured)), Some("labels are left"));
        };
        let recovered = this.text.ends_with("recovered");
        let what = match &this.progress {
            Some(_) => "label",
            None if recovered => "close",
            None => "comment",
        };
        self.act(what, &held["number"]);
        if recovered { Do::Hold(Holding::Closed) } else { Do::Take }
    }
}

#[tokio::test(start_paused = true)]
#[ignore = "it is the program that the test below kills"]
async fn a_life() {
    let folder = PathBuf::from(std::env::var_os(FOLDER).expect("the test below says where"));
    let stage = Stage::within(&folder);
    let far_side = FarSide(folder.join("acts"));
    let puppet = Puppet::holding(move |this| far_side.take(this));
    let deliverer = stage.start(plan([outlet("tracker", puppet, SinkOptions::default())]));
    let story = [("1 failed", failure()), ("2 failed", failure()), ("3 recovered", recovery())];
    let known = stage.journal.figures().await.unwrap().events as usize;
    for (number, (text, planned)) in story.into_iter().enumerate() {
        if number >= known {
            comes(&stage, "a", text, planned).await;
        } else if number + 1 == known {
            // Undecided where it was killed in between.
            stage.plan(vec![vec![planned]]).await;
        }
        stage.until(DeliveryState::Waiting, 0).await;
    }
    deliverer.shutdown(PATIENCE).await;
    assert_eq!(stage.count(DeliveryState::Delivered).await, 3);
    stage.journal.close().await;
}

/// Whether a life came to its end, killed at a system call (`fsync:when=3`) or not.
fn a_life_in(folder: &Path, killed_at: Option<&str>) -> bool {
    let itself = std::env::current_exe().unwrap();
    let mut life = Command::new("strace");
    match killed_at {
        None => life = Command::new(itself),
        Some(at) => {
            let (calls, when) = at.split_once(':').unwrap();
            life.args(["-f", "-qqq", "-o", "/dev/null", "-e", &format!("trace={calls}"), "-e"]);
            life.arg(format!("inject={calls}:signal=SIGKILL:{when}")).arg(itself);
        }
    }
    life.args(["--exact", "--ignored", "--quiet", "deliver::tests::killed::a_life"]);
    life.env(FOLDER, folder).output().unwrap().status.success()
}

/// What is done to the tracker where the step of this number is repeated: an opening that is
/// repeated opens another one, which all that follows goes to.
fn acts(repeated: Option<usize>) -> Vec<String> {
    let mut acts = Vec::new();
    let mut number = 0;
    for (place, step) in ["open", "label", "comment", "close"].into_iter().enumerate() {
        for _ in 0..if repeated == Some(place) { 2 } else { 1 } {
            number += u32::from(step == "open");
            acts.push(format!("{step} {number}"));
        }
    }
    acts
}

/// Kills one life after another at these system calls, later and later, until one lives. Returns which
/// steps were repeated.
fn kill(calls: &str, step: usize, prepare: impl Fn(&Path)) -> Vec<Option<usize>> {
    let mut repeats = Vec::new();
    for nth in (1..).step_by(step) {
        let folder = tempfile::tempdir().unwrap();
        prepare(folder.path());
        let at = format!("{calls}:when={nth}");
        let lived = a_life_in(folder.path(), Some(&at));
        assert!(a_life_in(folder.path(), None), "the next life goes on, killed at {at}");
        let done = FarSide(folder.path().join("acts")).acts();
        let mut allowed = [None, Some(0), Some(1), Some(2), Some(3)].into_iter();
        let which = allowed.find(|repeated| acts(*repeated) == done);
        let which = which.unwrap_or_else(|| panic!("killed at {at}: {done:?}"));
        if lived {
            assert_eq!(which, None, "nothing is repeated without a kill");
            return repeats;
        }
        repeats.push(which);
    }
    repeats
}

#[test]
fn killed_at_any_point_it_repeats_at_most_the_step_that_was_under_way() {
    if Command::new("strace").arg("-V").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "strace is not there");
        return;
    }
    // A commit that is synced is one that was written: what a kill can lose, it loses at a write.
    let at_syncs = kill("fdatasync,fsync", 1, |_| {});
    assert!(at_syncs.len() > 10, "only {} syncs were there", at_syncs.len());
    // Each thread's are counted apart, and most of a new file are not the writer's.
    let at_writes = kill("pwrite64", 3, |folder| drop(open("sqlite:journal.db", folder)));
    let met = at_writes.iter().flatten().count();
    assert!(met > 0, "no kill came between an act and its record: {at_writes:?}");
}
