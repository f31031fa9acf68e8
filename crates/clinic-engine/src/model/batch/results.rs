//! The results of a batch, gathered line by line from one file or two.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use clinic_core::exchange::Reply;
use clinic_core::plain::plain;
use serde_json::Value;

use super::{Outcomes, is_custom_id, malformed};
use crate::model::ModelError;

/// What is known so far.
#[derive(Default)]
pub(super) struct Results {
    known: BTreeMap<String, Result<Reply, ModelError>>,
    /// The first line that is no result.
    broken: Option<String>,
}

/// What a line of the provider's says of a request; none where it says nothing.
pub(super) type Read<'a> = &'a (dyn Fn(&Value) -> Option<Result<Reply, ModelError>> + Sync);

impl Results {
    /// Takes in one line.
    pub fn take(&mut self, line: &[u8], read: Read) {
        if line.is_empty() {
            return;
        }
        let parsed: Value = serde_json::from_slice(line).unwrap_or(Value::Null);
        let id = parsed["custom_id"].as_str().filter(|id| is_custom_id(id));
        let Some((id, result)) = id.and_then(|id| Some((id, read(&parsed)?))) else {
            let begins = &line[..line.len().min(400)];
            self.broken.get_or_insert_with(|| plain(&String::from_utf8_lossy(begins), 100));
            return;
        };
        match self.known.entry(id.to_owned()) {
            Entry::Vacant(free) => drop(free.insert(result)),
            Entry::Occupied(mut before) => {
                let agree = match (before.get(), &result) {
                    (Ok(one), Ok(other)) => one == other,
                    (Err(_), Err(_)) => true,
                    _ => false,
                };
                if !agree {
                    let why = "the batch has two different results for this request";
                    *before.get_mut() = Err(malformed(why));
                }
            }
        }
    }

    /// All that was gathered; an error where lines came and none was a result, such as a web page.
    pub fn finish(self) -> Result<Outcomes, ModelError> {
        match self.broken {
            Some(line) if self.known.is_empty() => {
                Err(malformed(format!("the results of the batch are none: {line}")))
            }
            _ => Ok(self.known.into_iter().collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Failure;
    use clinic_core::exchange::{Finish, Usage};

    fn read(line: &Value) -> Option<Result<Reply, ModelError>> {
        let text = match &line["text"] {
            Value::Null => return line["error"].as_str().map(|said| Err(malformed(said))),
            text => text.as_str()?.to_owned(),
        };
        let usage = Usage::default();
        Some(Ok(Reply { text, reasoning: None, finish: Finish::Stop, usage }))
    }

    fn gathered(lines: &[&str]) -> Result<Vec<Result<String, Failure>>, ModelError> {
        let mut results = Results::default();
        lines.iter().for_each(|line| results.take(line.as_bytes(), &read));
        let known = results.finish()?.into_iter().map(|(_, result)| result);
        Ok(known.map(|result| result.map(|reply| reply.text).map_err(|e| e.kind)).collect())
    }

    fn line(rest: &str) -> String {
        format!("{{\"custom_id\": \"{}\", {rest}}}", "a".repeat(64))
    }

    #[test]
    fn lines_that_are_broken_or_foreign_are_missing() {
        let good = line("\"text\": \"B\"");
        let cut = &good[..good.len() - 3];
        let foreign = "{\"custom_id\": \"request-1\", \"text\": \"C\"}";
        let nothing = line("\"other\": 1").replace('a', "b");
        for bad in [cut, foreign, &nothing, "", "[]", "7", "\u{0}"] {
            assert_eq!(gathered(&[bad, &good]).unwrap(), [Ok("B".to_owned())], "{bad}");
        }
    }

    #[test]
    fn a_file_without_a_result_is_an_error() {
        let error = gathered(&["<!DOCTYPE html>", "<h1>Sign in</h1>"]).unwrap_err();
        assert_eq!(error.kind, Failure::Malformed);
        assert!(error.message.contains("<!DOCTYPE html>"), "{}", error.message);
        assert!(gathered(&[""]).unwrap().is_empty());
    }

    #[test]
    fn two_results_that_differ_are_none() {
        let (one, other, error) =
            (line("\"text\": \"B\""), line("\"text\": \"C\""), line("\"error\": \"x\""));
        assert_eq!(gathered(&[&one, &one]).unwrap(), [Ok("B".to_owned())]);
        for lines in [[&one, &other, &one], [&one, &error, &one], [&error, &one, &one]] {
            assert_eq!(gathered(&lines.map(String::as_str)).unwrap(), [Err(Failure::Malformed)]);
        }
    }
}
