//! The whole way of random runs through rules that hold back: every match has its place in an
//! account, what is collected is told once, and a restart at any point changes no message.

use proptest::prelude::*;

use super::*;
use crate::model::memory::{GROUPS, group_of};
use crate::model::{GroupKey, Memo};

const RULES: &str = r#"
- {name: digest, when: {status: [FAILED, PASSED]}, send: [chat, {sink: mail, with: {channel: "{{ group }}"}}], digest: {cron: "0 9,17 * * *"}}
- {name: flaky, when: {status: UNSTABLE}, send: chat, throttle: {limit: 1, per: 2h, by: rule}}
- {name: quiet, when: {transition: [first_failure, kind_changed]}, send: [chat, mail], mute: {during: nights}}
- {name: owed, when: {status: [FAILED, ERROR]}, send: {sink: mail, with: {thread: owed}}, once_per: incident, send_recovery: true, mute: {during: nights, then: drop}}
- {name: later, when: {status: ERROR}, send: {sink: mail, with: {thread: later}}, once_per: incident, send_recovery: true, mute: {during: [nights, dawn]}, throttle: {limit: 2, per: 3h}}
- {name: all, when: always, send: mirror}
"#;

/// These tell of nothing but their matches; the others defer recoveries too, which are none.
const COUNTED: [&str; 3] = ["digest", "flaky", "quiet"];

#[derive(Clone, Debug)]
enum Step {
    Run { minutes: i64, group: u8, status: u8, early: i64 },
    Restart,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let run = (0..240_i64, 0..3_u8, 0..5_u8, prop_oneof![4 => Just(0), 1 => 0..500_i64])
        .prop_map(|(minutes, group, status, early)| Step::Run { minutes, group, status, early });
    prop::collection::vec(prop_oneof![6 => run, 1 => Just(Step::Restart)], 0..40)
}

/// What became of some steps.
#[derive(Debug, Default, PartialEq)]
struct Outcome {
    decisions: Vec<Decision>,
    own: Vec<Letterbox>,
}

type Letterbox = (Timestamp, Vec<u8>);

struct World {
    router: Router,
    state: State,
    rows: BTreeMap<String, Memo>,
    outcome: Outcome,
}

impl World {
    fn commit(&mut self) {
        let patch = self.state.take_patch();
        self.rows.extend(patch.put.into_iter().map(|memo| (memo.name.clone(), memo)));
        for name in patch.forget {
            self.rows.remove(&name);
        }
        self.outcome.own.extend(patch.events.into_iter().map(|own| (own.at, own.body)));
    }

    fn restart(&mut self) {
        let (groups, others): (Vec<Memo>, Vec<Memo>) =
            self.rows.values().cloned().partition(|memo| memo.name.starts_with(GROUPS));
        self.state = State::restore(others).0;
        for memo in groups {
            let key: GroupKey = group_of(&memo.name).unwrap();
            self.state.learn(key, Some(&memo)).unwrap();
        }
    }

    fn run(&mut self, number: u128, now: Timestamp, group: u8, status: &str, early: i64) {
        self.router.fire(&mut self.state, now);
        let finished = now - jiff::SignedDuration::from_mins(early);
        let body =
            json!({"status": status, "groupName": format!("g{group}"), "finishedAt": finished});
        let (id, seq) = (Uuid::from_u128(number), EventSeq(i64::try_from(number).unwrap()));
        let event = Event { id, seq, received_at: now, ..event(&body) };
        let decision = self.router.decide(&event, &mut self.state);
        self.outcome.decisions.push(decision);
    }
}

fn play(steps: &[Step], restarts: bool) -> (Router, Outcome) {
    let router = router(RULES, "[]");
    let (state, rows, outcome) = (State::default(), BTreeMap::new(), Outcome::default());
    let mut world = World { router, state, rows, outcome };
    let (mut now, mut number) = (at("13 12:00:00"), 0);
    for step in steps {
        match step {
            Step::Run { minutes, group, status, early } => {
                now += jiff::SignedDuration::from_mins(*minutes);
                number += 1;
                let status = ["PASSED", "FAILED", "ERROR", "UNSTABLE", "ODD"][usize::from(*status)];
                world.run(number, now, *group, status, *early);
            }
            Step::Restart if restarts => world.restart(),
            Step::Restart => {}
        }
        world.commit();
    }
    world.router.fire(&mut world.state, now + jiff::SignedDuration::from_hours(48));
    world.commit();
    let left: Vec<&String> = world.rows.keys().filter(|name| !name.starts_with(GROUPS)).collect();
    assert!(left.is_empty(), "all is told and forgotten: {left:?}");
    (world.router, world.outcome)
}

