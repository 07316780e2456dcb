//! What a person writes of a rule that doesn't tell of each match at once: `throttle`, `mute`,
//! `digest`.

use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::model::units::Span;
use crate::route::shapes::{OneOrMany, given};

/// At most so many messages in a time.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ThrottleConfig {
    /// How many go out.
    pub limit: NonZeroU32,
    /// In how long, from the first of them on.
    pub per: Span,
    /// What is counted by itself: `group` (the default), `rule` for all matches together, `source`,
    /// `status` or `labels.NAME`; one or a list.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "OneOrMany<By>")]
    pub by: Option<OneOrMany<By>>,
}

/// What a throttle or a digest keeps apart: `group`, `rule`, `source`, `status` or `labels.NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// Each group of each source.
    Group,
    /// Nothing: all of the rule together.
    Rule,
    /// Each source.
    Source,
    /// Each status.
    Status,
    /// Each value of a label; groups without it are together.
    Label(String),
}

/// When a rule is quiet.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MuteConfig {
    /// The windows, from `windows:`; one or a list.
    pub during: OneOrMany<String>,
    /// What becomes of matches meanwhile. Recoveries that are owed are deferred in either case.
    #[serde(default)]
    #[schemars(extend("default" = "defer"))]
    pub then: MuteThen,
}

/// What becomes of matches in a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MuteThen {
    /// They are told when the window ends, as they stand then.
    #[default]
    Defer,
    /// They are not told.
    Drop,
}

/// One message for many matches: `cron` or `every`.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DigestConfig {
    /// When it goes out, as crontab writes it: `"0 9 * * MON-FRI"`, in the configuration's zone.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    pub cron: Option<String>,
    /// It goes out so long after its first match.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Span")]
    pub every: Option<Span>,
    /// What gets a message of its own: `source`, `status`, `group` or `labels.NAME`; one or a list.
    /// One message for each destination if left out.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "OneOrMany<By>")]
    pub by: Option<OneOrMany<By>>,
    /// How many groups the table shows, those that fail first; the others are counted.
    #[serde(default = "most_rows")]
    #[schemars(extend("default" = 50))]
    pub max: NonZeroU32,
    /// Whether it goes out, with nothing in it, where nothing was collected.
    #[serde(default)]
    #[schemars(extend("default" = false))]
    pub even_if_empty: bool,
}

/// So many groups are shown where the rule doesn't say.
pub(in crate::route) const MOST_ROWS: NonZeroU32 = NonZeroU32::new(50).expect("50 is not 0");

fn most_rows() -> NonZeroU32 {
    MOST_ROWS
}
