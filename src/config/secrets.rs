//! Which values are secret: whatever came from outside, and whatever the schema marks as such.

use super::checks::EXAMPLE_SECRET;
use super::tree::{Content, Node};
use crate::model::Problem;

/// Shorter path segments of a URL are names, longer ones that mix letters and digits are keys.
const KEY_IN_URL: usize = 20;

/// Shorter texts that nobody knows are names.
const SUSPICIOUS: usize = 12;

/// What is known of the secrets of a configuration.
#[derive(Default)]
pub struct Secrets {
    /// Their texts, to be covered wherever they turn up.
    pub texts: Vec<String>,
    /// Those that stand in the file as they are.
    pub in_plain_text: Vec<Problem>,
    /// What may be one, where nobody knows what it is: covered in what is said of the file.
    pub suspects: Vec<String>,
}

impl Secrets {
    /// Adds those at these paths of the tree to what came from outside.
    pub fn gather(outside: Vec<String>, paths: &[String], root: &Node) -> Self {
        let mut secrets = Secrets { texts: outside, ..Secrets::default() };
        for path in paths {
            let node = root.find(path).node;
            let text = node.value();
            let text = text.as_str().map_or_else(|| text.to_string(), ToOwned::to_owned);
            if node.interpolated || !is_secret(&text) {
                continue;
            }
            if text != EXAMPLE_SECRET {
                let name = path.rsplit('.').next().unwrap_or(path);
                let problem = Problem::new(path, format!("`{name}` is a secret in plain text"));
                let help = "keep it out of the file: ${A_VARIABLE} or ${file:/run/secrets/name}";
                secrets.in_plain_text.push(problem.hint(help));
            }
            secrets.texts.push(text);
        }
        secrets.texts.retain(|text| !text.trim().is_empty());
        secrets.texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        secrets.texts.dedup();
        secrets
    }

    /// Adds texts at paths that nobody knows: a token below a misspelt name is still a token.
    #[must_use]
    pub fn suspecting(mut self, paths: &[String], root: &Node) -> Self {
        let texts = paths.iter().filter_map(|path| match &root.find(path).node.content {
            Content::Text(text) if is_suspect(text) => Some(text.clone()),
            _ => None,
        });
        self.suspects = texts.collect();
        self
    }

    /// What is covered in everything that is said of the file.
    pub fn in_diagnostics(&self) -> Vec<String> {
        let mut all = self.to_cover();
        all.extend(self.suspects.iter().cloned());
        all.sort_by_key(|text| std::cmp::Reverse(text.len()));
        all
    }

    /// Those that are long enough to be looked for in any text.
    pub fn to_cover(&self) -> Vec<String> {
        self.texts.iter().filter(|text| text.chars().count() >= 4).cloned().collect()
    }
}

/// Whether a text looks like a secret: long, in one piece, and of letters and digits.
fn is_suspect(text: &str) -> bool {
    if text.contains("://") {
        return is_secret(text);
    }
    text.len() >= SUSPICIOUS
        && !text.contains(|letter: char| letter.is_whitespace() || letter == '{')
        && text.contains(|letter: char| letter.is_ascii_digit())
        && text.contains(|letter: char| letter.is_ascii_alphabetic())
}

/// A URL is a secret only where it carries one: a query, or a segment that looks like a key.
fn is_secret(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return !text.trim().is_empty() };
    if !matches!(scheme, "http" | "https") {
        return true;
    }
    let is_key = |segment: &str| {
        segment.len() >= KEY_IN_URL
            && segment.contains(|letter: char| letter.is_ascii_digit())
            && segment.contains(|letter: char| letter.is_ascii_alphabetic())
            && !segment.contains("{{")
    };
    rest.contains(['?', '@']) || rest.split('/').skip(1).any(is_key)
}
