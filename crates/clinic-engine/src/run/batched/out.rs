//! A batch that is out: who waits for it, and what it has for those who come late.

use std::collections::{HashMap, HashSet};

use clinic_core::exchange::Reply;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::Outcome;
use crate::model::batch::Outcomes;
use crate::model::{Failure, ModelError};

pub(super) type Answers = Vec<oneshot::Sender<Outcome>>;

/// A batch that was handed in, and who waits for it.
pub(super) struct Out {
    pub label: String,
    /// `None` until it is found again.
    pub id: Option<String>,
    /// Of its requests those that nothing was given out for.
    pub keys: HashSet<String>,
    pub waiting: HashMap<String, Answers>,
    /// Once it is over, results that nobody has asked for yet.
    pub over: Option<HashMap<String, Result<Reply, ModelError>>>,
    pub done: u64,
    /// Since when it could not be looked at.
    pub failing: Option<Instant>,
}

impl Out {
    /// What a request gets that comes when the batch is over; nothing while it is not.
    pub fn late(&mut self, key: &str) -> Option<Outcome> {
        let result = self.over.as_mut()?.remove(key);
        self.keys.remove(key);
        Some(result.map_or(Outcome::Live, |result| outcome(&result)))
    }

    /// Gives out the results and keeps those that nobody has asked for yet; tells whether there are
    /// none.
    pub fn end(&mut self, results: Outcomes, mut waiting: HashMap<String, Answers>) -> bool {
        self.keys.retain(|key| !waiting.contains_key(key));
        let mut late = HashMap::new();
        for (key, result) in results {
            if let Some(answers) = waiting.remove(&key) {
                for answer in answers {
                    // Nobody waits any more where the run was stopped.
                    let _ = answer.send(outcome(&result));
                }
            } else if self.keys.contains(&key) {
                late.insert(key, result);
            }
        }
        self.over = Some(late);
        give(waiting, || Outcome::Live);
        self.keys.is_empty()
    }
}

/// What a request gets that a batch has this result for.
fn outcome(result: &Result<Reply, ModelError>) -> Outcome {
    match result {
        Ok(reply) => {
            let mut reply = reply.clone();
            reply.usage.batch = true;
            Outcome::Reply(reply)
        }
        Err(error) if error.kind.blames_request() => Outcome::Failed(error.clone()),
        Err(error) if error.kind == Failure::Malformed => Outcome::Spoiled(error.clone()),
        Err(_) => Outcome::Live,
    }
}

pub(super) fn give(answers: HashMap<String, Answers>, outcome: impl Fn() -> Outcome) {
    for answer in answers.into_values().flatten() {
        // Nobody waits any more where the run was stopped.
        let _ = answer.send(outcome());
    }
}

#[cfg(test)]
mod tests {
    use clinic_core::exchange::{Finish, Usage};

    use super::*;

    fn reply(text: &str) -> Result<Reply, ModelError> {
        let usage = Usage::default();
        Ok(Reply { text: text.to_owned(), reasoning: None, finish: Finish::Stop, usage })
    }

    fn text(outcome: Outcome) -> Option<String> {
        match outcome {
            Outcome::Reply(reply) => Some(reply.text),
            _ => None,
        }
    }

    #[test]
    fn who_comes_after_the_end_gets_the_answer_that_was_paid_for() {
        let keys = ["a", "b", "c"].map(str::to_owned);
        let mut out = Out {
            label: String::new(),
            id: None,
            keys: keys.into_iter().collect(),
            waiting: HashMap::new(),
            over: None,
            done: 0,
            failing: None,
        };
        assert!(out.late("a").is_none(), "it is not over yet");
        let (answer, mut first) = oneshot::channel();
        let waiting = HashMap::from([("a".to_owned(), vec![answer])]);
        let results = ["a", "b", "foreign"].map(|key| (key.to_owned(), reply(key)));
        assert!(!out.end(results.into(), waiting), "two requests have not come yet");
        assert_eq!(text(first.try_recv().unwrap()).unwrap(), "a");
        assert_eq!(text(out.late("b").unwrap()).unwrap(), "b");
        assert!(matches!(out.late("c"), Some(Outcome::Live)), "the batch left it out");
        assert!(out.keys.is_empty());
    }
}
