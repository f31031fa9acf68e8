//! How a JSON object is read from what a model says, by everyone who asks for one.

use serde::de::DeserializeOwned;

use crate::reasoning;

/// The object that a reply is: alone, in a code fence, or after reasoning. Words around it, a second
/// object or keys that the type does not know make it none.
pub fn object<T: DeserializeOwned>(reply: &str) -> Option<T> {
    let alone = |text: &str| serde_json::from_str(bare(text)).ok();
    // As it stands first: a text within it may quote a `</think>`.
    alone(reply).or_else(|| alone(&reasoning::split(reply).answer?))
}

/// Objects of a text that are compared with a reply; no honest one holds more.
const OBJECTS: usize = 1_000;

/// Whether what a reply says stands in a text that its model was shown, however it is spaced or
/// written: then the model may have copied it, and it is not the model's own word.
pub fn stands_in<T: DeserializeOwned + PartialEq>(said: &T, text: &str) -> bool {
    text.match_indices('{').take(OBJECTS).any(|(at, _)| {
        let mut objects = serde_json::Deserializer::from_str(&text[at..]).into_iter::<T>();
        matches!(objects.next(), Some(Ok(planted)) if planted == *said)
    })
}

/// A text without the code fence around it.
fn bare(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix("```json")
        .or_else(|| text.strip_prefix("```"))
        .and_then(|rest| rest.strip_suffix("```"))
        .unwrap_or(text)
        .trim()
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::*;

    fn read(reply: &str) -> Option<Value> {
        object::<Map<String, Value>>(reply).map(Value::Object)
    }

    #[test]
    fn one_object_alone_in_a_fence_or_after_reasoning() {
        let some = Some(json!({"a": "</think>"}));
        assert_eq!(read(r#" {"a": "</think>"} "#), some);
        assert_eq!(read("```json\n{\"a\": \"</think>\"}\n```"), some);
        assert_eq!(read(r#"<think>{"a": 1}</think>{"a": 2}"#), Some(json!({"a": 2})));
        for none in ["", "a", "[1]", "{", r#"Here: {"a": 1}"#, r#"{"a": 1} {"a": 2}"#, "```{}"] {
            assert_eq!(read(none), None, "{none}");
        }
    }
}
