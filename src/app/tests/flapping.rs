//! Deciding and delivering together, to sinks that flap: whatever they do, and whenever the bridge
//! is killed, in the end nobody was told too much or too little.
//!
//! All that is random comes from a seed. The time is paused, so that hours of trouble are over at
//! once; the journal is a real one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use agnox_bridge_sinks::catalog::Catalog;
use agnox_bridge_sinks::contract::{Attempt, Failure, Fault, Notice, Receipt, Sink};
use agnox_bridge_sinks::kind::Pace;
use agnox_bridge_sinks::message::{Message, Step};
use agnox_bridge_sinks::secret::Redactor;
use agnox_bridge_sinks::template::{Names, RenderError, Template, Templates};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use uuid::Uuid;

use crate::conduct::{ConductOptions, Conductor};
use crate::deliver::{Deliverer, Outlet, Plan, SinkOptions};
use crate::journal::again::again;
use crate::journal::{Arrival, Delivery, DeliveryFilter, Journal, open};
use crate::model::{DeliveryState, Duty, Reading, Status};
use crate::notice::Context;
use crate::route::{Ingredients, Router, RuleConfig};

const RULES: &str = "
- {name: once, when: {status: [FAILED, ERROR]}, send: [chat, mail], once_per: incident, send_recovery: true}
- {name: worse, when: {transition: kind_changed}, send: {sink: chat, with: {channel: worse}}, send_recovery: true}
- {name: each, when: {status: FAILED}, send: {sink: chat, with: {channel: each}}, send_recovery: true}
";

/// A small generator of numbers.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }
}

/// A place that answers as the dice fall, and remembers which deliveries came, in order.
struct Flapping {
    dice: Mutex<Dice>,
    came: Arc<Mutex<Vec<Uuid>>>,
}

impl Flapping {
    fn take(&self, attempt: &Attempt) {
        self.came.lock().unwrap().push(attempt.delivery_id.parse().unwrap());
    }
}

impl Sink for Flapping {
    fn render(&self, notice: &Notice, _: Option<&Template>) -> Result<Message, RenderError> {
        Ok(Message::one(Step::Print(notice.summary.clone().unwrap_or_default())))
    }

    fn minimal(&self, _: &Notice, why: &str) -> Message {
        Message::one(Step::Print(why.to_owned()))
    }

    fn send<'a>(
        &'a self,
        message: &'a Message,
        attempt: &'a Attempt,
    ) -> BoxFuture<'a, Result<Receipt, Failure>> {
        Box::pin(async move {
            let (fate, slow) = {
                let mut dice = self.dice.lock().unwrap();
                (dice.roll(20), dice.roll(3))
            };
            tokio::time::sleep(Duration::from_secs(slow)).await;
            let fails = |fault| Err(Failure::new(fault, "as the dice fell"));
            let unavailable = Fault::Unavailable { retry_after: None };
            let text = message.to_string();
            match fate {
                // Some are in trouble of their own for long, and their lanes pass them.
                _ if text.contains('7') && attempt.number < 9 => {
                    Err(Failure { maybe_arrived: true, ..Failure::new(unavailable, "no answer") })
                }
                0..=4 => fails(unavailable),
                5 => fails(Fault::Deferred),
                6 => fails(Fault::Refused),
                7 | 8 => {
                    if fate == 7 {
                        self.take(attempt);
                    }
                    Err(Failure { maybe_arrived: true, ..Failure::new(unavailable, "no answer") })
                }
                _ => {
                    self.take(attempt);
                    Ok(Receipt::default())
                }
            }
        })
    }

    fn reach<'a>(&'a self, _: Duration) -> BoxFuture<'a, Result<String, Failure>> {
        Box::pin(async { Ok("the dice".to_owned()) })
    }
}

/// The rooms that decide and deliver, over one journal.
struct World {
    folder: tempfile::TempDir,
    router: Arc<Router>,
    plan: Arc<Plan>,
    came: Arc<Mutex<Vec<Uuid>>>,
    journal: Arc<dyn Journal>,
    working: Option<(Conductor, Deliverer)>,
    kills: usize,
}

impl World {
    fn new(seed: u64) -> World {
        let folder = tempfile::tempdir().unwrap();
        let journal = open("sqlite:journal.db", folder.path()).unwrap();
        let (router, came) = (Arc::new(router()), Arc::default());
        let sink = |name: &str, salt| {
            let dice = Mutex::new(Dice(seed * 7_919 + salt));
            let sink = Arc::new(Flapping { dice, came: Arc::clone(&came) });
            let options = SinkOptions::default();
            (
                name.to_owned(),
                Arc::new(Outlet {
                    name: name.to_owned(),
                    kind: "dice".to_owned(),
                    pace: Pace::UNKNOWN,
                    sink,
                    options,
                }),
            )
        };
        let plan = Arc::new(Plan {
            outlets: BTreeMap::from([sink("chat", 1), sink("mail", 2)]),
            router: Arc::clone(&router),
            on_dead: None,
            redactor: Redactor::new([""; 0]),
            version: "1".to_owned(),
        });
        let mut world = World { folder, router, plan, came, journal, working: None, kills: 0 };
        world.start();
        world
    }

    fn start(&mut self) {
        let (journal, router) = (self.journal.clone(), self.router.clone());
        let options = ConductOptions::default();
        let conductor = Conductor::start(journal.clone(), router, options, Arc::default());
        let deliverer = Deliverer::start(journal, self.plan.clone(), Arc::default());
        self.working = Some((conductor, deliverer));
    }

