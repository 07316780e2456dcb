//! Nothing is lost and nothing is told twice: what passed, was dropped or was collected is what
//! matched, and what was collected is told, through restarts at any point.

use proptest::prelude::*;

use super::*;
use crate::model::Memo;

const RULES: &str = r#"
- {name: throttled, when: always, send: [chat, mail], throttle: {limit: 2, per: 40m, by: [group, status]}}
- {name: together, when: always, send: chat, throttle: {limit: 3, per: 2h, by: rule}}
- {name: nightly, when: always, send: chat, mute: {during: [nights, dawn]}, throttle: {limit: 1, per: 1h}}
- {name: dropped, when: always, send: chat, mute: {during: nights, then: drop}}
- {name: morning, when: always, send: [chat, mail], digest: {cron: "0 9 * * *", by: status, max: 2}}
- {name: often, when: always, send: chat, digest: {every: 25m, even_if_empty: true}}
"#;

const NAMES: [&str; 6] = ["throttled", "together", "nightly", "dropped", "morning", "often"];

#[derive(Clone, Debug)]
enum Step {
    Run { minutes: u16, group: u8, status: u8, matches: u8 },
    Restart,
    TakeOver,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let run = (0..200_u16, 0..4_u8, 0..5_u8, any::<u8>()).prop_map(
        |(minutes, group, status, matches)| Step::Run { minutes, group, status, matches },
    );
    let step = prop_oneof![8 => run, 1 => Just(Step::Restart), 1 => Just(Step::TakeOver)];
    prop::collection::vec(step, 0..60)
}

/// The rows that the journal would hold.
#[derive(Default)]
struct Rows(BTreeMap<String, Memo>);

impl Rows {
    fn commit(&mut self, watch: &mut Watch, bodies: &mut Vec<Vec<u8>>) {
        let patch = watch.state.take_patch();
        for memo in patch.put {
            self.0.insert(memo.name.clone(), memo);
        }
        for name in patch.forget {
            assert!(self.0.remove(&name).is_some(), "only what is there is forgotten");
        }
        bodies.extend(patch.events.into_iter().map(|own| own.body));
    }

    fn restored(&self) -> State {
        let (state, unreadable) = State::restore(self.0.values().cloned().collect());
        assert!(unreadable.is_empty(), "{unreadable:?}");
        state
    }
}

#[derive(Debug, Default, PartialEq)]
struct Sums {
    matched: BTreeMap<String, u32>,
    open: BTreeMap<String, u32>,
    dropped: BTreeMap<String, u32>,
    collected: BTreeMap<String, u32>,
}

/// Plays the steps; `restarts` says whether they restart, or whether the state lives on.
fn play(steps: &[Step], restarts: bool) -> (Sums, Vec<Vec<u8>>) {
    let mut watch = Watch::over(RULES, "[]");
    let (mut rows, mut bodies, mut sums) = (Rows::default(), Vec::new(), Sums::default());
    let mut now = at("13 12:00:00");
    for step in steps {
        match step {
            Step::Run { minutes, group, status, matches } => {
                now += jiff::SignedDuration::from_mins(i64::from(*minutes));
                watch.router.fire(&mut watch.state, now);
                let status = ["PASSED", "FAILED", "ERROR", "UNSTABLE", "ODD"][usize::from(*status)];
                let (event, standing) = watch.event(now, &format!("g{group}"), status);
                for (bit, rule) in NAMES.into_iter().enumerate() {
                    if matches & (1 << bit) != 0 {
                        let gate = watch.pass(&event, &standing, rule);
                        sums.take(rule, &gate, watch.router.rule(rule).unwrap().send.len());
                    }
                }
                gate::observe(&mut watch.state, &event, &standing);
            }
            Step::Restart if restarts => watch.state = rows.restored(),
            Step::Restart => {}
            Step::TakeOver => drop(watch.router.take_over(&mut watch.state, &[], now)),
        }
        rows.commit(&mut watch, &mut bodies);
    }
    now += jiff::SignedDuration::from_hours(48);
    watch.router.fire(&mut watch.state, now);
    rows.commit(&mut watch, &mut bodies);
    let left: Vec<&String> = rows.0.keys().filter(|name| !name.contains("often")).collect();
    assert!(left.is_empty(), "all is told and forgotten: {left:?}");
    (sums, bodies)
}

impl Sums {
    fn take(&mut self, rule: &str, gate: &Gate, destinations: usize) {
        let destinations = u32::try_from(destinations).unwrap();
        *self.matched.entry(rule.to_owned()).or_default() += destinations;
        let place = match gate {
            Gate::Open => &mut self.open,
            Gate::Held { why: Absence::Muted { .. }, .. } => &mut self.dropped,
            Gate::Held { collected, .. } => {
                assert_eq!(collected.len(), destinations as usize);
                &mut self.collected
            }
        };
        *place.entry(rule.to_owned()).or_default() += destinations;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn what_is_collected_is_told_once_through_any_restart(steps in steps()) {
        let (sums, bodies) = play(&steps, true);
        let mut told: BTreeMap<String, u32> = BTreeMap::new();
        for body in &bodies {
            let letter = Letter::read(Event { source: OWN_SOURCE.into(), ..raw_event(body) });
            let digest = &letter.message.digest;
            prop_assert!(digest.rows.len() as u32 + digest.more == digest.groups);
            if digest.runs > 0 {
                *told.entry(digest.rule.clone()).or_default() += digest.runs;
            }
        }
        prop_assert_eq!(&told, &sums.collected);
        for (rule, matched) in &sums.matched {
            let of = |sums: &BTreeMap<String, u32>| sums.get(rule).copied().unwrap_or(0);
            let parts = of(&sums.open) + of(&sums.dropped) + of(&told);
            prop_assert_eq!(*matched, parts, "sent + held back + collected of {}", rule);
        }
        let distinct: BTreeSet<&Vec<u8>> = bodies.iter().collect();
        prop_assert_eq!(distinct.len(), bodies.len(), "no two of the bridge's own are equal");
        let (same_sums, same_bodies) = play(&steps, false);
        prop_assert_eq!(same_sums, sums);
        prop_assert!(same_bodies == bodies, "a restart changes no message");
    }
}