/// How many destinations of each counted rule's matches were collected, by the accounts.
fn collected(decisions: &[Decision]) -> BTreeMap<&str, u32> {
    let mut sums = BTreeMap::new();
    for matched in decisions.iter().filter_map(|d| d.account.as_ref()).flat_map(|a| &a.matched) {
        let Some(rule) = COUNTED.into_iter().find(|name| *name == matched.rule) else { continue };
        for held in &matched.held {
            if matches!(
                held.why,
                Absence::Collected | Absence::Throttled | Absence::Deferred { .. }
            ) {
                *sums.entry(rule).or_default() += 1;
            }
        }
    }
    sums
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn sent_held_back_and_collected_is_what_matched(steps in steps()) {
        let (router, outcome) = play(&steps, true);
        for decision in &outcome.decisions {
            for matched in &decision.account.as_ref().unwrap().matched {
                let Some(rule) = router.rule(&matched.rule) else { panic!("{matched:?}") };
                let places = matched.told.len() + matched.held.len();
                prop_assert_eq!(places, rule.send.len(), "each destination has its place: {:?}", matched);
            }
        }
        let mut told: BTreeMap<&str, u32> = BTreeMap::new();
        for (time, body) in &outcome.own {
            let own = Event { source: OWN_SOURCE.into(), received_at: *time, ..raw_event(body) };
            let decision = router.decide(&own, &mut State::default());
            prop_assert_eq!(decision.planned.len(), 1, "exactly the one that it is for");
            let letter = Letter::read(own);
            prop_assert_eq!(&decision.planned[0], &letter.planned);
            let digest = &letter.message.digest;
            match COUNTED.into_iter().find(|name| *name == digest.rule) {
                Some(rule) => *told.entry(rule).or_default() += digest.runs,
                None => prop_assert!(digest.rows.iter().all(|row| row.net != Net::Passing)),
            }
        }
        prop_assert_eq!(told, collected(&outcome.decisions));
        let distinct: BTreeSet<&Vec<u8>> = outcome.own.iter().map(|(_, body)| body).collect();
        prop_assert_eq!(distinct.len(), outcome.own.len(), "no two are equal");
        prop_assert!(play(&steps, false).1 == outcome, "a restart changes nothing");
    }
}

#[test]
fn a_failure_told_in_the_morning_is_answered_by_its_recovery() {
    let mut story = Story::new(
        "[{name: r, when: {status: FAILED}, send: chat, once_per: incident, send_recovery: true, \
         mute: {during: nights}}]",
    );
    // Minutes after noon: 23:20, 23:50, and 8:00 and 9:00 the next day.
    let first = story.run("FAILED", 680);
    let again = story.run("FAILED", 710);
    let why =
        |decision: &Decision| decision.account.as_ref().unwrap().matched[0].held[0].why.clone();
    assert_eq!(why(&first), Absence::Deferred { window: "nights".to_owned() });
    assert_eq!(why(&again), Absence::Repeat);
    assert_eq!(story.router.fire(&mut story.state, story::minute(1200)), 1);
    let own = story.state.take_patch().events.remove(0);
    let own = Event { source: OWN_SOURCE.into(), received_at: own.at, ..raw_event(&own.body) };
    let summary = own.reading.summary.clone().unwrap();
    assert_eq!(summary, "g has been failing since 23:20 (FAILED, 2 in a row)");
    let told = story.decide(&own).planned.remove(0);
    let recovered = story.run("PASSED", 1260).planned.remove(0);
    let answers = recovered.answers.expect("it is owed");
    assert_eq!(Some(answers.duty), told.duty);
    assert!(answers.conditional && !answers.supersedes, "the message may tell of more");
}

#[test]
fn nothing_is_left_of_a_group_once_it_was_told() {
    let mut watch = Watch::new("digest: {every: 1h}");
    watch.run("14 10:00:00", "a", "FAILED");
    let key = GroupKey { source: "main".into(), group: "a".into() };
    assert_eq!(watch.state.rows_of(&key).len(), 1);
    watch.until("14 11:00:00");
    assert!(watch.state.rows_of(&key).is_empty());
}
