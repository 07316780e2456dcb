//! What the deliverer works by: the sinks of one configuration and what goes with them.
//!
//! A [`Plan`] is made whole by whoever read the configuration and is swapped whole at a reload.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use agnox_bridge_sinks::contract::Sink;
use agnox_bridge_sinks::kind::Pace;
use agnox_bridge_sinks::secret::Redactor;

use super::options::SinkOptions;
use super::pace::Tempo;
use crate::model::units::Rate;
use crate::route::Router;

/// One sink of the configuration, ready to be used.
///
/// Two outlets are the same if they are the same allocation: a plan that carries an outlet over
/// from the plan before says with it that nothing about that sink has changed.
pub struct Outlet {
    /// Its name in the configuration.
    pub name: String,
    /// The word of its kind, such as `slack`.
    pub kind: String,
    /// The pace that its kind's service is known to take.
    pub pace: Pace,
    /// The sink itself.
    pub sink: Arc<dyn Sink>,
    /// How it is delivered to.
    pub options: SinkOptions,
}

/// Everything of a configuration that delivering needs.
pub struct Plan {
    /// The sinks by name.
    pub outlets: BTreeMap<String, Arc<Outlet>>,
    /// Whose words the messages say.
    pub router: Arc<Router>,
    /// The sink that hears of dead deliveries and suspended sinks.
    pub on_dead: Option<String>,
    /// Covers the configuration's secrets in whatever a sink answers.
    pub redactor: Redactor,
    /// Which configuration this is, for logs.
    pub version: String,
}

impl Outlet {
    /// How fast its messages may go: as configured, or as its kind's service is known to take
    /// them.
    pub(super) fn tempo(&self) -> Option<Tempo> {
        let configured = self.options.rate.map(|rate| Tempo { rate, burst: None });
        let known = self
            .pace
            .rate
            .map(|(count, per)| Tempo { rate: Rate { count, per }, burst: self.pace.burst });
        configured.or(known)
    }

    /// How many of its messages may be under way at once.
    pub(super) fn concurrency(&self) -> usize {
        self.options.concurrency(self.pace.concurrency, self.tempo().is_some())
    }
}

impl fmt::Debug for Outlet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.kind)
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan")
            .field("version", &self.version)
            .field("outlets", &self.outlets)
            .field("on_dead", &self.on_dead)
            .finish_non_exhaustive()
    }
}
