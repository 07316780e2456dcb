//! The reference of variables and helpers, written from the lists that the code itself uses.

use std::fmt::Write as _;

use super::HELPERS;
use crate::variables::VARIABLES;

/// Two Markdown tables: every variable and every helper, for the documentation.
pub fn reference() -> String {
    let mut page = String::from(
        "## Variables\n\nAlways there, and null where unknown; null prints as nothing.\n\n\
         | variable | meaning | example |\n|---|---|---|\n",
    );
    for variable in VARIABLES {
        let (name, about, example) = (variable.name, cell(variable.about), cell(variable.example));
        let _ = writeln!(page, "| `{name}` | {about} | `{example}` |"); // a String takes it all
    }
    page.push_str(
        "\n## Helpers\n\nEach takes null for any of its values. In parentheses, a helper's answer \
         is another's value: `{{default (truncate summary 80) \"no summary\"}}`. As a block, a \
         helper asks: `{{#eq status \"ERROR\"}}…{{else}}…{{/eq}}`.\n\n\
         | helper | gives |\n|---|---|\n",
    );
    for helper in HELPERS {
        let _ = writeln!(page, "| `{{{{{}}}}}` | {} |", cell(helper.usage), cell(helper.about));
    }
    page
}

/// A text that doesn't end its table's cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