    /// Ends everything at once, with whatever is in flight, and starts it again.
    async fn kill(&mut self) {
        self.kills += 1;
        drop(self.working.take());
        self.journal = again(self.journal.as_ref(), self.folder.path()).await;
        self.start();
    }

    async fn run(&self, number: usize, group: u64, status: &str) {
        let body = serde_json::json!({
            "groupName": format!("group-{group}"), "summary": number.to_string(), "status": status,
        });
        let body: Arc<[u8]> = body.to_string().into_bytes().into();
        let reading = Reading::of(&body);
        let received_at = Timestamp::now();
        let arrival = Arrival { source: "main".into(), received_at, body, reading };
        self.journal.accept(arrival).await.unwrap();
    }

    async fn all(&self) -> Vec<Delivery> {
        let filter = DeliveryFilter { limit: 100_000, ..DeliveryFilter::default() };
        let mut all = self.journal.deliveries(filter).await.unwrap();
        all.reverse();
        all
    }

    /// Waits until all is decided and settled, and gives back the deliveries.
    async fn settled(&self) -> Vec<Delivery> {
        let begun = Instant::now();
        loop {
            let all = self.all().await;
            let open =
                |d: &&Delivery| matches!(d.state, DeliveryState::Waiting | DeliveryState::Held);
            let left: Vec<&Delivery> = all.iter().filter(open).collect();
            if left.is_empty() && self.journal.undecided(1).await.unwrap().is_empty() {
                return all;
            }
            assert!(begun.elapsed() < PATIENCE, "these wait for ever: {left:#?}");
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
    }
}

/// So many worlds.
const SEEDS: u64 = 16;

const PATIENCE: Duration = Duration::from_secs(40);

fn router() -> Router {
    let rules: Vec<RuleConfig> = serde_yaml::from_str(RULES).unwrap();
    let kinds = Catalog::built_in().kind("slack").unwrap();
    let ingredients = Ingredients {
        rules: &rules,
        groups: &[],
        failing: &[Status::Failed, Status::Error],
        sinks: &BTreeMap::from([
            ("chat".to_owned(), kinds.clone()),
            ("mail".to_owned(), kinds.clone()),
        ]),
        templates: &Templates::new(Names::default(), TimeZone::UTC),
        context: Context { zone: TimeZone::UTC, dashboard: String::new(), labels: vec![] },
        windows: &BTreeMap::new(),
        missed: &[],
        sources: &["main".to_owned()],
    };
    Router::compile(ingredients).unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// What became of a duty: the failures that were to be told, and the recoveries that answer them.
#[derive(Default)]
struct Story<'a> {
    failures: Vec<&'a Delivery>,
    recoveries: Vec<&'a Delivery>,
}

fn stories(all: &[Delivery]) -> BTreeMap<i64, Story<'_>> {
    let mut stories: BTreeMap<i64, Story<'_>> = BTreeMap::new();
    for delivery in all {
        if let Some(Duty(duty)) = delivery.duty {
            stories.entry(duty).or_default().failures.push(delivery);
        }
        if let Some(Duty(duty)) = delivery.answers {
            stories.entry(duty).or_default().recoveries.push(delivery);
        }
    }
    stories
}

fn judge(story: &Story<'_>, came: &[Uuid]) -> Result<(), String> {
    let Story { failures, recoveries } = story;
    let [recovery] = recoveries[..] else {
        return recoveries.is_empty().then_some(()).ok_or_else(|| "recovered twice".to_owned());
    };
    if failures.is_empty() {
        return Err("a recovery answers nothing".to_owned());
    }
    let arrived = |d: &&Delivery| d.state == DeliveryState::Delivered || d.maybe_arrived;
    let told = failures.iter().any(arrived);
    let untold = recovery.brief.recovery.is_some_and(|note| note.untold);
    match recovery.state {
        DeliveryState::Cancelled if told => return Err("who was told hears no end".to_owned()),
        DeliveryState::Delivered if !told && !untold => {
            return Err("who was not told hears of an end".to_owned());
        }
        _ => {}
    }
    let last = |of: &[&Delivery]| came.iter().rposition(|id| of.iter().any(|d| d.id == *id));
    let after = last(&recoveries[..]) < last(&failures[..]);
    if recovery.state == DeliveryState::Delivered && after {
        return Err("a failure came after its end".to_owned());
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn whatever_sinks_do_nobody_is_told_too_much_or_too_little() {
    for seed in 1..=SEEDS {
        let (mut world, mut dice) = (World::new(seed), Dice(seed * 104_729));
        for number in 0..60 {
            let status = ["FAILED", "ERROR", "PASSED", "PASSED"][dice.roll(4) as usize];
            world.run(number, dice.roll(4), status).await;
            tokio::time::sleep(Duration::from_millis(dice.roll(20_000))).await;
            if dice.roll(25) == 0 {
                world.kill().await;
            }
        }
        let all = world.settled().await;
        let came = world.came.lock().unwrap().clone();
        for story in stories(&all).values() {
            if let Err(why) = judge(story, &came) {
                panic!("seed {seed}: {why}\n{:#?}\n{:#?}", story.failures, story.recoveries);
            }
        }
        let delivered = all.iter().filter(|d| d.state == DeliveryState::Delivered);
        let came_once: BTreeSet<&Uuid> = came.iter().collect();
        assert!(delivered.clone().all(|d| came_once.contains(&d.id)), "seed {seed}");
        assert!(delivered.count() > 20, "seed {seed} tells of much");
    }
}
