//! What deciding costs an event: reading its body, and asking 10, 1,000 and 10,000 rules of mixed
//! kinds. An event's whole acknowledgement takes about 20 µs; this may cost a fraction of that.

use agnox_bridge::model::Reading;
use agnox_bridge::route::{Router, State};
use divan::{Bencher, black_box};

#[path = "common/rules.rs"]
mod rules;

use rules::{GROUPS, Runs, body, event, router, router_with_history};

const SIZES: [usize; 3] = [10, 1_000, 10_000];

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::main();
}

#[divan::bench]
fn read_the_usual_body(bencher: Bencher<'_, '_>) {
    let body = body("checkout-eu");
    bencher.bench(|| Reading::of(black_box(&body)));
}

#[divan::bench(args = SIZES)]
fn decide_for_a_group_of_one_rule(bencher: Bencher<'_, '_>, rules: usize) {
    let (router, event) = (router(rules), event("suite-3"));
    assert_eq!(router.decide(&event, &mut State::default()).planned.len(), 1);
    bencher.bench(|| router.decide(black_box(&event), &mut State::default()));
}

#[divan::bench(args = SIZES)]
fn decide_where_nothing_matches(bencher: Bencher<'_, '_>, rules: usize) {
    let (router, event) = (router(rules), event("somebody-elses-group"));
    assert!(router.decide(&event, &mut State::default()).unmatched);
    bencher.bench(|| router.decide(black_box(&event), &mut State::default()));
}

/// Each event's group is one that was never seen before.
#[divan::bench(args = SIZES)]
fn decide_for_new_groups(bencher: Bencher<'_, '_>, rules: usize) {
    let router = router(rules);
    let mut number = 0;
    bencher
        .with_inputs(|| {
            number += 1;
            event(&format!("team-{}-nightly-{number}", number % 10_000))
        })
        .bench_local_refs(|event| router.decide(event, &mut State::default()));
}

/// As ever: what the rules say, against nothing. The bridge's own source has no history.
#[divan::bench]
fn decide_10_000_groups_without_history(bencher: Bencher<'_, '_>) {
    let router = router_with_history();
    let mut runs = Runs::new("(bridge)");
    let mut state = State::default();
    bencher.bench_local(|| router.decide(black_box(runs.next()), &mut state));
    assert_eq!(state.groups(), 0);
}

/// The same with all that is remembered of the groups.
#[divan::bench]
fn decide_10_000_groups_with_full_history(bencher: Bencher<'_, '_>) {
    let (router, mut runs, mut state) = with_full_history();
    bencher.bench_local(|| router.decide(black_box(runs.next()), &mut state));
    assert_eq!(state.groups(), GROUPS);
}

/// The same with the rows for the journal, a batch of 64 at a time.
#[divan::bench(items_count = 64_u32)]
fn decide_64_with_full_history_and_take_the_rows(bencher: Bencher<'_, '_>) {
    let (router, mut runs, mut state) = with_full_history();
    bencher.bench_local(|| {
        for _ in 0..64 {
            black_box(router.decide(runs.next(), &mut state));
        }
        state.take_patch()
    });
}

fn with_full_history() -> (Router, Runs, State) {
    let (router, mut runs, mut state) =
        (router_with_history(), Runs::new("main"), State::default());
    for _ in 0..20 * GROUPS {
        router.decide(runs.next(), &mut state);
    }
    state.take_patch();
    (router, runs, state)
}

#[divan::bench(args = SIZES, sample_count = 10)]
fn compile(bencher: Bencher<'_, '_>, rules: usize) {
    bencher.bench(|| router(black_box(rules)));
}

#[divan::bench(args = SIZES, sample_count = 10)]
fn warn(bencher: Bencher<'_, '_>, rules: usize) {
    let router = router(rules);
    bencher.bench(|| router.warnings());
}
