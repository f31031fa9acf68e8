//! openFDA's JSON: drug labels, and the approvals of Drugs@FDA.

mod approval;
mod label;
mod pages;

pub use approval::read as approvals;
pub use label::read as labels;

use chrono::NaiveDate;
use serde_json::Value;

/// A day as openFDA writes it (YYYYMMDD), as the store does.
fn day(text: &str) -> Option<String> {
    NaiveDate::parse_from_str(text, "%Y%m%d").ok().map(|day| day.to_string())
}

/// The words of a field: a list of texts, or one.
fn words<'a>(value: &'a Value, field: &str) -> Vec<&'a str> {
    match &value[field] {
        Value::String(text) => vec![text],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// One text of a field.
fn word<'a>(value: &'a Value, field: &str) -> &'a str {
    words(value, field).first().copied().unwrap_or_default()
}

/// What openFDA files a drug under.
fn classes(record: &Value) -> Vec<String> {
    words(&record["openfda"], "pharm_class_epc").into_iter().take(20).map(str::to_owned).collect()
}
