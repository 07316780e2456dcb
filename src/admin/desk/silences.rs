//! Silences: what one would have held back, making it, ending it.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::ids::the_one;
use super::{Desk, DeskError};
use crate::admin::shapes::{
    EventView, NewSilence, SilencePreview, SilenceState, SilenceView, WouldHold,
};
use crate::journal::EventFilter;
use crate::model::{Absence, Event, Problem, Silence};
use crate::route::{Router, check_silence};

/// A preview looks this far back.
const BACK: SignedDuration = SignedDuration::from_hours(24);

/// Events are read in pages of this many.
const PAGE: usize = 500;

/// A preview looks at no more events than this.
const LOOKED_AT: u64 = 50_000;

/// So many events are named in a preview.
const NAMED: usize = 5;

impl Desk {
    /// All silences that are not forgotten yet, oldest first.
    ///
    /// # Errors
    /// If the journal can't be read.
    pub async fn silences(&self) -> Result<Vec<SilenceView>, DeskError> {
        let now = Timestamp::now();
        let silences = self.journal.silences().await?;
        Ok(silences.into_iter().map(|silence| SilenceView::at(silence, now)).collect())
    }

    /// What a silence would have held back in the last day. Nothing is stored.
    ///
    /// # Errors
    /// If the silence makes no sense, no rules could be loaded, or the journal can't be read.
    pub async fn preview(&self, new: NewSilence) -> Result<SilencePreview, DeskError> {
        let now = Timestamp::now();
        let silence = Self::checked(new, now)?;
        let mut preview = SilencePreview {
            since: now - BACK,
            looked_at: 0,
            complete: true,
            events: 0,
            messages: 0,
            collected: 0,
            newest: Vec::new(),
        };
        let mut before = None;
        loop {
            let page = self.journal.events(page(&silence, preview.since, before)).await?;
            for event in &page {
                self.look_at(&silence, event, &mut preview).await?;
            }
            preview.looked_at += page.len() as u64;
            before = page.last().map(|event| event.id);
            preview.complete = page.len() < PAGE;
            if preview.complete || preview.looked_at >= LOOKED_AT {
                return Ok(preview);
            }
        }
    }

    /// Adds a silence.
    ///
    /// # Errors
    /// If it makes no sense, or the journal can't take it.
    pub async fn silence(&self, new: NewSilence) -> Result<SilenceView, DeskError> {
        let now = Timestamp::now();
        let silence = Self::checked(new, now)?;
        self.journal.silence(silence.clone()).await?;
        tracing::info!(silence.id = %silence.id, author = silence.author, "a silence was added");
        Ok(SilenceView::at(silence, now))
    }

    /// Ends a silence now, by its id or the unique beginning of that.
    ///
    /// # Errors
    /// If there is no such silence, several are meant, it is over already, or the journal can't
    /// take it.
    pub async fn expire(&self, id: &str) -> Result<SilenceView, DeskError> {
        let now = Timestamp::now();
        let silences = self.journal.silences().await?;
        let one = the_one(id, "silence", silences.iter().map(|silence| silence.id))?;
        let missing = || DeskError::NotFound(format!("there is no silence {id}"));
        let found = silences.into_iter().find(|silence| silence.id == one).ok_or_else(missing)?;
        if SilenceView::at(found.clone(), now).state == SilenceState::Ended {
            return Err(DeskError::Conflict(format!("the silence {one} is over already")));
        }
        let ended = Silence { start: found.start.min(now), end: Some(now), ..found };
        self.journal.silence(ended.clone()).await?;
        tracing::info!(silence.id = %one, "a silence was ended");
        Ok(SilenceView::at(ended, now))
    }

    /// The silence that is asked for, if it makes sense.
    fn checked(new: NewSilence, now: Timestamp) -> Result<Silence, DeskError> {
        let silence = sensible(new, now).map_err(DeskError::Invalid)?;
        check_silence(&silence).map_err(|problems| DeskError::Invalid(sentence(&problems)))?;
        Ok(silence)
    }

    /// Notes what of an event a silence would have held back.
    async fn look_at(
        &self,
        silence: &Silence,
        event: &Event,
        preview: &mut SilencePreview,
    ) -> Result<(), DeskError> {
        let router = self.router()?;
        let anyones = Silence { rule: None, sink: None, ..silence.clone() };
        if !router.would_silence(&anyones, event, "", "") {
            return Ok(());
        }
        let fate = self.journal.fate(event.id).await?.unwrap_or_default();
        let (mut sinks, mut collected) = (Vec::new(), Vec::new());
        for matched in fate.account.iter().flat_map(|account| &account.matched) {
            let silenced = |sink: &str| router.would_silence(silence, event, &matched.rule, sink);
            for sink in matched.told.iter().filter(|sink| silenced(sink)) {
                if !sinks.contains(sink) {
                    sinks.push(sink.clone());
                }
            }
            let held = matched.held.iter().filter(|held| is_collected(&held.why));
            let held = held.filter(|held| silenced(&held.sink));
            collected.extend(held.map(|held| held.sink.clone()));
        }
        if sinks.is_empty() && collected.is_empty() {
            return Ok(());
        }
        preview.events += 1;
        preview.messages += sinks.len() as u64;
        preview.collected += collected.len() as u64;
        if preview.newest.len() < NAMED {
            preview.newest.push(WouldHold { event: EventView::from(event), sinks, collected });
        }
        Ok(())
    }

