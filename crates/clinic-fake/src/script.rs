//! What the server does with each request: a latency and a rule that picks an action.

use std::time::Duration;

use serde_json::Value;

use crate::{BatchEnd, Seen};

type Rule = Box<dyn Fn(&Seen, usize) -> Action + Send + Sync>;

/// How the server behaves.
pub struct Script {
    pub(crate) latency: Duration,
    pub(crate) rule: Rule,
    pub(crate) keeps_requests: bool,
    pub(crate) polls: usize,
    pub(crate) batch_ends: Vec<BatchEnd>,
}

impl Script {
    /// Asks `rule` about each request, those of a batch included. Its second argument says which time this same body is seen
    /// at this path: 1 at first. It runs on the server's only thread and must not block.
    pub fn new(rule: impl Fn(&Seen, usize) -> Action + Send + Sync + 'static) -> Self {
        Self {
            latency: Duration::ZERO,
            rule: Box::new(rule),
            keeps_requests: true,
            polls: 0,
            batch_ends: Vec::new(),
        }
    }

    /// Does the same with every request.
    pub fn always(action: Action) -> Self {
        Self::new(move |_, _| action.clone())
    }

    /// Does the first action when a body is first seen, the second at its second time, and so on;
    /// the last from then on. No actions at all stand for [`Action::Default`].
    pub fn attempts(actions: impl IntoIterator<Item = Action>) -> Self {
        let actions: Vec<Action> = actions.into_iter().collect();
        Self::new(move |_, nth| {
            actions.get(nth - 1).or(actions.last()).cloned().unwrap_or(Action::Default)
        })
    }

    /// Waits this long before each action.
    pub fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// Says of each batch this many times that it is worked on, before it ends.
    pub fn polls(mut self, polls: usize) -> Self {
        self.polls = polls;
        self
    }

    /// How the first batch ends, and the second, and so on; the last from then on. None at all stand
    /// for [`BatchEnd::Whole`].
    pub fn batch_ends(mut self, ends: impl IntoIterator<Item = BatchEnd>) -> Self {
        self.batch_ends = ends.into_iter().collect();
        self
    }

    /// Counts requests without keeping them, for long benchmarks.
    pub fn forget_requests(mut self) -> Self {
        self.keeps_requests = false;
        self
    }
}

impl Default for Script {
    /// A provider that behaves.
    fn default() -> Self {
        Self::always(Action::Default)
    }
}

/// One way to treat a request. The chat actions take the shape of a completion at
/// `/completions`.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// What a provider that behaves would answer: see [`default_text`](crate::default_text) and
    /// [`embedding`](fn@crate::embedding). A request that no provider would accept gets its 4xx.
    Default,
    /// 200 with this text; as for `Default`, vectors at `/embeddings` and `/embed` and the lists. An
    /// unknown path is taken for a chat.
    Text(String),
    /// 200 with this toxicity, from 0 to 1, in the shape of the grader at this path; elsewhere as
    /// [`Action::Default`].
    Toxicity(f64),
    /// This status with this JSON.
    Json(u16, Value),
    /// This status with these headers and this body, which is plain text unless a header says
    /// otherwise.
    Status(u16, Vec<(String, String)>, String),
    /// 200 with a web page, as captive portals and proxies do.
    Html,
    /// Closes the connection before any byte of a response.
    Close,
    /// As [`Action::Close`], by a reset (RST) and not by an orderly end.
    Reset,
    /// Ends its own half of the connection before any byte of a response, and listens on until the
    /// client leaves.
    HalfClose,
    /// Sends the status line and a part of the headers, and closes the connection.
    HalfHead,
    /// Promises a body, sends half of it and closes the connection.
    HalfBody,
    /// As [`Action::Status`], and half of the body before the connection is closed.
    HalfStatus(u16, Vec<(String, String)>, String),
    /// 200 with an empty list of choices, or of vectors.
    EmptyChoices,
    /// 200 with a choice, or a vector, that is null.
    NullContent,
    /// 200 with JSON that is not of the protocol.
    WrongShape,
    /// 200 with JSON that stops in the middle, in a body of the promised length.
    InvalidJson,
    /// The default answer: its headers at once, its body in ten pieces spread over this time.
    Trickle(Duration),
    /// 200 with one text of this many bytes, of which neither the length is told nor more than a
    /// piece held at a time. The JSON around it is never closed.
    Huge(u64),
    /// Never answers; ends when the client leaves.
    Hang,
    /// 200 with vectors, whatever the path.
    Embedding,
    /// 200 with no text and `finish_reason` "content_filter".
    Filtered,
    /// 200 with this text and `finish_reason` "length".
    Length(String),
    /// 200 with reasoning apart from its text, in `reasoning_content` for a chat and in `<think>`
    /// for a completion. An empty text was cut off inside its reasoning: `finish_reason` "length".
    Reasoning {
        /// What the model thought.
        reasoning: String,
        /// What it then said.
        text: String,
    },
    /// Waits this long, on top of the script's latency, and then does the other.
    After(Duration, Box<Action>),
}

impl Action {
    /// [`Action::Status`] from literals.
    pub fn status(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self::Status(status, headers.iter().map(owned).collect(), body.to_owned())
    }
}
