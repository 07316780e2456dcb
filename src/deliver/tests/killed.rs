//! The process is killed at each of its syncs while a sink opens a thing, adds to it and closes it:
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

fn a_life_in(folder: &Path, killed_at: Option<usize>) -> bool {
    let itself = std::env::current_exe().unwrap();
    let mut life = match killed_at {
        None => Command::new(itself),
        Some(nth) => {
            let mut traced = Command::new("strace");
            let inject = format!("inject=fdatasync,fsync:signal=SIGKILL:when={nth}");
            traced.args(["-f", "-qqq", "-o", "/dev/null", "-e", "trace=fdatasync,fsync", "-e"]);
            traced.arg(inject).arg(itself);
            traced
        }
    };
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

#[test]
fn killed_at_each_sync_it_repeats_at_most_the_step_that_was_under_way() {
    if Command::new("strace").arg("-V").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "strace is not there");
        return;
    }
    let mut repeats = Vec::new();
    for nth in 1.. {
        let folder = tempfile::tempdir().unwrap();
        let lived = a_life_in(folder.path(), Some(nth));
        assert!(a_life_in(folder.path(), None), "the next life goes on, killed at sync {nth}");
        let done = FarSide(folder.path().join("acts")).acts();
        let allowed = [None, Some(0), Some(1), Some(2), Some(3)].map(acts);
        let which = allowed.iter().position(|acts| *acts == done);
        repeats.push(which.unwrap_or_else(|| panic!("killed at sync {nth}: {done:?}")));
        if lived {
            break;
        }
    }
    assert!(repeats.len() > 10, "only {} syncs were there to be killed at", repeats.len());
    assert_eq!(*repeats.last().unwrap(), 0, "nothing is repeated without a kill");
    for step in 1..=4 {
        assert!(repeats.contains(&step), "no kill met step {step}: {repeats:?}");
    }
}
