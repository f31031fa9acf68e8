//! Replies held to a JSON schema, where the server can.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use clinic_core::exchange::{Reply, Request};
use tokio::sync::OnceCell;

use super::ask::{CallError, Caller};
use crate::model::{Failure, Model};

/// Asks one model for JSON; once its server has refused a schema, without one.
#[derive(Default)]
pub struct Structured {
    /// Set once the server has refused a schema.
    without_schema: AtomicBool,
    /// The first call finds that out, and the others wait for it.
    tried: OnceCell<()>,
}

impl Structured {
    /// One reply to a request that holds a schema.
    pub async fn ask(
        &self,
        caller: &Caller,
        model: &dyn Model,
        request: Request,
    ) -> Result<Reply, CallError> {
        let with = async || {
            let reply = caller.ask(model, request.clone()).await;
            let refused = matches!(&reply, Err(CallError::Model(error))
                if error.kind == Failure::Rejected && refuses_schema(&error.message));
            if refused {
                self.without_schema.store(true, Relaxed);
            }
            (reply, refused)
        };
        let mut first = None;
        self.tried.get_or_init(async || first = Some(with().await)).await;
        let asked = match first {
            None if self.without_schema.load(Relaxed) => None,
            None => Some(with().await),
            first => first,
        };
        if let Some((reply, false)) = asked {
            return reply;
        }
        caller.ask(model, Request { schema: None, ..request }).await
    }
}

/// Whether a server's refusal speaks of the schema.
fn refuses_schema(message: &str) -> bool {
    let said = message.to_lowercase();
    ["response_format", "json_schema", "json schema", "structured output", "guided"]
        .iter()
        .any(|word| said.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_of_a_schema_is_told_from_others() {
        assert!(refuses_schema("400: 'response_format' of type 'json_schema' is not supported"));
        assert!(!refuses_schema("400: maximum context length is 4096 tokens"));
    }
}
