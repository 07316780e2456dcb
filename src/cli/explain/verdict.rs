//! What a rule in force says of an event: that it matches and whom it tells, or what it lacks.

use std::collections::BTreeMap;

use crate::cli::Output;
use crate::cli::incidents::place;
use crate::model::Match;
use crate::route::{Finding, Telling, Verdict};

/// Says it of one rule.
pub(super) fn tell(verdict: &Verdict, output: &Output) {
    match &verdict.finding {
        Finding::Matched { tells, stops } => {
            output.line(format!("✔ {}", verdict.rule));
            for telling in tells {
                match &telling.held {
                    None => output.line(format!("    → {}", destination(telling))),
                    Some(why) => {
                        output.line(format!("    ∅ {}: not told; {why}", destination(telling)));
                    }
                }
            }
            if *stops {
                output.line("    stop: the rules below are not looked at");
            }
        }
        Finding::Missed(miss) => {
            output.line(format!("✘ {}\n    {}: {}", verdict.rule, miss.condition, miss.why));
        }
        Finding::NotConsidered { stopped_by } => {
            output.line(format!(
                "· {}\n    not looked at: `{stopped_by}` stopped the list",
                verdict.rule
            ));
        }
    }
}

/// Adds what a made-up event's decision did beyond the rule's `when`: what was held back, and
/// recoveries that the rule owes.
pub(super) fn complete(verdict: &mut Verdict, matched: &[Match]) {
    let Some(matched) = matched.iter().find(|matched| matched.rule == verdict.rule) else { return };
    match &mut verdict.finding {
        Finding::Matched { tells, .. } => {
            for telling in tells.iter_mut().filter(|telling| telling.held.is_none()) {
                let held = matched.held.iter().find(|held| held.sink == telling.sink);
                telling.held = held.map(|held| held.why.clone());
            }
        }
        Finding::Missed(_) if !matched.told.is_empty() => {
            let tells = matched.told.iter().map(|sink| recovery(sink)).collect();
            verdict.finding = Finding::Matched { tells, stops: false };
        }
        _ => {}
    }
}

fn recovery(sink: &str) -> Telling {
    Telling {
        sink: sink.to_owned(),
        with: BTreeMap::new(),
        told_by: None,
        held: None,
        notes: vec!["the recovery that it owes".to_owned()],
    }
}

fn destination(telling: &Telling) -> String {
    let mut text = place(&telling.sink, &telling.with);
    if let Some(rule) = &telling.told_by {
        text.push_str(&format!(" (told already, in the words of `{rule}`)"));
    }
    for note in &telling.notes {
        text.push_str(&format!("\n      note: {note}"));
    }
    text
}

/// Says whom all of them would tell together.
pub(super) fn tell_plan(verdicts: &[Verdict], output: &Output) {
    let tells = verdicts.iter().filter_map(|verdict| match &verdict.finding {
        Finding::Matched { tells, .. } => Some(tells),
        _ => None,
    });
    let new = tells.flatten().filter(|t| t.told_by.is_none() && t.held.is_none());
    let new: Vec<String> = new.map(|t| t.sink.clone()).collect();
    output.line("");
    match new.as_slice() {
        [] => output.line("nothing would be sent at once"),
        sinks => output.line(format!("would be sent to: {}", sinks.join(", "))),
    }
}
