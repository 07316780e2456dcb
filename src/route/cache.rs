//! Keeps what was found for a group's name, so that it is found once and not for each event.
//!
//! It depends on the name and the configuration alone, so forgetting changes no answer. It is
//! bounded in names and in size, since the names come from outside.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::groups::Known;

/// What the configuration makes of one group.
#[derive(Default)]
pub(super) struct GroupFacts {
    /// What the configuration knows of it.
    pub(super) known: Known,
    /// The rules that its name or its labels lead to, in order.
    pub(super) rules: Vec<u32>,
}

/// At most so many names.
const MOST_NAMES: usize = 16_384;

/// At most so many numbers of rules and labels over all names: a few megabytes.
const MOST_ITEMS: usize = 1 << 20;

/// Longer names are not kept.
const LONGEST_NAME: usize = 256;

/// The groups that came lately.
#[derive(Default)]
pub(super) struct Cache(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    groups: HashMap<Arc<str>, Arc<GroupFacts>>,
    items: usize,
}

impl Cache {
    /// What is kept of the group, or else what `find` finds.
    pub(super) fn recall(
        &self,
        group: &Arc<str>,
        find: impl FnOnce() -> GroupFacts,
    ) -> Arc<GroupFacts> {
        if let Some(facts) = self.lock().groups.get(group) {
            return Arc::clone(facts);
        }
        let facts = Arc::new(find());
        if group.len() <= LONGEST_NAME {
            self.lock().keep(group, &facts);
        }
        facts
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn keep(&mut self, group: &Arc<str>, facts: &Arc<GroupFacts>) {
        let items = facts.rules.len() + facts.known.labels.len();
        if self.groups.len() >= MOST_NAMES || self.items + items > MOST_ITEMS {
            *self = Kept::default();
        }
        self.items += items;
        self.groups.insert(Arc::clone(group), Arc::clone(facts));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_from_outside_can_not_fill_the_memory() {
        let cache = Cache::default();
        for number in 0..2 * MOST_NAMES {
            cache.recall(&format!("group-{number}").into(), GroupFacts::default);
            assert!(cache.lock().groups.len() <= MOST_NAMES);
        }
        let before = cache.lock().groups.len();
        cache.recall(&"x".repeat(LONGEST_NAME + 1).into(), GroupFacts::default);
        assert_eq!(cache.lock().groups.len(), before);
    }

    #[test]
    fn what_leads_to_many_rules_is_forgotten_before_it_grows_large() {
        let cache = Cache::default();
        let many = || GroupFacts { rules: vec![0; MOST_ITEMS / 4], ..GroupFacts::default() };
        for number in 0..20 {
            cache.recall(&format!("group-{number}").into(), many);
            assert!(cache.lock().items <= MOST_ITEMS);
        }
        assert_eq!(cache.lock().groups.len(), 4);
    }
}
