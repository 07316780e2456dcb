//! A sink that does as it is told and remembers what it was asked.

use agnox_bridge_sinks::contract::{
    Attempt, Captured, Failure, Fault, Holding, Notice, Receipt, Sink,
};
use agnox_bridge_sinks::message::{Message, Step};
use agnox_bridge_sinks::template::{RenderError, Template};
use futures_util::future::{BoxFuture, pending};

use super::*;

pub(in crate::deliver) const UNAVAILABLE: Fault = Fault::Unavailable { retry_after: None };

/// What a sink is told to do with one try.
#[derive(Clone, Debug)]
pub(in crate::deliver) enum Do {
    Take,
    Fail(Fault),
    Hang,
    Panic,
    /// Takes it, and this becomes of the thing that it holds.
    Hold(Holding),
    /// The same after a while.
    HoldAfter(Duration, Holding),
    /// Fails, having done something already.
    Stop(Fault, Option<Holding>, Option<&'static str>),
}

/// One try, as a sink saw it.
#[derive(Clone, Debug)]
pub(in crate::deliver) struct Try {
    pub text: String,
    pub number: u32,
    pub at: Instant,
    /// What was held open.
    pub held: Option<Captured>,
    /// What an earlier try had left.
    pub progress: Option<String>,
    /// The incident that the notice names.
    pub incident: Option<String>,
}

type Script = dyn Fn(&Try) -> Do + Send + Sync;

/// A sink that does as it is told and remembers what it was asked.
pub(in crate::deliver) struct Puppet {
    script: Mutex<Arc<Script>>,
    tries: Mutex<Vec<Try>>,
    answers: Mutex<Vec<Vec<String>>>,
    notices: Mutex<BTreeMap<String, Notice>>,
    holds: bool,
    now: Mutex<(usize, usize)>,
}

impl Puppet {
    pub(in crate::deliver) fn new(
        script: impl Fn(&Try) -> Do + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Puppet::made(script, false))
    }

    /// One that holds a thing open for each incident.
    pub(in crate::deliver) fn holding(
        script: impl Fn(&Try) -> Do + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Puppet::made(script, true))
    }

    fn made(script: impl Fn(&Try) -> Do + Send + Sync + 'static, holds: bool) -> Self {
        Puppet {
            script: Mutex::new(Arc::new(script)),
            tries: Mutex::default(),
            answers: Mutex::default(),
            notices: Mutex::default(),
            holds,
            now: Mutex::default(),
        }
    }

    pub(in crate::deliver) fn willing() -> Arc<Self> {
        Puppet::new(|_| Do::Take)
    }

    pub(in crate::deliver) fn now_does(&self, script: impl Fn(&Try) -> Do + Send + Sync + 'static) {
        *lock(&self.script) = Arc::new(script);
        lock(&self.now).1 = 0;
    }

    pub(in crate::deliver) fn tries(&self) -> Vec<Try> {
        lock(&self.tries).clone()
    }

    pub(in crate::deliver) fn texts(&self) -> Vec<String> {
        self.tries().into_iter().map(|one| one.text).collect()
    }

    /// The ids of what each message answers, in order.
    pub(in crate::deliver) fn answers(&self) -> Vec<Vec<String>> {
        lock(&self.answers).clone()
    }

    /// How many were under way at once at most, since it was last told what to do.
    pub(in crate::deliver) fn most_at_once(&self) -> usize {
        lock(&self.now).1
    }
}

impl Sink for Puppet {
    fn render(&self, notice: &Notice, _: Option<&Template>) -> Result<Message, RenderError> {
        let text = match &notice.dead {
            Some(dead) => format!("{} of {}: {}", dead.count, dead.sink, dead.reason),
            None => notice.summary.clone().unwrap_or_default(),
        };
        lock(&self.answers).push(notice.answers.clone());
        lock(&self.notices).insert(notice.delivery_id.clone(), notice.clone());
        match text.as_str() {
            "unrenderable" => Err(RenderError("a template that names s3cret-token".to_owned())),
            "explosive" => panic!("cannot render s3cret-token"),
            _ => Ok(Message::one(Step::Print(text))),
        }
    }

    fn minimal(&self, notice: &Notice, why: &str) -> Message {
        let text = format!("minimal {}: {why}", notice.group);
        Message { fallback: Some(why.to_owned()), ..Message::one(Step::Print(text)) }
    }

    fn send<'a>(
        &'a self,
        message: &'a Message,
        attempt: &'a Attempt,
    ) -> BoxFuture<'a, Result<Receipt, Failure>> {
        Box::pin(async move {
            let text = message.to_string().trim_end().to_owned();
            let notice = lock(&self.notices).remove(&attempt.delivery_id).unwrap_or_default();
            let Notice { held, progress, incident, .. } = notice;
            let (number, at) = (attempt.number, Instant::now());
            let this = Try { text, number, at, held, progress, incident };
            lock(&self.tries).push(this.clone());
            let _under_way = UnderWay::new(&self.now);
            let script = lock(&self.script).clone();
            tokio::task::yield_now().await;
            match script(&this) {
                Do::Take => Ok(receipt(None)),
                Do::Fail(fault) => Err(Failure::new(fault, "as told")),
                Do::Hold(holding) => Ok(receipt(Some(holding))),
                Do::HoldAfter(wait, holding) => {
                    tokio::time::sleep(wait).await;
                    Ok(receipt(Some(holding)))
                }
                Do::Stop(fault, holding, progress) => {
                    let progress = progress.map(str::to_owned);
                    Err(Failure { holding, progress, ..Failure::new(fault, "as told") })
                }
                Do::Hang => pending().await,
                Do::Panic => panic!("the puppet fell over s3cret-token"),
            }
        })
    }

    fn holds(&self) -> bool {
        self.holds
    }

    fn reach<'a>(&'a self, _: Duration) -> BoxFuture<'a, Result<String, Failure>> {
        Box::pin(async { Ok("the puppet".to_owned()) })
    }
}

fn receipt(holding: Option<Holding>) -> Receipt {
    Receipt { status: Some(200), excerpt: Some("ok".to_owned()), holding }
}

struct UnderWay<'a>(&'a Mutex<(usize, usize)>);

impl<'a> UnderWay<'a> {
    fn new(now: &'a Mutex<(usize, usize)>) -> Self {
        let mut count = lock(now);
        count.0 += 1;
        count.1 = count.1.max(count.0);
        UnderWay(now)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        lock(self.0).0 -= 1;
    }
}
