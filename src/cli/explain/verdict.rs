//! What a rule in force says of an event: that it matches and whom it tells, or what it lacks.

use crate::cli::Output;
use crate::cli::incidents::place;
use crate::route::{Finding, Telling, Verdict};

/// Says it of one rule.
pub(super) fn tell(verdict: &Verdict, output: &Output) {
    match &verdict.finding {
        Finding::Matched { tells, stops } => {
            output.line(format!("✔ {}", verdict.rule));
            tells.iter().for_each(|telling| output.line(format!("    → {}", destination(telling))));
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
    let new: Vec<String> =
        tells.flatten().filter(|t| t.told_by.is_none()).map(|t| t.sink.clone()).collect();
    output.line("");
    match new.as_slice() {
        [] => output.line("nothing would be sent"),
        sinks => output.line(format!("would be sent to: {}", sinks.join(", "))),
    }
}
