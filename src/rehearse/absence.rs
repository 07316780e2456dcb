//! Why a sink was not told, rule by rule, from the accounts of what was decided.

use std::collections::BTreeSet;

use super::Stage;
use super::outbox::Fate;
use super::outbox::Outbox;
use super::play::Decided;
use crate::route::{Finding, RuleConfig};

/// More reasons than this help nobody.
const MOST: usize = 12;

/// The reasons for which a sink was not told of what was decided.
pub(super) fn reasons(
    decided: &[Decided],
    outbox: &Outbox<'_>,
    stage: &Stage<'_>,
    sink: &str,
) -> Vec<String> {
    let mut reasons: Vec<String> = outbox.kept_from(sink).filter_map(kept).collect();
    if decided.is_empty() && reasons.is_empty() {
        reasons.push("no event arrived, and no timer made one".to_owned());
    }
    for decided in decided {
        reasons.extend(held(decided, sink));
        reasons.extend(missed(decided, stage, sink));
    }
    if !stage.rules.iter().any(|rule| names(rule, sink)) {
        reasons.push(format!("no rule sends to `{sink}`"));
    }
    let mut said = BTreeSet::new();
    reasons.retain(|reason| said.insert(reason.clone()));
    let more = reasons.len().saturating_sub(MOST);
    reasons.truncate(MOST);
    reasons.extend((more > 0).then(|| format!("and {more} more")));
    reasons
}

fn kept(fate: Fate) -> Option<String> {
    let why = match fate {
        Fate::Waiting => "a message waits: the sink is down",
        Fate::Held => "a recovery waits until the message of the failure has arrived",
        Fate::Superseded => "a message of the failure gave way to that of the recovery",
        Fate::Cancelled => "a recovery was not sent, since the failure never arrived there",
        Fate::Delivered => return None,
    };
    Some(why.to_owned())
}

/// The rules that matched, and held it back.
fn held(decided: &Decided, sink: &str) -> Vec<String> {
    let mut reasons = Vec::new();
    for matched in &decided.account.matched {
        for held in matched.held.iter().filter(|held| held.sink == sink) {
            reasons.push(format!("rule \"{}\" held it back: {}", matched.rule, held.why));
        }
    }
    reasons
}

/// The rules that would tell the sink, and did not match.
fn missed(decided: &Decided, stage: &Stage<'_>, sink: &str) -> Vec<String> {
    let mut reasons = Vec::new();
    let verdicts = stage.router.explain(&decided.event, &decided.account.standing);
    let asking = |name: &str| stage.rules.iter().any(|rule| rule.name == name && names(rule, sink));
    for verdict in verdicts.iter().filter(|verdict| asking(&verdict.rule)) {
        match &verdict.finding {
            Finding::Missed(miss) => {
                reasons.push(format!("rule \"{}\" did not match: {}", verdict.rule, miss.why));
            }
            Finding::NotConsidered { stopped_by } => reasons.push(format!(
                "rule \"{}\" was not looked at: \"{stopped_by}\" stopped the list",
                verdict.rule
            )),
            Finding::Matched { .. } => {}
        }
    }
    reasons
}

fn names(rule: &RuleConfig, sink: &str) -> bool {
    rule.send.iter().flat_map(|send| send.items("")).any(|(_, entry)| entry.sink == sink)
}
