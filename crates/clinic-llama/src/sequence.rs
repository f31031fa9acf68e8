//! One request in a place of the batch, from its first token to its reply.

use clinic_core::exchange::Finish;
use clinic_engine::model::{Failure, ModelError};
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;

use crate::reply;
use crate::worker::Job;

/// A request whose prompt has been read.
pub(crate) struct Sequence {
    job: Job,
    last: LlamaToken,
    tokens: u32,
    text: Vec<u8>,
}

/// What to do with a sequence after a token.
pub(crate) enum Next {
    /// It writes on.
    Continue(Sequence),
    /// It has been answered.
    Done,
}

impl Sequence {
    pub(crate) fn new(job: Job) -> Self {
        Self { job, last: LlamaToken(0), tokens: 0, text: Vec::new() }
    }

    /// Nobody waits for the answer any more.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.job.reply.is_closed()
    }

    /// The token to compute next, and its position.
    pub(crate) fn last(&self) -> (LlamaToken, i32) {
        (self.last, (self.job.tokens.len() as u32 + self.tokens) as i32 - 1)
    }

    pub(crate) fn prompt(&self) -> &[LlamaToken] {
        &self.job.tokens
    }

    /// Takes the token that follows the batch's output `row`.
    pub(crate) fn step(mut self, model: &LlamaModel, context: &LlamaContext, row: i32) -> Next {
        let token = match self.job.picker.pick(context, row) {
            Ok(token) => token,
            Err(message) => return self.fail(Failure::Malformed, message),
        };
        let vocab = model.vocab();
        if vocab.is_eog(token) {
            return self.finish(Finish::Stop);
        }
        vocab.token_to_piece_into(token, &mut self.text, false, None);
        self.last = token;
        self.tokens += 1;
        if self.job.budget.spend(&self.text) {
            return self.finish(Finish::Length);
        }
        Next::Continue(self)
    }

    /// Gives the request up with an error.
    pub(crate) fn fail(self, kind: Failure, message: String) -> Next {
        let _ = self.job.reply.send(Err(ModelError::new(kind, message)));
        Next::Done
    }

    fn finish(self, finish: Finish) -> Next {
        // A token may end inside a character, so bytes become text only here.
        let mut text = String::from_utf8_lossy(&self.text).into_owned();
        // What the template opened belongs to the reply: without it, reasoning would look like an
        // answer.
        if self.job.opened {
            text.insert_str(0, "<think>");
        }
        let mut reply = reply(text, finish, self.job.tokens.len(), self.tokens as usize);
        reply.usage.reasoning_tokens = u64::from(self.job.budget.reasoned());
        let _ = self.job.reply.send(Ok(reply));
        Next::Done
    }
}