    fn router(&self) -> Result<std::sync::Arc<Router>, DeskError> {
        let without = || {
            DeskError::Conflict(
                "the configuration can't be loaded, and without its rules no silence can be \
                 checked; `agnox-bridge check` says what is wrong"
                    .to_owned(),
            )
        };
        self.rules.load().router.clone().ok_or_else(without)
    }
}

/// Whether what was not told at once went into a message that is sent later.
fn is_collected(why: &Absence) -> bool {
    matches!(why, Absence::Collected | Absence::Deferred { .. } | Absence::Throttled)
}

/// A page of events, narrowed down where a matcher is one exact text.
fn page(silence: &Silence, since: Timestamp, before: Option<Uuid>) -> EventFilter {
    let exact = |text: &Option<String>| {
        text.clone().filter(|text| !text.starts_with('/') && !text.contains(['*', '?', '[']))
    };
    EventFilter {
        source: exact(&silence.source),
        group: exact(&silence.group),
        since: Some(since),
        before,
        limit: PAGE,
        ..EventFilter::default()
    }
}

/// Each text of a silence is at most so many bytes long: every decision looks at all of them.
const LONGEST_TEXT: usize = 2_000;

/// The rule of a silence of everything: any.
const ANY: &str = "*";

/// The silence that is asked for, or what makes no sense in it.
fn sensible(new: NewSilence, now: Timestamp) -> Result<Silence, String> {
    let mut silence = Silence {
        id: Uuid::now_v7(),
        group: new.group,
        source: new.source,
        status: new.status,
        rule: new.rule,
        sink: new.sink,
        labels: new.labels,
        start: new.start.unwrap_or(now),
        end: new.end,
        until_recovery: new.until_recovery,
        author: new.author,
        comment: new.comment,
    };
    match (matches_something(&silence), new.everything) {
        (false, false) => {
            return Err("nothing says what to silence: name a group, source, status, rule, sink \
                        or label; or everything, if that is meant"
                .to_owned());
        }
        (true, true) => {
            return Err("everything is to be silenced, and yet there are matchers: leave out \
                        either"
                .to_owned());
        }
        (false, true) => silence.rule = Some(ANY.to_owned()),
        (true, false) => {}
    }
    if let Some(name) = too_long(&silence) {
        return Err(format!("{name}: the text is longer than {LONGEST_TEXT} bytes"));
    }
    match silence.end {
        None if !silence.until_recovery => {
            Err("nothing says when the silence ends: give an end, or until_recovery".to_owned())
        }
        Some(end) if end <= silence.start || end <= now => {
            Err(format!("the silence would be over before it begins: it ends at {end:.0}"))
        }
        _ => Ok(silence),
    }
}

/// The name of a text that is too long.
fn too_long(silence: &Silence) -> Option<&'static str> {
    let Silence { group, source, rule, sink, .. } = silence;
    let long = |text: &str| text.len() > LONGEST_TEXT;
    let texts = [
        ("group", group.as_deref()),
        ("source", source.as_deref()),
        ("rule", rule.as_deref()),
        ("sink", sink.as_deref()),
        ("author", Some(&*silence.author)),
        ("comment", Some(&*silence.comment)),
    ];
    let found = texts.into_iter().find(|(_, text)| text.is_some_and(long)).map(|(name, _)| name);
    let labels = &silence.labels;
    let label = labels.iter().any(|(name, value)| long(name) || long(value)).then_some("labels");
    let status = silence.status.iter().any(|status| long(status)).then_some("status");
    found.or(label).or(status)
}

/// What is wrong with a silence's texts, each with its name.
fn sentence(problems: &[Problem]) -> String {
    // Their hints speak of the configuration's YAML.
    let each = problems.iter().map(|Problem { path, message, .. }| match path.as_str() {
        "" => message.clone(),
        path => format!("{path}: {message}"),
    });
    each.collect::<Vec<_>>().join("; ")
}

fn matches_something(silence: &Silence) -> bool {
    let Silence { group, source, status, rule, sink, labels, .. } = silence;
    let texts = [group, source, rule, sink];
    texts.iter().any(|text| text.is_some()) || !status.is_empty() || !labels.is_empty()
}
