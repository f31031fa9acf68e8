//! A value that fits a JSON schema of the simple kind that structured output allows.

use serde_json::{Map, Value, json};

/// Schemas may refer to themselves; this deep, an example ends in null.
const DEEPEST: usize = 16;

/// An example: the first of every enum, the first of alternatives, all properties, short strings.
pub(crate) fn example(schema: &Value) -> Value {
    build(schema, schema, 0)
}

fn build(schema: &Value, root: &Value, depth: usize) -> Value {
    if depth > DEEPEST {
        return Value::Null;
    }
    let within = |inner: &Value| build(inner, root, depth + 1);
    if let Some(fixed) = schema.get("const") {
        return fixed.clone();
    }
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    if let Some(target) = schema["$ref"].as_str().and_then(|to| to.strip_prefix('#')) {
        return root.pointer(target).map_or(Value::Null, within);
    }
    if let Some(first) = schema["anyOf"].get(0).or(schema["oneOf"].get(0)) {
        return within(first);
    }
    let kind = schema["type"].get(0).unwrap_or(&schema["type"]).as_str();
    match kind {
        Some("string") => string(schema),
        Some("integer") => number(schema, true),
        Some("number") => number(schema, false),
        Some("boolean") => Value::Bool(true),
        Some("null") => Value::Null,
        Some("array") => {
            let least = schema["minItems"].as_u64().unwrap_or(1);
            let most = schema["maxItems"].as_u64().unwrap_or(u64::MAX);
            (0..least.max(1).min(most)).map(|_| within(&schema["items"])).collect()
        }
        _ => {
            let properties = schema["properties"].as_object().into_iter().flatten();
            let filled: Map<_, _> =
                properties.map(|(name, inner)| (name.clone(), within(inner))).collect();
            Value::Object(filled)
        }
    }
}

fn string(schema: &Value) -> Value {
    let size = |limit: &str| schema[limit].as_u64().and_then(|size| usize::try_from(size).ok());
    let least = size("minLength").unwrap_or(0).max("fake".len());
    let most = size("maxLength").unwrap_or(usize::MAX);
    "fake".chars().cycle().take(least.min(most)).collect::<String>().into()
}

/// The number nearest to 0 that the limits allow.
fn number(schema: &Value, whole: bool) -> Value {
    let limit = |name: &str| schema[name].as_f64();
    let step = if whole { 1.0 } else { 0.5 };
    let least = limit("minimum").or(limit("exclusiveMinimum").map(|least| least + step));
    let most = limit("maximum").or(limit("exclusiveMaximum").map(|most| most - step));
    let number = 0_f64.max(least.unwrap_or(0.0)).min(most.unwrap_or(f64::MAX));
    if whole { json!(number as i64) } else { json!(number) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_an_object_with_the_first_of_each_enum() {
        let schema = json!({
            "type": "object",
            "properties": {
                "verdict": {"type": "string", "enum": ["Yes", "No"]},
                "reason": {"type": "string", "maxLength": 3},
                "score": {"type": "integer", "minimum": 1, "maximum": 5},
                "sure": {"type": "boolean"},
                "parts": {"type": "array", "items": {"$ref": "#/$defs/part"}, "minItems": 2},
                "note": {"type": ["string", "null"]},
            },
            "required": ["verdict", "reason", "score", "sure", "parts", "note"],
            "additionalProperties": false,
            "$defs": {"part": {"anyOf": [{"type": "number"}, {"type": "null"}]}},
        });
        assert_eq!(
            example(&schema),
            json!({
                "verdict": "Yes", "reason": "fak", "score": 1, "sure": true,
                "parts": [0.0, 0.0], "note": "fake",
            })
        );
    }

    #[test]
    fn ends_where_a_schema_refers_to_itself() {
        let schema = json!({"type": "object", "properties": {"next": {"$ref": "#"}}});
        assert!(example(&schema)["next"]["next"].is_object());
    }
}
