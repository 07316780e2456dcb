//! One try through a real sink, for a person to look at: what goes out, what came back, and what
//! that means. Nothing is stored and nothing is tried again.

use std::time::Duration;

use agnox_bridge_sinks::contract::{Attempt, Captured, Failure, Fault, Holding, Notice, Receipt};
use agnox_bridge_sinks::secret::Redactor;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cli::Output;
use crate::deliver::Outlet;
use crate::model::units::Span;

/// A sink that doesn't keep to its own time is cut off this much later.
const SLACK: Duration = Duration::from_secs(1);

/// What a message was, and what came of it.
pub struct Exchange {
    /// What it is for, in a few words.
    pub what: &'static str,
    /// The message as it is shown before it goes out.
    pub message: String,
    /// Why the sink's own words could not be said, if so.
    pub trouble: Option<String>,
    /// What came of it.
    pub outcome: Result<Receipt, Failure>,
}

impl Exchange {
    /// Says a notice through a sink, once.
    pub async fn make(what: &'static str, outlet: &Outlet, notice: &Notice) -> Exchange {
        let (message, trouble) = match outlet.sink.render(notice, None) {
            Ok(message) => (message, None),
            Err(error) => {
                (outlet.sink.minimal(notice, &error.to_string()), Some(error.to_string()))
            }
        };
        let deadline = outlet.options.timeout();
        let attempt = Attempt {
            delivery_id: notice.delivery_id.clone(),
            number: 1,
            at: Timestamp::now(),
            deadline,
            progress: None,
        };
        let sending = outlet.sink.send(&message, &attempt);
        let outcome = tokio::time::timeout(deadline + SLACK, sending).await;
        let outcome = outcome.unwrap_or_else(|_| Err(too_late(deadline)));
        Exchange { what, message: format!("{message:#}"), trouble, outcome }
    }

    /// What the sink holds open now.
    pub fn open(&self) -> Option<&Captured> {
        let holding = match &self.outcome {
            Ok(receipt) => &receipt.holding,
            Err(failure) => &failure.holding,
        };
        match holding {
            Some(Holding::Open(captured)) => Some(captured),
            Some(Holding::Closed | Holding::Gone) | None => None,
        }
    }

    /// Shows it to a person, secrets covered.
    pub fn tell(&self, outlet: &Outlet, redactor: &Redactor, output: &Output) {
        let covered = |text: &str| redactor.cover(text);
        output.line(format!("── {} ({}), {}", outlet.name, outlet.kind, self.what));
        if let Some(why) = &self.trouble {
            let why = covered(why);
            output.line(format!("── the template failed, so the minimal message goes out: {why}"));
        }
        // Where the whole address came from a variable, even its host is covered.
        output.line(covered(self.message.trim_end()).replace("***/***", "***"));
        output.line(format!("\n── {}", covered(&self.meaning())));
        if let Some(excerpt) = self.answer().1.filter(|excerpt| !excerpt.trim().is_empty()) {
            output.line(covered(excerpt.trim_end()));
        }
        for (name, value) in self.open().into_iter().flatten() {
            output
                .line(format!("── kept from the answer: {name} = {}", covered(&value.to_string())));
        }
        output.line("");
    }

    /// The same for programs.
    pub fn value(&self, redactor: &Redactor) -> Value {
        let covered = |text: &str| redactor.cover(text);
        let (status, excerpt) = self.answer();
        json!({
            "what": self.what,
            "message": covered(&self.message),
            "template_error": self.trouble.as_deref().map(covered),
            "status": status,
            "answer": excerpt.map(covered),
            "means": match &self.outcome { Ok(_) => "delivered", Err(failure) => failure.fault.name() },
            "reason": self.outcome.as_ref().err().map(|failure| covered(&failure.reason)),
            "captured": self.open().map(|captured| covered_value(captured, redactor)),
        })
    }

    /// The answer's status and its beginning.
    fn answer(&self) -> (Option<u16>, Option<&str>) {
        match &self.outcome {
            Ok(receipt) => (receipt.status, receipt.excerpt.as_deref()),
            Err(failure) => (failure.status, failure.excerpt.as_deref()),
        }
    }

    /// What the answer means, in a line.
    fn meaning(&self) -> String {
        let status = self.answer().0.map(|status| format!("answered {status}: "));
        let status = status.unwrap_or_default();
        match &self.outcome {
            Ok(_) => format!("{status}delivered"),
            // Most reasons say the status themselves.
            Err(failure) if failure.reason.contains(status.trim_end_matches(": ")) => said(failure),
            Err(failure) => format!("{status}{}", said(failure)),
        }
    }
}

/// Whose trouble it is and why, as the words for it go.
fn said(failure: &Failure) -> String {
    let wait = match failure.fault {
        Fault::Unavailable { retry_after: Some(wait) } => {
            format!(" (asks to wait {})", Span(wait))
        }
        _ => String::new(),
    };
    format!("{}: {}{wait}", failure.fault.name(), failure.reason)
}

fn covered_value(captured: &Captured, redactor: &Redactor) -> Value {
    let cover = |value: &Value| match value {
        Value::String(text) => Value::String(redactor.cover(text)),
        other => other.clone(),
    };
    captured.iter().map(|(name, value)| (name.clone(), cover(value))).collect()
}

fn too_late(deadline: Duration) -> Failure {
    let reason = format!("no answer within {}", Span(deadline));
    Failure::new(Fault::Unavailable { retry_after: None }, reason)
}
