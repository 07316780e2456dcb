//! A small check of a value against a JSON Schema: the words that our schema uses, and no others.

use regex::Regex;
use serde_json::Value;

/// Words that say nothing about what is valid.
const SILENT: [&str; 12] = [
    "$schema",
    "$defs",
    "$id",
    "title",
    "description",
    "default",
    "format",
    "writeOnly",
    "examples",
    "minimum",
    "maximum",
    "uniqueItems",
];

/// Why a value is not valid, with its path; `None` if it is.
pub fn fault(root: &Value, schema: &Value, value: &Value, path: &str) -> Option<String> {
    let Value::Object(words) = schema else {
        return (schema == &Value::Bool(false)).then(|| format!("{path} is not known"));
    };
    words.iter().find_map(|(word, says)| {
        let below = |schema: &Value| fault(root, schema, value, path);
        let wrong =
            |is: bool| is.then(|| format!("{path}: {word} {says} does not hold for {value}"));
        match word.as_str() {
            "$ref" => below(root.pointer(says.as_str()?.strip_prefix('#')?).unwrap()),
            "type" => wrong(!types(says).iter().any(|one| is_a(one, value))),
            "enum" => wrong(!says.as_array()?.contains(value)),
            "const" => wrong(says != value),
            "pattern" => wrong(!Regex::new(says.as_str()?).unwrap().is_match(value.as_str()?)),
            "anyOf" => wrong(says.as_array()?.iter().all(|one| below(one).is_some())),
            "oneOf" => {
                wrong(says.as_array()?.iter().filter(|one| below(one).is_none()).count() != 1)
            }
            "allOf" => says.as_array()?.iter().find_map(below),
            "minProperties" => wrong((value.as_object()?.len() as u64) < says.as_u64()?),
            "minItems" => wrong((value.as_array()?.len() as u64) < says.as_u64()?),
            "maxItems" => wrong((value.as_array()?.len() as u64) > says.as_u64()?),
            "required" => {
                let object = value.as_object()?;
                wrong(
                    says.as_array()?
                        .iter()
                        .any(|name| !object.contains_key(name.as_str().unwrap())),
                )
            }
            "items" => value
                .as_array()?
                .iter()
                .enumerate()
                .find_map(|(at, item)| fault(root, says, item, &format!("{path}[{at}]"))),
            "properties" => says.as_object()?.iter().find_map(|(name, schema)| {
                fault(root, schema, value.get(name)?, &format!("{path}.{name}"))
            }),
            "dependentSchemas" => says
                .as_object()?
                .iter()
                .filter(|(name, _)| value.get(name).is_some())
                .find_map(|(_, schema)| below(schema)),
            "additionalProperties" => {
                let named = words.get("properties").and_then(Value::as_object);
                let more = value.as_object()?.iter();
                let mut more = more.filter(|(key, _)| named.is_none_or(|n| !n.contains_key(*key)));
                more.find_map(|(key, item)| fault(root, says, item, &format!("{path}.{key}")))
            }
            word if SILENT.contains(&word) => None,
            word => Some(format!("{path}: this check does not know `{word}`")),
        }
    })
}

fn types(says: &Value) -> Vec<&str> {
    match says {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    }
}

fn is_a(name: &str, value: &Value) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        _ => value.is_object(),
    }
}
