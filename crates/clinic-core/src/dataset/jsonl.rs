//! JSON lines: an object a line, its keys the columns.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::Value;

use super::DataError;
use super::table::{Builder, Table, failed, text};

/// An object whose keys are all kept, also those that are there twice.
struct Object(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut fields: Vec<(String, Value)> = Vec::new();
                while let Some((key, value)) = map.next_entry::<String, Value>()? {
                    if fields.iter().any(|(known, _)| *known == key) {
                        return Err(A::Error::custom(format!("the key '{key}' is there twice")));
                    }
                    fields.push((key, value));
                }
                Ok(Object(fields))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

/// Reads UTF-8 with an object a line. A key that a line lacks, and null, are empty cells.
pub(super) fn parse(file: &str, bytes: &[u8], digest: String) -> Result<Table, DataError> {
    let (text, notes) = text(file, bytes)?;
    let mut headers: Vec<String> = Vec::new();
    let mut rows = Vec::new();
    for (line, number) in text.split(|byte| *byte == b'\n').zip(1..) {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let Object(fields) = serde_json::from_slice(line).map_err(|error| {
            let said = error.to_string();
            let said = said.split(" at line ").next().unwrap_or_default().to_owned();
            failed(file, Some(number), None, format!("not a JSON object: {said}"))
        })?;
        for (key, _) in &fields {
            if !headers.contains(key) {
                headers.push(key.clone());
            }
        }
        if headers.len() > MAX_COLUMNS {
            let problem = format!("more than {MAX_COLUMNS} keys; is this a table?");
            return Err(failed(file, Some(number), None, problem));
        }
        rows.push((number, fields));
    }
    let mut table = Builder::new(file, digest, notes, headers.clone())?;
    for (number, fields) in rows {
        let mut cells: Vec<String> = vec![String::new(); headers.len()];
        for (key, value) in fields {
            if let Some(i) = headers.iter().position(|header| *header == key) {
                cells[i] = match value {
                    Value::Null => String::new(),
                    Value::String(text) => text,
                    Value::Array(_) | Value::Object(_) => {
                        let problem = "a list or an object, where a text must be".to_owned();
                        return Err(failed(file, Some(number), Some(key), problem));
                    }
                    other => other.to_string(),
                };
            }
        }
        table.push(number, cells.into())?;
    }
    Ok(table.finish())
}

/// Columns of a file of objects at most.
const MAX_COLUMNS: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_become_columns_and_what_a_line_lacks_is_empty() {
        let text = "{\"a\": \"x\\ny\", \"n\": 3}\n\n{\"n\": null, \"b\": true}\n";
        let table = parse("f.jsonl", text.as_bytes(), String::new()).unwrap();
        assert_eq!(table.headers(), ["a", "n", "b"]);
        assert_eq!((table.cell(0, 0), table.cell(0, 1), table.cell(0, 2)), ("x\ny", "3", ""));
        assert_eq!((table.cell(1, 1), table.cell(1, 2), table.line(1)), ("", "true", 3));
    }

    #[test]
    fn a_line_that_is_no_object_is_refused() {
        for (text, why) in [
            ("{\"a\": 1}\n[1]\n", "f.jsonl, line 2: not a JSON object: invalid type: sequence"),
            ("{\"a\": 1, \"a\": 2}\n", "line 1: not a JSON object: the key 'a' is there twice"),
            ("{\"a\": 1", "line 1: not a JSON object: EOF"),
            ("{\"a\": {\"b\": 1}}", "f.jsonl, line 1, column a: a list or an object"),
            ("", "the file is empty"),
        ] {
            let said = parse("f.jsonl", text.as_bytes(), String::new()).unwrap_err().to_string();
            assert!(said.contains(why), "{said}");
        }
    }
}
