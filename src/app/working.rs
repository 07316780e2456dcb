//! The parts that decide and deliver, and their orderly end.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use crate::conduct::Conductor;
use crate::deliver::{Deliverer, Plan, SinkState};
use crate::route::Router;

/// The parts that decide and deliver.
pub struct Working {
    conductor: Mutex<Option<Conductor>>,
    /// `None` in shadow: then nothing may be sent, also of what waited before.
    deliverer: Option<Deliverer>,
    finishing: AtomicBool,
}

impl Working {
    /// These parts, running.
    pub fn new(conductor: Conductor, deliverer: Option<Deliverer>) -> Arc<Self> {
        Arc::new(Working {
            conductor: Mutex::new(Some(conductor)),
            deliverer,
            finishing: AtomicBool::default(),
        })
    }

    /// Whether events are being decided and delivered, or were told to end.
    pub fn alive(&self) -> bool {
        let decides = self.conductor().as_ref().is_none_or(Conductor::alive);
        let delivers = self.deliverer.as_ref().is_none_or(Deliverer::alive);
        self.finishing.load(Ordering::Relaxed) || (decides && delivers)
    }

    /// Decides and delivers by another configuration from now on.
    pub fn replace(&self, plan: Arc<Plan>, router: Arc<Router>) {
        // The deliverer first: what the new rules decide must find its sink.
        if let Some(deliverer) = &self.deliverer {
            deliverer.replace(plan);
        }
        if let Some(conductor) = &*self.conductor() {
            conductor.replace(router);
        }
    }

    /// How the sinks stand; `None` in shadow.
    pub fn sinks(&self) -> Option<Vec<SinkState>> {
        self.deliverer.as_ref().map(Deliverer::states)
    }

    /// Tries a sink in trouble now; false if there is no such sink, or in shadow.
    pub fn resume(&self, sink: &str) -> bool {
        self.deliverer.as_ref().is_some_and(|deliverer| deliverer.resume(sink))
    }

    /// Ends deciding, then delivering: what is in hand is finished within the grace.
    pub async fn finish(&self, grace: Duration) {
        self.finishing.store(true, Ordering::Relaxed);
        let conductor = self.conductor().take();
        if let Some(conductor) = conductor {
            conductor.shutdown().await;
        }
        if let Some(deliverer) = &self.deliverer {
            deliverer.shutdown(grace).await;
        }
    }

    fn conductor(&self) -> MutexGuard<'_, Option<Conductor>> {
        self.conductor.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
