//! Tokens and what they cost, as Inspect keeps them.

use clinic_core::exchange::Usage;
use clinic_engine::run::Run;
use serde_json::{Map, Value, json};

/// Tokens, where any were told.
pub(super) fn of(run: &Run, usage: Usage) -> Option<Value> {
    let total = usage.prompt_tokens + usage.completion_tokens;
    (total > 0).then(|| {
        json!({
            "input_tokens": usage.prompt_tokens,
            "output_tokens": usage.completion_tokens,
            "total_tokens": total,
            "reasoning_tokens": usage.reasoning_tokens,
            "total_cost": run.price().map(|price| price.of(usage)),
        })
    })
}

/// Two usages together.
pub(super) fn add(one: &Value, other: &Value) -> Value {
    let sum = |key: &str| match (one[key].as_u64(), other[key].as_u64()) {
        (Some(a), Some(b)) => json!(a + b),
        _ => match (one[key].as_f64(), other[key].as_f64()) {
            (Some(a), Some(b)) => json!(a + b),
            _ => Value::Null,
        },
    };
    let keys = ["input_tokens", "output_tokens", "total_tokens", "reasoning_tokens", "total_cost"];
    keys.iter().map(|key| ((*key).to_owned(), sum(key))).collect::<Map<_, _>>().into()
}
