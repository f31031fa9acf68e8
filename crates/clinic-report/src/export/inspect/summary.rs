//! A sample as lists and tables of samples show it: texts cut, no messages.

use serde_json::{Value, json};

/// Characters of a text in a summary at most, as in Inspect's own.
const LONGEST: usize = 1_024;

/// The summary of a sample.
pub(super) fn of(whole: &Value) -> Value {
    let mut metadata = whole["metadata"].clone();
    if let Some(metadata) = metadata.as_object_mut() {
        metadata.shift_remove("references");
    }
    cut(&mut metadata);
    let [mut input, mut target, mut scores] =
        ["input", "target", "scores"].map(|key| whole[key].clone());
    [&mut input, &mut target, &mut scores].into_iter().for_each(cut);
    json!({
        "id": whole["id"],
        "epoch": 1,
        "input": input,
        "target": target,
        "metadata": metadata,
        "scores": scores,
        "model_usage": whole["model_usage"],
        "role_usage": {},
        "uuid": whole["uuid"],
        "error": whole["error"]["message"],
        "completed": true,
        "message_count": whole["messages"].as_array().map_or(0, Vec::len),
    })
}

/// Cuts all texts in a value.
fn cut(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some((end, _)) = text.char_indices().nth(LONGEST) {
                text.truncate(end);
                text.push('…');
            }
        }
        Value::Array(values) => values.iter_mut().for_each(cut),
        Value::Object(values) => values.values_mut().for_each(cut),
        _ => {}
    }
}
