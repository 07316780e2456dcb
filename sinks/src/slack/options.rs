//! The options of a `slack` sink, as a person writes them, and what is checked of each.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::kind::BuildError;
use crate::secret::Secret;

/// The most blocks that Slack takes in one message.
pub(super) const BLOCKS: usize = 50;

/// A webhook in Slack's format: Slack, Mattermost, Rocket.Chat. A webhook can't put a message into
/// a thread, so a recovery stands by itself and says since when the group had been failing.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// The incoming webhook's URL. Whoever knows it can post.
    pub url: Secret,
    /// What the message is made of; `blocks` if left out. Mattermost and Rocket.Chat show
    /// `attachments` and `text`, not `blocks`.
    pub format: Option<Format>,
    /// The message's main text, a template in Slack's markup, in place of the summary.
    pub text: Option<String>,
    /// Your own Block Kit blocks, a list whose texts are templates, in place of `format`.
    pub blocks: Option<Value>,
    /// The channel, where the server lets a webhook choose one: `#payments`.
    pub channel: Option<String>,
    /// The name the message appears under, where the server lets a webhook choose one.
    pub username: Option<String>,
    /// The emoji beside the name, where the server lets a webhook choose one: `:rotating_light:`.
    pub icon_emoji: Option<String>,
}

/// What a message is made of.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Block Kit beside a bar in the status's colour: for Slack.
    #[default]
    Blocks,
    /// An attachment with a coloured bar: for Slack, Mattermost and Rocket.Chat.
    Attachments,
    /// Text alone, for whatever takes Slack's format.
    Text,
}

impl Options {
    /// Refuses what can't work together.
    pub(super) fn check(&self) -> Result<(), BuildError> {
        let Some(blocks) = &self.blocks else { return Ok(()) };
        if self.format.is_some() {
            let error = BuildError::new("format", "`format` has no meaning beside own `blocks`");
            return Err(error.hint("leave one of them out"));
        }
        match blocks.as_array().map(Vec::len) {
            Some(1..=BLOCKS) => Ok(()),
            Some(_) => Err(BuildError::new("blocks", "Slack takes 1 to 50 blocks")),
            None => Err(BuildError::new("blocks", "`blocks` is not a list")
                .hint("write it as in Slack's Block Kit Builder: `- type: section` …")),
        }
    }
}

/// What a URL of Slack's own can't be.
pub(super) fn warnings(url: &Url) -> Vec<BuildError> {
    let mut warnings = crate::options::url_warnings("url", url);
    let of_slack = url.host_str().is_some_and(|host| host.ends_with("slack.com"));
    if of_slack && !url.path().starts_with("/services/") {
        let message = "this is a Slack URL, but not an incoming webhook's";
        let hint = "an incoming webhook is https://hooks.slack.com/services/T…/B…/…";
        warnings.push(BuildError::new("url", message).hint(hint));
    }
    warnings
}
