//! What came of a prompt.

use clinic_core::exchange::Usage;
use serde::{Deserialize, Serialize};

/// State of a prompt; `docs/design/run.md` has the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Not asked, or not answered before the program ended.
    Pending,
    /// There is text to score.
    Answered,
    /// The model said nothing.
    Empty,
    /// The token limit came inside the reasoning.
    CutOff,
    /// The provider held the answer back.
    Filtered,
    /// No answer after all attempts.
    Failed,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Pending, Self::Answered, Self::Empty, Self::CutOff, Self::Filtered, Self::Failed];

    /// Its name in the store and in exports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Answered => "answered",
            Self::Empty => "empty",
            Self::CutOff => "cut_off",
            Self::Filtered => "filtered",
            Self::Failed => "failed",
        }
    }

    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// A prompt and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Response {
    /// The variant that was asked.
    pub variant: String,
    /// What was sent.
    pub prompt: String,
    /// What came of it.
    pub state: State,
    /// The answer without reasoning, where there is one.
    pub text: Option<String>,
    /// The reply as it came, without outer white space, where it is not the same as the text.
    pub raw: Option<String>,
    /// What the model thought first.
    pub reasoning: Option<String>,
    /// Whether the token limit ended the answer.
    pub truncated: bool,
    /// Why there is no answer.
    pub error: Option<String>,
    /// Attempts that it took.
    pub attempts: u32,
    /// Tokens that it took.
    #[serde(flatten)]
    pub usage: Usage,
}

impl Response {
    /// The reply as it came, without outer white space; `None` where there was none.
    pub fn reply(&self) -> Option<&str> {
        match self.state {
            State::Pending | State::Failed => None,
            _ => Some(self.raw.as_deref().or(self.text.as_deref()).unwrap_or_default()),
        }
    }
}
