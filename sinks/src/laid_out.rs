//! JSON laid out for a reader: what is short stands on one line.
//!
//! For pages and for a person's terminal; what goes out is never laid out by it.

use serde_json::Value;

/// The columns that a line may take, so that it can be indented and still fit a terminal.
const WIDTH: usize = 76;

/// The value, on as many lines as it needs.
pub fn json(value: &Value) -> String {
    let mut text = String::new();
    write(value, 0, 0, &mut text);
    text
}

/// Writes a value where `before` columns of the line are taken by its name.
fn write(value: &Value, indent: usize, before: usize, text: &mut String) {
    let line = on_one_line(value);
    let fits = indent + before + line.chars().count() <= WIDTH;
    match value {
        Value::Array(items) if !fits => {
            let items = items.iter().map(|item| (String::new(), item));
            lines(['[', ']'], items, indent, text);
        }
        Value::Object(fields) if !fits => {
            let fields = fields.iter().map(|(name, field)| (named(name), field));
            lines(['{', '}'], fields, indent, text);
        }
        _ => text.push_str(&line),
    }
}

fn lines<'a>(
    [open, close]: [char; 2],
    items: impl Iterator<Item = (String, &'a Value)>,
    indent: usize,
    text: &mut String,
) {
    text.push(open);
    for (index, (name, item)) in items.enumerate() {
        text.push_str(if index == 0 { "\n" } else { ",\n" });
        text.push_str(&" ".repeat(indent + 2));
        text.push_str(&name);
        write(item, indent + 2, name.chars().count(), text);
    }
    text.push('\n');
    text.push_str(&" ".repeat(indent));
    text.push(close);
}

fn on_one_line(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(on_one_line).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(fields) => {
            let field =
                |(name, field): (&String, &Value)| format!("{}{}", named(name), on_one_line(field));
            let fields: Vec<String> = fields.iter().map(field).collect();
            format!("{{{}}}", fields.join(", "))
        }
        scalar => scalar.to_string(),
    }
}

fn named(name: &str) -> String {
    format!("{}: ", Value::from(name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_short_stands_on_one_line_and_nothing_is_lost() {
        let long = "x".repeat(70);
        let value = json!({
            "a": {"b": [1, null, true], "c": "\"\n"}, "long": [long, {"d": {}}], "none": [],
        });
        let shown = super::json(&value);
        assert_eq!(
            shown,
            format!(
                "{{\n  \"a\": {{\"b\": [1, null, true], \"c\": \"\\\"\\n\"}},\n  \"long\": [\n    \
                 \"{long}\",\n    {{\"d\": {{}}}}\n  ],\n  \"none\": []\n}}"
            )
        );
        assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), value);
    }
}
