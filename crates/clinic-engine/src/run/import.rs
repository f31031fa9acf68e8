//! Answers that were given before this run was made: read from files instead of asked for.

use clinic_core::exchange::{Finish, Reply, Usage};
use clinic_core::sample::Sample;

use super::folder::{Run, RunError};
use super::generate::response;
use super::writer::Write;
use crate::model::{Failure, ModelError};

/// Where answers come from.
pub trait Answers {
    /// The prompt that was sent and the reply that came, or why there is none.
    fn find(&self, sample: &Sample, variant: &str) -> Result<(&str, &str), String>;
}

/// Rows written together.
const PAGE: usize = 1_000;

/// Gives every prompt of a run its answer; those without one fail with the reason. Returns how many
/// answers there were.
pub async fn import(run: &Run, answers: &dyn Answers) -> Result<usize, RunError> {
    let store = run.store();
    let writer = store.writer()?;
    let (mut after, mut found) = (0, 0);
    loop {
        let page = store.to_ask(after, PAGE)?;
        let Some(last) = page.last() else { return Ok(found) };
        after = last.row;
        let mut writes = Vec::new();
        for ask in page {
            let sample = store.sample(ask.sample)?;
            let (prompt, reply) = match answers.find(&sample, &ask.variant) {
                Ok((prompt, text)) => (prompt.to_owned(), Ok(said(text))),
                Err(why) => (ask.prompt, Err(ModelError::new(Failure::Rejected, why))),
            };
            found += usize::from(reply.is_ok());
            let response = Box::new(response(ask.variant, prompt, reply, 0, false));
            writes.push(writer.write(Write::Response { row: ask.row, response }));
        }
        futures::future::try_join_all(writes).await?;
    }
}

fn said(text: &str) -> Reply {
    Reply { text: text.to_owned(), reasoning: None, finish: Finish::Stop, usage: Usage::default() }
}
