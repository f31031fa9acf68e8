//! From a JSON schema to a GBNF grammar, for the part of JSON Schema that clinic's own schemas use.
//!
//! Objects whose properties are all required (they come in the schema's order), enums, constants,
//! strings, integers, numbers and booleans. Every string is bounded, since a small model may never
//! close one. What is not known is refused by name: a keyword passed over would be a broken promise.

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// Characters of a string that does not say how long it may be.
const STRING: u64 = 256;
/// llama.cpp refuses longer repetitions.
const LONGEST: u64 = 1900;
/// Whole numbers of a range, written out one by one.
const WIDEST: i64 = 1000;

const SHARED: &str = r#"
char ::= [^"\\\x7F\x00-\x1F] | "\\" (["\\bfnrt] | "u" [0-9a-fA-F]{4})
int ::= "-"? ("0" | [1-9] [0-9]{0,15})
"#;

/// The grammar whose root is the schema.
pub(crate) fn gbnf(schema: &Value) -> Result<String, String> {
    Ok(format!("root ::= {}{SHARED}", rule(schema, "schema")?))
}

fn rule(schema: &Value, place: &str) -> Result<String, String> {
    let Value::Object(schema) = schema else {
        return Err(format!("{place} is not an object"));
    };
    if let Some(values) = schema.get("enum") {
        keys(schema, place, &["enum", "type"])?;
        let values = values.as_array().filter(|values| !values.is_empty());
        return alternatives(
            values.ok_or_else(|| format!("{place}: enum is not a list of values"))?,
        );
    }
    if let Some(value) = schema.get("const") {
        keys(schema, place, &["const", "type"])?;
        return alternatives(std::slice::from_ref(value));
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("object") => object(schema, place),
        Some("string") => string(schema, place),
        Some("integer") => integer(schema, place),
        Some("number") => {
            keys(schema, place, &["type"]).map(|()| r#"int ("." [0-9]{1,6})?"#.into())
        }
        Some("boolean") => keys(schema, place, &["type"]).map(|()| r#"("true" | "false")"#.into()),
        Some(other) => Err(format!("{place}: the type {other} is not supported")),
        None => Err(format!("{place} has no type, enum or const")),
    }
}

fn object(schema: &Map<String, Value>, place: &str) -> Result<String, String> {
    keys(schema, place, &["type", "properties", "required", "additionalProperties"])?;
    let empty = Map::new();
    let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&empty);
    let required = schema.get("required").and_then(Value::as_array);
    let mut text = literal("{");
    for (index, (name, property)) in properties.iter().enumerate() {
        let place = format!("{place}.{name}");
        if !required.is_some_and(|required| required.iter().any(|one| one == name)) {
            return Err(format!("{place} is not required, and only required ones are supported"));
        }
        let comma = if index == 0 { "" } else { ", " };
        let key = format!("{comma}{}: ", Value::from(name.as_str()));
        let _ = write!(text, " {} {}", literal(&key), rule(property, &place)?);
    }
    let _ = write!(text, " {}", literal("}"));
    Ok(text)
}

fn string(schema: &Map<String, Value>, place: &str) -> Result<String, String> {
    keys(schema, place, &["type", "minLength", "maxLength"])?;
    let least = schema.get("minLength").map_or(Some(0), Value::as_u64);
    let most = schema.get("maxLength").map_or(Some(STRING), Value::as_u64);
    match (least, most) {
        (Some(least), Some(most)) if least <= most && most <= LONGEST => {
            Ok(format!(r#""\"" char{{{least},{most}}} "\"""#))
        }
        _ => Err(format!("{place}: a string's length must lie between 0 and {LONGEST}")),
    }
}

fn integer(schema: &Map<String, Value>, place: &str) -> Result<String, String> {
    keys(schema, place, &["type", "minimum", "maximum"])?;
    let bound = |key| schema.get(key).map(Value::as_i64);
    match (bound("minimum"), bound("maximum")) {
        (None, None) => Ok("int".into()),
        (Some(Some(least)), Some(Some(most)))
            if least <= most && most.saturating_sub(least) <= WIDEST =>
        {
            alternatives(&(least..=most).map(Value::from).collect::<Vec<_>>())
        }
        _ => Err(format!("{place}: a range needs both ends, at most {WIDEST} apart")),
    }
}

fn alternatives(values: &[Value]) -> Result<String, String> {
    let literals: Vec<_> = values.iter().map(|value| literal(&value.to_string())).collect();
    Ok(format!("({})", literals.join(" | ")))
}

fn keys(schema: &Map<String, Value>, place: &str, known: &[&str]) -> Result<(), String> {
    let notes = ["title", "description", "$schema"];
    match schema.keys().find(|key| !known.contains(&key.as_str()) && !notes.contains(&key.as_str()))
    {
        Some(key) => Err(format!("{place}: the keyword {key} is not supported here")),
        None => Ok(()),
    }
}

/// Text as GBNF writes it. JSON has escaped what does not print.
fn literal(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_verdict_and_its_reason_in_the_order_of_the_schema() {
        let schema = json!({
            "type": "object",
            "properties": {
                "reason": {"type": "string", "maxLength": 80},
                "verdict": {"enum": ["admits", "says \"no\""]},
            },
            "required": ["verdict", "reason"],
            "additionalProperties": false,
        });
        let grammar = gbnf(&schema).unwrap();
        let root = grammar.lines().next().unwrap();
        assert_eq!(
            root,
            r#"root ::= "{" "\"reason\": " "\"" char{0,80} "\"" ", \"verdict\": " ("\"admits\"" | "\"says \\\"no\\\"\"") "}""#
        );
    }

    #[test]
    fn every_string_is_bounded() {
        assert!(gbnf(&json!({"type": "string"})).unwrap().contains("char{0,256}"));
        assert!(gbnf(&json!({"type": "string", "maxLength": 5000})).is_err());
    }

    #[test]
    fn what_is_not_known_is_named() {
        let refused = |schema: Value| gbnf(&schema).unwrap_err();
        let property = |property: Value| json!({"type": "object", "properties": {"a": property}, "required": ["a"]});
        assert_eq!(
            refused(property(json!({"type": "array"}))),
            "schema.a: the type array is not supported"
        );
        assert_eq!(
            refused(property(json!({"type": "string", "pattern": "x"}))),
            "schema.a: the keyword pattern is not supported here"
        );
        assert_eq!(
            refused(json!({"type": "object", "properties": {"a": {"type": "string"}}})),
            "schema.a is not required, and only required ones are supported"
        );
    }

    #[test]
    fn a_small_range_is_written_out() {
        let grammar = gbnf(&json!({"type": "integer", "minimum": 1, "maximum": 3})).unwrap();
        assert!(grammar.starts_with(r#"root ::= ("1" | "2" | "3")"#));
    }
}
