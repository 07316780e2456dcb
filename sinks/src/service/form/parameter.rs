//! One parameter of a service: what a person writes below its word.

use regex::Regex;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
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
    pub pattern: Option<Pattern>,
    /// What is allowed and yet hardly meant.
    pub unlikely: Option<Unlikely>,
    /// Other parameters beside which it has no meaning.
    #[serde(default)]
    pub not_with: Vec<String>,
    /// The least number; of a tree, the fewest items.
    pub min: Option<f64>,
    /// The greatest number; of a tree, the most items.
    pub max: Option<f64>,
    /// Whether a rule's `with:` may set it instead.
    #[serde(default)]
    pub rule: bool,
    /// A value for the reference page.
    pub example: Option<Value>,
}

/// A value that is hardly meant, and what a person should know then.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unlikely {
    /// What the whole text matches.
    pub pattern: Pattern,
    /// What it doesn't match then.
    pub unless: Option<Pattern>,
    /// What a person should know.
    pub say: String,
}

/// A regular expression for a whole text, compiled when the file is read.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

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

impl Unlikely {
    /// Whether a text is hardly meant.
    pub fn fits(&self, text: &str) -> bool {
        self.pattern.fits(text) && !self.unless.as_ref().is_some_and(|unless| unless.fits(text))
    }
}

impl Pattern {
    /// Whether the whole text is as it says.
    pub fn fits(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    /// The expression, with what binds it to the whole text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = String::deserialize(deserializer)?;
        let whole = Regex::new(&format!("^(?:{written})$"));
        let short = |error: regex::Error| {
            let text = error.to_string();
            text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
        };
        whole.map(Pattern).map_err(|error| {
            D::Error::custom(format!("the pattern can't be read: {}", short(error)))
        })
    }
}
