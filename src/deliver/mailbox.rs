//! What the deliverer and one sink's worker leave for each other.
//!
//! Orders pile up into one state instead of a queue, so that a thousand reloads or a million new
//! deliveries wake a busy worker once. Whether a worker has ended is decided under the same lock
//! under which it is given a new outlet, so that no order is lost between the two.

use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::Notify;

use super::plan::{Outlet, Plan};
use super::state::Condition;
use crate::journal::Trouble;

/// Between the deliverer and a worker.
#[derive(Debug)]
pub(super) struct Mailbox {
    /// Rung when there are new orders.
    pub(super) bell: Notify,
    orders: Mutex<Orders>,
    view: Mutex<View>,
}

/// What a worker is to do.
#[derive(Clone, Debug)]
pub(super) struct Orders {
    /// The sink to deliver to; `None` once it is gone from the configuration.
    pub(super) outlet: Option<Arc<Outlet>>,
    /// The configuration that it belongs to.
    pub(super) plan: Arc<Plan>,
    /// There may be new deliveries.
    pub(super) news: bool,
    /// A person wants the sink to be tried now.
    pub(super) resume: bool,
    /// Start nothing any more.
    pub(super) stop: bool,
    /// The worker has ended.
    pub(super) ended: bool,
}

/// How a worker's sink stands, for whoever looks.
#[derive(Clone, Debug, Default)]
pub(super) struct View {
    /// Its condition.
    pub(super) condition: Condition,
    /// Its trouble, if it has any.
    pub(super) trouble: Option<Trouble>,
    /// How many deliveries are being sent or recorded.
    pub(super) in_flight: usize,
}

impl Mailbox {
    pub(super) fn new(outlet: Arc<Outlet>, plan: Arc<Plan>) -> Self {
        let orders = Orders {
            outlet: Some(outlet),
            plan,
            news: true,
            resume: false,
            stop: false,
            ended: false,
        };
        Mailbox { bell: Notify::new(), orders: Mutex::new(orders), view: Mutex::default() }
    }

    /// Gives an order. Returns false if the worker has ended and will not see it.
    pub(super) fn order(&self, change: impl FnOnce(&mut Orders)) -> bool {
        let mut orders = lock(&self.orders);
        if orders.ended {
            return false;
        }
        change(&mut orders);
        drop(orders);
        self.bell.notify_one();
        true
    }

    /// The orders as they stand; what was to be done once is taken with it. A worker that is idle
    /// and has nothing to live for has ended with this call.
    pub(super) fn take(&self, idle: bool) -> Orders {
        let mut orders = lock(&self.orders);
        orders.ended |= idle && (orders.stop || orders.outlet.is_none());
        let taken = orders.clone();
        (orders.news, orders.resume) = (false, false);
        taken
    }

    pub(super) fn show(&self, change: impl FnOnce(&mut View)) {
        change(&mut lock(&self.view));
    }

    pub(super) fn view(&self) -> View {
        lock(&self.view).clone()
    }

    /// Whether the worker has ended.
    pub(super) fn ended(&self) -> bool {
        lock(&self.orders).ended
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
