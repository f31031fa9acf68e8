//! What goes to a model and what comes back: the one vocabulary that every provider speaks.

use serde::{Deserialize, Serialize};

/// Who speaks in a chat message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Instructions that stand above the conversation.
    System,
    /// The one who asks.
    User,
    /// The model.
    Assistant,
}

/// One message of a chat.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// What is said.
    pub content: String,
}

/// A prompt, either as bare text or as messages that the model's own chat template lays out.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Prompt {
    /// Text that is continued as it stands, without a chat template.
    Raw(String),
    /// Messages for the model's chat template.
    Chat(Vec<Message>),
}

impl Prompt {
    /// A chat of one user message.
    pub fn user(text: impl Into<String>) -> Self {
        Self::Chat(vec![Message { role: Role::User, content: text.into() }])
    }

    /// The same under a system prompt: a message of its own in a chat, else before the text with a
    /// blank line between.
    pub fn under(self, system: &str) -> Self {
        match self {
            Self::Raw(text) => Self::Raw(format!("{system}\n\n{text}")),
            Self::Chat(messages) => {
                let system = Message { role: Role::System, content: system.to_owned() };
                Self::Chat(std::iter::once(system).chain(messages).collect())
            }
        }
    }

    /// Its length in bytes of UTF-8, marks of a chat template aside.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Raw(text) => text.len(),
            Self::Chat(messages) => messages.iter().map(|message| message.content.len()).sum(),
        }
    }

    /// System texts and the conversation, for providers that keep them apart. Bare text is what a
    /// user says.
    pub fn parts(&self) -> (String, Vec<(Role, &str)>) {
        match self {
            Self::Raw(text) => (String::new(), vec![(Role::User, text)]),
            Self::Chat(messages) => {
                let (system, others): (Vec<_>, Vec<_>) = messages
                    .iter()
                    .map(|message| (message.role, message.content.as_str()))
                    .partition(|(role, _)| *role == Role::System);
                let system: Vec<&str> = system.into_iter().map(|(_, text)| text).collect();
                (system.join("\n\n"), others)
            }
        }
    }
}

/// How tokens are drawn. `None` leaves a choice to the model's own generation settings.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Sampling {
    /// New tokens at most, reasoning aside.
    pub max_tokens: u32,
    /// Tokens that a model may think with before, at most; 0: reasoning counts like an answer.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reasoning_tokens: u32,
    /// Softmax temperature; 0 is greedy.
    pub temperature: Option<f64>,
    /// Nucleus sampling: the smallest set of tokens with this much probability.
    pub top_p: Option<f64>,
    /// Seed of the draw, where the model takes one.
    pub seed: u64,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

fn is_none(number: &u64) -> bool {
    *number == 0
}

/// One request to a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// What is asked.
    pub prompt: Prompt,
    /// How the answer is drawn.
    pub sampling: Sampling,
    /// A JSON schema that the answer must satisfy, by grammar or by the server.
    pub schema: Option<serde_json::Value>,
}

/// Why a model stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Finish {
    /// It said all that it had to say.
    Stop,
    /// It reached the token limit.
    Length,
    /// The provider held the answer back.
    Filtered,
}

/// Tokens that a call took, as the provider counts them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens of the prompt.
    pub prompt_tokens: u64,
    /// Tokens of the answer, reasoning included.
    pub completion_tokens: u64,
    /// Of these, tokens of reasoning, where the provider tells them apart.
    #[serde(default, skip_serializing_if = "is_none")]
    pub reasoning_tokens: u64,
    /// Whether a batch endpoint answered, at its lower price.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub batch: bool,
}

/// What a model answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The answer, as it came.
    pub text: String,
    /// Reasoning that the provider sent in a field of its own.
    pub reasoning: Option<String>,
    /// Why it stopped.
    pub finish: Finish,
    /// What it took.
    pub usage: Usage,
}
