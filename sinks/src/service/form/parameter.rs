//! One parameter of a service: what a person writes below its word.

use serde::Deserialize;
use serde_json::Value;

/// What a person writes for one parameter, and what is checked of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: Type,
    /// One line.
    pub about: String,
    /// Whether it must be there.
    #[serde(default)]
    pub required: bool,
    /// What it is where it is left out.
    pub default: Option<Value>,
    /// Whether a `url` carries a secret.
    #[serde(default)]
    pub secret: bool,
    /// For a choice: words, or a map of words to what they mean.
    pub choices: Option<Value>,
    /// A regular expression that the whole text must match.
    pub pattern: Option<String>,
    /// The least number.
    pub min: Option<f64>,
    /// The greatest number.
    pub max: Option<f64>,
    /// Whether a rule's `with:` may set it instead.
    #[serde(default)]
    pub rule: bool,
    /// A value for the reference page.
    pub example: Option<Value>,
}

/// What a parameter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// A text.
    Text,
    /// A text that is covered wherever it shows.
    Secret,
    /// An http or https address without a login.
    Url,
    /// A number.
    Number,
    /// True or false.
    Flag,
    /// One of several words.
    Choice,
    /// A list of texts.
    List,
    /// A length of time, such as `30s`.
    Duration,
    /// A text with templates, in the service's markup.
    Template,
    /// Any YAML whose texts are templates.
    Tree,
}

impl Parameter {
    /// Whether its value is never shown.
    pub fn is_secret(&self) -> bool {
        self.secret || self.kind == Type::Secret
    }
}
